// SPDX-License-Identifier: Apache-2.0
// The module zip of what `git archive` gave out. Thread rule: one call, one thread. Spec: go-modules.md 4.5.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "gomod/module.hpp"
#include "modzip/write.hpp"

namespace larder::vcs {

struct ArchiveZip {
  gomod::Module module;
  std::string dir;  // of the module in the repository, "" at the root
  // The LICENSE at the repository's root, for a module in a folder without one; nullopt: none.
  std::function<Result<std::optional<std::string>>()> license;
};

// Errors: `create zip: …`; Kind::invalid for an archive that has not exactly one folder at its top.
Result<void> module_zip_of_archive(Bytes archive, const ArchiveZip& wanted, const modzip::Sink& sink);

}  // namespace larder::vcs

// SPDX-License-Identifier: Apache-2.0
// Makes the module zip of a directory as the go command would: which files belong to the module, which are
// left out and why, which make it impossible. The h1 equals Go's for the same tree.
// Thread rule: one call, one thread; the tree must not change meanwhile (a file that grows is an error, no
// more). Spec: go-modules.md 4.1 to 4.4.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "modzip/check.hpp"
#include "modzip/write.hpp"

namespace larder::modzip {

enum class FileType { regular, symlink, other };

// A candidate of any origin: a directory, a git archive, a list in memory.
struct Candidate {
  std::string path;  // slash-separated, relative to the module root
  FileType type = FileType::regular;
  std::uint64_t size = 0;
  std::function<Result<Bytes>(Scratch& scratch)> read;  // asked for go.mod first, later for the zip
};

// What became of the candidates, each list in input order.
struct Selection {
  std::vector<std::size_t> valid;  // indexes of candidates that go into the zip
  std::vector<FileError> omitted;  // silently left out, with the reason
  FileErrors errors;               // any of these and no zip can be made
};

// Reads at most the root go.mod, for its go version.
Result<Selection> select_files(std::span<const Candidate> candidates);

// The version of the go line, "" without one or where the text does not parse.
std::string go_version_of_mod(std::string_view go_mod);

// `path` (slash-separated, from the module root) is in a vendor directory, for a module whose go.mod says
// `go_version` ("1.24", "1.23.4", empty for none).
bool is_vendored(std::string_view path, std::string_view go_version);

// The tree below `directory` in walk order, without version-control directories, nested modules and vendored
// packages; those are added to `omitted` if given. Errors: Kind::io, Kind::not_found.
Result<std::vector<Candidate>> list_dir(const std::filesystem::path& directory,
                                        std::vector<FileError>* omitted = nullptr);

// Errors begin with "create zip: ", respectively "create zip DIR: " and, where the directory cannot be read,
// "create zip from directory DIR: ".
Result<void> create_zip(const Sink& sink, const gomod::Module& module, std::span<const Candidate> candidates,
                        Method method = Method::deflated);
Result<void> create_zip_from_dir(const Sink& sink, const gomod::Module& module,
                                 const std::filesystem::path& directory, Method method = Method::deflated);

}  // namespace larder::modzip

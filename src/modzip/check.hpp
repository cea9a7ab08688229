// SPDX-License-Identifier: Apache-2.0
// Is this archive a module zip of this module? Prefix, names, collisions, sizes; all problems are reported at
// once, in archive order, with the go command's texts. Pure function of its arguments; free to share.
// Spec: go-modules.md 4.2, 4.3, 4.7.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "modzip/archive.hpp"

namespace larder::modzip {

struct FileError {
  std::string path;
  std::string reason;
  friend bool operator==(const FileError&, const FileError&) = default;
};

// What is wrong with a set of files, as far as one error value can hold it.
struct FileErrors {
  std::string size_error;          // the whole is too large; empty if not. Takes precedence
  std::vector<FileError> invalid;  // in input order

  // nullopt when nothing is wrong; else Kind::invalid, "PATH: REASON" lines joined by newlines.
  std::optional<Error> error() const;
};

struct ListedFile {
  std::string_view name;    // below the prefix: "a/b.go"
  std::uint32_t entry = 0;  // index into Archive::entries()
};

// The files of a module zip. Directory entries are checked, but not listed.
struct Listing {
  std::vector<ListedFile> files;  // archive order
  std::uint64_t total_size = 0;   // uncompressed
};

// Text for contents above 500 MiB in total.
std::string too_large_text();

// "path@version/", what every name in the module's zip begins with.
std::string zip_prefix(const gomod::Module& module);

// path and version well-formed and canonical: `version "v1" is not canonical (should be "v1.0.0")`.
Result<void> check_module(const gomod::Module& module);

// Names views into the archive's bytes.
Result<Listing> check_zip(const gomod::Module& module, const Archive& archive);

}  // namespace larder::modzip

// SPDX-License-Identifier: Apache-2.0
// One folder of Go files: does it hold any, and what do they import under any-tags?
// Two readings, as go has two (go-resolution.md 6.4): through its package index, or file by file. The index
// is used for the module cache and the standard library, and for folders of a main module whose files are
// all regular and older than two seconds; nowhere with GODEBUG=goindex=0 or GOCACHE=off.
// Thread rule: free functions, safe from any thread. Spec: go-resolution.md 6.1, 6.4.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "goscan/build_context.hpp"
#include "modzip/zip_tree.hpp"
#include "resolve/package_source.hpp"
#include "sys/files.hpp"

namespace larder::app {

enum class FolderKind {
  extracted,  // never changes
  local,      // may be edited at any moment
  unindexed,  // go was told to use no index
};

struct GoFolder {
  bool has_go_files = false;
  bool indexed = true;             // the reading that go would choose
  std::vector<std::string> files;  // names of regular .go files that may count, sorted
};

// An absent folder has no files. Errors: it cannot be read.
Result<GoFolder> read_go_folder(const sys::Path& dir, FolderKind kind);
// has_go_files alone, of a folder that never changes; it stops at the first file.
bool any_go_file(const sys::Path& dir);
resolve::DirScan scan_go_folder(const sys::Path& dir, const GoFolder& folder);

// The same of a folder in a module zip ("" is its root): what its extraction would give.
GoFolder read_go_folder(const modzip::ZipTree& zip, std::string_view folder);
resolve::DirScan scan_go_folder(const modzip::ZipTree& zip, std::string_view dir, const GoFolder& folder);

// Does the folder hold a file for this build, or one that go would complain about? As go finds packages below
// a folder that is named (./...). false for one that cannot be read.
bool builds(const sys::Path& dir, const goscan::BuildContext& context);
// The name in the package clause of the first such file, if it has one.
std::string package_name(const sys::Path& dir, const goscan::BuildContext& context);

// The same two of a file's whole text.
bool source_counts(std::string_view text);
std::vector<std::string> source_embeds(std::string_view text);
// Does the file count under any-tags? Unreadable ones do.
bool file_counts(const sys::Path& file);
// The patterns of its //go:embed lines; none where the file does not import "embed".
Result<std::vector<std::string>> file_embeds(const sys::Path& file);

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
// Edits of go.mod and go.work as the go command makes them: which line a new entry joins, what becomes a
// block, which comments travel. Parse, edit, sort_blocks, cleanup, str() gives go's bytes.
//
// Invariants: a dropped entry leaves its typed list at once (but see drop_tool), its line stays in the tree
// without tokens until cleanup(); so between an edit and cleanup() the text of a file is not fit to be
// written. Every Line* of a typed entry stays valid through all edits. A ModFile without statements is a
// valid start: ModFile{} then set_module, set_go. Bounds: one edit costs at most the size of the file, one
// set_requirements that times log n. Thread rule: as ModFile, one thread. Spec: go-resolution.md 1.5, 8 (8).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/modfile.hpp"
#include "gomod/workfile.hpp"

namespace larder::gomod {

// ---- Single lines. set_x changes the line that is there, or adds one. ----
void set_module(ModFile& file, std::string_view path);
// Errors: `invalid language version "x"`, `invalid toolchain name "x"`.
Result<void> set_go(ModFile& file, std::string_view version);
Result<void> set_go(WorkFile& file, std::string_view version);
Result<void> set_toolchain(ModFile& file, std::string_view name);
Result<void> set_toolchain(WorkFile& file, std::string_view name);
void drop_go(ModFile& file);
void drop_go(WorkFile& file);
void drop_toolchain(ModFile& file);
void drop_toolchain(WorkFile& file);

// ---- Lists. Where add finds the key, the first line for it is changed and others for it are dropped. ----
void add_godebug(ModFile& file, std::string_view key, std::string_view value);
void add_godebug(WorkFile& file, std::string_view key, std::string_view value);
void drop_godebug(ModFile& file, std::string_view key);
void drop_godebug(WorkFile& file, std::string_view key);

void add_require(ModFile& file, const Module& mod);  // the marker of a line that is there stays
void add_new_require(ModFile& file, const Module& mod, bool indirect);  // whatever is there already
void drop_require(ModFile& file, std::string_view path);

// A version of `from` left empty matches every replace of that path in add, only such a one in drop.
void add_replace(ModFile& file, const Module& from, const Module& to);
void add_replace(WorkFile& file, const Module& from, const Module& to);
void drop_replace(ModFile& file, const Module& from);
void drop_replace(WorkFile& file, const Module& from);

// Nothing happens where it is there already. Errors: the version is not canonical, or not of the path's
// major: `version "v1" invalid: must be of the form v1.2.3`.
Result<void> add_exclude(ModFile& file, const Module& mod);
void drop_exclude(ModFile& file, const Module& mod);

// A closed interval; low == high for one version. The rationale becomes comment lines. Always a new line, and
// (as in go) not an entry of file.retract, so that drop_retract does not see it before the next parse.
Result<void> add_retract(ModFile& file, std::string_view low, std::string_view high,
                         std::string_view rationale = {});
void drop_retract(ModFile& file, std::string_view low, std::string_view high);

// Nothing happens where it is there already; else the file's blocks are sorted, too. A dropped entry stays in
// file.tool or file.ignore with an empty path and no line: so does go's, and shows it in mod edit -json.
void add_tool(ModFile& file, std::string_view path);
void drop_tool(ModFile& file, std::string_view path);
void add_ignore(ModFile& file, std::string_view path);
void drop_ignore(ModFile& file, std::string_view path);

void add_use(WorkFile& file, std::string_view path);
void add_new_use(WorkFile& file, std::string_view path);
void drop_use(WorkFile& file, std::string_view path);

// ---- The requirements as a whole ----
struct Requirement {
  Module mod;
  bool indirect = false;
};

enum class RequireLayout : std::uint8_t {
  mixed,        // below go 1.17: direct and indirect lines together
  separate,     // from go 1.17: a block of each; commented lines and blocks stay where they are
  at_most_two,  // from go 1.27, when the go command is 1.27 or later too: two blocks, nothing else
};
// go_line: of the file, "" where it has none. local: the version of the go command that is spoken for.
RequireLayout require_layout(std::string_view go_line, std::string_view local);

// Makes exactly these the file's requirements: the first line of each path is kept and updated, other lines
// are dropped, new ones added, blocks sorted. Paths must be distinct. Follow it with cleanup().
void set_requirements(ModFile& file, std::span<const Requirement> wanted, RequireLayout layout);

// ---- The end of an edit ----
// Drops duplicates (exclude, tool, ignore: the first stays; replace: the last) and blocks without lines, then
// sorts each block.
void sort_blocks(ModFile& file);
void sort_blocks(WorkFile& file);
// Drops emptied lines and blocks; a block of one line becomes a line. Entries with an empty path or key leave
// their typed list, as in go.
void cleanup(ModFile& file);
void cleanup(WorkFile& file);

}  // namespace larder::gomod

// SPDX-License-Identifier: Apache-2.0
// The order of versions in a requirement graph, where the paths `go` and `toolchain` are nodes like any other
// and the version "" (a main module) stands above all.
// Invariant: sort_modules is a total order, so sorted lists do not depend on the order they were found in.
// Thread rule: pure functions. Spec: go-resolution.md 0.1, 2, 3.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gomod/module.hpp"

namespace larder::resolve {

using gomod::Module;

inline constexpr std::string_view k_go = "go";
inline constexpr std::string_view k_toolchain = "toolchain";
inline constexpr std::string_view k_none = "none";  // version of a module that is not in the graph

inline constexpr std::string_view k_default_mod_go = "1.16";   // go.mod without a go line
inline constexpr std::string_view k_default_work_go = "1.18";  // go.work without a go line
inline constexpr std::string_view k_pruning_go = "1.17";       // from here on graphs are pruned
inline constexpr std::string_view k_strict_go = "1.21";        // from here on the go line is a requirement

// How much of a module's requirements counts for those who require it.
enum class Pruning : std::uint8_t {
  pruned,     // only what its own go.mod lists
  unpruned,   // everything below it
  workspace,  // of a main module of a workspace
};
Pruning pruning_for(std::string_view go_version);  // "" is unpruned

// `go` and `toolchain`: versions of the language, never downloaded.
inline bool is_toolchain_path(std::string_view path) {
  return path == k_go || path == k_toolchain;
}

// <0, 0, >0: semantic versions, or go versions ("1.21.3") and toolchain names ("go1.21.3") for those paths.
// "" is above all, "none" and malformed versions are below all.
int compare_versions(std::string_view path, std::string_view a, std::string_view b);

// Of versions in the syntax that the path's have, as above.
bool is_version(std::string_view path, std::string_view text);
bool is_version_prefix(std::string_view path, std::string_view version);  // "v1", "v1.2"; "1.21", "go1.21"
bool is_prerelease(std::string_view path, std::string_view version);
std::string major_minor(std::string_view path, std::string_view version);  // "v1.2", "1.21", "go1.21"

// By path bytewise, then compare_versions, then bytes.
bool module_before(const Module& a, const Module& b);
void sort_modules(std::vector<Module>& modules);

}  // namespace larder::resolve

// SPDX-License-Identifier: Apache-2.0
// The root requirements of the main module (or workspace): what a go.mod file lists, `go` included.
// Invariant: roots are in the order of sort_modules. A path may occur twice until the roots are made
// consistent (Resolver::update_roots). Thread rule: a value. Spec: go-resolution.md 3.1.1.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/versions.hpp"

namespace larder::resolve {

struct Requirements {
  Pruning pruning = Pruning::unpruned;
  std::vector<Module> roots;
  std::set<std::string, std::less<>> direct;  // paths that go.mod lists without "// indirect", and "go"

  // The highest version among the roots of that path.
  std::optional<std::string_view> root_version(std::string_view path) const;

  friend bool operator==(const Requirements&, const Requirements&) = default;
};

// `roots` without those of the paths in `replace`, and with `replace`.
Requirements override_roots(Requirements requirements, const std::vector<Module>& replace);

}  // namespace larder::resolve

// SPDX-License-Identifier: Apache-2.0
// A module path with a version: the unit everything else names. The version may be empty (a main module, a
// directory replacement, "any version"). Nothing is checked here: see check.hpp.
// Thread rule: values. Spec: go-resolution.md 0.1, go-modules.md 3 (order).
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace larder::gomod {

struct Module {
  std::string path;
  std::string version;

  std::string str() const;  // "path@version", or "path" where there is no version
  // Bytewise; see module_less for the order that go prints.
  friend auto operator<=>(const Module&, const Module&) = default;
  friend bool operator==(const Module&, const Module&) = default;
};

// Path bytewise, then the version up to its first '/' as a semantic version, then the rest bytewise; versions
// equal in semver's eyes (build metadata) are ordered bytewise, so the order is total.
bool module_less(const Module& a, const Module& b);

// "path@version" split at its first '@'; no '@' leaves the version empty.
Module split_module(std::string_view text);

struct ModuleHash {
  std::size_t operator()(const Module& m) const noexcept {
    const std::hash<std::string_view> hash;
    return hash(m.path) * 31 + hash(m.version);
  }
};

}  // namespace larder::gomod

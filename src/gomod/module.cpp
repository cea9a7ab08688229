// SPDX-License-Identifier: Apache-2.0
#include "gomod/module.hpp"

#include <utility>

#include "gomod/semver.hpp"

namespace larder::gomod {

std::string Module::str() const {
  if (version.empty()) return path;
  std::string out;
  out.reserve(path.size() + 1 + version.size());
  return out.append(path).append("@").append(version);
}

bool module_less(const Module& a, const Module& b) {
  if (a.path != b.path) return a.path < b.path;
  const auto parts = [](std::string_view v) {
    const auto slash = v.find('/');
    return std::pair{v.substr(0, slash), slash == std::string_view::npos ? "" : v.substr(slash)};
  };
  const auto [a_version, a_rest] = parts(a.version);
  const auto [b_version, b_rest] = parts(b.version);
  if (a_version != b_version) return semver::less(a_version, b_version);
  return a_rest < b_rest;
}

Module split_module(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos) return {std::string(text), ""};
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

}  // namespace larder::gomod

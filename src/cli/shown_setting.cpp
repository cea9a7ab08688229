// SPDX-License-Identifier: Apache-2.0
#include "cli/shown_setting.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "gomod/goproxy.hpp"

namespace larder::cli {

namespace {

// `off`, `netrc` and `git FOLDER` have no secrets; a command has its arguments.
std::string shown_method(std::string_view method) {
  const auto words = fields(method);
  if (words.size() < 2 || words[0] == "git") return std::string(method);
  return std::string(words[0]) + " …";
}

std::string shown_goauth(std::string_view value) {
  std::vector<std::string> methods;
  for (const auto method : split(value, ';')) methods.push_back(shown_method(method));
  return join(methods, ";");
}

}  // namespace

std::string shown_setting(std::string_view name, std::string_view value) {
  if (name == "GOAUTH") return shown_goauth(value);
  std::string out;
  while (!value.empty()) {
    const auto end = std::min(value.find_first_of(" ,|"), value.size());
    out += gomod::redact_url(value.substr(0, end));
    out += value.substr(end, 1);
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return out;
}

}  // namespace larder::cli

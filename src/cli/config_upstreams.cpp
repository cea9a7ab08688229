// SPDX-License-Identifier: Apache-2.0
#include "cli/config_upstreams.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace larder::cli {

namespace {

// A text or a path.
struct UpstreamKey {
  std::string_view name;
  std::string* (*text)(creds::Upstream& upstream);
  sys::Path* (*path)(creds::Upstream& upstream);
};
constexpr std::array<UpstreamKey, 10> k_upstream_keys = {{
    {"url", [](auto& u) { return &u.url; }, nullptr},
    {"token_file", nullptr, [](auto& u) { return &u.token.file; }},
    {"token_env", [](auto& u) { return &u.token.variable; }, nullptr},
    {"header", [](auto& u) { return &u.header; }, nullptr},
    {"user", [](auto& u) { return &u.user; }, nullptr},
    {"password_file", nullptr, [](auto& u) { return &u.password.file; }},
    {"password_env", [](auto& u) { return &u.password.variable; }, nullptr},
    {"ca_file", nullptr, [](auto& u) { return &u.ca_file; }},
    {"client_cert", nullptr, [](auto& u) { return &u.client_cert; }},
    {"client_key", nullptr, [](auto& u) { return &u.client_key; }},
}};

// What somebody in a hurry would write.
constexpr std::array<std::string_view, 6> k_literal_secrets = {"token", "password", "secret",
                                                               "auth",  "bearer",   "passphrase"};

Result<void> take_key(std::string_view file, const std::string& key, const toml::node& node,
                      const sys::Path& folder, creds::Upstream& out) {
  const auto wrong = [&](const std::string& what, std::string hint = "") {
    return fail(Kind::invalid, toml_place(file, node.source()) + ": upstream." + key + what, std::move(hint));
  };
  if (std::ranges::find(k_literal_secrets, key) != k_literal_secrets.end()) {
    return wrong(": no secret belongs in this file",
                 "name a file that holds it (token_file, password_file), or an environment variable "
                 "(token_env, password_env)");
  }
  const auto row = std::ranges::find(k_upstream_keys, key, &UpstreamKey::name);
  if (row == k_upstream_keys.end()) {
    std::vector<std::string> known;
    for (const auto& one : k_upstream_keys) known.push_back("upstream." + std::string(one.name));
    return unknown_key(file, node, "upstream." + key, known);
  }
  const auto value = node.value<std::string>();
  if (!node.is_string() || !value || value->empty()) return wrong(" must be a string");
  if (row->text != nullptr) *row->text(out) = *value;
  if (row->path != nullptr) *row->path(out) = (folder / *value).lexically_normal();
  return {};
}

}  // namespace

std::string toml_place(std::string_view file, const toml::source_region& region) {
  return std::string(file) + ":" + std::to_string(region.begin.line) + ":" +
         std::to_string(region.begin.column);
}

Failure unknown_key(std::string_view file, const toml::node& node, const std::string& key,
                    const std::vector<std::string>& known) {
  const auto near = closest(key, known);
  return fail(Kind::invalid,
              toml_place(file, node.source()) + ": unknown key " + quote(key) +
                  (near ? " (did you mean " + quote(*near) + "?)" : ""),
              "there are " + join(known, ", "));
}

Result<std::vector<creds::Upstream>> parse_upstreams(std::string_view file, const toml::node& node,
                                                     const sys::Path& folder) {
  const auto* array = node.as_array();
  if (array == nullptr || !std::ranges::all_of(*array, [](const auto& item) { return item.is_table(); })) {
    return fail(Kind::invalid,
                toml_place(file, node.source()) + ": upstream must be a list of tables: write [[upstream]]");
  }
  std::vector<creds::Upstream> out;
  for (const auto& item : *array) {
    creds::Upstream upstream;
    for (const auto& [key, value] : *item.as_table())
      TRY(take_key(file, std::string(key.str()), value, folder, upstream));
    TRY(creds::check_upstream(upstream).context(toml_place(file, item.source()) + ": upstream"));
    out.push_back(std::move(upstream));
  }
  return out;
}

}  // namespace larder::cli

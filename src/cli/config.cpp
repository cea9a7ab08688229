// SPDX-License-Identifier: Apache-2.0
#include "cli/config.hpp"

#include <array>
#include <functional>

#include <toml++/toml.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/config_upstreams.hpp"

namespace larder::cli {

namespace {

constexpr std::string_view k_in_folder = "larder.toml";
constexpr std::string_view k_not_named = "working folder";

// One row a key: how its value is taken over; false where the type is wrong.
struct Key {
  std::string_view name;
  std::string_view type;
  bool (*take)(const toml::node& value, const sys::Path& folder, FileConfig& out);
};

bool take_string(const toml::node& value, std::optional<std::string>& into) {
  into = value.value<std::string>();
  return value.is_string();
}

std::string below(const sys::Path& folder, const std::string& path) {
  return (folder / path).lexically_normal().native();
}

bool take_path(const toml::node& value, const sys::Path& folder, std::optional<std::string>& into) {
  if (!take_string(value, into)) return false;
  into = below(folder, *into);
  return true;
}

bool take_paths(const toml::node& value, const sys::Path& folder, std::vector<std::string>& into) {
  const auto* array = value.as_array();
  if (array == nullptr) return false;
  for (const auto& item : *array) {
    const auto path = item.value<std::string>();
    if (!path) return false;
    into.push_back(below(folder, *path));
  }
  return true;
}

bool take_patterns(const toml::node& value, std::vector<std::string>& into) {
  const auto* array = value.as_array();
  if (array == nullptr) return false;
  for (const auto& item : *array) {
    const auto pattern = item.value<std::string>();
    if (!pattern || !app::is_pattern(*pattern)) return false;
    into.push_back(*pattern);
  }
  return true;
}

bool take_treatment(const toml::node& value, app::Treatment& into) {
  const auto treatment = app::parse_treatment(value.value<std::string>().value_or(""));
  into = treatment.value_or(into);
  return treatment.has_value();
}

constexpr std::string_view k_patterns = "a list of patterns as in GOPRIVATE";
constexpr std::string_view k_treatment = "\"ignore\", \"report\" or \"refuse\"";

constexpr std::array<Key, 12> k_keys = {{
    {"store", "a string", [](auto& v, auto& dir, auto& out) { return take_path(v, dir, out.store); }},
    {"offline", "true or false",
     [](auto& v, auto&, auto& out) {
       out.offline = v.template value<bool>();
       return v.is_boolean();
     }},
    {"serve.listen", "a string", [](auto& v, auto&, auto& out) { return take_string(v, out.serve_listen); }},
    {"pack.key", "a string", [](auto& v, auto& dir, auto& out) { return take_path(v, dir, out.pack_key); }},
    {"stock.from", "a string", [](auto& v, auto&, auto& out) { return take_string(v, out.stock_from); }},
    {"resolve.offline", "\"store\"",
     [](auto& v, auto&, auto& out) {
       return take_string(v, out.resolve_offline) && out.resolve_offline == "store";
     }},
    {"unpack.trust", "a list of strings",
     [](auto& v, auto& dir, auto& out) { return take_paths(v, dir, out.unpack_trust); }},
    {"policy.allow", k_patterns,
     [](auto& v, auto&, auto& out) { return take_patterns(v, out.policy.allow.emplace()); }},
    {"policy.deny", k_patterns, [](auto& v, auto&, auto& out) { return take_patterns(v, out.policy.deny); }},
    {"policy.minimum_age", "an age such as \"36h\", \"7d\" or \"2w\"",
     [](auto& v, auto&, auto& out) {
       out.policy.minimum_age = app::parse_age(v.template value<std::string>().value_or(""));
       return out.policy.minimum_age.has_value();
     }},
    {"policy.retracted", k_treatment,
     [](auto& v, auto&, auto& out) { return take_treatment(v, out.policy.retracted); }},
    {"policy.deprecated", k_treatment,
     [](auto& v, auto&, auto& out) { return take_treatment(v, out.policy.deprecated); }},
}};

Result<void> take_key(std::string_view name, const std::string& key, const toml::node& node,
                      const sys::Path& folder, FileConfig& out) {
  for (const auto& row : k_keys) {
    if (row.name != key) continue;
    if (row.take(node, folder, out)) return {};
    return fail(Kind::invalid,
                toml_place(name, node.source()) + ": " + key + " must be " + std::string(row.type));
  }
  std::vector<std::string> known;
  for (const auto& row : k_keys) known.emplace_back(row.name);
  known.emplace_back("[[upstream]]");
  return unknown_key(name, node, key, known);
}

Setting store_setting(const GlobalFlags& flags, const sys::Environment& environment, const FileConfig& file,
                      const std::string& file_name) {
  if (flags.store) return {*flags.store, "--store"};
  const auto value = [&](const std::string& name) {
    const auto it = environment.find(name);
    return it == environment.end() ? std::string() : it->second;
  };
  if (!value("LARDER_STORE").empty()) return {value("LARDER_STORE"), "LARDER_STORE"};
  if (file.store) return {*file.store, file_name};
  if (!value("XDG_DATA_HOME").empty()) return {value("XDG_DATA_HOME") + "/larder", "default"};
  if (::geteuid() == 0 || value("HOME").empty()) return {"/var/lib/larder", "default"};
  return {value("HOME") + "/.local/share/larder", "default"};
}

// Of the user, or of the system.
Setting find_own_file(const sys::Environment& environment) {
  std::vector<sys::Path> places;
  if (const auto it = environment.find("XDG_CONFIG_HOME"); it != environment.end() && !it->second.empty()) {
    places.push_back(sys::Path(it->second) / "larder" / "larder.toml");
  } else if (const auto home = environment.find("HOME"); home != environment.end()) {
    places.push_back(sys::Path(home->second) / ".config" / "larder" / "larder.toml");
  }
  places.emplace_back("/etc/larder/larder.toml");
  for (const auto& path : places) {
    if (sys::is_file(path)) return {path.native(), "found"};
  }
  return {"", "none"};
}

Result<Setting> find_file(const GlobalFlags& flags, const sys::Environment& environment) {
  if (flags.config) return Setting{*flags.config, "--config"};
  if (const auto it = environment.find("LARDER_CONFIG"); it != environment.end() && !it->second.empty()) {
    return Setting{it->second, "LARDER_CONFIG"};
  }
  if (sys::is_file(k_in_folder)) return Setting{std::string(k_in_folder), std::string(k_not_named)};
  return find_own_file(environment);
}

// from: what named the file, for messages.
Result<FileConfig> read_config(const std::string& file, const std::string& from) {
  const auto text = TRY(sys::read_file(file, 1U << 20U).context(from));
  return parse_config(file, text, sys::Path(file).parent_path());
}

// Secrets, policy, the upstream and the keys of bundles. A medium that brings a bundle could bring a
// larder.toml too, and so could a project that was cloned.
Result<void> take_trusted(const sys::Environment& environment, Config& out) {
  out.trusted_file = out.file;
  if (out.file.source != k_not_named) return {};
  auto& from = out.from_file;
  if (!from.upstreams.empty() || !from.policy.empty() || from.stock_from || !from.unpack_trust.empty()) {
    return fail(
        Kind::forbidden,
        out.file.value +
            ": [[upstream]], [policy], stock.from and unpack.trust are not taken from a file that "
            "merely lies in the working folder",
        "move them to ~/.config/larder/larder.toml; or, if the file is yours, name it each time: --config " +
            out.file.value);
  }
  out.trusted_file = find_own_file(environment);
  if (out.trusted_file.value.empty()) return {};
  auto own = TRY(read_config(out.trusted_file.value, "configuration"));
  from.upstreams = std::move(own.upstreams);
  from.policy = std::move(own.policy);
  from.stock_from = std::move(own.stock_from);
  from.unpack_trust = std::move(own.unpack_trust);
  return {};
}

}  // namespace

Result<FileConfig> parse_config(std::string_view name, std::string_view text, const sys::Path& folder) {
  FileConfig out;
  try {
    const toml::table table = toml::parse(text);
    for (const auto& [key, node] : table) {
      if (key == "upstream") {
        out.upstreams = TRY(parse_upstreams(name, node, folder));
        continue;
      }
      const auto* section = node.as_table();
      if (section == nullptr) {
        TRY(take_key(name, std::string(key.str()), node, folder, out));
        continue;
      }
      for (const auto& [inner, value] : *section) {
        TRY(take_key(name, std::string(key.str()) + "." + std::string(inner.str()), value, folder, out));
      }
    }
  } catch (const toml::parse_error& e) {
    return fail(Kind::invalid, toml_place(name, e.source()) + ": " + std::string(e.description()));
  }
  return out;
}

Result<Config> load_config(const GlobalFlags& flags, const sys::Environment& environment, Refused refused) {
  Config out;
  out.flags = flags;
  out.environment = environment;
  out.file = TRY(find_file(flags, environment));
  if (!out.file.value.empty()) {
    out.from_file =
        TRY(read_config(out.file.value, out.file.source == "--config" || out.file.source == "LARDER_CONFIG"
                                            ? out.file.source
                                            : "configuration"));
  }
  TRY(take_trusted(environment, out));
  out.store = store_setting(flags, environment, out.from_file, out.file.value);
  const auto offline = environment.find("LARDER_OFFLINE");
  if (flags.offline) {
    out.offline = {"true", "--offline"};
  } else if (offline != environment.end() && !offline->second.empty()) {
    out.offline = {offline->second == "0" || offline->second == "false" ? "false" : "true", "LARDER_OFFLINE"};
  } else {
    out.offline = {out.from_file.offline.value_or(false) ? "true" : "false",
                   out.from_file.offline ? out.file.value : "default"};
  }
  out.go = TRY(GoEnvironment::load(environment));
  if (refused == Refused::is_an_error && !out.go.refused().empty()) {
    return fail(out.go.refused().front().error);
  }
  return out;
}

}  // namespace larder::cli

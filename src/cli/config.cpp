// SPDX-License-Identifier: Apache-2.0
#include "cli/config.hpp"

#include <array>
#include <functional>

#include <toml++/toml.h>
#include <unistd.h>

#include "base/text.hpp"

namespace larder::cli {

namespace {

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

constexpr std::array<Key, 6> k_keys = {{
    {"store", "a string", [](auto& v, auto& dir, auto& out) { return take_path(v, dir, out.store); }},
    {"offline", "true or false",
     [](auto& v, auto&, auto& out) {
       out.offline = v.template value<bool>();
       return v.is_boolean();
     }},
    {"serve.listen", "a string", [](auto& v, auto&, auto& out) { return take_string(v, out.serve_listen); }},
    {"pack.key", "a string", [](auto& v, auto& dir, auto& out) { return take_path(v, dir, out.pack_key); }},
    {"stock.from", "a string", [](auto& v, auto&, auto& out) { return take_string(v, out.stock_from); }},
    {"unpack.trust", "a list of strings",
     [](auto& v, auto& dir, auto& out) { return take_paths(v, dir, out.unpack_trust); }},
}};

std::string place(std::string_view name, const toml::source_region& region) {
  return std::string(name) + ":" + std::to_string(region.begin.line) + ":" +
         std::to_string(region.begin.column);
}

Failure unknown_key(std::string_view name, const toml::node& node, const std::string& key) {
  std::vector<std::string> known;
  for (const auto& row : k_keys) known.emplace_back(row.name);
  const auto near = closest(key, known);
  return fail(Kind::invalid, place(name, node.source()) + ": unknown key " + quote(key) +
                                 (near ? " (did you mean " + quote(*near) + "?)" : ""));
}

Result<void> take_key(std::string_view name, const std::string& key, const toml::node& node,
                      const sys::Path& folder, FileConfig& out) {
  for (const auto& row : k_keys) {
    if (row.name != key) continue;
    if (row.take(node, folder, out)) return {};
    return fail(Kind::invalid, place(name, node.source()) + ": " + key + " must be " + std::string(row.type));
  }
  return unknown_key(name, node, key);
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

Result<Setting> find_file(const GlobalFlags& flags, const sys::Environment& environment) {
  if (flags.config) return Setting{*flags.config, "--config"};
  if (const auto it = environment.find("LARDER_CONFIG"); it != environment.end() && !it->second.empty()) {
    return Setting{it->second, "LARDER_CONFIG"};
  }
  std::vector<sys::Path> places = {"larder.toml"};
  if (const auto it = environment.find("XDG_CONFIG_HOME"); it != environment.end() && !it->second.empty()) {
    places.push_back(sys::Path(it->second) / "larder" / "larder.toml");
  } else if (const auto home = environment.find("HOME"); home != environment.end()) {
    places.push_back(sys::Path(home->second) / ".config" / "larder" / "larder.toml");
  }
  places.emplace_back("/etc/larder/larder.toml");
  for (const auto& path : places) {
    if (sys::is_file(path)) return Setting{path.native(), "found"};
  }
  return Setting{"", "none"};
}

}  // namespace

Result<FileConfig> parse_config(std::string_view name, std::string_view text, const sys::Path& folder) {
  FileConfig out;
  try {
    const toml::table table = toml::parse(text);
    for (const auto& [key, node] : table) {
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
    return fail(Kind::invalid, place(name, e.source()) + ": " + std::string(e.description()));
  }
  return out;
}

Result<Config> load_config(const GlobalFlags& flags, const sys::Environment& environment) {
  Config out;
  out.flags = flags;
  out.environment = environment;
  out.file = TRY(find_file(flags, environment));
  if (!out.file.value.empty()) {
    const auto text = TRY(sys::read_file(out.file.value, 1U << 20U));
    out.from_file = TRY(parse_config(out.file.value, text, sys::Path(out.file.value).parent_path()));
  }
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
  return out;
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "sumstore/layout.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/escape.hpp"

namespace larder::sumstore {

namespace {

constexpr std::string_view k_root = "go/sumdb";
constexpr std::string_view k_lookup = "lookup/";
constexpr std::string_view k_tile = "tile/";
constexpr int k_max_depth = 16;       // elements of a database's name
constexpr int k_max_file_depth = 66;  // "lookup", a module's path

Request request(Object object, std::string_view name, std::string_view file) {
  return {object, std::string(name), prefix_of(name) + "/" + std::string(file)};
}

std::optional<Request> below(std::string_view name, std::string_view file) {
  if (!valid_name(name)) return std::nullopt;
  if (file.starts_with(k_lookup) && module_of(file)) return request(Object::lookup, name, file);
  if (file.starts_with(k_tile) && sumdb::parse_tile_path(file)) return request(Object::tile, name, file);
  return std::nullopt;
}

bool has_file(const std::vector<store::Child>& children, std::string_view name) {
  return std::ranges::any_of(children, [&](const auto& c) { return !c.is_prefix && c.name == name; });
}

struct Databases {
  store::Store& store;
  std::vector<std::string> found{};

  // A folder with a head; or with what only a database has, where the head was lost.
  Result<bool> is_one(const std::string& prefix, const std::vector<store::Child>& children) {
    if (has_file(children, "latest")) return true;
    for (const auto& child : children) {
      if (!child.is_prefix || (child.name != "lookup" && child.name != "tile")) continue;
      if (has_file(TRY(store.list(prefix + "/" + child.name)), "latest")) return false;  // it is in a name
      if (!TRY(shelf_of(store, prefix.substr(k_root.size() + 1))).empty()) return true;
    }
    return false;
  }

  Result<void> at(const std::string& prefix, int depth) {
    if (depth > k_max_depth) return {};
    const auto children = TRY(store.list(prefix));
    if (prefix.size() > k_root.size() && TRY(is_one(prefix, children))) {
      found.push_back(prefix.substr(k_root.size() + 1));
      return {};
    }
    for (const auto& child : children) {
      if (child.is_prefix) TRY(at(prefix + "/" + child.name, depth + 1));
    }
    return {};
  }
};

struct Files {
  store::Store& store;
  std::string prefix;  // with its slash
  Shelf shelf{};

  void add(const std::string& file) {
    if (file.ends_with(".lock") || file.ends_with(".tmp")) return;
    const auto tile = sumdb::parse_tile_path(file);
    if (module_of(file)) {
      shelf.lookups.push_back(file);
    } else if (tile && tile->height == k_tile_height) {
      shelf.tiles.push_back(*tile);
    } else {
      shelf.foreign.push_back(file);
    }
  }

  Result<void> below(const std::string& folder, int depth) {
    if (depth > k_max_file_depth) return {};
    for (const auto& child : TRY(store.list(prefix + folder))) {
      const auto name = folder + "/" + child.name;
      if (child.is_prefix) {
        TRY(below(name, depth + 1));
      } else {
        add(name);
      }
    }
    return {};
  }
};

}  // namespace

bool valid_name(std::string_view name) {
  const bool odd = std::ranges::any_of(name, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' ||
           std::string_view("?#@%\\<>\"").find(c) != std::string_view::npos;
  });
  const auto parts = split(name, '/');
  return !odd && std::ranges::none_of(parts, [](auto p) { return p.empty() || p == "." || p == ".."; });
}

std::string prefix_of(std::string_view name) {
  return fmt::format("{}/{}", k_root, name);
}

std::optional<gomod::Module> module_of(std::string_view lookup) {
  if (!lookup.starts_with(k_lookup)) return std::nullopt;
  const auto names = cut(lookup.substr(k_lookup.size()), "@");
  if (!names) return std::nullopt;
  auto path = gomod::unescape_path(names->first);
  auto version = gomod::unescape_version(names->second);
  if (!path || !version) return std::nullopt;
  gomod::Module module{*std::move(path), *std::move(version)};
  if (!gomod::check_canonical(module)) return std::nullopt;
  return module;
}

std::string lookup_text(std::uint64_t id, std::string_view record, std::string_view note) {
  return fmt::format("{}\n{}\n{}", id, record, note);
}

std::optional<Request> parse_request(std::string_view path) {
  for (const auto& [file, object] : {std::pair(std::string_view("/supported"), Object::supported),
                                     std::pair(std::string_view("/latest"), Object::latest)}) {
    const auto name = path.substr(0, path.size() - std::min(path.size(), file.size()));
    if (path.ends_with(file) && valid_name(name)) return request(object, name, file.substr(1));
  }
  // A name may have slashes: the first element that makes sense ends it.
  for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    if (auto found = below(path.substr(0, slash), path.substr(slash + 1))) return found;
  }
  return std::nullopt;
}

Result<std::vector<std::string>> databases(store::Store& store) {
  Databases walk{store};
  TRY(walk.at(std::string(k_root), 0));
  std::ranges::sort(walk.found);
  return std::move(walk.found);
}

Result<Shelf> shelf_of(store::Store& store, std::string_view name) {
  Files files{store, prefix_of(name) + "/"};
  const auto children = TRY(store.list(prefix_of(name)));
  files.shelf.has_latest = has_file(children, "latest");
  files.shelf.has_supported = has_file(children, "supported");
  for (const auto* folder : {"lookup", "tile"}) TRY(files.below(folder, 0));
  std::ranges::sort(files.shelf.lookups);
  std::ranges::sort(files.shelf.tiles, {}, [](const auto& tile) {
    return std::tuple(tile.level, tile.number, tile.width, tile.data);
  });
  return std::move(files.shelf);
}

}  // namespace larder::sumstore

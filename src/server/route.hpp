// SPDX-License-Identifier: Apache-2.0
// From a request target to what is asked for. A target is decoded once; a text that could name anything but a
// plain path (dot elements, encoded slashes, control bytes) is refused before it is looked at.
//
// Invariant: a key is a clean store key; for the version kinds, it equals store::module_key of `module`.
// Thread rule: pure functions. Spec: go-modules.md 5.2, 1.2.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "sumstore/layout.hpp"

namespace larder::server {

enum class RouteKind { home, livez, readyz, sumdb, list, latest, info, mod, zip, unknown };

enum class Shape {
  exact,           // the whole path is `text`
  below,           // the path begins with `text`
  module_ending,   // <escaped module path> + `text`
  version_ending,  // <escaped module path>/@v/<escaped version> + `text`
  any,
};

// One row a kind, in the order they are tried.
struct RouteRow {
  RouteKind kind;
  Shape shape;
  std::string_view text;
  std::string_view name;  // in logs and metrics
  std::string_view content_type;
  std::string_view cache_control;
};

inline constexpr std::string_view k_text = "text/plain; charset=UTF-8";
inline constexpr std::string_view k_json = "application/json";
inline constexpr std::string_view k_binary = "application/octet-stream";
inline constexpr std::string_view k_uncached = "no-store";
inline constexpr std::string_view k_short = "public, max-age=60";
inline constexpr std::string_view k_forever = "public, max-age=31536000, immutable";

inline constexpr std::array k_routes = {
    RouteRow{RouteKind::home, Shape::exact, "/", "home", k_text, k_short},
    RouteRow{RouteKind::livez, Shape::exact, "/livez", "livez", k_text, k_uncached},
    RouteRow{RouteKind::readyz, Shape::exact, "/readyz", "readyz", k_text, k_uncached},
    RouteRow{RouteKind::sumdb, Shape::below, "/sumdb/", "sumdb", k_text, k_short},
    RouteRow{RouteKind::list, Shape::module_ending, "/@v/list", "list", k_text, k_short},
    RouteRow{RouteKind::latest, Shape::module_ending, "/@latest", "latest", k_json, k_short},
    RouteRow{RouteKind::info, Shape::version_ending, ".info", "info", k_json, k_forever},
    RouteRow{RouteKind::mod, Shape::version_ending, ".mod", "mod", k_text, k_forever},
    RouteRow{RouteKind::zip, Shape::version_ending, ".zip", "zip", "application/zip", k_forever},
    RouteRow{RouteKind::unknown, Shape::any, "", "unknown", k_text, k_uncached},
};

constexpr const RouteRow& row_of(RouteKind kind) {
  return k_routes[static_cast<std::size_t>(kind)];
}
constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < k_routes.size(); ++i) {
    if (k_routes[i].kind != static_cast<RouteKind>(i)) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

struct Route {
  RouteKind kind = RouteKind::unknown;
  gomod::Module module;        // list, latest: path only
  std::string key;             // info, mod, zip, sumdb: what the store calls it
  sumstore::Request database;  // sumdb, where there is a key
  // Not empty when the path or version in the URL is not well-formed: no such module can be held, and no
  // record of it.
  std::string problem;
};

// The path of an origin-form ("/a/b?q") or absolute-form ("http://host/a/b") target, percent-decoded.
// Kind::invalid, with the reason, for anything else. '+' is a plus; the query is dropped.
Result<std::string> decode_target(std::string_view target);

// `path` as decode_target returns it.
Route find_route(std::string_view path);

// For a server that is one checksum database: /lookup/…, /tile/…, /latest at its root, and the pages of any
// server.
Route find_database_route(std::string_view database, std::string_view path);

}  // namespace larder::server

// SPDX-License-Identifier: Apache-2.0
#include "server/route.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "gomod/escape.hpp"
#include "sumstore/layout.hpp"

namespace larder::server {

namespace {

constexpr std::size_t k_element_limit = 255;  // NAME_MAX: a longer element cannot be a file
constexpr std::size_t k_key_limit = 3500;     // leaves room for the store's own folder below PATH_MAX
constexpr std::string_view k_versions = "/@v/";

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower_ascii(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The byte that "%XX" at the start of text stands for.
std::optional<char> decoded_byte(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  const int high = hex_value(text[1]);
  const int low = hex_value(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const auto byte = decoded_byte(text.substr(i));
      if (!byte) return fail(Kind::invalid, "malformed percent-encoding in the URL");
      if (*byte == '/') return fail(Kind::invalid, "encoded slash in the URL");
      c = *byte;
      i += 2;
    }
    if (is_control(c)) return fail(Kind::invalid, "control character in the URL");
    out += c;
  }
  return out;
}

bool has_dot_element(std::string_view path) {
  for (std::size_t start = 0; start < path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    const auto element = path.substr(start, end - start);
    if (element == "." || element == "..") return true;
    start = end + 1;
  }
  return false;
}

// "http://host/path" -> "/path"; a proxy's form of request, which every server has to understand.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (lower_ascii(target.substr(0, scheme.size())) != scheme) continue;
    const auto slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

bool has_long_element(std::string_view path) {
  std::size_t length = 0;
  for (const char c : path) {
    length = c == '/' ? 0 : length + 1;
    if (length > k_element_limit) return true;
  }
  return false;
}

// Fills module, key and problem from the two escaped names.
void name_module(Route& route, std::string_view escaped_path, std::string_view escaped_version) {
  auto path = gomod::unescape_path(escaped_path);
  if (!path) {
    route.problem = path.error().message();
    return;
  }
  route.module.path = *std::move(path);
  if (row_of(route.kind).shape != Shape::version_ending) return;
  auto version = gomod::unescape_version(escaped_version);
  if (!version) {
    route.problem = version.error().message();
    return;
  }
  route.module.version = *std::move(version);
}

// A name that no database has leaves the key empty: it is like one that is not carried.
void find_database_file(Route& route, std::string_view name) {
  if (name.size() > k_key_limit || has_long_element(name)) return;
  auto request = sumstore::parse_request(name);
  if (!request) {
    if (name.find("/lookup/") != name.npos) route.problem = "invalid module@version syntax";
    return;
  }
  route.key = request->key;
  route.database = *std::move(request);
}

struct Names {
  std::string_view module;
  std::string_view version;
};

std::optional<Names> match(const RouteRow& row, std::string_view path) {
  switch (row.shape) {
    case Shape::exact:
      return path == row.text ? std::optional<Names>(Names{}) : std::nullopt;
    case Shape::below:
      return path.starts_with(row.text) ? std::optional<Names>(Names{}) : std::nullopt;
    case Shape::any:
      return Names{};
    case Shape::module_ending:
      if (!path.ends_with(row.text) || path.size() <= row.text.size() + 1) return std::nullopt;
      return Names{path.substr(1, path.size() - row.text.size() - 1), {}};
    case Shape::version_ending:
      break;
  }
  const auto at = path.rfind(k_versions);
  if (at == std::string_view::npos || at < 2) return std::nullopt;
  const auto version = path.substr(at + k_versions.size());
  if (!version.ends_with(row.text) || version.size() == row.text.size()) return std::nullopt;
  if (version.find('/') != std::string_view::npos) return std::nullopt;
  return Names{path.substr(1, at - 1), version.substr(0, version.size() - row.text.size())};
}

}  // namespace

Result<std::string> decode_target(std::string_view target) {
  target = without_authority(target);
  target = target.substr(0, target.find_first_of("?#"));
  if (!target.starts_with('/')) return fail(Kind::invalid, "the request target is not a path");
  auto path = TRY(percent_decode(target));
  if (has_dot_element(path)) return fail(Kind::invalid, "\".\" or \"..\" element in the URL");
  return path;
}

Route find_route(std::string_view path) {
  Route route;
  for (const auto& row : k_routes) {
    const auto names = match(row, path);
    if (!names) continue;
    route.kind = row.kind;
    if (row.kind == RouteKind::sumdb) find_database_file(route, path.substr(row.text.size()));
    if (names->module.empty()) return route;
    if (path.size() > k_key_limit || has_long_element(path)) {
      route.problem = "the name is too long";
      return route;
    }
    name_module(route, names->module, names->version);
    // The URL's escaped form is the key's: nothing is escaped again.
    if (row.shape == Shape::version_ending && route.problem.empty()) route.key = "go" + std::string(path);
    return route;
  }
  return route;
}

Route find_database_route(std::string_view database, std::string_view path) {
  auto page = find_route(path);
  if (page.kind == RouteKind::home || page.kind == RouteKind::livez || page.kind == RouteKind::readyz)
    return page;
  Route route;
  route.kind = RouteKind::sumdb;
  find_database_file(route, std::string(database) + std::string(path));
  if (route.problem.empty() && route.database.name != database) return {.kind = RouteKind::sumdb};
  return route;
}

}  // namespace larder::server

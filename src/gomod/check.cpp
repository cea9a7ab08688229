// SPDX-License-Identifier: Apache-2.0
#include "gomod/check.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/quoting.hpp"
#include "gomod/semver.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
enum class PathKind { module, import, file };

constexpr std::array<std::string_view, 3> k_kind_names = {"module", "import", "file"};

constexpr std::array<std::string_view, 22> k_windows_devices = {
    "con",  "prn",  "aux",  "nul",  "com1", "com2", "com3", "com4", "com5", "com6", "com7",
    "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"};

constexpr std::string_view version_noun(bool pseudo) {
  return pseudo ? "pseudo-version" : "version";
}

Failure invalid(std::string message) {
  return fail(Kind::invalid, std::move(message));
}

// Which ASCII characters may stand in a path of each kind.
constexpr auto k_allowed = [] {
  std::array<std::array<bool, 0x80>, 3> out{};
  constexpr std::string_view k_file_marks = "!#$%&()+,-.=@[]^_{}~ ";
  for (std::size_t c = 0; c < 0x80; ++c) {
    const auto as = [&](PathKind kind) -> bool& { return out.at(static_cast<std::size_t>(kind)).at(c); };
    const char r = static_cast<char>(c);
    const bool common = is_digit(r) || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || r == '-' ||
                        r == '.' || r == '_' || r == '~';
    as(PathKind::module) = common;
    as(PathKind::import) = common || r == '+';
    as(PathKind::file) = common || k_file_marks.find(r) != std::string_view::npos;
  }
  return out;
}();

bool is_windows_device(std::string_view stem) {
  if (stem.size() < 3 || stem.size() > 4) return false;
  constexpr std::string_view k_first = "cpanlCPANL";
  return k_first.find(stem.front()) != std::string_view::npos &&
         std::ranges::find(k_windows_devices, lower_ascii(stem)) != k_windows_devices.end();
}

// "name~12": such names collide with the short names that Windows makes.
bool ends_in_tilde_digits(std::string_view s) {
  const auto last = s.find_last_not_of("0123456789");
  return last != std::string_view::npos && last + 1 < s.size() && s[last] == '~';
}

// The reason why an element is refused; "" where it is fine.
std::string element_fault(std::string_view element, PathKind kind) {
  if (element.empty()) return "empty path element";
  if (element.find_first_not_of('.') == std::string_view::npos)
    return fmt::format("invalid path element {}", go_quote(element));
  if (element.front() == '.' && kind == PathKind::module) return "leading dot in path element";
  if (element.back() == '.') return "trailing dot in path element";
  const auto& ascii = k_allowed.at(static_cast<std::size_t>(kind));
  for (std::size_t i = 0; i < element.size();) {
    const auto byte = static_cast<unsigned char>(element[i]);
    if (byte < ascii.size() && ascii[byte]) {
      ++i;
      continue;
    }
    const auto rune = decode_rune(element, i);
    const bool is_allowed = rune.value >= ascii.size() && kind == PathKind::file && is_letter(rune.value);
    if (!is_allowed) return fmt::format("invalid char {}", go_quote_rune(rune.value));
    i += rune.size;
  }
  const auto stem = element.substr(0, element.find('.'));
  if (is_windows_device(stem))
    return fmt::format("{} disallowed as path element component on Windows", go_quote(stem));
  if (kind != PathKind::file && ends_in_tilde_digits(stem))
    return "trailing tilde and digits in path element";
  return {};
}

std::string path_fault(std::string_view path, PathKind kind) {
  if (!valid_utf8(path)) return "invalid UTF-8";
  if (path.empty()) return "empty string";
  if (path.front() == '-' && kind != PathKind::file) return "leading dash";
  if (path.find("//") != std::string_view::npos) return "double slash";
  if (path.back() == '/') return "trailing slash";
  for (;;) {
    const auto slash = path.find('/');
    if (auto fault = element_fault(path.substr(0, slash), kind); !fault.empty()) return fault;
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

// What a module path needs beyond being well formed.
std::string module_path_fault(std::string_view path) {
  if (auto fault = path_fault(path, PathKind::module); !fault.empty()) return fault;
  const auto first = path.substr(0, path.find('/'));
  if (first.empty()) return "leading slash";
  if (first.find('.') == std::string_view::npos) return "missing dot in first path element";
  if (first.front() == '-') return "leading dash in first path element";
  for (const char c : first) {
    if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-' && c != '.')
      return fmt::format("invalid char {} in first path element",
                         go_quote_rune(static_cast<unsigned char>(c)));
  }
  return split_path_version(path) ? "" : "invalid version";
}

Result<void> verdict(std::string_view noun, std::string_view path, const std::string& fault) {
  if (fault.empty()) return {};
  return invalid(fmt::format("malformed {} path {}: {}", noun, go_quote(path), fault));
}

Result<void> verdict(std::string_view path, PathKind kind, const std::string& fault) {
  return verdict(k_kind_names.at(static_cast<std::size_t>(kind)), path, fault);
}

std::optional<PathVersion> split_gopkg_in(std::string_view path) {
  constexpr std::string_view k_unstable = "-unstable";
  const auto body = path.ends_with(k_unstable) ? path.substr(0, path.size() - k_unstable.size()) : path;
  const auto digits = body.find_last_not_of("0123456789") + 1;
  const auto number = body.substr(digits);
  if (number.empty() || digits < 2 || body.substr(digits - 2, 2) != ".v") return std::nullopt;
  const auto major = path.substr(digits - 2);
  if (number[0] == '0' && major != ".v0") return std::nullopt;
  return PathVersion{path.substr(0, digits - 2), major};
}

// Why the version does not belong under the path major; "" where it does.
std::string major_fault(std::string_view version, std::string_view path_major) {
  constexpr std::string_view k_unstable = "-unstable";
  if (path_major.starts_with(".v") && path_major.ends_with(k_unstable))
    path_major.remove_suffix(k_unstable.size());
  // Old versions of gopkg.in modules were recorded so, and are in many go.sum files.
  if (path_major == ".v1" && version.starts_with("v0.0.0-")) return {};
  const auto major = semver::major(version);
  if (path_major.empty()) {
    if (major == "v0" || major == "v1" || semver::build(version) == "+incompatible") return {};
    return fmt::format("should be v0 or v1, not {}", major);
  }
  if (major == path_major.substr(1)) return {};
  return fmt::format("should be {}, not {}", path_major.substr(1), major);
}
}  // namespace

Result<void> check_path(std::string_view path) {
  return verdict(path, PathKind::module, module_path_fault(path));
}

Result<void> check_import_path(std::string_view path) {
  return verdict(path, PathKind::import, path_fault(path, PathKind::import));
}

Result<void> check_tool_path(std::string_view path) {
  return verdict("tool", path, path_fault(path, PathKind::import));
}

Result<void> check_file_path(std::string_view path) {
  return verdict(path, PathKind::file, path_fault(path, PathKind::file));
}

Result<void> check_file_element(std::string_view element) {
  auto fault = valid_utf8(element) ? element_fault(element, PathKind::file) : "invalid UTF-8";
  if (fault.empty()) return {};
  return invalid(std::move(fault));
}

Result<void> check(std::string_view path, std::string_view version) {
  TRY(check_path(path));
  const auto split = split_path_version(path);
  const auto fault =
      semver::valid(version) ? major_fault(version, split->major) : std::string("not a semantic version");
  if (fault.empty()) return {};
  return invalid(invalid_module_version_text({std::string(path), std::string(version)}, fault));
}

Result<void> check_canonical(const Module& m) {
  if (!semver::valid(m.version))
    return invalid(fmt::format("non-semver module version {}", go_quote(m.version)));
  if (semver::canonical_version(m.version) != m.version)
    return invalid(fmt::format("non-canonical module version {}", go_quote(m.version)));
  return check(m);
}

std::optional<PathVersion> split_path_version(std::string_view path) {
  if (path.starts_with("gopkg.in/")) return split_gopkg_in(path);
  auto tail = path.size();  // start of "12", "1.2"
  while (tail > 0 && (is_digit(path[tail - 1]) || path[tail - 1] == '.')) --tail;
  const bool has_major = tail >= 2 && tail < path.size() && path.substr(tail - 2, 2) == "/v";
  if (!has_major) return PathVersion{path, path.substr(path.size())};
  const auto number = path.substr(tail);
  if (number.find('.') != std::string_view::npos || number[0] == '0' || number == "1") return std::nullopt;
  return PathVersion{path.substr(0, tail - 2), path.substr(tail - 2)};
}

bool match_path_major(std::string_view version, std::string_view path_major) {
  return major_fault(version, path_major).empty();
}

Result<void> check_path_major(std::string_view version, std::string_view path_major) {
  const auto fault = major_fault(version, path_major);
  if (fault.empty()) return {};
  return invalid(invalid_version_text(version, fault));
}

std::string_view path_major_prefix(std::string_view path_major) {
  if (path_major.empty()) return {};
  path_major.remove_prefix(1);
  return path_major.substr(0, path_major.find('-'));
}

std::string invalid_version_text(std::string_view version, std::string_view reason, bool pseudo) {
  return fmt::format("{} {} invalid: {}", version_noun(pseudo), go_quote(version), reason);
}

std::string invalid_module_version_text(const Module& m, std::string_view reason, bool pseudo) {
  return fmt::format("{}@{}: invalid {}: {}", m.path, m.version, version_noun(pseudo), reason);
}

}  // namespace larder::gomod

// SPDX-License-Identifier: Apache-2.0
#include "gomod/directives.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/quoting.hpp"
#include "gomod/semver.hpp"

namespace larder::gomod {

namespace {
// "VERB PATH: message", or "VERB: message" where the path is not known.
Failure about(std::string_view verb, std::string_view path, Error error) {
  return fail(std::move(error).with(path.empty() ? std::string(verb) : fmt::format("{} {}", verb, path)));
}

// Only those reasons are told with the directive; others ("no matching versions …") stand alone, as in go.
bool is_about_version(const Error& error) {
  return error.message().starts_with("version \"") || error.message().starts_with("reading ");
}

// Takes digits from the front of s: a number without leading zero.
bool take_number(std::string_view& s) {
  const auto end = static_cast<std::size_t>(std::find_if_not(s.begin(), s.end(), is_digit) - s.begin());
  if (end == 0 || (end > 1 && s[0] == '0')) return false;
  s.remove_prefix(end);
  return true;
}

bool take_major_minor(std::string_view& s) {
  if (s.starts_with('0') || !take_number(s) || !s.starts_with('.')) return false;
  s.remove_prefix(1);
  return take_number(s);
}

// "1.21" in "v1.21.foo" and "1.21x": what a dependency's go line can still be read as. "" where it cannot.
std::string_view lax_go_version(std::string_view s) {
  if (s.starts_with('v')) s.remove_prefix(1);
  auto rest = s;
  if (!take_major_minor(rest) || rest.empty()) return {};
  return s.substr(0, s.size() - rest.size());
}

std::optional<std::string_view> path_major(std::string_view path) {
  const auto split = split_path_version(path);
  return split ? std::optional(split->major) : std::nullopt;
}

// The right side of a replace that has no version.
Result<void> check_directory(std::string_view path) {
  if (!is_directory_path(path)) {
    return fail(Kind::invalid,
                path.find('@') != std::string_view::npos
                    ? "replacement module must match format 'path version', not 'path@version'"
                    : "replacement module without version must be directory path (rooted or starting with "
                      ". or ..)");
  }
  if (path.find('\\') != std::string_view::npos)
    return fail(Kind::invalid, "replacement directory appears to be Windows path (on a non-windows system)");
  return {};
}
}  // namespace

bool valid_go_line(std::string_view s) {
  if (!take_major_minor(s)) return false;
  if (s.starts_with('.')) {
    s.remove_prefix(1);
    if (!take_number(s)) return false;
  }
  if (s.empty()) return true;
  const auto letters = std::min(s.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), s.size());
  const auto digits = s.substr(letters);
  return letters > 0 && !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit);
}

bool valid_toolchain_line(std::string_view s) {
  return s == "default" || s == "go1" || s.starts_with("go1.");
}

bool is_directory_path(std::string_view s) {
  const auto starts = [&](std::string_view dots) {
    return s == dots || (s.starts_with(dots) && (s[dots.size()] == '/' || s[dots.size()] == '\\'));
  };
  const auto letter = [](char c) { return to_lower_ascii(c) >= 'a' && to_lower_ascii(c) <= 'z'; };
  return starts(".") || starts("..") || s.starts_with('/') || s.starts_with('\\') ||
         (s.size() >= 2 && letter(s[0]) && s[1] == ':');
}

Result<std::string> DirectiveReader::text(std::string_view& token) {
  if (!token.starts_with('"')) {
    // Not find_first_of: that costs one memchr a character, and all paths of all files come through here.
    if (std::any_of(token.begin(), token.end(), [](char c) { return c == '"' || c == '\'' || c == '`'; }))
      return fail(Kind::invalid, "unquoted string cannot contain quote");
    return std::string(token);
  }
  auto value = unquote(token);
  if (!value) return fail(Kind::invalid, "invalid syntax");
  if (const auto shortest = auto_quote(*value); shortest != token) token = syntax_.keep(shortest);
  return *std::move(value);
}

Result<std::string> DirectiveReader::only_text(const Directive& d) {
  if (d.args.size() != 1)
    return fail(Kind::invalid, fmt::format("{} directive expects exactly one argument", d.verb));
  return text(d.args[0]).context("invalid quoted string");
}

Result<std::string> DirectiveReader::version(std::string_view verb, std::string_view path,
                                             std::string_view& token, bool keep) {
  auto given = text(token);
  if (!given) {
    auto reason = invalid_version_text(token, given.error().message());
    return about(verb, path, Error(Kind::invalid, std::move(reason)));
  }
  std::string version;
  if (keep) {
    version = *std::move(given);
  } else if (fixer_) {
    auto fixed = fixer_(path, *given);
    if (!fixed && !is_about_version(fixed.error())) return fail(std::move(fixed).error());
    if (!fixed) return about(verb, path, std::move(fixed).error());
    version = *std::move(fixed);
  } else {
    version = semver::canonical_version(*given);
    if (version.empty())
      return about(verb, path,
                   Error(Kind::invalid, invalid_version_text(*given, "must be of the form v1.2.3")));
  }
  if (version != token) token = syntax_.keep(version);
  return version;
}

Result<Module> DirectiveReader::module(const Directive& d) {
  if (d.args.size() != 2) return fail(Kind::invalid, fmt::format("usage: {} module/path v1.2.3", d.verb));
  auto path = TRY(text(d.args[0]).context("invalid quoted string"));
  auto v = TRY(version(d.verb, path, d.args[1]));
  const auto major = path_major(path);
  if (!major) return fail(Kind::invalid, "invalid module path");
  if (auto ok = check_path_major(v, *major); !ok) return about(d.verb, path, std::move(ok).error());
  return Module{std::move(path), std::move(v)};
}

Result<void> DirectiveReader::go(const Directive& d, bool strict, std::optional<GoLine>& out) {
  if (out) return fail(Kind::invalid, "repeated go statement");
  if (d.args.size() != 1) return fail(Kind::invalid, "go directive expects exactly one argument");
  auto& version = d.args[0];
  if (!valid_go_line(version)) {
    const auto lax = strict ? std::string_view() : lax_go_version(version);
    if (lax.empty())
      return fail(Kind::invalid, fmt::format("invalid go version '{}': must match format 1.23.0", version));
    version = lax;
  }
  out = GoLine{std::string(version), d.line};
  return {};
}

Result<void> DirectiveReader::toolchain(const Directive& d, std::optional<ToolchainLine>& out) {
  if (out) return fail(Kind::invalid, "repeated toolchain statement");
  if (d.args.size() != 1) return fail(Kind::invalid, "toolchain directive expects exactly one argument");
  const auto name = d.args[0];
  if (!valid_toolchain_line(name))
    return fail(Kind::invalid,
                fmt::format("invalid toolchain version '{}': must match format go1.23.0 or default", name));
  out = ToolchainLine{std::string(name), d.line};
  return {};
}

Result<void> DirectiveReader::godebug(const Directive& d, std::vector<Godebug>& out) {
  const bool plain = d.args.size() == 1 && d.args[0].find_first_of("\"`',") == std::string_view::npos;
  const auto parts = plain ? cut(d.args[0], "=") : std::nullopt;
  if (!parts) return fail(Kind::invalid, "usage: godebug key=value");
  out.push_back({std::string(parts->first), std::string(parts->second), d.line});
  return {};
}

Result<void> DirectiveReader::replace(const Directive& d, std::vector<Replace>& out) {
  const auto args = d.args;
  const std::size_t arrow = args.size() >= 2 && args[1] == "=>" ? 1 : 2;
  if (args.size() < arrow + 2 || args.size() > arrow + 3 || args[arrow] != "=>") {
    return fail(
        Kind::invalid,
        fmt::format("usage: {0} module/path [v1.2.3] => other/module v1.4\n\t or {0} module/path [v1.2.3] => "
                    "../local/directory",
                    d.verb));
  }
  Replace entry{{TRY(text(args[0]).context("invalid quoted string")), ""}, {}, d.line};
  const auto major = path_major(entry.from.path);
  if (!major) return about(d.verb, entry.from.path, Error(Kind::invalid, "invalid module path"));
  if (arrow == 2) {
    entry.from.version = TRY(version(d.verb, entry.from.path, args[1]));
    if (auto ok = check_path_major(entry.from.version, *major); !ok)
      return about(d.verb, entry.from.path, std::move(ok).error());
  }
  entry.to.path = TRY(text(args[arrow + 1]).context("invalid quoted string"));
  if (args.size() == arrow + 2) {
    TRY(check_directory(entry.to.path));
  } else {
    entry.to.version = TRY(version(d.verb, entry.to.path, args[arrow + 2]));
    if (is_directory_path(entry.to.path))
      return fail(Kind::invalid, fmt::format("replacement module directory path {} cannot have version",
                                             go_quote(entry.to.path)));
  }
  out.push_back(std::move(entry));
  return {};
}

Result<DirectiveReader::Interval> DirectiveReader::interval(std::string_view path,
                                                            std::span<std::string_view>& args, bool keep) {
  constexpr std::string_view k_verb = "retract";
  if (args.empty() || args[0] == "(") return fail(Kind::invalid, "expected '[' or version");
  if (args[0] != "[") {
    auto v = TRY(version(k_verb, path, args[0], keep));
    args = args.subspan(1);
    return Interval{v, v};
  }
  if (args.size() < 2) return fail(Kind::invalid, "expected version after '['");
  auto low = TRY(version(k_verb, path, args[1], keep));
  if (args.size() < 3 || args[2] != ",") return fail(Kind::invalid, "expected ',' after version");
  if (args.size() < 4) return fail(Kind::invalid, "expected version after ','");
  auto high = TRY(version(k_verb, path, args[3], keep));
  if (args.size() < 5 || args[4] != "]") return fail(Kind::invalid, "expected ']' after version");
  args = args.subspan(5);
  return Interval{std::move(low), std::move(high)};
}

void FileErrors::add(Position at, const Error& error) {
  if (!text_.empty()) text_ += '\n';
  text_ += error_text(file_, at, error.message());
  if (kind_ == Kind::invalid) kind_ = error.kind();
  if (hint_.empty()) hint_ = error.hint();
}

Error unknown_directive(std::string_view verb, const std::vector<std::string>& known) {
  constexpr std::size_t k_longest = 32;  // edit distances of hostile megabytes are not worth a hint
  const auto near = verb.size() <= k_longest ? closest(verb, known) : std::nullopt;
  return {Kind::invalid, fmt::format("unknown directive: {}", verb),
          near ? fmt::format("did you mean {}?", quote(*near)) : ""};
}

Error unknown_block(const LineBlock& block) {
  return {Kind::invalid, fmt::format("unknown block type: {}", fmt::join(block.tokens, " "))};
}

}  // namespace larder::gomod

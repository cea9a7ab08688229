// SPDX-License-Identifier: Apache-2.0
#include "cli/go_flags.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/goenv.hpp"

namespace larder::cli {

namespace {

const GoFlagSpec* find(const std::vector<GoFlagSpec>& specs, std::string_view name) {
  const auto it = std::find_if(specs.begin(), specs.end(), [&](const auto& s) { return s.name == name; });
  return it == specs.end() ? nullptr : &*it;
}

// As Go's strconv.ParseBool.
std::optional<std::string> bool_text(std::string_view text) {
  constexpr std::array<std::string_view, 6> k_true = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> k_false = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::find(k_true.begin(), k_true.end(), text) != k_true.end()) return "true";
  if (std::find(k_false.begin(), k_false.end(), text) != k_false.end()) return "false";
  return std::nullopt;
}

// The error is why it cannot have that value.
Result<void> set(GoArguments& out, const GoFlagSpec& spec, std::string_view value) {
  const auto text = spec.is_bool ? bool_text(value) : std::nullopt;
  const bool is_free = !spec.is_bool || spec.optional_value || (spec.or_auto && value == "auto");
  if (!text && !is_free)
    return fail(Kind::invalid, spec.or_auto ? "value is neither 'auto' nor a valid bool" : "parse error");
  if (const auto fault = spec.fault != nullptr ? spec.fault(value) : std::nullopt)
    return fail(Kind::invalid, *fault);
  out.flags[std::string(spec.name)] = text ? *text : std::string(value);
  return {};
}

std::string bad_value(const GoFlagSpec& spec, std::string_view value) {
  return fmt::format("invalid {}value {} for ", spec.is_bool ? "boolean " : "", quote(value));
}

// What go says of a flag in GOFLAGS, where it is none of the command line.
constexpr std::string_view k_from_goflags = " (from $GOFLAGS)";

Failure bad_goflag(std::string_view what, std::string_view name, std::string_view why = {}) {
  return fail(Kind::invalid,
              fmt::format("go: {} -{}{}{}{}", what, name, k_from_goflags, why.empty() ? "" : ": ", why));
}

// Of a flag that the command does not define. "-h" asks for the usage alone; "-C" comes first or not at all.
Failure unknown_flag(std::string_view name, std::optional<std::string_view> value) {
  if (name == "h" || name == "help") return fail(Kind::invalid, "");
  if (name != "C") return fail(Kind::invalid, "flag provided but not defined: -" + std::string(name));
  if (!value) return fail(Kind::invalid, "flag needs an argument: -C");
  return fail(Kind::invalid,
              "invalid value " + quote(*value) + " for flag -C: -C flag must be first flag on command line");
}

}  // namespace

bool GoArguments::has(std::string_view name) const {
  const auto it = flags.find(name);
  return it != flags.end() && it->second != "false";
}

std::string GoArguments::value(std::string_view name) const {
  const auto it = flags.find(name);
  return it == flags.end() ? "" : it->second;
}

namespace {

Result<void> check_no_late_flag(const std::vector<std::string>& words, const std::vector<GoFlagSpec>& specs) {
  for (const auto& word : words) {
    if (!word.starts_with('-')) continue;
    const auto bare = std::string_view(word).substr(word.starts_with("--") ? 2 : 1);
    const auto* spec = find(specs, bare.substr(0, bare.find('=')));
    if (spec != nullptr && spec->is_ours)
      return fail(Kind::invalid, fmt::format("flag --{} must stand before {}", spec->name, words.front()));
  }
  return {};
}

}  // namespace

Result<GoArguments> parse_go_flags(const std::vector<std::string>& words,
                                   const std::vector<GoFlagSpec>& specs, std::string_view goflags,
                                   const OnGoFlag& on_flag) {
  GoArguments out;
  const auto accept = [&](const GoFlagSpec& spec, std::string_view value) -> Result<void> {
    if (const auto done = set(out, spec, value); !done) {
      return fail(Kind::invalid, fmt::format("{}{}-{}: {}", bad_value(spec, value),
                                             spec.is_bool ? "" : "flag ", spec.name, done.error().message()));
    }
    if (on_flag) on_flag(spec.name, out.flags[std::string(spec.name)]);
    return {};
  };
  for (const auto& flag : TRY(gomod::parse_goflags(goflags))) {
    const auto* spec = find(specs, flag.name);
    if (spec == nullptr && flag.name == "C") {
      if (!flag.value) return bad_goflag("flag needs an argument:", flag.name);
      return bad_goflag(fmt::format("invalid value {} for flag", quote(*flag.value)), flag.name,
                        "-C flag must be first flag on command line");
    }
    if (spec == nullptr) continue;
    if (!flag.value && !spec->is_bool) return bad_goflag("flag needs an argument:", flag.name);
    const auto value = flag.value.value_or("true");
    if (const auto done = set(out, *spec, value); !done) {
      return bad_goflag(bad_value(*spec, value) + "flag", flag.name, done.error().message());
    }
    if (on_flag) on_flag(spec->name, out.flags[std::string(spec->name)]);
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--" || word.size() < 2 || word[0] != '-') {
      out.words.assign(words.begin() + static_cast<std::ptrdiff_t>(word == "--" ? i + 1 : i), words.end());
      if (word != "--") TRY(check_no_late_flag(out.words, specs));
      break;
    }
    const std::string_view bare = std::string_view(word).substr(word.starts_with("--") ? 2 : 1);
    const auto parts = cut(bare, "=");
    const auto name = parts ? parts->first : bare;
    const auto* spec = find(specs, name);
    if (spec == nullptr) {
      const bool next = !parts && i + 1 < words.size();
      return unknown_flag(name, parts  ? std::optional(parts->second)
                                : next ? std::optional<std::string_view>(words[i + 1])
                                       : std::nullopt);
    }
    if (parts) {
      TRY(accept(*spec, parts->second));
    } else if (spec->is_bool) {
      TRY(accept(*spec, "true"));
    } else if (i + 1 < words.size()) {
      TRY(accept(*spec, words[++i]));
    } else {
      return fail(Kind::invalid, "flag needs an argument: -" + std::string(name));
    }
  }
  return out;
}

}  // namespace larder::cli

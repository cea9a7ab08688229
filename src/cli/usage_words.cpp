// SPDX-License-Identifier: Apache-2.0
#include "cli/usage_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "sys/files.hpp"

namespace larder::cli {

namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

std::string extra_word(const CLI::App& app, const std::vector<std::string>& words) {
  for (const auto& word : app.remaining(true)) {
    if (!word.starts_with("-")) return fmt::format("unexpected argument {}", quote(word));
    const auto name = std::string(word.substr(0, word.find('=')));
    const auto near = closest(name, option_names(app));
    return fmt::format("unknown flag {}{}", name, near ? fmt::format(" (did you mean {}?)", *near) : "");
  }
  return words.empty() ? "unexpected argument" : fmt::format("unexpected argument {}", quote(words.back()));
}

// "Check foo value in {always->1,auto->0} OR {1,0} FAILED" -> "foo" is none of always, auto.
std::string none_of(std::string_view name, std::string_view what) {
  const auto begin = what.find('{');
  const auto end = what.find('}');
  std::vector<std::string> known;
  for (const auto pair : split(what.substr(begin + 1, end - begin - 1), ','))
    known.emplace_back(pair.substr(0, pair.find("->")));
  constexpr std::string_view k_check = "Check ";
  const auto value = what.substr(k_check.size(), what.find(" value in ") - k_check.size());
  return fmt::format("{}: {} is none of {}", name, quote(value), join(known, ", "));
}

// Of one option: NAME, and what the library says of it.
std::string of_option(std::string_view name, std::string_view what) {
  constexpr std::string_view k_value = "Value ";
  constexpr std::string_view k_range = " not in range ";
  if (what.ends_with(" missing")) return fmt::format("{} needs a value", name);
  if (what.starts_with("At Most 1 ")) return fmt::format("{} is given more than once", name);
  if (what.starts_with("Check ") && what.find("->") != std::string_view::npos) return none_of(name, what);
  const auto range = what.find(k_range);
  if (!what.starts_with(k_value) || range == std::string_view::npos) return fmt::format("{}: {}", name, what);
  return fmt::format("{}: {} is no number from {}", name,
                     quote(what.substr(k_value.size(), range - k_value.size())),
                     what.substr(range + k_range.size()));
}

}  // namespace

std::string in_our_words(const CLI::ParseError& error, const CLI::App& app,
                         const std::vector<std::string>& words) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return extra_word(app, words);
  const std::string_view text = error.what();
  if (const auto required = text.find(" is required"); required != std::string_view::npos) {
    const auto name = text.substr(0, required);
    return name.starts_with('-') ? std::string(text) : fmt::format("{} is required, and not given", name);
  }
  constexpr std::string_view k_convert = "Could not convert: ";
  if (text.starts_with(k_convert)) {
    const auto parts = cut(text.substr(k_convert.size()), " = ");
    if (parts) return fmt::format("{}: {} makes no sense there", parts->first, quote(parts->second));
  }
  const auto parts = cut(text, ": ");
  return parts ? of_option(parts->first, parts->second) : std::string(text);
}

std::optional<std::string> empty_word(const std::vector<std::string>& words) {
  const auto at = std::ranges::find(words, "");
  if (at == words.end()) return std::nullopt;
  const bool of_flag = at != words.begin() && (at - 1)->starts_with('-');
  return "an argument is empty" + (of_flag ? " behind " + *(at - 1) : std::string());
}

std::optional<std::string> no_dashes(std::string_view command, const std::vector<std::string>& words) {
  const auto is_plain = [](const std::string& word) { return !word.starts_with('-'); };
  const auto first = std::ranges::find_if(words, is_plain);
  if (first == words.end() || (sys::is_dir(*first) && first + 1 == words.end())) return std::nullopt;
  const auto from = sys::is_dir(*first) ? first + 1 : first;
  if (from == words.end() || !is_plain(*from)) return std::nullopt;
  const std::vector<std::string> project(first, from);
  return fmt::format("put -- before the command: larder {}{} -- {}", command,
                     project.empty() ? "" : " " + project.front(),
                     join(std::vector<std::string>(from, words.end()), " "));
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "gomod/toolchain.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/goversion.hpp"
#include "gomod/quoting.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
using goversion::compare;
using Upgrade = ToolchainSetting::Upgrade;

Failure invalid_setting(std::string_view setting, std::string_view why) {
  return fail(Kind::invalid, fmt::format("invalid GOTOOLCHAIN {}{}", go_quote(setting), why));
}
}  // namespace

Result<ToolchainSetting> parse_gotoolchain(std::string_view setting, std::string_view local) {
  ToolchainSetting out{std::string(local), "go" + std::string(local), Upgrade::never};
  if (setting.empty() || setting == "local") return out;
  if (setting == "auto" || setting == "path") {
    out.upgrade = setting == "auto" ? Upgrade::automatic : Upgrade::path;
    return out;
  }
  const auto parts = cut(setting, "+");
  const auto name = parts ? parts->first : setting;
  if (name != "local") {
    out.minimum = goversion::from_toolchain(name);
    out.name = name;
    if (out.minimum.empty())
      return invalid_setting(setting,
                             parts ? fmt::format(": invalid minimum toolchain {}", go_quote(name)) : "");
  }
  if (!parts) return out;
  if (parts->second != "auto" && parts->second != "path")
    return invalid_setting(setting, ": only version suffixes are +auto and +path");
  out.upgrade = parts->second == "auto" ? Upgrade::automatic : Upgrade::path;
  return out;
}

std::string_view look_up_line(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = trim_space(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    if (!line.starts_with(' ') && !line.starts_with('\t')) continue;
    return trim_space(line.substr(0, line.find("//")));
  }
  return {};
}

Result<SelectedToolchain> select_toolchain(const ToolchainSetting& setting, std::string_view go_line,
                                           std::string_view toolchain_line) {
  SelectedToolchain chosen{setting.minimum, setting.name};
  if (setting.upgrade == Upgrade::never || toolchain_line == "default") return chosen;
  if (!toolchain_line.empty()) {
    const auto version = goversion::from_toolchain(toolchain_line);
    if (version.empty())
      return fail(Kind::invalid, fmt::format("invalid toolchain {}", go_quote(toolchain_line)));
    if (compare(version, chosen.version) > 0)
      chosen = {.version = std::string(version), .name = std::string(toolchain_line)};
  }
  if (compare(go_line, chosen.version) > 0) {
    chosen.version = go_line;
    // There is no release "1.22": the first one is 1.22.0.
    if (goversion::is_lang(go_line) && compare(go_line, "1.21") >= 0) chosen.version += ".0";
    chosen.name = "go" + chosen.version;
  }
  return chosen;
}

Result<std::string> newer_release(std::string_view need, std::span<const std::string> versions) {
  std::vector<std::string_view> newest_first(versions.begin(), versions.end());
  std::sort(newest_first.begin(), newest_first.end(),
            [](std::string_view a, std::string_view b) { return compare(a, b) > 0; });
  std::string_view best;
  for (const auto version : newest_first) {
    if (compare(version, need) < 0) break;
    if (!best.empty() && goversion::lang(best) == goversion::lang(version)) continue;
    const auto newer = std::exchange(best, version);
    if (!newer.empty() && !goversion::is_prerelease(newer)) break;
  }
  if (best.empty()) return fail(Kind::not_found, fmt::format("no releases found for go >= {}", need));
  return std::string(best);
}

Result<Module> toolchain_download(std::string_view name, std::string_view platform) {
  const auto system = cut(platform, "-");
  const auto is_name = [](std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(),
                                        [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); });
  };
  if (!system || !is_name(system->first) || !is_name(system->second))
    return fail(Kind::invalid, fmt::format("invalid platform {}", go_quote(platform)),
                "write it as GOOS-GOARCH: linux-amd64");
  Module out{std::string(k_toolchain_module), fmt::format("v0.0.1-{}.{}", name, platform)};
  if (goversion::from_toolchain(name).empty() || !check_canonical(out))
    return fail(Kind::invalid, fmt::format("invalid toolchain {}", go_quote(name)));
  return out;
}

std::string_view release_of_download(std::string_view version) {
  const auto parts = cut(version, "-");
  if (!parts) return {};
  const auto dot = parts->second.rfind('.');
  if (dot == std::string_view::npos || parts->second.find('-', dot) == std::string_view::npos) return {};
  const auto release = parts->second.substr(0, dot);
  return release.starts_with("go") ? release.substr(2) : release;
}

namespace {
constexpr std::string_view k_requires = " requires go >= ";

std::string running(std::string_view local, std::string_view note) {
  return fmt::format(" (running go {}{})", local, note);
}
}  // namespace

std::string too_new_text(const TooNew& about, std::string_view local, std::string_view note) {
  return about.what + std::string(k_requires) + about.go + running(local, note);
}

std::optional<TooNew> read_too_new(std::string_view text, std::string_view local, std::string_view note) {
  const auto end = running(local, note);
  if (!text.ends_with(end)) return std::nullopt;
  text.remove_suffix(end.size());
  const auto at = text.rfind(k_requires);
  if (at == std::string_view::npos) return std::nullopt;
  const auto go = text.substr(at + k_requires.size());
  auto what = text.substr(0, at);
  if (const auto before = what.rfind(": "); before != std::string_view::npos) what.remove_prefix(before + 2);
  if (!goversion::valid(go)) return std::nullopt;
  return TooNew{std::string(what), std::string(go)};
}

}  // namespace larder::gomod

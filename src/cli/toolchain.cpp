// SPDX-License-Identifier: Apache-2.0
#include "cli/toolchain.hpp"

#include <fmt/format.h>

#include "app/locate.hpp"
#include "base/text.hpp"
#include "cli/go_files.hpp"
#include "cli/wiring.hpp"
#include "fetch/chain.hpp"
#include "gomod/goversion.hpp"
#include "gomod/toolchain.hpp"

namespace larder::cli {

namespace {
using gomod::goversion::compare;
using Upgrade = gomod::ToolchainSetting::Upgrade;

constexpr std::string_view k_newest_rules = "1.28";  // below this, Larder knows what to do
using gomod::k_toolchain_module;

// Go's own tests act as if every toolchain were at hand; with this they say so.
bool has_every_toolchain(const Session& session) {
  const auto& environment = session.config.environment;
  const auto at = environment.find("TESTGO_VERSION_SWITCH");
  return at != environment.end() && at->second == "switch";
}

bool can_go_on_as(const Session& session, std::string_view version) {
  return has_every_toolchain(session) || compare(version, k_newest_rules) < 0;
}

Result<gomod::ToolchainSetting> setting_of(const Session& session) {
  return gomod::parse_gotoolchain(session.config.go.get("GOTOOLCHAIN"), session.config.go.go_version());
}

// The go.work in use if it exists, else the go.mod above; empty where there is neither.
Result<sys::Path> deciding_file(const Session& session, const sys::Path& cwd) {
  const auto& go = session.config.go;
  const auto work = TRY(app::find_work_file(cwd, go.get("GOWORK"), go.goroot()));
  if (work && sys::is_file(*work)) return *work;
  const auto root = app::find_module_root(cwd);
  return root ? *root / "go.mod" : sys::Path();
}
// Where no look-up is allowed, go does not name the module that it did not look up.
Error without_module(const Error& error) {
  const std::string prefix = std::string(k_toolchain_module) + ": ";
  const bool names_it = fetch::lookup_disabled(error) && error.message().starts_with(prefix);
  return {error.kind(), names_it ? error.message().substr(prefix.size()) : error.message(), error.hint()};
}
}  // namespace

Result<void> select_go_version(Session& session) {
  if (!selects_toolchain(session)) return {};
  const auto cwd = app::working_directory(session.config.environment);
  const auto setting = TRY(setting_of(session));
  auto version = setting.minimum;
  auto name = setting.name;
  if (setting.upgrade != Upgrade::never) {
    const auto file = TRY(deciding_file(session, cwd));
    if (!file.empty()) {
      const auto text = TRY(sys::read_file(file));
      auto selected = gomod::select_toolchain(setting, gomod::look_up_line(text, "go"),
                                              gomod::look_up_line(text, "toolchain"));
      if (!selected)
        return fail(Kind::invalid,
                    fmt::format("{} in {}", selected.error().message(), app::short_path(file, cwd)));
      version = std::move(selected->version);
      name = std::move(selected->name);
    }
  }
  const bool is_local = name == "go" + session.config.go.go_version();
  if (!is_local && !name.starts_with("go1") && name.find("-go1") == std::string::npos)
    return fail(Kind::invalid, "invalid GOTOOLCHAIN " + quote(name));
  if (version != session.config.go.go_version() && can_go_on_as(session, version))
    session.config.go.go_on_as(version);
  return {};
}

namespace {

Result<std::vector<std::string>> listed_releases(const Session& session) {
  auto settings = fetch_settings(session);
  if (settings.goproxy.empty()) settings.goproxy = "off";
  const auto upstream = TRY(open_upstream(session, settings));
  const auto downloads = upstream.source->list(std::string(k_toolchain_module), session.stop);
  if (!downloads) return fail(without_module(downloads.error()));
  std::vector<std::string> out;
  for (const auto& download : *downloads)
    if (const auto release = gomod::release_of_download(download); !release.empty())
      out.emplace_back(release);
  return out;
}

// Programs named go1.21.3 and the like.
std::vector<std::string> releases_on_path(const Session& session) {
  const auto& environment = session.config.environment;
  const auto path = environment.find("PATH");
  std::vector<std::string> out;
  if (path == environment.end()) return out;
  for (const auto folder : split(path->second, ':')) {
    const auto entries = sys::list_dir(sys::Path(folder));
    if (folder.empty() || !entries) continue;
    for (const auto& entry : *entries) {
      if (entry.is_dir || !entry.name.starts_with("go1.") || !sys::find_program(entry.name, environment))
        continue;
      if (const auto version = gomod::goversion::from_toolchain(entry.name); !version.empty())
        out.emplace_back(version);
    }
  }
  return out;
}

Result<std::string> upgrade_go_version(Session& session, Upgrade how, std::string_view need) {
  auto releases = how == Upgrade::path ? releases_on_path(session) : TRY(listed_releases(session));
  releases.push_back(session.config.go.go_version());
  auto chosen = TRY(gomod::newer_release(need, releases));
  if (!can_go_on_as(session, chosen))
    return fail(Kind::unavailable, fmt::format("larder does not know the rules of go {}", chosen));
  session.config.go.go_on_as(chosen);
  return chosen;
}

std::optional<gomod::TooNew> too_new(const Session& session, const Error& error) {
  return gomod::read_too_new(error.message(), session.config.go.go_version(), toolchain_note(session));
}

}  // namespace

bool wants_newer_go(const Session& session, const Error& error) {
  const auto setting = setting_of(session);
  return setting && setting->upgrade != Upgrade::never && too_new(session, error);
}

std::optional<int> switch_go(Session& session, std::span<const Error> errors) {
  const auto setting = setting_of(session);
  if (!setting || setting->upgrade == Upgrade::never) return std::nullopt;
  std::optional<gomod::TooNew> highest;
  for (const auto& error : errors) {
    auto about = too_new(session, error);
    if (!about) continue;
    const int order = highest ? compare(about->go, highest->go) : 1;
    if (order > 0 || (order == 0 && about->what < highest->what)) highest = std::move(about);
  }
  if (!highest) return std::nullopt;
  const auto release = upgrade_go_version(session, setting->upgrade, highest->go);
  if (release) {
    session.note(
        fmt::format("{} requires go >= {}; switching to go{}", highest->what, highest->go, *release));
    return k_again;
  }
  for (const auto& error : errors) session.complain(error);
  session.complain(Error(release.error()).with(fmt::format("switching to go >= {}", highest->go)));
  return k_failed;
}

}  // namespace larder::cli

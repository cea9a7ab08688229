// SPDX-License-Identifier: Apache-2.0
#include "app/prove.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "gomod/escape.hpp"
#include "gomod/toolchain.hpp"
#include "sys/fd.hpp"
#include "sys/sandbox.hpp"

namespace larder::app {

namespace {

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const std::string digits = lower_ascii(text.substr(i + 1, 2));
      constexpr std::string_view k_hex = "0123456789abcdef";
      const auto high = k_hex.find(digits[0]);
      const auto low = k_hex.find(digits[1]);
      if (high != std::string_view::npos && low != std::string_view::npos) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

// "/example.com/m/@v/v1.0.0.zip" -> the module it belongs to.
std::optional<gomod::Module> module_of(std::string_view target) {
  const auto parts = cut(target, "/@v/");
  if (!parts) {
    const auto latest = cut(target, "/@latest");
    const auto path = latest ? gomod::unescape_path(latest->first.substr(1)) : fail(Kind::invalid, "");
    return path ? std::optional(gomod::Module{*path, ""}) : std::nullopt;
  }
  const auto path = gomod::unescape_path(parts->first.substr(parts->first.starts_with('/') ? 1 : 0));
  if (!path) return std::nullopt;
  if (parts->second == "list") return gomod::Module{*path, ""};
  const auto dot = parts->second.rfind('.');
  const auto version = gomod::unescape_version(parts->second.substr(0, dot));
  return version ? std::optional(gomod::Module{*path, *version}) : std::nullopt;
}

// "download go1.26.8 for linux/amd64: toolchain not available"
void add_missing_toolchains(std::string_view text, std::set<gomod::Module>& found) {
  for (const auto line : lines(text)) {
    const auto said = cut(line, ": toolchain not available");
    const auto at = line.find("download ");
    if (!said || at == std::string_view::npos) continue;
    const auto words = fields(said->first.substr(at));
    if (words.size() != 4 || words[2] != "for") continue;
    const auto system = cut(words[3], "/");
    if (!system) continue;
    const auto platform = fmt::format("{}-{}", system->first, system->second);
    if (auto module = gomod::toolchain_download(words[1], platform)) found.insert(*std::move(module));
  }
}

constexpr std::string_view k_url_end = " \t\r\n\"'";

sys::Environment prepare_environment(const ProveOptions& options, const sys::Path& fresh) {
  auto out = options.environment;
  for (const auto& [name, value] : options.go_settings) {
    if (!value.empty()) out[name] = value;
  }
  if (!options.keep_caches) {
    out["HOME"] = fresh / "home";
    out["GOPATH"] = fresh / "gopath";
    out["GOMODCACHE"] = fresh / "modcache";
    out["GOCACHE"] = fresh / "gocache";
    out["XDG_CACHE_HOME"] = fresh / "home/.cache";
    out["XDG_CONFIG_HOME"] = fresh / "home/.config";
    out["TMPDIR"] = fresh / "tmp";
    out.erase("GOENV");
  }
  out["GOPROXY"] = file_url(options.store / "go");
  out["GONOPROXY"] = "none";  // with GOPRIVATE set, private modules too come from the store
  return out;
}

constexpr std::string_view k_prefix = "larder-prove-";

// An open folder that nobody else holds; nullopt: somebody does, or it is gone.
std::optional<sys::Fd> hold(const sys::Path& folder) {
  sys::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  struct stat held{};
  struct stat named{};
  const bool same = ::fstat(fd.get(), &held) == 0 && ::lstat(folder.c_str(), &named) == 0 &&
                    held.st_ino == named.st_ino && held.st_dev == named.st_dev;
  if (!same || held.st_uid != ::geteuid()) return std::nullopt;
  return fd;
}

// What runs left behind that were killed: nobody holds it.
void sweep(const sys::Path& parent) {
  const auto entries = sys::list_dir(parent);
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (!entry.is_dir || !entry.name.starts_with(k_prefix)) continue;
    if (const auto held = hold(parent / entry.name)) {
      static_cast<void>(sys::remove_tree(parent / entry.name).has_value());
    }
  }
}

// The empty HOME and caches of one run. Held for as long as it lives, so that no other run sweeps it.
struct Fresh {
  sys::TempDir folder;
  sys::Fd held;

  static Result<Fresh> create() {
    for (int attempt = 0; attempt < 100; ++attempt) {
      auto folder = TRY(sys::TempDir::create(k_prefix));
      auto held = hold(folder.path());
      if (!held) continue;  // the sweep of another run came between
      sweep(folder.path().parent_path());
      return Fresh{std::move(folder), *std::move(held)};
    }
    return fail(Kind::unavailable, "other runs of prove remove what this one makes");
  }
};

}  // namespace

// A comma separates the proxies of GOPROXY.
std::string file_url(const sys::Path& absolute) {
  std::string out = "file://";
  for (const char c : absolute.native()) {
    const bool plain = is_digit(c) || (to_lower_ascii(c) >= 'a' && to_lower_ascii(c) <= 'z') ||
                       std::string_view("/-._~!$&'()*+;=:@").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::vector<gomod::Module> missing_modules(std::string_view text, std::string_view proxy_url) {
  std::set<gomod::Module> found;
  const std::string needle = "reading " + std::string(proxy_url);
  for (auto at = text.find(needle); at != std::string_view::npos; at = text.find(needle, at + 1)) {
    const auto rest = text.substr(at + needle.size());
    auto target = rest.substr(0, rest.find_first_of(k_url_end));
    if (target.ends_with(':')) target.remove_suffix(1);
    if (const auto module = module_of(percent_decode(target))) found.insert(*module);
  }
  add_missing_toolchains(text, found);
  return {found.begin(), found.end()};
}

Result<ProveReport> prove(const ProveOptions& options, std::stop_token stop) {
  TRY(sys::sandbox_available());
  const auto fresh = TRY(Fresh::create());
  const auto& folder = fresh.folder.path();
  for (const auto* name : {"home", "gopath", "modcache", "gocache", "tmp"})
    TRY(sys::make_dirs(folder / name));
  const sys::Command command{.argv = options.command,
                             .environment = prepare_environment(options, folder),
                             .directory = options.project};
  const auto outcome = TRY(sys::run_in_sandbox(
      command, {.streams = sys::Streams::tee, .read_only = {options.store}, .stop = std::move(stop)}));
  ProveReport report;
  report.exit_code = outcome.exit_code;
  if (outcome.exit_code != 0) {
    report.missing = missing_modules(outcome.err + "\n" + outcome.out, file_url(options.store / "go"));
  }
  return report;
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "cli/go_environment.hpp"

#include <array>
#include <filesystem>

#include "base/text.hpp"
#include "gomod/goenv.hpp"

namespace larder::cli {

namespace {

// Newest Go release whose rules this program follows where no go command can be asked.
constexpr std::string_view k_known_go_version = "1.26.8";

constexpr std::array<std::string_view, 22> k_names = {
    "GOPROXY",    "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB",   "GOINSECURE",  "GOVCS",       "GOAUTH",
    "GOMODCACHE", "GOPATH",    "GOROOT",    "GOFLAGS", "GOENV",       "GOTOOLCHAIN", "GO111MODULE", "GOWORK",
    "NETRC",      "GOCACHE",   "GOOS",      "GOARCH",  "CGO_ENABLED", "CC",
};

std::string value_or(const sys::Environment& environment, const std::string& name,
                     const std::string& fallback) {
  const auto it = environment.find(name);
  return it != environment.end() && !it->second.empty() ? it->second : fallback;
}

sys::Path config_dir(const sys::Environment& environment) {
  const auto home = value_or(environment, "HOME", "");
  return value_or(environment, "XDG_CONFIG_HOME", home.empty() ? "" : home + "/.config");
}

// The folder above bin/go, links resolved; only if it looks like a Go tree.
sys::Path find_goroot(const sys::Environment& environment) {
  if (const auto named = value_or(environment, "GOROOT", ""); !named.empty()) return named;
  const auto program = sys::find_program("go", environment);
  if (!program) return {};
  std::error_code failed;
  const auto real = std::filesystem::canonical(*program, failed);
  if (failed) return {};
  const auto root = real.parent_path().parent_path();
  return sys::is_file(root / "VERSION") ? root : sys::Path();
}

// $GOROOT/VERSION begins "go1.26.8\n".
GoSetting find_go_version(const sys::Environment& environment, const sys::Path& goroot) {
  const auto strip = [](std::string_view text) {
    const auto line = trim(text.substr(0, text.find('\n')));
    return std::string(line.starts_with("go") ? line.substr(2) : line);
  };
  if (const auto named = value_or(environment, "LARDER_GOVERSION", ""); !named.empty()) {
    return {strip(named), "environment"};
  }
  if (!goroot.empty()) {
    if (const auto text = sys::read_file(goroot / "VERSION", 4096)) return {strip(*text), goroot / "VERSION"};
  }
  return {std::string(k_known_go_version), "default"};
}

std::string first_gopath(const std::string& gopath) {
  return std::string(split(gopath, ':').front());
}

std::optional<Error> gopath_fault(const std::string& gopath) {
  for (const auto entry : split(gopath, ':')) {
    if (entry.empty() || entry.front() == '/') continue;
    if (entry.front() == '~') {
      return Error(Kind::invalid, "GOPATH entry cannot start with shell metacharacter '~': " + quote(entry));
    }
    return Error(Kind::invalid, "GOPATH entry is relative; must be absolute path: " + quote(entry) +
                                    ".\nFor more details see: 'go help gopath'");
  }
  return std::nullopt;
}

}  // namespace

Result<GoEnvironment> GoEnvironment::load(const sys::Environment& environment) {
  GoEnvironment out;
  out.goroot_ = find_goroot(environment);
  out.go_version_ = find_go_version(environment, out.goroot_);
  const auto add_file = [&](const sys::Path& file) -> Result<void> {
    if (file.empty()) return {};
    const auto text = TRY(sys::read_file_if_exists(file, 1U << 20U));
    if (!text) return {};
    for (const auto& [name, value] : gomod::parse_go_env(*text)) {
      if (!value.empty()) out.settings_[name] = {value, file.native()};
    }
    return {};
  };
  if (!out.goroot_.empty()) {
    TRY(add_file(out.goroot_ / "go.env"));
    out.settings_["GOROOT"] = {out.goroot_.native(), "go command"};
  }
  const auto default_file =
      config_dir(environment).empty() ? sys::Path() : config_dir(environment) / "go" / "env";
  const auto goenv = value_or(environment, "GOENV", default_file.native());
  if (goenv != "off") TRY(add_file(goenv));
  for (const auto name : k_names) {
    if (auto value = value_or(environment, std::string(name), ""); !value.empty()) {
      out.settings_[std::string(name)] = {std::move(value), "environment"};
    }
  }
  const auto fallback = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) out.settings_.try_emplace(name, GoSetting{value, "default"});
  };
  const auto home = value_or(environment, "HOME", "");
  if (const auto named = value_or(environment, "LARDER_GOVERSION", ""); !named.empty()) {
    const auto digit = named.find_first_of("0123456789");
    if (digit != 0 && !(digit == 2 && named.starts_with("go")))
      return fail(Kind::invalid, "LARDER_GOVERSION: " + quote(named) + " is no Go version such as go1.26.8");
  }
  fallback("GOENV", goenv);
  fallback("GOPATH", home.empty() ? "" : home + "/go");
  if (const auto gopath = first_gopath(out.get("GOPATH")); !gopath.empty())
    fallback("GOMODCACHE", gopath + "/pkg/mod");
  fallback("NETRC", home.empty() ? "" : home + "/.netrc");
  fallback("GOAUTH", "netrc");
  fallback("GOTOOLCHAIN", "auto");
  if (const auto fault = gopath_fault(out.get("GOPATH"))) {
    out.refused_.push_back({"GOPATH", *fault});
  } else if (const auto& cache = out.get("GOMODCACHE"); !cache.empty() && cache.front() != '/') {
    out.refused_.push_back(
        {"GOMODCACHE",
         {Kind::invalid, "GOMODCACHE entry is relative; must be absolute path: " + quote(cache) + "."}});
  }
  const auto flags = gomod::parse_goflags(out.get("GOFLAGS"));
  const auto checked = flags ? gomod::check_goflags(*flags) : fail(flags.error());
  if (!checked) out.refused_.push_back({"GOFLAGS", checked.error()});
  return out;
}

const std::string& GoEnvironment::get(const std::string& name) const {
  static const std::string k_empty;
  const auto it = settings_.find(name);
  return it == settings_.end() ? k_empty : it->second.value;
}

std::vector<std::pair<std::string, GoSetting>> GoEnvironment::all() const {
  std::vector<std::pair<std::string, GoSetting>> out;
  for (const auto name : k_names) {
    const auto it = settings_.find(std::string(name));
    out.emplace_back(name, it == settings_.end() ? GoSetting{"", "unset"} : it->second);
  }
  out.emplace_back("GOVERSION", GoSetting{"go" + go_version_.value, go_version_.source});
  return out;
}

bool GoEnvironment::goflags_has(const std::string& flag) const {
  const auto value = goflags_value(flag);
  return !value.empty() && value != "false" && value != "0";
}

std::string GoEnvironment::goflags_value(const std::string& flag) const {
  const auto flags = gomod::parse_goflags(get("GOFLAGS"));
  std::string out;
  if (!flags) return out;
  for (const auto& item : *flags) {
    if (item.name == flag) out = item.value.value_or("true");
  }
  return out;
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/doctor_probes.hpp"
#include "cli/shown_setting.hpp"
#include "fetch/gosumdb.hpp"
#include "gomod/glob.hpp"
#include "gomod/goproxy.hpp"
#include "gomod/goversion.hpp"

namespace larder::cli {

namespace {

GoSetting setting(const Patient& patient, std::string_view name) {
  for (const auto& [known, found] : patient.session.config.go.all()) {
    if (known == name) return found;
  }
  return {};
}

// How the value goes away, by where it came from.
std::string unset(const Patient& patient, std::string_view name) {
  const auto found = setting(patient, name);
  if (found.source == "environment") return fmt::format("unset {}", name);
  if (found.source == setting(patient, "GOENV").value) return fmt::format("go env -u {}", name);
  return fmt::format("remove {} from {}", name, found.source);
}

std::string shown(const Patient& patient, std::string_view name) {
  const auto found = setting(patient, name);
  return fmt::format("{}={} ({})", name, shown_setting(name, found.value), found.source);
}

// In single quotes, for sh; none of these values holds one.
std::string exported(std::string_view name, std::string_view value) {
  return fmt::format("export {}='{}'", name, value);
}

// The other flags stay. Those with quotes are not taken apart.
std::string without_flag(const Patient& patient, std::string_view flag) {
  const auto found = setting(patient, "GOFLAGS");
  if (found.source != "environment" || found.value.find_first_of("'\"") != std::string::npos)
    return unset(patient, "GOFLAGS");
  std::vector<std::string> rest;
  for (const auto one : fields(found.value)) {
    if (one != flag && one != "-" + std::string(flag)) rest.emplace_back(one);
  }
  return rest.empty() ? unset(patient, "GOFLAGS") : exported("GOFLAGS", join(rest, " "));
}

// Nothing else runs with them: neither go nor another command of larder.
void look_at_refused(const Patient& patient, Findings& out) {
  for (const auto& [name, error] : patient.session.config.go.refused()) {
    out.add(fmt::format("{}: {}", shown(patient, name), error.message()),
            "go and larder refuse to run at all", unset(patient, name));
  }
}

void look_at_goflags(const Patient& patient, Findings& out) {
  const auto& go = patient.session.config.go;
  if (go.goflags_value("mod") == "mod") {
    out.add(shown(patient, "GOFLAGS"),
            "-mod=mod has every build change go.mod and go.sum, and passes over vendor folders",
            without_flag(patient, "-mod=mod"));
  }
}

void look_at_modules(const Patient& patient, Findings& out) {
  if (setting(patient, "GO111MODULE").value != "off") return;
  out.add(shown(patient, "GO111MODULE"), "without modules nothing of go.mod and go.sum is in force",
          unset(patient, "GO111MODULE"));
}

void look_at_gosumdb(const Patient& patient, Findings& out) {
  const auto found = setting(patient, "GOSUMDB");
  if (found.value == "off") {
    out.add(shown(patient, "GOSUMDB"),
            "nothing vouches for a module that go.sum does not have: whatever the proxy says comes in",
            unset(patient, "GOSUMDB"));
  } else if (!found.value.empty()) {
    const auto parsed = fetch::parse_gosumdb(found.value);
    if (!parsed)
      out.add(fmt::format("{}: {}", shown(patient, "GOSUMDB"), parsed.error().message()),
              "every check against the checksum database fails", unset(patient, "GOSUMDB"));
  }
}

// Patterns that match a path which nobody can have in mind match all.
void look_at_exemptions(const Patient& patient, Findings& out) {
  struct Row {
    std::string_view name;
    std::string_view why;
  };
  static constexpr std::array<Row, 4> k_rows = {{
      {"GONOSUMDB", "no module is checked against the checksum database"},
      {"GOPRIVATE", "no module comes from a proxy or is checked against the checksum database"},
      {"GONOPROXY", "no module comes from a proxy: all come straight from version control"},
      {"GOINSECURE", "nobody's certificate is verified, and http will do: anybody on the way can answer"},
  }};
  for (const auto& [name, why] : k_rows) {
    const auto value = setting(patient, name).value;
    if (!gomod::match_prefix_patterns(value, "larder-doctor.invalid/a/b")) continue;
    const bool here = setting(patient, name).source == "environment";  // go env -w would be overruled by it
    out.add(fmt::format("{} matches every module", shown(patient, name)), why,
            here ? unset(patient, name)
                 : fmt::format("go env -w {}=your.example.com/*, or {}", name, unset(patient, name)));
  }
}

void look_at_goinsecure(const Patient& patient, Findings& out) {
  const auto value = setting(patient, "GOINSECURE").value;
  if (value.empty() || gomod::match_prefix_patterns(value, "larder-doctor.invalid/a/b")) return;
  out.add(shown(patient, "GOINSECURE"),
          "certificates of these modules' hosts are not verified, and http will do; an authority of your own "
          "is named by SSL_CERT_FILE",
          unset(patient, "GOINSECURE"));
}

void look_at_goproxy(const Patient& patient, Findings& out) {
  const auto found = setting(patient, "GOPROXY");
  if (found.value.empty()) {
    out.add("GOPROXY is not set", "nothing can be stocked: Larder has no upstream of its own",
            "go env -w GOPROXY=https://goproxy.example.com");
    return;
  }
  const auto entries = gomod::parse_goproxy(found.value, "");
  if (!entries) {
    out.add(fmt::format("GOPROXY ({}): {}", found.source, entries.error().message()),
            "nothing can be fetched", unset(patient, "GOPROXY"));
    return;
  }
  for (const auto& entry : *entries) {
    const auto loopback = {"http://127.", "http://localhost", "http://[::1]"};
    if (!entry.url.starts_with("http://")) continue;
    if (std::ranges::any_of(loopback, [&](const char* own) { return entry.url.starts_with(own); })) continue;
    out.add(fmt::format("GOPROXY ({}) names {}", found.source, gomod::redact_url(entry.url)),
            "over http anybody on the way can answer, and credentials are not sent",
            "name it with https:// in GOPROXY");
  }
}

// The value of GOAUTH, without starting anything it names.
void look_at_goauth(const Patient& patient, Findings& out) {
  const auto value = setting(patient, "GOAUTH").value;
  const auto methods = split(value, ';');
  std::string wrong;
  for (const auto method : methods) {
    const auto words = fields(method);
    if (words.empty()) {
      wrong = "holds an empty method";
    } else if (words[0] == "off" && methods.size() > 1) {
      wrong = "combines off with other methods";
    } else if (words[0] == "git" && (words.size() != 2 || !words[1].starts_with('/'))) {
      wrong = "has git without one absolute folder";
    } else if (words[0] == "git" && !sys::is_dir(std::string(words[1]))) {
      wrong = fmt::format("names {}, which is no folder", words[1]);
    } else if (words[0] != "off" && words[0] != "netrc" && words[0] != "git" && words[0].front() != '"' &&
               words[0].front() != '\'' && !sys::find_program(words[0], patient.session.config.environment)) {
      wrong = fmt::format("names the program {}, which is not there", words[0]);
    }
  }
  if (wrong.empty()) return;
  out.add(fmt::format("{} {}", shown(patient, "GOAUTH"), wrong),
          "requests over https fail, or go out without a user", unset(patient, "GOAUTH"));
}

// local, auto, path or a toolchain, and "+auto" or "+path" after it.
void look_at_toolchain(const Patient& patient, Findings& out) {
  const std::string value = setting(patient, "GOTOOLCHAIN").value;
  const auto parts = cut(value, "+").value_or(std::pair(std::string_view(value), std::string_view("auto")));
  const auto& [name, then] = parts;
  const bool word = name == "local" || name == "auto" || name == "path";
  const bool known = word || !gomod::goversion::from_toolchain(name).empty();
  if (value.empty() || (known && (then == "auto" || then == "path"))) return;
  out.add(shown(patient, "GOTOOLCHAIN") + " is no toolchain", "go runs no command at all",
          unset(patient, "GOTOOLCHAIN"));
}

void look_at_home(const Patient& patient, Findings& out) {
  if (!setting(patient, "GOMODCACHE").value.empty()) return;
  out.add("none of HOME, GOPATH and GOMODCACHE is set", "go and restore have no module cache",
          "export HOME=\"$(getent passwd \"$(id -u)\" | cut -d: -f6)\"");
}

}  // namespace

std::span<const Probe> setting_probes() {
  static constexpr std::array<Probe, 10> k_probes = {{
      {"refused", "settings that go refuses", look_at_refused},
      {"goflags", "flags that change files behind one's back", look_at_goflags},
      {"modules", "GO111MODULE", look_at_modules},
      {"gosumdb", "is the checksum database on", look_at_gosumdb},
      {"exemptions", "patterns that match every module", look_at_exemptions},
      {"goinsecure", "hosts that need no certificate", look_at_goinsecure},
      {"goproxy", "the list of proxies", look_at_goproxy},
      {"goauth", "who knows the credentials", look_at_goauth},
      {"toolchain", "GOTOOLCHAIN", look_at_toolchain},
      {"home", "is there a module cache", look_at_home},
  }};
  return k_probes;
}

}  // namespace larder::cli

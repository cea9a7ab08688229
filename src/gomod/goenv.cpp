// SPDX-License-Identifier: Apache-2.0
#include "gomod/goenv.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/quoted.hpp"
#include "base/text.hpp"

namespace larder::gomod {

namespace {
// Every flag that some command of go 1.26 defines: those may stand in GOFLAGS whatever the command is.
// Sorted.
// clang-format off
constexpr std::array<std::string_view, 150> k_go_flags = {
    "C", "a", "artifacts", "asan", "asmflags", "bench", "benchmem", "benchtime", "blockprofile",
    "blockprofilerate", "buildmode", "buildvcs", "c", "cache", "changed", "compat", "compiled", "compiler",
    "count", "cover", "covermode", "coverpkg", "coverprofile", "cpu", "cpuprofile", "debug-actiongraph",
    "debug-runtime-trace", "debug-trace", "deps", "diff", "dropexclude", "dropgodebug", "dropignore",
    "dropreplace", "droprequire", "dropretract", "droptool", "dropuse", "e", "exclude", "exec", "export",
    "f", "failfast", "find", "fix", "fixtool", "fmt", "fullpath", "fuzz", "fuzzcache", "fuzzminimizetime",
    "fuzztime", "gccgoflags", "gcflags", "go", "godebug", "i", "ignore", "insecure", "installsuffix",
    "json", "ldflags", "linkshared", "list", "m", "memprofile", "memprofilerate", "mod", "modcache",
    "modcacherw", "modfile", "module", "msan", "mutexprofile", "mutexprofilefraction", "n", "o",
    "outputdir", "overlay", "p", "parallel", "pgo", "pkgdir", "print", "r", "race", "replace", "require",
    "retract", "retracted", "reuse", "run", "short", "shuffle", "skip", "t", "tags", "test",
    "test.artifacts", "test.bench", "test.benchmem", "test.benchtime", "test.blockprofile",
    "test.blockprofile", "test.blockprofilerate", "test.blockprofilerate", "test.count",
    "test.coverprofile", "test.cpu", "test.cpuprofile", "test.cpuprofile", "test.failfast", "test.fullpath",
    "test.fuzz", "test.fuzzminimizetime", "test.fuzztime", "test.list", "test.memprofile",
    "test.memprofilerate", "test.memprofilerate", "test.mutexprofile", "test.mutexprofilefraction",
    "test.outputdir", "test.parallel", "test.run", "test.short", "test.shuffle", "test.skip",
    "test.timeout", "test.trace", "test.v", "test.v", "testcache", "timeout", "tool", "toolchain",
    "toolexec", "trace", "trimpath", "u", "use", "v", "vendor", "versions", "vet", "vettool", "w", "work",
    "x"};
// clang-format on
static_assert(std::is_sorted(k_go_flags.begin(), k_go_flags.end()));

// One or two dashes and a name.
std::optional<GoFlag> parse_flag(std::string_view item) {
  if (!item.starts_with('-')) return std::nullopt;
  item.remove_prefix(item.starts_with("--") ? 2 : 1);
  if (item.empty() || item[0] == '-' || item[0] == '=') return std::nullopt;
  const auto parts = cut(item, "=");
  if (!parts) return GoFlag{std::string(item), std::nullopt};
  return GoFlag{std::string(parts->first), std::string(parts->second)};
}
}  // namespace

std::map<std::string, std::string> parse_go_env(std::string_view text) {
  std::map<std::string, std::string> out;
  for (const auto line : lines(text)) {
    const auto parts = cut(line, "=");
    if (parts && line[0] >= 'A' && line[0] <= 'Z')
      out[std::string(parts->first)] = std::string(parts->second);
  }
  return out;
}

Result<std::vector<GoFlag>> parse_goflags(std::string_view goflags) {
  std::vector<GoFlag> out;
  const auto words = TRY(split_quoted(goflags).context("parsing $GOFLAGS"));
  for (const auto item : words) {
    auto flag = parse_flag(item);
    if (!flag) return fail(Kind::invalid, fmt::format("parsing $GOFLAGS: non-flag {}", quote(item)));
    out.push_back(*std::move(flag));
  }
  return out;
}

Result<void> check_goflags(const std::vector<GoFlag>& flags) {
  for (const auto& flag : flags) {
    if (!std::binary_search(k_go_flags.begin(), k_go_flags.end(), flag.name))
      return fail(Kind::invalid, fmt::format("parsing $GOFLAGS: unknown flag -{}", flag.name));
  }
  return {};
}

}  // namespace larder::gomod

// SPDX-License-Identifier: Apache-2.0
// Versions, paths, escapes, globs and lists: two texts, split at the first newline. Orders must be consistent
// and inverses must be inverses.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gomod/check.hpp"
#include "gomod/escape.hpp"
#include "gomod/glob.hpp"
#include "gomod/goenv.hpp"
#include "gomod/goproxy.hpp"
#include "gomod/goversion.hpp"
#include "gomod/h1.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/quoting.hpp"
#include "gomod/semver.hpp"

using namespace larder::gomod;

namespace {
void require(bool ok) {
  if (!ok) std::abort();
}

void versions(std::string_view a, std::string_view b) {
  require(semver::compare(a, b) == -semver::compare(b, a));
  require(goversion::compare(a, b) == -goversion::compare(b, a));
  require(semver::compare(a, semver::canonical(a)) == 0);
  (void)goversion::prev(a);
  (void)goversion::lang(a);
  (void)goversion::from_toolchain(a);
  if (!pseudo::is_pseudo(a)) return;
  require(pseudo::time(a).has_value() && pseudo::rev(a).has_value());
  (void)pseudo::time_rfc3339(a);
  if (const auto base = pseudo::base(a); base && !base->empty()) {
    require(semver::compare(*base, a) < 0);
    require(pseudo::make(semver::major(a), *base, *pseudo::time(a), *pseudo::rev(a)) == a);
  }
}

void paths(std::string_view a) {
  (void)check_import_path(a);
  (void)check_file_path(a);
  if (const auto split = split_path_version(a))
    require(split->prefix.size() + split->major.size() == a.size());
  if (const auto escaped = escape_path(a)) require(*unescape_path(*escaped) == a);
  if (const auto escaped = escape_version(a)) require(*unescape_version(*escaped) == a);
  if (const auto path = unescape_path(a)) require(*escape_path(*path) == a);
  if (const auto version = unescape_version(a)) require(escape_version(*version).has_value());
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find('\n');
  const auto a = text.substr(0, end);
  const auto b = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  versions(a, b);
  paths(a);
  require(unquote(go_quote(text)) == text);
  (void)unquote(text);
  (void)match_prefix_patterns(a, b);
  (void)parse_goproxy(a, b);
  if (const auto flags = parse_goflags(text)) (void)check_goflags(*flags);
  (void)parse_go_env(text);
  if (const auto h = H1::parse(a)) require(h->str() == a);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "vcs/govcs.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/glob.hpp"

namespace larder::vcs {

namespace {

struct Rule {
  std::string pattern;
  std::vector<std::string> allowed;
};

Failure malformed(std::string_view what) {
  return fail(Kind::invalid, std::string(what));
}

Result<Rule> parse_rule(std::string_view item) {
  if (item.empty()) return malformed("empty entry in GOVCS");
  const auto parts = cut(item, ":");
  if (!parts) return malformed("malformed entry in GOVCS (missing colon): " + quote(item));
  const auto pattern = trim(parts->first);
  const auto list = trim(parts->second);
  if (pattern.empty()) return malformed("empty pattern in GOVCS: " + quote(item));
  if (list.empty()) return malformed("empty VCS list in GOVCS: " + quote(item));
  if (pattern == "." || pattern == ".." || pattern.starts_with("./") || pattern.starts_with("../")) {
    return malformed("relative pattern not allowed in GOVCS: " + quote(pattern));
  }
  Rule rule{std::string(pattern), {}};
  for (const auto word : split(list, '|')) {
    const auto vcs = trim(word);
    if (vcs.empty()) return malformed("empty VCS name in GOVCS: " + quote(item));
    rule.allowed.emplace_back(vcs);
  }
  return rule;
}

Result<std::vector<Rule>> parse(std::string_view govcs) {
  std::vector<Rule> rules;
  govcs = trim(govcs);
  if (govcs.empty()) return rules;
  std::map<std::string, std::string_view> seen;
  for (const auto part : split(govcs, ',')) {
    const auto item = trim(part);
    auto rule = TRY(parse_rule(item));
    const auto [old, is_new] = seen.try_emplace(rule.pattern, item);
    if (!is_new) {
      return malformed(
          fmt::format("unreachable pattern in GOVCS: {} after {}", quote(item), quote(old->second)));
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

bool matches(const Rule& rule, std::string_view root, bool is_private) {
  if (rule.pattern == "private") return is_private;
  if (rule.pattern == "public") return !is_private;
  return gomod::match_prefix_patterns(rule.pattern, root);
}

}  // namespace

Result<void> check_govcs(std::string_view govcs, std::string_view goprivate, std::string_view vcs,
                         std::string_view root) {
  auto rules = TRY(parse(govcs));
  // For strangers only what is hardened against hostile servers.
  rules.push_back({"private", {"all"}});
  rules.push_back({"public", {"git", "hg"}});
  const bool is_private = gomod::match_prefix_patterns(goprivate, root);
  const auto rule = std::ranges::find_if(rules, [&](const Rule& r) { return matches(r, root, is_private); });
  const bool allowed = rule != rules.end() && std::ranges::any_of(rule->allowed, [&](const auto& name) {
                         return name == "all" || name == vcs;
                       });
  if (allowed) return {};
  return fail(Kind::forbidden, fmt::format("GOVCS disallows using {} for {} {}; see 'go help vcs'", vcs,
                                           is_private ? "private" : "public", root));
}

}  // namespace larder::vcs

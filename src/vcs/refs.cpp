// SPDX-License-Identifier: Apache-2.0
#include "vcs/refs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"

namespace larder::vcs {

namespace {

constexpr std::string_view k_peeled = "^{}";

bool is_hash(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && all_hex(text);
}

// Does the text begin with a whole version, such as "v1.2.3" or "v1.2.3+meta", that is no pseudo-version?
bool counts_for_sum(std::string_view name) {
  const std::string canonical = gomod::semver::canonical(name);
  return !canonical.empty() && name.starts_with(canonical) && !gomod::pseudo::is_pseudo(name);
}

void add_line(Sha256& sum, std::string_view name, std::string_view hash) {
  sum.update(quote(name));
  sum.update(" ");
  sum.update(hash);
  sum.update("\n");
}

}  // namespace

bool all_hex(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

Refs parse_refs(std::string_view ls_remote) {
  Refs refs;
  Refs peeled;
  for (const auto line : lines(ls_remote)) {
    const auto words = fields(line);
    if (words.size() != 2 || !is_hash(words[0])) continue;
    std::string_view name = words[1];
    if (name != "HEAD" && !name.starts_with("refs/heads/") && !name.starts_with(k_tags)) continue;
    const bool is_peeled = name.ends_with(k_peeled);
    if (is_peeled) name.remove_suffix(k_peeled.size());
    (is_peeled ? peeled : refs)[std::string(name)] = words[0];
  }
  for (auto& [name, hash] : peeled) refs[name] = std::move(hash);
  return refs;
}

Tags tags_with_prefix(const Refs& refs, std::string_view url, std::string_view prefix) {
  Tags out;
  const std::string first = std::string(k_tags) + std::string(prefix);
  for (auto it = refs.lower_bound(first); it != refs.end() && it->first.starts_with(first); ++it) {
    out.list.push_back({it->first.substr(k_tags.size()), it->second});
  }
  const std::string_view folder = prefix.substr(0, prefix.rfind('/') + 1);
  Sha256 sum;
  for (const auto& tag : out.list) {
    if (counts_for_sum(std::string_view(tag.name).substr(folder.size()))) add_line(sum, tag.name, tag.hash);
  }
  out.origin.vcs = "git";
  out.origin.url = url;
  out.origin.tag_prefix = prefix;
  out.origin.tag_sum = "t1:" + sum.finish().base64();
  return out;
}

std::string repo_sum(const Refs& refs) {
  Sha256 sum;
  for (const auto& [name, hash] : refs) add_line(sum, name, hash);
  return "r1:" + sum.finish().base64();
}

Result<void> check_origin(const Origin& old, std::string_view url, std::string_view subdir) {
  if (old.vcs != "git" || old.url != url || old.subdir != subdir) {
    return fail(Kind::invalid, fmt::format("origin moved from {} {} {} to git {} {}", old.vcs, quote(old.url),
                                           quote(old.subdir), quote(url), quote(subdir)));
  }
  if (!old.hash.empty() || !old.tag_sum.empty() || !old.repo_sum.empty()) return {};
  return fail(Kind::invalid, "non-specific origin");
}

Result<void> still_holds(const Origin& old, const Refs& refs) {
  if (!old.ref.empty()) {
    const auto ref = refs.find(old.ref);
    if (ref == refs.end()) return fail(Kind::invalid, fmt::format("ref {} deleted", quote(old.ref)));
    if (ref->second != old.hash) {
      return fail(Kind::invalid,
                  fmt::format("ref {} moved from {} to {}", quote(old.ref), old.hash, ref->second));
    }
  }
  if (!old.tag_sum.empty() && tags_with_prefix(refs, old.url, old.tag_prefix).origin.tag_sum != old.tag_sum)
    return fail(Kind::invalid, "tags changed");
  if (!old.repo_sum.empty() && repo_sum(refs) != old.repo_sum) return fail(Kind::invalid, "refs changed");
  return {};
}

Result<Named> find_commit(const Refs& refs, std::string_view prefix) {
  Named out;
  for (const auto& [name, hash] : refs) {
    if (!hash.starts_with(prefix)) continue;
    if (!out.hash.empty() && out.hash != hash) {
      return fail(Kind::invalid, "ambiguous revision " + std::string(prefix));
    }
    if (out.ref.empty()) out.ref = name;  // the first by name: the same in every run
    out.hash = hash;
  }
  return out;
}

}  // namespace larder::vcs

// SPDX-License-Identifier: Apache-2.0
#include "store/go_modules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/escape.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"

namespace larder::store {

namespace {

constexpr std::string_view k_root = "go";
constexpr std::string_view k_versions = "@v";
constexpr int k_max_depth = 64;  // elements of a module path; the longest known public one has 13

constexpr std::array<std::pair<Part, std::string_view>, k_parts> k_suffixes = {{{Part::info, ".info"},
                                                                                {Part::mod, ".mod"},
                                                                                {Part::zip, ".zip"},
                                                                                {Part::ziphash, ".ziphash"},
                                                                                {Part::modhash, ".modhash"}}};
constexpr std::string_view k_damaged = "larder/damaged/";

Result<std::string> versions_prefix(std::string_view module_path) {
  return std::string(k_root) + "/" + TRY(gomod::escape_path(module_path)) + "/" + std::string(k_versions);
}

Result<std::string> stem_of(const gomod::Module& module) {
  return TRY(versions_prefix(module.path)) + "/" + TRY(gomod::escape_version(module.version));
}

// Which parts of each version lie in one @v folder: escaped version -> bits in the order of Part.
using PartsByVersion = std::map<std::string, unsigned>;
constexpr unsigned bit(Part part) {
  return 1U << static_cast<unsigned>(part);
}
constexpr unsigned k_whole = bit(Part::info) | bit(Part::mod) | bit(Part::zip) | bit(Part::ziphash);
constexpr unsigned k_requirement = bit(Part::mod) | bit(Part::modhash);

PartsByVersion group_parts(const std::vector<Child>& children) {
  PartsByVersion out;
  for (const auto& child : children) {
    for (const auto& [part, suffix] : k_suffixes) {
      if (child.is_prefix || !child.name.ends_with(suffix)) continue;
      out[child.name.substr(0, child.name.size() - suffix.size())] |= bit(part);
    }
  }
  return out;
}

Held held_of(unsigned parts) {
  if ((parts & k_whole) == k_whole) return Held::whole;
  return (parts & k_requirement) == k_requirement ? Held::requirement : Held::nothing;
}

// Hashes alone name nothing yet, and a requirement may have the ziphash of a zip that never came.
bool is_incomplete(unsigned parts) {
  const unsigned content = bit(Part::info) | bit(Part::mod) | bit(Part::zip);
  switch (held_of(parts)) {
    case Held::whole:
      return false;
    case Held::requirement:
      return (parts & (bit(Part::info) | bit(Part::zip))) != 0;
    case Held::nothing:
      break;
  }
  return (parts & content) != 0;
}

struct HeldVersion {
  std::string version;
  Held held;
  unsigned parts;
};

Result<std::vector<HeldVersion>> versions_below(Store& store, std::string_view path,
                                                const std::string& prefix,
                                                const GoModules::Foreign& foreign) {
  std::vector<HeldVersion> out;
  for (const auto& [escaped, parts] : group_parts(TRY(store.list(prefix)))) {
    const auto version = gomod::unescape_version(escaped);
    if (version && gomod::check_canonical({std::string(path), *version})) {
      out.push_back({*version, held_of(parts), parts});
    } else if (foreign) {
      foreign(prefix + "/" + escaped);
    }
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return gomod::semver::less(a.version, b.version); });
  return out;
}

struct Walk {
  Store& store;
  const GoModules::Foreign& foreign;
  const GoModules::OnIncomplete& incomplete;
  const GoModules::Unreadable& unreadable;
  std::vector<std::pair<gomod::Module, Held>> found{};

  void tell(const gomod::Module& module, Held held, unsigned parts) const {
    Incomplete version{.module = module, .held = held, .lacks = {}};
    const unsigned aim = (parts & ~k_requirement) == 0 ? k_requirement : k_whole;
    for (const auto& [part, suffix] : k_suffixes) {
      if ((aim & ~parts & bit(part)) != 0) version.lacks.push_back(part);
    }
    incomplete(version);
  }

  Result<void> module_at(const std::string& prefix) {
    const auto path = gomod::unescape_path(std::string_view(prefix).substr(k_root.size() + 1));
    if (!path) {
      if (foreign) foreign(prefix);
      return {};
    }
    auto versions = versions_below(store, *path, prefix + "/@v", foreign);
    if (!versions) return pass_over(std::move(versions).error());
    for (auto& [version, held, parts] : *versions) {
      gomod::Module module{*path, std::move(version)};
      if (incomplete && is_incomplete(parts)) tell(module, held, parts);
      if (held != Held::nothing) found.emplace_back(std::move(module), held);
    }
    return {};
  }

  Result<void> below(const std::string& prefix, int depth) {
    if (depth > k_max_depth) {
      if (foreign) foreign(prefix);
      return {};
    }
    const auto children = store.list(prefix);
    if (!children) return pass_over(children.error());
    for (const auto& child : *children) {
      if (!child.is_prefix) continue;
      if (child.name == k_versions) {
        TRY(module_at(prefix));
      } else if (prefix != k_root || child.name != "sumdb") {
        TRY(below(prefix + "/" + child.name, depth + 1));
      }
    }
    return {};
  }

  // One folder that cannot be read says nothing of the others.
  Result<void> pass_over(Error error) const {
    if (!unreadable) return fail(std::move(error));
    unreadable(std::move(error));
    return {};
  }
};

// Is it "<name><digits>.tmp", which a killed writer of that name left?
bool is_leftover(std::string_view child, std::string_view name) {
  constexpr std::string_view k_temp = ".tmp";
  if (!child.starts_with(name) || !child.ends_with(k_temp)) return false;
  child.remove_prefix(name.size());
  return child.size() > k_temp.size() && parse_uint(child.substr(0, child.size() - k_temp.size()));
}

// Removes what killed writers of key + suffix left, for each suffix; the caller holds the lock of those
// writers.
Result<void> sweep(Store& store, std::string_view key, std::span<const std::string_view> suffixes) {
  const auto slash = key.rfind('/');
  const std::string folder(key.substr(0, slash + 1));
  const auto base = key.substr(slash + 1);
  for (const auto& child : TRY(store.list(key.substr(0, slash)))) {
    if (child.is_prefix || !child.name.starts_with(base)) continue;
    const auto rest = std::string_view(child.name).substr(base.size());
    if (std::ranges::any_of(suffixes, [&](auto suffix) { return is_leftover(rest, suffix); }))
      TRY(store.remove(folder + child.name));
  }
  return {};
}

Result<gomod::H1> read_h1(Store& store, const std::string& key) {
  const auto text = TRY(read(store, key, 4096));
  if (const auto h1 = gomod::H1::parse(text)) return *h1;
  return fail(Kind::unverified, key + ": not an h1 hash");
}

}  // namespace

std::string_view part_suffix(Part part) {
  return k_suffixes.at(static_cast<std::size_t>(part)).second;
}

Result<std::string> module_key(const gomod::Module& module, Part part) {
  return TRY(stem_of(module)) + std::string(part_suffix(part));
}

Result<std::string> list_key(std::string_view module_path) {
  return TRY(versions_prefix(module_path)) + "/list";
}

// As held_of, but asks for no more than it takes to tell.
Result<Held> GoModules::held(const gomod::Module& module) const {
  const auto stem = TRY(stem_of(module));
  const auto has = [&](Part part) -> Result<bool> {
    return TRY(store_.stat(stem + std::string(part_suffix(part)))).has_value();
  };
  if (!TRY(has(Part::mod))) return Held::nothing;
  if (TRY(has(Part::zip)) && TRY(has(Part::info)) && TRY(has(Part::ziphash))) return Held::whole;
  return TRY(has(Part::modhash)) ? Held::requirement : Held::nothing;
}

Result<std::string> GoModules::info(const gomod::Module& module) const {
  return read(store_, TRY(module_key(module, Part::info)));
}

Result<std::string> GoModules::mod(const gomod::Module& module) const {
  return read(store_, TRY(module_key(module, Part::mod)));
}

Result<gomod::H1> GoModules::ziphash(const gomod::Module& module) const {
  return read_h1(store_, TRY(module_key(module, Part::ziphash)));
}

Result<gomod::H1> GoModules::modhash(const gomod::Module& module) const {
  return read_h1(store_, TRY(module_key(module, Part::modhash)));
}

Result<std::unique_ptr<Blob>> GoModules::zip(const gomod::Module& module) const {
  return store_.open(TRY(module_key(module, Part::zip)));
}

Result<std::vector<std::string>> GoModules::versions(std::string_view module_path) const {
  std::vector<std::string> out;
  for (auto& found : TRY(versions_below(store_, module_path, TRY(versions_prefix(module_path)), nullptr))) {
    if (found.held == Held::whole) out.push_back(std::move(found.version));
  }
  return out;
}

Result<std::optional<std::string>> GoModules::latest(std::string_view module_path) const {
  const auto rank = [](const std::string& version) {
    if (gomod::pseudo::is_pseudo(version)) return 0;
    return gomod::semver::prerelease(version).empty() ? 2 : 1;
  };
  std::optional<std::string> best;
  for (const auto& version : TRY(versions(module_path))) {
    if (!best || rank(version) >= rank(*best)) best = version;
  }
  return best;
}

Result<std::unique_ptr<WriteLock>> GoModules::lock(const gomod::Module& module) const {
  // "<version>.lock", as in a module cache.
  std::string key = TRY(module_key(module, Part::mod));
  key.resize(key.size() - part_suffix(Part::mod).size());
  auto lock = TRY(store_.lock(key));
  std::array<std::string_view, k_parts> suffixes;
  std::ranges::transform(k_suffixes, suffixes.begin(), [](const auto& row) { return row.second; });
  TRY(sweep(store_, key, suffixes));
  return lock;
}

Result<void> GoModules::put_requirement(const gomod::Module& module, std::string_view mod) const {
  TRY(store_.put(TRY(module_key(module, Part::modhash)), as_bytes(gomod::hash_go_mod(mod).str())));
  return store_.put(TRY(module_key(module, Part::mod)), as_bytes(mod));
}

Result<std::unique_ptr<Upload>> GoModules::create_zip(const gomod::Module& module) const {
  return store_.create(TRY(module_key(module, Part::zip)));
}

Result<void> GoModules::put(const ModuleContent& content, Upload& zip) const {
  TRY(store_.put(TRY(module_key(content.module, Part::ziphash)), as_bytes(content.h1.str())));
  TRY(store_.put(TRY(module_key(content.module, Part::mod)), as_bytes(content.mod)));
  TRY(zip.commit());
  TRY(store_.put(TRY(module_key(content.module, Part::info)), as_bytes(content.info)));
  return refresh_list(content.module.path);
}

Result<std::optional<std::string>> GoModules::stale_list(std::string_view module_path) const {
  std::string text;
  for (const auto& version : TRY(versions(module_path))) {
    if (!gomod::pseudo::is_pseudo(version)) text += version + "\n";
  }
  if (TRY(read_or_empty(store_, TRY(list_key(module_path)))) == text) return std::nullopt;
  return text;
}

Result<void> GoModules::refresh_list(std::string_view module_path) const {
  // Without the lock first: what is right already is also right in a store that cannot be written.
  if (!TRY(stale_list(module_path))) return {};
  const std::string key = TRY(list_key(module_path));
  const auto lock = TRY(store_.lock(key));
  TRY(sweep(store_, key, std::array{std::string_view()}));
  const auto text = TRY(stale_list(module_path));
  return text ? store_.put(key, as_bytes(*text)) : Result<void>();
}

Result<void> GoModules::set_aside(const gomod::Module& module) const {
  // First what makes the version whole, last what its files are compared with.
  constexpr std::array k_order{Part::info, Part::zip, Part::mod, Part::modhash, Part::ziphash};
  static_assert(k_order.size() == k_parts);
  for (const Part part : k_order) {
    const std::string key = TRY(module_key(module, part));
    const auto moved = store_.move(key, std::string(k_damaged) + key);
    if (!moved && moved.error().kind() != Kind::not_found) return moved;
  }
  return refresh_list(module.path);
}

std::string lacks_text(const Incomplete& version) {
  std::vector<std::string> names;
  for (const Part part : version.lacks) names.emplace_back(part_suffix(part));
  return "lacks " + join(names, " and ");
}

Result<std::vector<std::pair<gomod::Module, Held>>> GoModules::all(const Foreign& foreign,
                                                                   const OnIncomplete& incomplete,
                                                                   const Unreadable& unreadable) const {
  Walk walk{store_, foreign, incomplete, unreadable};
  TRY(walk.below(std::string(k_root), 0));
  std::sort(walk.found.begin(), walk.found.end(),
            [](const auto& a, const auto& b) { return gomod::module_less(a.first, b.first); });
  return std::move(walk.found);
}

}  // namespace larder::store

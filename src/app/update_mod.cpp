// SPDX-License-Identifier: Apache-2.0
#include "app/update_mod.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "app/write_project.hpp"
#include "gomod/goversion.hpp"
#include "gomod/toolchain.hpp"
#include "resolve/versions.hpp"

namespace larder::app {

namespace {
using gomod::ModFile;
using gomod::goversion::compare;

// What a go.mod says, apart from its form: what go compares to find out whether there is anything to write.
struct Content {
  std::string path;
  std::string go;
  std::string toolchain;
  std::map<gomod::Module, bool> require;  // with the marker
  std::map<gomod::Module, gomod::Module> replace;
  std::set<gomod::Module> exclude;
  std::size_t require_lines = 0;
  std::size_t replace_lines = 0;
  std::size_t exclude_lines = 0;
};

Content content_of(const ModFile& file) {
  Content out;
  if (file.module) out.path = file.module->path;
  if (file.go) out.go = file.go->version;
  if (file.toolchain) out.toolchain = file.toolchain->name;
  for (const auto& require : file.require) out.require[require.mod] = require.indirect;
  for (const auto& replace : file.replace) out.replace[replace.from] = replace.to;
  for (const auto& exclude : file.exclude) out.exclude.insert(exclude.mod);
  out.require_lines = file.require.size();
  out.replace_lines = file.replace.size();
  out.exclude_lines = file.exclude.size();
  return out;
}

// A line that stood twice before counts as a change, since it stands once now: go compares the lines of the
// new file with the different ones of the old.
ModChange compare_contents(const Content& before, const Content& after) {
  if (before.path != after.path || before.go != after.go || before.toolchain != after.toolchain)
    return ModChange::content;
  if (before.require.size() != after.require_lines || before.replace.size() != after.replace_lines ||
      before.exclude.size() != after.exclude_lines)
    return ModChange::content;
  if (before.replace != after.replace || before.exclude != after.exclude) return ModChange::content;
  bool markers = false;
  for (const auto& [module, indirect] : after.require) {
    const auto old = before.require.find(module);
    if (old == before.require.end()) return ModChange::content;
    markers = markers || old->second != indirect;
  }
  return markers ? ModChange::markers : ModChange::none;
}

Result<void> set_go_line(ModFile& file, const WantedMod& wanted, const UpdateOptions& options) {
  if (file.go && file.go->version == wanted.go) return {};
  if (!file.go && wanted.go == resolve::k_default_mod_go && !options.always_go_line) return {};
  return gomod::set_go(file, wanted.go);
}

Result<void> set_toolchain_line(ModFile& file, const WantedMod& wanted) {
  const auto version = gomod::goversion::from_toolchain(wanted.toolchain);
  const bool implied = wanted.toolchain.empty() || wanted.toolchain == "go" + wanted.go ||
                       compare(version, resolve::k_strict_go) < 0;
  if (!implied) return gomod::set_toolchain(file, wanted.toolchain);
  gomod::drop_toolchain(file);
  return {};
}

using RequireLine = std::tuple<std::string_view, std::string_view, bool>;  // path, version, marker

template <class Requirements>
std::vector<RequireLine> sorted_lines(const Requirements& requirements) {
  std::vector<RequireLine> out;
  out.reserve(requirements.size());
  for (const auto& r : requirements) out.emplace_back(r.mod.path, r.mod.version, r.indirect);
  std::ranges::sort(out);
  return out;
}

}  // namespace

WantedMod wanted_mod(const resolve::Requirements& requirements) {
  WantedMod out;
  for (const auto& root : requirements.roots) {
    if (root.path == resolve::k_go) {
      out.go = root.version;
    } else if (root.path == resolve::k_toolchain) {
      out.toolchain = root.version;
    } else {
      out.require.push_back({root, !requirements.direct.contains(root.path)});
    }
  }
  return out;
}

bool says_already(const ModFile& file, const WantedMod& wanted, const UpdateOptions& options) {
  const bool plain = file.module && file.go && !file.toolchain && wanted.toolchain.empty() &&
                     file.replace.empty() && file.exclude.empty();
  if (!plain || file.go->version != wanted.go || compare(wanted.go, options.local_go) > 0) return false;
  return sorted_lines(file.require) == sorted_lines(wanted.require);
}

Result<UpdatedMod> update_mod(std::string_view name, std::string_view text, const WantedMod& wanted,
                              const UpdateOptions& options) {
  // After errors that -e passed over; go ends with "panic" or "internal error" there.
  if (wanted.go.empty()) return fail(Kind::invalid, "updating go.mod: no go version fits what is required");
  if (compare(wanted.go, options.local_go) > 0) {
    return fail(Kind::invalid,
                gomod::too_new_text({"updating go.mod", wanted.go}, options.local_go, options.local_note));
  }
  bool fixed = false;
  gomod::VersionFixer fixer;
  if (options.fixer) {
    fixer = [&](std::string_view path, std::string_view version) {
      auto out = options.fixer(path, version);
      fixed = fixed || (out && *out != version);
      return out;
    };
  }
  auto file = TRY(gomod::parse_mod(name, text, fixer));
  const auto before = content_of(file);
  TRY(set_go_line(file, wanted, options));
  TRY(set_toolchain_line(file, wanted));
  gomod::set_requirements(file, wanted.require, gomod::require_layout(wanted.go, options.local_go));
  gomod::cleanup(file);
  const auto change = fixed ? ModChange::content : compare_contents(before, content_of(file));
  return UpdatedMod{file.str(), change};
}

Result<void> commit_mod(const sys::Path& file, std::string_view before, std::string_view after,
                        const sys::Path& modcache) {
  const auto side = side_lock(modcache);
  return rewrite_shared(file, before, after).context("updating go.mod");
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "resolve/main_modules.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

namespace larder::resolve {

namespace {

std::vector<MainReplace> copy_replaces(const std::vector<gomod::Replace>& replaces) {
  std::vector<MainReplace> out;
  out.reserve(replaces.size());
  for (const auto& r : replaces) out.push_back({.from = r.from, .to = r.to});
  return out;
}

bool is_relative_directory(const Module& to) {
  return to.version.empty() && !std::filesystem::path(to.path).is_absolute();
}

// Lexical: no file is looked at.
std::string joined(const std::string& dir, const std::string& path) {
  auto clean = (std::filesystem::path(dir) / path).lexically_normal().string();
  if (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return clean;
}

// As go shows it: "./x", "../x", "." relative to go.work.
std::string relative_directory(const std::string& dir, const std::string& base) {
  auto relative = std::filesystem::path(dir).lexically_relative(joined(base, ".")).string();
  if (relative.empty()) return dir;
  return gomod::is_directory_path(relative) ? relative : "./" + relative;
}

Failure conflict(const Module& from, const Module& a, const Module& b, const std::string& advice = {}) {
  return fail(Kind::invalid,
              "conflicting replacements for " + from.str() + ":\n\t" + a.str() + "\n\t" + b.str() + advice);
}

}  // namespace

Result<void> check_replaces(const gomod::ModFile& file) {
  std::map<Module, Module> written;
  for (const auto& r : file.replace) {
    const auto [at, added] = written.emplace(r.from, r.to);
    if (!added && at->second != r.to) return conflict(r.from, at->second, r.to);
  }
  return {};
}

MainModule MainModule::from(const gomod::ModFile& file, std::string dir) {
  MainModule m;
  m.dir = std::move(dir);
  if (file.module) m.path = file.module->path;
  if (file.go) m.go_version = file.go->version;
  if (file.toolchain) m.toolchain = file.toolchain->name;
  for (const auto& r : file.require) m.require.push_back({r.mod, r.indirect});
  for (const auto& e : file.exclude) m.exclude.push_back(e.mod);
  m.replace = copy_replaces(file.replace);
  return m;
}

Workspace Workspace::from(const gomod::WorkFile& file, std::string dir) {
  Workspace w;
  w.dir = std::move(dir);
  if (file.go) w.go_version = file.go->version;
  if (file.toolchain) w.toolchain = file.toolchain->name;
  w.replace = copy_replaces(file.replace);
  return w;
}

MainModules::MainModules(bool is_workspace, std::vector<MainModule> modules)
    : is_workspace_(is_workspace), modules_(std::move(modules)) {
  for (const MainModule& m : modules_) {
    paths_.insert(m.path);
    excluded_.insert(m.exclude.begin(), m.exclude.end());
  }
}

Result<void> MainModules::add_replaces(const std::vector<MainReplace>& replaces, ReplaceMap& into) {
  for (const MainReplace& r : replaces) {
    const auto [at, added] = into.emplace(r.from, r.to);
    if (added) {
      ordered_.push_back(r);
    } else if (at->second != r.to) {
      return conflict(r.from, at->second, r.to);
    }
  }
  return {};
}

Result<void> MainModules::add_workspace_replaces() {
  std::set<std::string_view> overridden;
  for (const MainReplace& r : work_.replace) overridden.insert(r.from.path);
  ReplaceMap absolute;  // the same directory is written differently from different modules
  for (const MainModule& m : modules_) {
    ReplaceMap& own = replaces_.emplace_back();
    ReplaceMap& written = written_.emplace_back();
    for (const MainReplace& r : m.replace) {
      MainReplace shown = r;
      Module target = r.to;
      if (is_relative_directory(r.to)) {
        target.path = joined(m.dir, r.to.path);
        shown.to.path = relative_directory(target.path, work_.dir);
      }
      shown.overridden = overridden.contains(r.from.path);
      own.emplace(shown.from, shown.to);
      written.emplace(r.from, r.to);
      if (shown.overridden) {
        ordered_.push_back(std::move(shown));
        continue;
      }
      const auto [at, added] = absolute.emplace(r.from, target);
      if (at->second != target) {
        return conflict(r.from, at->second, target,
                        "\nuse \"go work edit -replace " + r.from.str() + "=[override]\" to resolve");
      }
      if (added) ordered_.push_back(std::move(shown));
    }
  }
  return {};
}

Result<MainModules> MainModules::single(MainModule module) {
  std::vector<MainModule> modules;
  modules.push_back(std::move(module));
  MainModules mains(false, std::move(modules));
  TRY(mains.add_replaces(mains.modules_.front().replace, mains.replaces_.emplace_back()));
  return mains;
}

Result<MainModules> MainModules::workspace(Workspace work, std::vector<MainModule> modules) {
  if (modules.empty()) {
    return fail(Kind::invalid, "no modules were found in the current workspace; see 'go help work'");
  }
  MainModules mains(true, std::move(modules));
  mains.work_ = std::move(work);
  TRY(mains.add_replaces(mains.work_.replace, mains.work_replaces_));
  std::set<std::string_view> seen;
  for (const MainModule& m : mains.modules_) {
    if (!seen.insert(m.path).second) {
      return fail(Kind::invalid, "module " + m.path + " appears multiple times in workspace");
    }
  }
  for (const MainReplace& r : mains.work_.replace) {
    if (!r.from.version.empty() || !mains.contains(r.from.path)) continue;
    return fail(Kind::invalid, "workspace module " + r.from.path +
                                   " is replaced at all versions in the go.work file. To fix, remove the "
                                   "replacement from the go.work file or specify the version at which to "
                                   "replace the module.");
  }
  TRY(mains.add_workspace_replaces());
  return mains;
}

bool MainModules::contains(std::string_view path) const {
  return paths_.contains(path);
}

bool MainModules::has_go_line() const {
  return !(is_workspace_ ? work_.go_version : modules_.front().go_version).empty();
}

std::string_view MainModules::go_version() const {
  if (!has_go_line()) return is_workspace_ ? k_default_work_go : k_default_mod_go;
  return is_workspace_ ? work_.go_version : modules_.front().go_version;
}

namespace {

using ReplaceMap = std::unordered_map<Module, Module, gomod::ModuleHash>;
using Entry = ReplaceMap::value_type;

// The exact version before all versions.
const Entry* look_up(const ReplaceMap& map, const Module& exact, const Module& any) {
  if (map.empty()) return nullptr;
  auto found = map.find(exact);
  if (found == map.end()) found = map.find(any);
  return found == map.end() ? nullptr : &*found;
}

}  // namespace

const Module* MainModules::replacement(const Module& required) const {
  if (ordered_.empty() || (required.version.empty() && contains(required.path))) return nullptr;
  const Module any{required.path, {}};
  if (const Entry* found = look_up(work_replaces_, required, any)) return &found->second;
  for (auto map = replaces_.rbegin(); map != replaces_.rend(); ++map) {
    if (const Entry* found = look_up(*map, required, any)) return &found->second;
  }
  return nullptr;
}

std::optional<MainModules::Source> MainModules::replacement_source(const Module& required) const {
  const Module any{required.path, {}};
  if (const Entry* found = look_up(work_replaces_, required, any)) return Source{&found->second, nullptr};
  const auto& maps = is_workspace_ ? written_ : replaces_;
  for (std::size_t i = maps.size(); i-- > 0;) {
    if (const Entry* found = look_up(maps[i], required, any)) return Source{&found->second, &modules_[i]};
  }
  return std::nullopt;
}

std::optional<MainModules::Conflict> MainModules::replacement_conflict(const Module& required) const {
  const Module any{required.path, {}};
  if (!is_workspace_ || required.version.empty() || look_up(work_replaces_, required, any))
    return std::nullopt;
  const Module* before = nullptr;
  std::size_t before_at = 0;
  for (std::size_t i = 0; i < written_.size(); ++i) {
    const Entry* found = look_up(written_[i], required, any);
    if (found == nullptr) continue;
    if (before != nullptr && !found->first.version.empty() && *before != found->second) {
      return Conflict{Error(Kind::invalid, "conflicting replacements found for " + required.str() +
                                               " in workspace modules defined by " + modules_[before_at].dir +
                                               "/go.mod and " + modules_[i].dir + "/go.mod"),
                      &look_up(replaces_[before_at], required, any)->second};
    }
    before = &found->second;
    before_at = i;
  }
  return std::nullopt;
}

const Module& MainModules::actual(const Module& required) const {
  const Module* replaced = replacement(required);
  return replaced != nullptr ? *replaced : required;
}

Requirements MainModules::initial() const {
  Requirements out;
  auto& [pruning, roots, direct] = out;
  pruning = is_workspace_ ? Pruning::workspace : pruning_for(go_version());
  for (const MainModule& m : modules_) {
    if (is_workspace_) roots.push_back({m.path, {}});
    for (const MainRequire& r : m.require) {
      if (!is_workspace_ && excluded(r.mod)) continue;
      if (!is_workspace_) roots.push_back(r.mod);
      if (!r.indirect) direct.insert(r.mod.path);
    }
  }
  if (!is_workspace_) direct.emplace(k_go);
  roots.push_back({std::string(k_go), std::string(go_version())});
  const std::string& toolchain = is_workspace_ ? work_.toolchain : modules_.front().toolchain;
  if (!toolchain.empty()) roots.push_back({std::string(k_toolchain), toolchain});
  sort_modules(roots);
  return out;
}

std::vector<Module> MainModules::excluded_requirements() const {
  std::vector<Module> out;
  for (const MainModule& m : modules_) {
    for (const MainRequire& r : m.require)
      if (std::ranges::find(m.exclude, r.mod) != m.exclude.end()) out.push_back(r.mod);
  }
  return out;
}

}  // namespace larder::resolve

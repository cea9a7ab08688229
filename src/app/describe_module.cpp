// SPDX-License-Identifier: Apache-2.0
#include "app/describe_module.hpp"

#include <algorithm>

#include "gomod/goversion.hpp"
#include "gomod/modfile.hpp"
#include "gomod/semver.hpp"
#include "resolve/versions.hpp"

namespace larder::app {

namespace {

using gomod::Module;
using Of = gomod::GoSum::Of;

void set_error(ModuleFacts& facts, const QueryFailure& failure) {
  if (!facts.error) facts.error = failure.error.message();
}

// Failures that only say that there is nothing to say.
bool is_no_answer(const QueryFailure& failure) {
  return failure.is == QueryFailure::Is::no_match || failure.is == QueryFailure::Is::absent;
}

}  // namespace

ModuleFacts ModuleDescriber::main_module(const Module& module) const {
  ModuleFacts out;
  out.path = module.path;
  out.is_main = true;
  if (c_.project == nullptr) {
    out.go_version = c_.go_without_module;
    return out;
  }
  for (const auto& main : c_.project->modules) {
    if (main.mod.module->path != module.path) continue;
    out.dir = main.dir.native();
    out.go_mod = main.mod_file.native();
    out.go_version = main.mod.go ? main.mod.go->version : "";
    // What a missing line means; a workspace does not say.
    if (!main.mod.go && !c_.project->work)
      out.go_version = std::string(*c_.requirements->root_version(resolve::k_go));
  }
  return out;
}

ModuleFacts ModuleDescriber::outside(const Module& module) {
  ModuleFacts out;
  out.path = module.path;
  out.version = module.version;
  if (module.version.empty() && c_.mains != nullptr && c_.mains->contains(module.path))
    return main_module(module);
  if (auto same = reused(module)) return *std::move(same);
  complete(out, false);
  return out;
}

// Who describes it anew may put it elsewhere; it lies nowhere yet.
std::optional<ModuleFacts> ModuleDescriber::reused(const Module& module) const {
  const auto* old = c_.old == nullptr ? nullptr : c_.old->find(module.path, module.version);
  if (old == nullptr || resolve::is_toolchain_path(module.path)) return std::nullopt;
  if (!can_answer(*old->origin, module.version) || !c_.source.confirm(module.path, *old->origin))
    return std::nullopt;
  ModuleFacts out = *old;
  out.query.clear();
  out.dir.clear();
  return out;
}

ModuleFacts ModuleDescriber::describe(const Module& module) {
  ModuleFacts out;
  out.path = module.path;
  out.version = module.version;
  if (c_.mains == nullptr && resolve::is_toolchain_path(module.path)) {  // of the local go
    out.indirect = module.path == resolve::k_toolchain;
    return out;
  }
  if (c_.mains == nullptr || (module.version.empty() && c_.mains->contains(module.path)))
    return main_module(module);
  out.indirect = !c_.requirements->direct.contains(module.path);
  out.go_version = known_go_version(module);
  const Module* to = c_.mains->replacement(module);
  if (to == nullptr) {
    if (c_.vendored == nullptr) complete(out, c_.need_sums);
    return out;
  }
  out.replace = std::make_unique<ModuleFacts>();
  auto& replace = *out.replace;
  replace.path = to->path;
  replace.version = to->version;
  replace.go_version = out.go_version;
  if (to->version.empty()) {
    const auto dir = (c_.project->root / to->path).lexically_normal();
    replace.dir = dir.has_filename() ? dir.native() : dir.parent_path().native();
    replace.go_mod = replace.dir + "/go.mod";
  }
  if (c_.vendored == nullptr) {
    complete(replace, c_.need_sums);
    out.dir = replace.dir;
    out.go_mod = replace.go_mod;
    out.retracted = replace.retracted;
  }
  out.go_version = replace.go_version;
  return out;
}

bool ModuleDescriber::may_use(const ModuleFacts& facts, Of of, bool need_sums) const {
  if (!need_sums || facts.version.empty()) return true;
  const Module module{facts.path, facts.version};
  return c_.project->sum.has(module, of) || c_.project->work_sum.has(module, of);
}

// Nothing where several hashes are on record.
std::string ModuleDescriber::sum(const ModuleFacts& facts, Of of) const {
  if (c_.project == nullptr) return {};
  std::string out;
  for (const auto* sums : {&c_.project->sum, &c_.project->work_sum}) {
    for (const auto& hash : sums->lookup({facts.path, facts.version}, of)) {
      if (!hash.starts_with("h1:")) continue;
      if (!out.empty() && out != hash) return {};
      out = hash;
    }
  }
  return out;
}

// Of a go.mod that was read before, for whatever reason.
std::string ModuleDescriber::known_go_version(const Module& module) const {
  if (const auto known = c_.go_versions.find(module); known != c_.go_versions.end()) return known->second;
  return c_.queries.go_line_read(module).value_or("");
}

// "" where it cannot be had; that is no error here. As in go, one that is too new only counts the next time.
std::string ModuleDescriber::read_go_version(const Module& module) const {
  const auto text = c_.source.go_mod(module);
  if (!text) return {};
  const auto mod = gomod::parse_mod_lax("go.mod", *text);
  if (!mod || !mod->go) return {};
  const auto& version = mod->go->version;
  c_.queries.remember_go_line(module, version);
  using gomod::goversion::compare;
  const bool too_new = compare(version, resolve::k_strict_go) >= 0 && compare(version, c_.local_go) > 0;
  return too_new ? "" : version;
}

void ModuleDescriber::complete(ModuleFacts& facts, bool need_sums) {
  if (resolve::is_toolchain_path(facts.path)) return;
  if (!facts.version.empty()) {
    const auto info = c_.queries.query(facts.path, facts.version, "", Allow::everything);
    if (!info) {
      facts.error = info.error().error.message();
    } else {
      facts.version = info->version;
      facts.time = info->time;
    }
  }
  const Module module{facts.path, facts.version};
  if (facts.go_version.empty()) facts.go_version = known_go_version(module);
  if (facts.go_version.empty() && may_use(facts, Of::go_mod, need_sums))
    facts.go_version = read_go_version(module);
  if (c_.files && !facts.version.empty()) complete_from_cache(facts, need_sums);
}

// From the module cache, by this command.
bool ModuleDescriber::was_read(const Module& module) const {
  return c_.go_versions.contains(module) && !c_.modules.asked_source();
}

void ModuleDescriber::complete_from_cache(ModuleFacts& facts, bool need_sums) const {
  const Module module{facts.path, facts.version};
  const auto& cache = c_.modules.cache();
  const auto paths = cache.paths(module);
  if (!paths) return;
  if (may_use(facts, Of::go_mod, need_sums)) {
    auto file = paths->name(".mod");
    if (was_read(module) || cache.folder().is_file(file)) facts.go_mod = std::move(file);
    facts.go_mod_sum = sum(facts, Of::go_mod);
  }
  if (may_use(facts, Of::zip, need_sums)) {
    const auto state = cache.dir_state(module, *paths);
    if (state && *state == modcache::DirState::usable) facts.dir = paths->dir_name();
    facts.sum = sum(facts, Of::zip);
  }
}

// ---- what is looked up

void ModuleDescriber::look_up(ModuleFacts& facts, const LookUp& what) {
  // Of several failures the first is told: go looks for retractions first where no replacement is in between.
  const bool retractions = what.updates || what.retractions;
  if (retractions && !facts.replace) add_retraction(facts);
  if (what.updates) add_update(facts);
  if (what.versions) add_versions(facts, what.retractions);
  if (retractions && facts.replace) add_retraction(facts);
  if (what.updates) add_deprecation(facts);
  if (!facts.replace) return;
  look_up(*facts.replace, what);  // which is not replaced itself
  if (what.retractions || what.updates) {
    if (c_.vendored == nullptr && facts.retracted.empty()) facts.retracted = facts.replace->retracted;
  }
}

void ModuleDescriber::add_update(ModuleFacts& facts) {
  // Not of a query that nothing answers.
  const bool is_version = facts.version == resolve::k_none || gomod::semver::valid(facts.version);
  if (!is_version && (facts.version.empty() || !resolve::is_toolchain_path(facts.path))) return;
  const auto newest = c_.queries.query(facts.path, "upgrade", facts.version, Allow::not_retracted);
  if (!newest) {
    const auto is = newest.error().is;
    if (!is_no_answer(newest.error()) && is != QueryFailure::Is::disallowed) set_error(facts, newest.error());
    return;
  }
  // A main module has none, which is no update of "none".
  if (newest->version.empty()) return;
  if (resolve::compare_versions(facts.path, newest->version, facts.version) <= 0) return;
  facts.update = std::make_unique<ModuleFacts>();
  facts.update->path = facts.path;
  facts.update->version = newest->version;
  facts.update->time = newest->time;
}

void ModuleDescriber::add_versions(ModuleFacts& facts, bool retracted_too) {
  auto versions = c_.queries.versions(facts.path, retracted_too ? Allow::not_excluded : Allow::not_retracted);
  facts.origin = merge_origins(facts.origin, versions ? versions->origin : std::nullopt);
  if (versions) {
    facts.versions = std::move(versions->list);
  } else {
    set_error(facts, versions.error());
  }
}

void ModuleDescriber::add_retraction(ModuleFacts& facts) {
  const auto retracted = c_.queries.retraction({facts.path, facts.version});
  if (!retracted) {
    if (!is_no_answer(retracted.error())) set_error(facts, retracted.error());
    return;
  }
  if (!*retracted) return;
  facts.retracted = (*retracted)->rationales;
  if (facts.retracted.empty()) facts.retracted = {"retracted by module author"};
}

void ModuleDescriber::add_deprecation(ModuleFacts& facts) {
  const auto message = c_.queries.deprecation({facts.path, facts.version});
  if (message) {
    facts.deprecated = *message;
  } else if (!is_no_answer(message.error())) {
    set_error(facts, message.error());
  }
}

}  // namespace larder::app

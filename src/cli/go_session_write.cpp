// SPDX-License-Identifier: Apache-2.0
// GoSession and the texts of go.mod and go.sum: queries that stand in them, and what is written.
#include <set>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/update_mod.hpp"
#include "app/write_project.hpp"
#include "base/text.hpp"
#include "cli/go_files.hpp"
#include "cli/go_session.hpp"
#include "gomod/check.hpp"
#include "gomod/goversion.hpp"
#include "gomod/semver.hpp"
#include "sys/lock.hpp"

namespace larder::cli {

namespace {

// Without the module: `version "master" invalid: 404 Not Found`. The parser of go.mod names it.
Error bare_reason(std::string_view path, std::string_view version, const app::QueryFailure& failure) {
  const Error& error = failure.error;
  std::string_view text = error.message();
  if (!failure.names_module) return error;
  const auto module = fmt::format("{}@{}: ", path, version);
  const auto listed = fmt::format("module {}: ", path);
  if (text.starts_with(module)) text.remove_prefix(module.size());
  if (text.starts_with(listed)) text.remove_prefix(listed.size());
  constexpr std::string_view k_invalid = "invalid version: ";
  if (!text.starts_with(k_invalid)) return {error.kind(), std::string(text), error.hint()};
  return {error.kind(), gomod::invalid_version_text(version, text.substr(k_invalid.size())), error.hint()};
}

}  // namespace

// "master" in a go.mod is looked up. Most texts are versions, and need no look-up.
gomod::VersionFixer GoSession::fixer_over(app::VersionQueries& queries) {
  return [this, &queries](std::string_view path, std::string_view version) -> Result<std::string> {
    const auto parts = gomod::split_path_version(path);
    if (!parts) {
      return fail(Kind::invalid, gomod::invalid_module_version_text({std::string(path), std::string(version)},
                                                                    "malformed module path " + quote(path)));
    }
    if (!version.empty() && gomod::semver::canonical_version(version) == version) {
      auto fits = gomod::check_path_major(version, parts->major);
      if (!fits) return fail(fits.error());
      return std::string(version);
    }
    const gomod::Module asked{std::string(path), std::string(version)};
    if (const auto known = fixed_.find(asked); known != fixed_.end()) return known->second;
    auto info = queries.query(asked.path, asked.version, "", app::Allow::everything);
    if (!info) want_query(asked.path, asked.version, info.error());
    if (!info) return fail(bare_reason(path, version, info.error()));
    return fixed_[asked] = std::move(info->version);
  };
}

gomod::VersionFixer GoSession::version_fixer() {
  return fixer_over(*queries_);
}

// In mode readonly something new to say is an error, but for wrong "// indirect" marks.
Result<void> GoSession::write_go_mod(const resolve::Requirements& requirements) {
  const auto& main = project_->main();
  app::UpdateOptions options{.local_go = session_.config.go.go_version()};
  options.local_note = toolchain_note(session_);
  options.fixer = version_fixer();
  options.always_go_line = mode_ == BuildMod::mod;
  const auto wanted = app::wanted_mod(requirements);
  if (fixed_.empty() && app::says_already(main.mod, wanted, options)) return {};
  const auto name = app::shown_path(main.mod_file, cwd_);
  const auto updated = TRY(app::update_mod(name, main.mod_text, wanted, options));
  if (updated.change == app::ModChange::none) return {};
  if (mode_ != BuildMod::mod) {
    if (updated.change == app::ModChange::markers) return {};
    return fail(Kind::invalid, updates_needed());
  }
  if (overlay_.replaces(main.mod_file)) {
    return fail(Kind::invalid,
                "updates to go.mod needed, but go.mod is part of the overlay specified with -overlay");
  }
  return app::commit_mod(main.mod_file, main.mod_text, updated.text, cache_->root());
}

Result<void> GoSession::commit() {
  if (!project_) return {};
  if (!project_->work) TRY(write_go_mod(*requirements_));
  if (mode_ == BuildMod::vendor) return {};
  using Of = gomod::GoSum::Of;
  const auto& mains = resolver_->mains();
  std::set<gomod::Module> mods;
  std::set<gomod::Module> zips;
  if (graph_) {
    for (const auto& module : graph_->loaded_modules()) mods.insert(mains.actual(module));
    for (const auto& module : graph_->build_list()) zips.insert(mains.actual(module));
  } else {
    for (const auto& module : requirements_->roots) mods.insert(mains.actual(module));
    zips = mods;
  }
  // Older projects have the go.mod of a module that is only built, not read for the graph, in no go.sum.
  const bool with_zips =
      mode_ == BuildMod::mod || gomod::goversion::compare(mains.go_version(), resolve::k_strict_go) >= 0;
  const auto keep = [&](const gomod::Module& module, Of of) {
    return of == Of::zip ? zips.contains(module)
                         : mods.contains(module) || (with_zips && zips.contains(module));
  };
  if (needs_sums()) {
    gomod::GoSum lines;
    add_kept(modules_->new_sums(), keep, lines);
    if (lines.empty()) return {};
    return fail(Kind::invalid, "updates to go.sum needed, disabled by -mod=readonly");
  }
  return write_sums({.keep = keep});
}

void GoSession::add_kept(const gomod::GoSum& from, const KeepLine& keep, gomod::GoSum& into) {
  const auto entries = from.entries();
  for (const auto& entry : entries) {
    if (!keep(entry.module, entry.of)) continue;
    for (const auto& hash : entry.hashes) into.add(entry.module, entry.of, hash);
  }
}

gomod::GoSum GoSession::sums_after(const SumRules& rules) {
  gomod::GoSum out;
  add_kept(project_->sum, rules.drops ? rules.keep : [](const auto&, auto) { return true; }, out);
  add_kept(modules_->new_sums(), rules.keep, out);
  return out;
}

Result<void> GoSession::write_sums(const SumRules& rules) {
  if (!project_) return {};
  gomod::GoSum learned;
  add_kept(
      modules_->new_sums(), rules.is_learned ? rules.is_learned : [](const auto&, auto) { return true; },
      learned);
  gomod::GoSum added;
  add_kept(learned, rules.keep, added);
  gomod::GoSum stay;
  if (rules.drops) add_kept(project_->sum, rules.keep, stay);
  // Where lines may be dropped, one that was learned and is not kept is dropped too: the file is written.
  const bool writes = rules.drops ? stay.size() != project_->sum.size() || !learned.empty() : !added.empty();
  if (!writes) return {};
  if (overlay_.replaces(project_->sum_file)) {
    return fail(Kind::invalid,
                "updates to go.sum needed, but go.sum is part of the overlay specified with -overlay");
  }
  const auto side = app::side_lock(cache_->root());
  const gomod::GoSum nothing;
  if (!rules.drops)
    return app::add_to_go_sum(project_->sum_file, added, project_->work ? project_->sum : nothing)
        .context("updating go.sum");
  stay.merge(added);
  const auto lock = TRY(sys::FileLock::exclusive(project_->sum_file).context("updating go.sum"));
  return lock.replace(as_bytes(stay.str())).context("updating go.sum");
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "resolve/package_loader.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "gomod/check.hpp"
#include "gomod/goversion.hpp"

namespace larder::resolve {

namespace {

using gomod::goversion::compare;

constexpr std::string_view k_narrow_all_go = "1.16";

// What go.sum lacks, in the words of go; the importer is known only now.
std::string missing_sum_text(const Package& package) {
  const auto& error = *package.error;
  const auto* importer = package.stack;
  std::string text = error.found ? "missing go.sum entry needed to verify package "
                                 : "missing go.sum entry for module providing package ";
  text += package.path;
  if (importer != nullptr) text += " (imported by " + importer->path + ")";
  if (error.found) text += " is provided by exactly one module";
  if (importer == nullptr) {
    if (error.modules.empty()) return text;
    text += "; to add:\n\tgo mod download";
    for (const auto& m : error.modules) text += " " + m.path;
    return text;
  }
  text += std::string("; to add:\n\tgo get ") + (importer->is_test() ? "-t " : "") + importer->path;
  if (!importer->module.version.empty()) text += "@" + importer->module.version;
  return text;
}

std::vector<Module> sorted_modules(const std::vector<std::pair<Module, const Package*>>& found) {
  std::vector<Module> out;
  for (const auto& [module, package] : found) out.push_back(module);
  sort_modules(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

PackageLoader::PackageLoader(ImportFinder& finder, MissingImports* missing,
                             std::set<std::string, std::less<>> tools, PackageLoadOptions options, Note note)
    : finder_(finder),
      missing_(missing),
      options_(std::move(options)),
      note_(std::move(note)),
      tools_(std::move(tools)),
      packages_(finder, tools_) {}

void PackageLoader::error(const std::string& text) {
  // As in go, whose log drops a line's own end, and which prints errors that are allowed without it.
  if (options_.allow_errors) return note_(text.ends_with('\n') ? text + '\n' : text);
  failed_ = true;
  if (!take_error_ || !take_error_(text)) note_(text);
}

void PackageLoader::error(const Error& what) {
  // What does not match its hash ends it, whatever errors are allowed.
  failed_ = failed_ || what.kind() == Kind::unverified;
  error(what.message());
}

std::string PackageLoader::go_version() const {
  if (!options_.tidy_go.empty()) return options_.tidy_go;
  const auto& requirements = current_->requirements;
  if (const auto version = requirements.root_version(k_go)) return std::string(*version);
  return std::string(finder_.resolver().mains().go_version());
}

bool PackageLoader::load(Requirements initial) {
  auto& resolver = finder_.resolver();
  current_ = std::make_shared<Snapshot>(std::move(initial));
  if (current_->requirements.pruning == Pruning::unpruned) {
    auto expanded = resolver.expand(std::move(current_->requirements));
    current_ = std::make_shared<Snapshot>(std::move(expanded.requirements));
    if (!expanded.error) current_->graph = std::move(expanded.graph);
    if (expanded.error) error(*expanded.error);
    if (failed_) return false;
  }
  for (;;) {
    const auto again = round();
    if (!again) {
      error(again.error());
      break;
    }
    if (!*again) break;
  }
  if (failed_) return false;
  if (options_.tidy && !finish_tidy()) return false;
  report();
  if (failed_) return false;
  if (!options_.tidy) return true;
  if (tidied_) tidied_();
  return check_compat();
}

// Where the graph has faults, and errors are allowed, the requirements stay as they are.
void PackageLoader::settle_pruning() {
  if (current_->requirements.pruning == Pruning::workspace) return;
  const auto wanted = pruning_for(go_version());
  if (current_->requirements.pruning == wanted) return;
  auto converted = finder_.resolver().convert_pruning(current_->requirements, wanted);
  if (!converted) return error(converted.error());
  current_ = std::make_shared<Snapshot>(*std::move(converted));
}

std::vector<std::string> PackageLoader::root_packages() {
  auto out = options_.roots ? options_.roots(*current_) : std::vector<std::string>();
  if (!loads_all()) return out;
  if (!walked_) {
    walked_ = true;
    auto found = finder_.source().main_packages(options_.main_module);
    walk_errors_ = std::move(found.errors);
    main_packages_ = std::move(found.paths);
    main_packages_.insert(main_packages_.end(), tools_.begin(), tools_.end());
  }
  out.insert(out.end(), main_packages_.begin(), main_packages_.end());
  return out;
}

PackageRules PackageLoader::rules(const std::string& go) const {
  // Who develops the standard library itself has its packages in a main module.
  const auto& mains = finder_.resolver().mains();
  return {.all_is_root = loads_all(),
          .load_tests = options_.load_tests,
          .closes_over_tests = compare(go, k_narrow_all_go) < 0 && !options_.vendor_all,
          .skip_mod_files = options_.tidy && compare(go, k_strict_go) < 0,
          .skip_std = options_.skip_std && !mains.contains("std") && !mains.contains("cmd")};
}

// A pattern is matched by what can be read of the graph, but for what does not match its hash.
void PackageLoader::stop_at_damage() {
  if (!current_->graph || current_->graph->ok()) return;
  for (const auto& failure : current_->graph->failures())
    if (!failed_ && failure.cause.kind() == Kind::unverified) error(failure.error);
}

Result<bool> PackageLoader::round() {
  settle_pruning();
  if (failed_) return false;
  const auto roots = root_packages();
  stop_at_damage();
  if (failed_) return false;
  const bool pruned = current_->requirements.pruning == Pruning::pruned;
  if (pruned && !options_.readonly && preload_roots(roots)) return true;
  if (failed_) return false;
  const auto go = go_version();
  packages_.load(roots, *current_, rules(go));
  if (TRY(update())) return true;
  if (!options_.resolve_missing || missing_ == nullptr) return false;
  const auto found = TRY(resolve_missing());
  if (found.empty()) return false;
  const auto add = sorted_modules(found);
  auto updated = update_roots(finder_, current_, current_->requirements.direct, {}, add);
  if (!updated) return fail(after_imports(updated.error(), found));
  current_ = *std::move(updated);
  return true;
}

// Where a module cannot be read that was just found for a package: what imports this says more than what
// requires the module.
Error PackageLoader::after_imports(const Error& error,
                                   const std::vector<std::pair<Module, const Package*>>& found) {
  Requirements with = current_->requirements;
  for (const auto& [module, package] : found) with.roots.push_back(module);
  sort_modules(with.roots);
  const auto failures = finder_.resolver().load(with).failures();
  if (failures.empty() || failures.front().error.message() != error.message()) return error;
  const auto& failure = failures.front();
  const auto at = std::ranges::find(found, failure.chain.back(), [](const auto& f) { return f.first; });
  if (at == found.end()) return error;
  return {error.kind(), at->second->stack_text() + ": " + failure.alone, error.hint()};
}

// Modules of root packages are roots, and known before their imports are followed. Did they change?
bool PackageLoader::preload_roots(const std::vector<std::string>& roots) {
  const auto go = go_version();
  const auto providers =
      finder_.find(roots, *current_, {.skip_mod_files = options_.tidy && compare(go, k_strict_go) < 0});
  std::vector<std::string> missing;
  std::set<Module> need;
  const auto want = [&](const Module& m) {
    if (!m.path.empty() && !finder_.resolver().mains().contains(m.path) &&
        current_->requirements.root_version(m.path) != m.version) {
      need.insert(m);
    }
  };
  for (std::size_t i = 0; i < providers.size(); ++i) {
    if (!providers[i].error) {
      want(providers[i].module);
    } else if (providers[i].error->fault == ImportFault::missing) {
      missing.push_back(roots[i]);
    }
  }
  if (options_.resolve_missing && missing_ != nullptr) {
    const auto answers = missing_->find(missing, *current_);
    for (const auto& answer : answers) {
      if (answer.module) want(*answer.module);
      if (answer.error && answer.error->error.kind() == Kind::unverified) error(answer.error->error);
    }
    if (failed_) return false;
  }
  if (need.empty()) return false;
  std::vector<Module> add(need.begin(), need.end());
  sort_modules(add);
  auto updated = update_roots(finder_, current_, current_->requirements.direct, {}, add);
  if (!updated) {
    error(updated.error());
    return false;
  }
  const auto before = std::exchange(current_, *std::move(updated));
  return current_->requirements.roots != before->requirements.roots;
}

DirectPaths PackageLoader::direct_paths() const {
  // Only all packages of a main module can say what is not imported.
  DirectPaths out = loads_all() ? DirectPaths() : current_->requirements.direct;
  for (const auto* package : packages_.packages()) {
    if (!package->module.version.empty() || package->module.path.empty() || packages_.is_external(*package)) {
      continue;
    }
    for (const auto* next : package->imports) {
      if (packages_.is_external(*next)) out.insert(next->module.path);
    }
  }
  return out;
}

namespace {

ImportError implicit_import(const Package& from, const Package& imported) {
  return {ImportFault::implicit,
          Error(Kind::invalid, "package " + from.path + " imports " + imported.path +
                                   " from implicitly required module; to add missing requirements, "
                                   "run:\n\tgo get " +
                                   imported.module.str())};
}

}  // namespace

// Read-only: what the main module imports must come from its roots, which cannot change.
void PackageLoader::refuse_implicit() {
  for (auto* package : packages_.packages()) {
    if (!finder_.resolver().mains().contains(package->module.path) || package->error) continue;
    for (const auto* next : package->imports) {
      if (!packages_.is_external(*next) || package->error ||
          current_->requirements.root_version(next->module.path) == next->module.version) {
        continue;
      }
      package->error = implicit_import(*package, *next);
    }
  }
}

// In a workspace: what its modules import must be required by them, so that its own go.mod was read.
Result<void> PackageLoader::refuse_unlisted() {
  for (auto* package : packages_.packages()) {
    const auto& mains = finder_.resolver().mains();
    if (!package->module.version.empty() || !mains.contains(package->module.path)) continue;
    for (const auto* next : package->imports) {
      if (!packages_.is_external(*next)) continue;
      const Graph& graph = current_->load(finder_.resolver());
      if (auto failure = graph.error()) return fail(*std::move(failure));
      if (!graph.loaded(next->module)) package->error = implicit_import(*package, *next);
    }
  }
  return {};
}

void PackageLoader::refuse_conflicts() {
  if (!current_->graph || current_->requirements.pruning != Pruning::workspace) return;
  for (const auto& failure : current_->graph->failures()) {
    if (failure.is_conflict) conflict(failure.error);
  }
}

// It ends the command, whatever errors are allowed.
void PackageLoader::conflict(const Error& what) {
  note_(what.message());
  failed_ = true;
}

// The first of the packages that need the newest go.
std::optional<PackageLoader::Newest> PackageLoader::needs_newest_go() const {
  std::optional<Newest> out;
  for (const auto* package : packages_.packages()) {
    if (!package->error) continue;
    auto newer = finder_.resolver().needs_newer_go(package->error->error);
    if (newer && (!out || compare(newer->go, out->newer.go) > 0)) out = Newest{package, *std::move(newer)};
  }
  return out;
}

// What does not match its hash ends it.
Result<void> PackageLoader::refuse_damaged() const {
  for (const auto* package : packages_.packages()) {
    if (package->error && package->error->error.kind() == Kind::unverified)
      return fail(package->error->error);
  }
  return {};
}

Result<bool> PackageLoader::update() {
  TRY(refuse_damaged());
  refuse_conflicts();
  if (auto newest = needs_newest_go()) return fail(std::move(newest->newer.error));
  if (current_->requirements.pruning == Pruning::workspace) {
    TRY(refuse_unlisted());
    current_ = Snapshot::of_same_roots(current_->requirements, current_);
    return false;
  }
  const auto direct = direct_paths();
  if (options_.readonly) refuse_implicit();
  std::vector<Module> add;
  if (options_.tidy) add = TRY(tidy_roots(finder_, *current_, packages_))->requirements.roots;
  const auto updated = TRY(update_roots(finder_, current_, direct, packages_.packages(), add));
  const bool valid = TRY(still_valid(updated));
  current_ = updated;
  return !valid;
}

// Are the packages still what the new roots would give?
Result<bool> PackageLoader::still_valid(const SnapshotPtr& updated) {
  const auto& before = current_->requirements;
  const auto& after = updated->requirements;
  if (after.root_version(k_go) != before.root_version(k_go)) return false;
  if (after.roots == before.roots) return true;
  const Graph& graph = updated->load(finder_.resolver());
  if (auto failure = graph.error()) return fail(*std::move(failure));
  std::vector<std::string> failed;
  for (const auto* package : packages_.packages()) {
    if (packages_.is_external(*package) &&
        selected_or_none(graph, package->module.path) != package->module.version) {
      return false;
    }
    if (package->error) failed.push_back(package->path);
  }
  const auto again = finder_.find(
      failed, *updated, {.skip_mod_files = options_.tidy && compare(go_version(), k_strict_go) < 0});
  return std::ranges::all_of(again, [](const auto& p) { return p.error.has_value(); });
}

// Where to run `go get`, if that is not where the user is: in the module that leads to the package.
void PackageLoader::add_folder(ImportError& error, const Package& package) const {
  const auto& mains = finder_.resolver().mains();
  const bool says_how = options_.readonly && error.fault == ImportFault::missing;
  if (!mains.is_workspace() || !says_how || error.error.message() != finder_.missing(package.path).message())
    return;
  for (const auto* p = package.stack; p != nullptr; p = p->stack) {
    const auto main = std::ranges::find(mains.modules(), p->module.path, &MainModule::path);
    if (main == mains.modules().end()) continue;
    if (main->path == options_.here) return;
    auto text = error.error.message();
    text.insert(text.rfind("\tgo get"), "\tcd " + main->dir + "\n");
    error.error = Error(error.error.kind(), std::move(text));
    return;
  }
}

Result<std::vector<std::pair<Module, const Package*>>> PackageLoader::resolve_missing() {
  std::vector<Package*> packages;
  std::vector<std::string> paths;
  for (auto* package : packages_.packages()) {
    if (!package->error || package->is_test()) continue;
    const auto fault = package->error->fault;
    if (fault != ImportFault::missing && fault != ImportFault::missing_std) continue;
    packages.push_back(package);
    paths.push_back(package->path);
  }
  auto answers = missing_->find(paths, *current_);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].error) continue;
    if (answers[i].error->fault == ImportFault::conflict) conflict(answers[i].error->error);
    packages[i]->error = std::move(answers[i].error);
    add_folder(*packages[i]->error, *packages[i]);
  }
  if (failed_) return std::vector<std::pair<Module, const Package*>>();
  TRY(refuse_damaged());
  if (auto newest = needs_newest_go()) {
    note_("toolchain upgrade needed to resolve " + newest->package->path);
    return fail(std::move(newest->newer.error));
  }
  std::vector<std::pair<Module, const Package*>> out;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].module) continue;
    note_("found " + packages[i]->path + " in " + answers[i].module->path + " " + answers[i].module->version);
    out.emplace_back(*answers[i].module, packages[i]);
  }
  return out;
}

bool PackageLoader::finish_tidy() {
  auto& resolver = finder_.resolver();
  auto tidied = tidy_roots(finder_, *current_, packages_);
  if (!tidied) {
    error(tidied.error());
    return !failed_;
  }
  if (!options_.tidy_go.empty()) {
    auto forced = std::make_shared<Snapshot>(
        override_roots((*tidied)->requirements, {{std::string(k_go), options_.tidy_go}}));
    const Graph& graph = forced->load(resolver);
    if (const auto failure = graph.error()) error(*failure);
    const auto selected = selected_or_none(graph, k_go);
    if (selected == options_.tidy_go) {
      *tidied = std::move(forced);
    } else {
      const auto chain = graph.chain_to({std::string(k_go), selected});
      std::string text = chain.size() > 1 ? chain[1].str() : "";
      if (options_.verbose) {
        for (std::size_t i = 2; i < chain.size(); ++i) text += " requires\n\t" + chain[i].str();
      } else {
        text += (chain.size() > 3 ? " indirectly requires " : " requires ") + chain.back().str();
      }
      error(text + ", but " + options_.tidy_go + " is requested");
    }
  }
  if (current_->requirements.pruning == Pruning::pruned) check_tidied((*tidied)->requirements);
  current_ = *std::move(tidied);
  return !failed_;
}

// Roots that tidy needs were added while packages were loaded, unless a graph with faults was in the way.
void PackageLoader::check_tidied(const Requirements& tidied) {
  for (const auto& m : tidied.roots) {
    if (m.path == k_go && !options_.tidy_go.empty()) continue;
    const auto had = current_->requirements.root_version(m.path);
    if (had == m.version) continue;
    error("internal error: a requirement on " + m.str() +
          " is needed but was not added during package loading (selected " + std::string(had.value_or("")) +
          ")");
  }
}

void PackageLoader::report() {
  for (const auto* package : packages_.packages()) {
    if (!package->error) continue;
    const auto& fault = package->error->fault;
    if (fault == ImportFault::missing_std && options_.silent_missing_std) continue;
    if (options_.silent_errors) continue;
    const auto text =
        fault == ImportFault::missing_sum ? missing_sum_text(*package) : package->error->error.message();
    error(package->stack_text() + ": " + text);
  }
  const auto modules = current_->graph ? current_->graph->build_list() : current_->requirements.roots;
  std::map<Module, std::string> first;
  for (const auto& m : modules) {
    const auto& actual = finder_.resolver().mains().actual(m);
    const auto [it, is_new] = first.try_emplace(actual, m.path);
    if (is_new || it->second == m.path) continue;
    error(actual.path + "@" + actual.version + " used for two different module paths (" + it->second +
          " and " + m.path + ")");
  }
  if (options_.silent_errors) return;
  for (const auto& unread : walk_errors_) error("pattern all: " + unread.message());
}

}  // namespace larder::resolve

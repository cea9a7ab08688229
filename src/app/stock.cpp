// SPDX-License-Identifier: Apache-2.0
#include "app/stock.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "app/carry.hpp"
#include "app/go_folder.hpp"
#include "app/policy_gate.hpp"
#include "app/version_query.hpp"
#include "fetch/download.hpp"
#include "fetch/verify.hpp"
#include "gomod/check.hpp"
#include "gomod/h1.hpp"
#include "modzip/zip_tree.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

fetch::Verifier make_verifier(const Project& project, const StockOptions& options) {
  return fetch::Verifier(
      {.sums = sums_of(project), .settings = options.settings, .database = options.database});
}

bool is_unchecked(const fetch::Downloaded& got) {
  const auto proof = got.zip_proof.value_or(got.mod_proof);
  return proof == fetch::Proof::sumdb_off || proof == fetch::Proof::exempt;
}

// What one stock run counts, from many threads.
struct Tally {
  sys::Sync<StockReport> report;
  std::atomic<std::uint64_t> done = 0;

  void add(const fetch::Downloaded& got, bool whole) {
    auto r = report.lock();
    r->bytes += got.bytes;
    r->repaired += got.repaired ? 1 : 0;
    if (got.already_held) return r->tally.held(got.module);
    if (whole || got.zip_hash) {
      r->tally.fetched(got.module);
    } else {
      r->tally.requirement(got.module);
    }
    if (is_unchecked(got)) r->unchecked.push_back(got.module);
  }
};

// The source, with a memory for go.mod files that the graph is made of before their modules are judged: they
// are not stored yet, and not fetched twice.
class Remembering final : public fetch::ModuleSource {
 public:
  Remembering(const fetch::ModuleSource& source, bool on) : source_(source), on_(on) {}

  Result<std::vector<std::string>> list(std::string_view path, std::stop_token stop) const override {
    return source_.list(path, std::move(stop));
  }
  Result<fetch::Info> latest(std::string_view path, std::stop_token stop) const override {
    return source_.latest(path, std::move(stop));
  }
  Result<fetch::Info> info(std::string_view path, std::string_view query,
                           std::stop_token stop) const override {
    return source_.info(path, query, std::move(stop));
  }
  Result<std::string> mod(const gomod::Module& module, std::stop_token stop) const override {
    if (on_) {
      auto known = known_.lock();
      if (const auto it = known->texts.find(module); it != known->texts.end()) return it->second;
    }
    auto text = TRY(source_.mod(module, std::move(stop)));
    if (on_) keep(module, text);
    return text;
  }
  Result<void> zip(const gomod::Module& module, fetch::ByteSink& sink, std::stop_token stop) const override {
    return source_.zip(module, sink, std::move(stop));
  }
  Result<void> in_turn(const gomod::Module& module, const Ask& ask) const override {
    return source_.in_turn(module, ask);
  }

 private:
  static constexpr std::size_t k_room = 64U << 20U;  // bytes; what does not fit is fetched again
  struct Known {
    std::map<gomod::Module, std::string> texts;
    std::size_t bytes = 0;
  };
  void keep(const gomod::Module& module, const std::string& text) const {
    auto known = known_.lock();
    if (text.size() > k_room - known->bytes) return;
    if (known->texts.emplace(module, text).second) known->bytes += text.size();
  }

  const fetch::ModuleSource& source_;
  bool on_;
  mutable sys::Sync<Known> known_;
};

// What the database will be asked; nullptr where there is none.
Carrier* expect_answers(const StockOptions& options, const std::vector<Want>& wants) {
  auto* const carrier = options.dry_run ? nullptr : options.carrier;
  if (carrier == nullptr) return nullptr;
  std::vector<gomod::Module> modules;
  for (const auto& want : wants) {
    if (!judge_name(options.policy, want.module)) modules.push_back(want.module);
  }
  carrier->expect(modules);
  return carrier;
}

// Beside the downloads, which wait for other answers, and behind them where processors are scarce: at the
// end, while the last large archives are unpacked, there is time enough. But not from the beginning: the
// thread that moves all bytes is started by whoever needs it first, and inherits how urgent it is.
std::jthread ask_beside(Carrier* carrier, const std::stop_token& stop) {
  if (carrier == nullptr) return {};
  return std::jthread([carrier, stop] {
    if (!carrier->ask_some(stop)) return;
    sys::run_when_idle();
    carrier->ask(stop);
  });
}

}  // namespace

void StockTally::note(const gomod::Module& module, Is is) {
  auto& known = modules_.try_emplace(module, is).first->second;
  known = std::max(known, is);
}
void StockTally::fetched(const gomod::Module& module) {
  note(module, Is::fetched);
}
void StockTally::requirement(const gomod::Module& module) {
  note(module, Is::requirement);
}
void StockTally::held(const gomod::Module& module) {
  note(module, Is::held);
}
void StockTally::merge(const StockTally& later) {
  for (const auto& [module, is] : later.modules_) note(module, is);
}
std::size_t StockTally::count(Is is) const {
  return static_cast<std::size_t>(
      std::ranges::count(modules_, is, [](const auto& module) { return module.second; }));
}

void sort_unique(std::vector<gomod::Module>& modules) {
  std::ranges::sort(modules, gomod::module_less);
  const auto same = std::ranges::unique(modules);
  modules.erase(same.begin(), same.end());
}

bool vouched_without_sum(const fetch::Settings& settings, const gomod::Module& module) {
  return fetch::exemption(settings, module).has_value();
}

bool usable_without_sum(const fetch::Settings& settings, const gomod::Module& module) {
  return !settings.gosumdb.empty() || vouched_without_sum(settings, module);
}

Result<StockReport> Stocker::stock(const Project& project, std::stop_token stop) const {
  return run(
      project, [&](const auto& m) { return usable_without_sum(options_.settings, m); }, std::move(stop));
}

// Of a module whose name is refused nothing is asked for.
Result<void> Stocker::check_name(const gomod::Module& module) const {
  if (const auto decision = judge_name(options_.policy, module)) return fail(refusal(*decision));
  return {};
}

void Stocker::refresh_lists(const std::vector<std::string>& paths, std::vector<Error>& failures) const {
  std::vector<Result<void>> done(paths.size());
  sys::parallel_for(paths.size(), options_.jobs, {},
                    [&](std::size_t i) { done[i] = modules_.refresh_list(paths[i]); });
  for (auto& listed : done) {
    if (!listed) failures.push_back(std::move(listed).error());
  }
}

Result<StockReport> Stocker::run(const Project& project,
                                 const std::function<bool(const gomod::Module&)>& vouched,
                                 std::stop_token stop) const {
  const auto verifier = make_verifier(project, options_);
  const auto look = options_.verify ? fetch::Look::whole : fetch::Look::quick;
  Tally tally;
  const bool late = options_.policy.refuses_late();
  const Remembering source(source_, late);
  progress_.started("resolving", 0, Unit::items);
  std::atomic<std::uint64_t> read_count = 0;
  const ReadMod read = [&](const gomod::Module& module) -> Result<std::string> {
    if (stop.stop_requested()) return fail(Kind::cancelled, "interrupted");
    progress_.advanced(module.str(), ++read_count);
    TRY(check_name(module));
    if (options_.dry_run) {
      auto held = modules_.mod(module);
      return held ? std::move(held) : source.mod(module, stop);
    }
    if (late && TRY(modules_.held(module)) == store::Held::nothing) {
      auto text = TRY(source.mod(module, stop));
      TRY(verifier.verify(module, fetch::Of::go_mod, gomod::hash_go_mod(text), stop));
      return text;
    }
    const auto got = TRY(fetch::stock_requirement(source, verifier, modules_, module, stop, look));
    if (!got.already_held) tally.add(got, false);
    return modules_.mod(module);
  };
  auto plan = TRY(make_plan(project, read, {.vouched_without_sum = vouched, .threads = options_.jobs}));
  progress_.finished();
  if (stop.stop_requested()) return fail(Kind::cancelled, "interrupted; run it again to go on");

  PolicyGate gate(options_.policy, {source, verifier, modules_}, options_.now, stop);
  std::vector<std::optional<Error>> errors(plan.wants.size());
  std::vector<std::vector<Decision>> decisions(plan.wants.size());
  progress_.started("stocking", plan.wants.size(), Unit::items);
  const auto one = [&](std::size_t i) {
    const Want& want = plan.wants[i];
    const auto verdict = gate.judge(want);
    if (verdict) decisions[i] = *verdict;
    if (!verdict) {
      errors[i] = verdict.error();
    } else if (!verdict->empty() && verdict->back().refused) {
      errors[i] = refusal(verdict->back());
    } else if (options_.dry_run) {
      const auto held = modules_.held(want.module);
      const bool enough =
          held && (*held == store::Held::whole || (!want.whole && *held == store::Held::requirement));
      if (!enough) tally.report.lock()->planned.push_back(want);
    } else {
      const auto stock = want.whole ? fetch::stock_module : fetch::stock_requirement;
      const auto got = stock(source, verifier, modules_, want.module, stop, look);
      if (got) {
        tally.add(*got, want.whole);
        if (options_.carrier != nullptr) options_.carrier->holds(*got);
      } else {
        errors[i] = got.error();
      }
    }
    progress_.advanced(want.module.str(), ++tally.done);
  };
  {
    auto* const carrier = expect_answers(options_, plan.wants);
    const auto asking = ask_beside(carrier, stop);
    sys::parallel_for(plan.wants.size(), options_.jobs, stop, one);
    if (carrier != nullptr) carrier->ask(stop);  // what is left, no longer behind anybody
  }
  progress_.finished();

  // A run that was killed between a module and its list left the list behind; it is derived, so it is made
  // anew. A module that failed has told why.
  std::set<std::string> paths;
  for (std::size_t i = 0; i < plan.wants.size() && !options_.dry_run && !stop.stop_requested(); ++i) {
    const bool refused = !decisions[i].empty() && decisions[i].back().refused;
    if (plan.wants[i].whole && !refused && !errors[i]) paths.insert(plan.wants[i].module.path);
  }

  StockReport report = std::move(*tally.report.lock());
  report.unsummed = std::move(plan.unsummed);
  if (!options_.policy.empty()) report.judged = plan.wants.size();
  for (auto& some : decisions) report.decisions.insert(report.decisions.end(), some.begin(), some.end());
  refresh_lists({paths.begin(), paths.end()}, report.failures);
  for (auto& error : errors) {
    if (error && error->kind() != Kind::cancelled) report.failures.push_back(*std::move(error));
  }
  // A go.mod that could not be read was wanted too, so its failure is in the list already, with less context.
  for (auto& failure : plan.failures) {
    if (report.failures.empty()) report.failures.push_back(std::move(failure));
  }
  std::sort(report.planned.begin(), report.planned.end(),
            [](const auto& a, const auto& b) { return gomod::module_less(a.module, b.module); });
  sort_unique(report.unchecked);
  if (stop.stop_requested())
    report.failures.emplace_back(Kind::cancelled, "interrupted; run it again to go on");
  return report;
}

namespace {

// Upstream alone, for queries that choose among versions.
class SourceVersions final : public VersionSource {
 public:
  SourceVersions(const fetch::ModuleSource& source, std::stop_token stop)
      : source_(source), stop_(std::move(stop)) {}
  Result<std::vector<std::string>> list(const std::string& path) override {
    return source_.list(path, stop_);
  }
  Result<fetch::Info> latest(const std::string& path) override { return source_.latest(path, stop_); }
  Result<fetch::Info> stat(const std::string& path, const std::string& revision) override {
    return source_.info(path, revision, stop_);
  }
  Result<std::string> go_mod(const gomod::Module& module) override { return source_.mod(module, stop_); }

 private:
  const fetch::ModuleSource& source_;
  std::stop_token stop_;
};

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

Result<bool> has_package(const store::GoModules& modules, const gomod::Module& module,
                         std::string_view package) {
  const auto zip = TRY(modules.zip(module));
  const auto tree = TRY(modzip::ZipTree::open(module, TRY(zip->bytes())));
  return read_go_folder(tree, package.substr(module.path.size() + 1)).has_go_files;
}

}  // namespace

Result<gomod::Module> Stocker::resolve(const std::string& path, const std::string& query,
                                       const std::stop_token& stop) const {
  if (is_revision_query(path, query))
    return gomod::Module{path, TRY(source_.info(path, query, stop)).version};
  SourceVersions versions(source_, stop);
  auto chosen = VersionQueries(versions, nullptr).query(path, query, "", Allow::not_retracted);
  if (!chosen) return fail(std::move(chosen).error().error);
  return gomod::Module{path, std::move(chosen->version)};
}

// The module itself, or the nearest one above that a package of this path could belong to.
Result<gomod::Module> Stocker::find(const std::string& path, const std::string& query,
                                    const std::stop_token& stop) const {
  auto first = resolve(path, query, stop);
  if (first || first.error().kind() != Kind::not_found) return first;
  for (auto above = parent_of(path); gomod::check_path(above); above = parent_of(above)) {
    if (judge_name(options_.policy, {above, query})) return first;
    auto module = resolve(above, query, stop);
    if (module || module.error().kind() != Kind::not_found) return module;
  }
  return first;
}

Result<StockReport> Stocker::stock(const std::string& path, const std::string& query,
                                   std::stop_token stop) const {
  if (auto decision = judge_name(options_.policy, {path, query})) {
    decision->needed_by = "the command line";
    StockReport refused;
    refused.judged = 1;
    refused.decisions = {*decision};
    refused.failures = {refusal(*decision)};
    return refused;
  }
  const auto module = TRY(find(path, query, stop));
  // There is no go.sum that could say which zips are used; the checksum database vouches for any.
  const auto usable = [&](const auto& m) { return usable_without_sum(options_.settings, m); };
  auto report = TRY(run(project_of(module), usable, stop));
  report.unsummed.clear();  // there is no go.sum
  if (module.path == path || options_.dry_run || !report.failures.empty()) return report;
  if (!TRY(has_package(modules_, module, path))) {
    report.failures.emplace_back(Kind::not_found,
                                 module.str() + " was stocked, but does not contain package " + path);
  }
  return report;
}

}  // namespace larder::app

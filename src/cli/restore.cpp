// SPDX-License-Identifier: Apache-2.0
#include "app/restore.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/carry_bundle.hpp"
#include "app/contents.hpp"
#include "app/go_memory.hpp"
#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/progress_bar.hpp"
#include "cli/rows.hpp"
#include "cli/wiring.hpp"

namespace larder::cli {

namespace {

class RestoreCommand final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("PROJECT", projects_, "restore what these projects need; default: this one");
    app.add_flag("--all", all_, "restore the whole store");
    app.add_flag("--no-extract", no_extract_, "archives only, no extracted trees");
    app.add_flag("--modcacherw", read_write_, "leave extracted folders writable");
    app.add_option("--threads", threads_, "threads; 0: one a processor")
        ->check(CLI::Range(0U, 64U))
        ->type_name("N");
  }

  Result<int> run(Session& session) override {
    if (all_ && !projects_.empty()) {
      return session.misused({Kind::invalid, "--all restores the whole store, so no project can be named"});
    }
    const auto store = TRY(open_store(session, store::Access::read_only));
    const store::GoModules modules(*store);
    const auto cache = TRY(open_modcache(session, {.read_write = read_write_}));
    if (projects_.empty() && !all_) projects_.emplace_back(".");
    std::vector<store::Incomplete> incomplete;
    auto [wants, failures, missing] =
        project_contents(session, modules, projects_,
                         [&](const store::Incomplete& version) { incomplete.push_back(version); });
    warn_of_incomplete(session, incomplete, "restored");
    const auto progress = make_progress(session);
    const auto truth = open_carried_truth(session, *store);
    auto report = app::restore(modules, cache, wants,
                               {.extract = !no_extract_, .threads = threads_, .databases = &truth}, *progress,
                               session.stop);
    report.failures.insert(report.failures.begin(), failures.begin(), failures.end());
    if (const auto done = restore_databases(session, *store, wants); !done) {
      report.failures.push_back(done.error());
    }
    session.complain(report.failures);
    const auto other_failures = report.failures.size() - (missing > 0 ? 1 : 0);
    if (session.json()) {
      session.print_json(nlohmann::ordered_json{{"restored", report.restored},
                                                {"requirements", report.requirements},
                                                {"present", report.present},
                                                {"missing", missing},
                                                {"bytes", report.bytes},
                                                {"failed", other_failures},
                                                {"modcache", cache.root().native()}});
    } else {
      session.print(fmt::format(
          "restored {} modules and {} requirements ({}) into {}; {} already there; {}{} failed\n",
          report.restored, report.requirements, human_bytes(report.bytes), cache.root().native(),
          report.present, missing > 0 ? fmt::format("{} missing; ", missing) : "", other_failures));
    }
    return exit_status(report.failures);
  }

 private:
  // What is not carried is not missed: go.sum has it, or go asks.
  static Result<void> restore_databases(const Session& session, store::Store& store,
                                        const std::vector<app::Want>& wants) {
    if (session.config.go.get("GOSUMDB") == "off") return {};
    TRY(tell_memory_gaps(session, store));  // a fork leaves go's memory as it is
    const auto cache = database_paths(session).cache;
    for (const auto& part :
         TRY(app::restore_databases(store, wants, fetch_settings(session), cache, session.stop))) {
      if (!part.left_out.empty()) continue;
      session.note(fmt::format("{}: {} records restored", part.name, part.records));
    }
    return {};
  }

  // They matter where go has to ask the database: for what go.sum lacks.
  static Result<void> tell_memory_gaps(const Session& session, store::Store& store) {
    for (const auto& gap :
         TRY(app::memory_gaps(store, fetch_settings(session), database_paths(session), session.stop))) {
      session.note(fmt::format(
          "{}: go remembers its tree of {} records; the store has that of {}, and no proof that one goes on "
          "from the other, so go stops where go.sum lacks a line\n  hint: to begin at the store's head: rm "
          "{}",
          gap.name, gap.remembered, gap.carried, gap.file.native()));
    }
    return {};
  }

  std::vector<std::string> projects_;
  bool all_ = false;
  bool no_extract_ = false;
  bool read_write_ = false;
  unsigned threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_restore() {
  return std::make_unique<RestoreCommand>();
}

}  // namespace larder::cli

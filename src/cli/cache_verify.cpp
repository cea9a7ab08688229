// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/verify_store.hpp"
#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/damage.hpp"
#include "cli/progress_bar.hpp"
#include "cli/rows.hpp"
#include "cli/wiring.hpp"
#include "fetch/gosumdb.hpp"

namespace larder::cli {

namespace {

class CacheVerify final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("--threads", threads_, "threads; 0: one a processor")
        ->check(CLI::Range(0U, 64U))
        ->type_name("N");
    app.add_flag("--keep", keep_, "change nothing: leave what is damaged where it is");
  }

  Result<int> run(Session& session) override {
    const auto store = TRY(open_store(session, store::Access::read_only));
    const store::GoModules modules(*store);
    const auto progress = make_progress(session);
    const auto truth = open_carried_truth(session, *store);
    const auto report = TRY(app::verify_store(modules, options(session, truth), *progress, session.stop));
    session.complain(report.failures);
    for (const auto& key : report.foreign) session.note("not a module, passed over: " + key);
    for (const auto& version : report.incomplete) {
      session.note(fmt::format("{} is incomplete: {}", version.module.str(), store::lacks_text(version)));
    }
    for (const auto& note : report.notes) session.note(note);
    for (const auto& database : report.databases) session.note(line_of(database));
    if (session.json()) {
      const auto damaged = count_damaged(report.failures);
      session.print_json(nlohmann::ordered_json{{"modules", report.modules},
                                                {"requirements", report.requirements},
                                                {"bytes", report.bytes},
                                                {"damaged", damaged},
                                                {"unread", report.failures.size() - damaged},
                                                {"setAside", report.set_aside},
                                                {"incomplete", report.incomplete.size()},
                                                {"databases", to_json(report.databases)}});
    } else {
      session.print(fmt::format("{} modules and {} requirements ({}) read; {}, {} set aside\n",
                                report.modules, report.requirements, human_bytes(report.bytes),
                                describe_damage(report.failures), report.set_aside));
    }
    return exit_status(report.failures);
  }

 private:
  app::VerifyStoreOptions options(const Session& session, const app::CarriedTruth& truth) const {
    return {.threads = threads_,
            .set_aside = !keep_,
            .database_key = [gosumdb = fetch_settings(session).gosumdb](
                                const std::string& name) { return fetch::database_key(gosumdb, name); },
            .databases = &truth};
  }

  static std::string line_of(const app::VerifiedDatabase& database) {
    return fmt::format("{}: {} lookups and {} tiles read", database.name, database.lookups, database.tiles);
  }

  static nlohmann::ordered_json to_json(const std::vector<app::VerifiedDatabase>& databases) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& [name, lookups, tiles, is_signed] : databases) {
      out.push_back({{"name", name}, {"lookups", lookups}, {"tiles", tiles}, {"signed", is_signed}});
    }
    return out;
  }

  unsigned threads_ = 0;
  bool keep_ = false;
};

}  // namespace

std::unique_ptr<Command> make_cache_verify() {
  return std::make_unique<CacheVerify>();
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "app/check.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/check_database.hpp"
#include "cli/cli11.hpp"
#include "cli/damage.hpp"
#include "cli/rows.hpp"
#include "cli/shortfall.hpp"
#include "cli/wiring.hpp"
#include "sys/parallel.hpp"

namespace larder::cli {

namespace {

using Json = nlohmann::ordered_json;

class CheckCommand final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("PROJECT", projects_, "project folders; default: this one");
    app.add_option("--wants", wants_file_, "write what is missing to this file, for `larder stock` outside")
        ->type_name("FILE");
    app.add_flag("--verify", verify_, "read all of what is held and compare it with its hashes");
  }

  Result<int> run(Session& session) override {
    const auto store = TRY(open_store(session, store::Access::read_only));
    const store::GoModules modules(*store);
    if (projects_.empty()) projects_.emplace_back(".");
    const app::CheckOptions options{.verify = verify_, .threads = sys::cpu_count(), .stop = session.stop};
    Json json = Json::array();
    int status = k_done;
    std::set<gomod::Module> missing;
    for (const auto& path : projects_) {
      const auto [report, database] = check_one(session, modules, path, options);
      for (const auto& want : report.missing) missing.insert(want.module);
      if (session.json()) {
        json.push_back(to_json(path, report, database));
      } else {
        print(session, path, report, database);
      }
      if (!report.complete() || !database.passes()) {
        status = std::max({status, int{k_failed}, exit_status(report.errors), exit_status(database.errors)});
      }
    }
    if (session.json()) session.print_json(json);
    if (wants_file_) TRY(write_wants(session, *wants_file_, missing));
    return status;
  }

 private:
  struct Checked {
    app::CheckReport report;
    app::DatabaseCheck database;
  };

  // A project that cannot be read is told as an error of its own: the others are checked all the same.
  static Checked check_one(const Session& session, const store::GoModules& modules, const std::string& path,
                           const app::CheckOptions& options) {
    auto checked = check_project(session, modules, path, options);
    if (checked) return *std::move(checked);
    Checked failed;
    failed.report.errors.push_back(std::move(checked).error().with(path));
    return failed;
  }

  static Result<Checked> check_project(const Session& session, const store::GoModules& modules,
                                       const std::string& path, const app::CheckOptions& options) {
    const auto project = TRY(load_project(session, path));
    const auto settings = fetch_settings(session);
    Checked out;
    out.report = TRY(app::check(modules, project, settings, options));
    out.database = app::check_database(modules, project, out.report, settings, session.stop);
    return out;
  }

  static void print(const Session& session, const std::string& path, const app::CheckReport& report,
                    const app::DatabaseCheck& database) {
    session.complain(report.errors);
    session.complain(database.errors);
    if (report.wants.empty() && !report.errors.empty()) return;  // which project? that is told
    for (const auto& want : report.missing) {
      session.print(fmt::format("missing {}{}  (needed by {})\n", want.module.str(),
                                want.whole ? "" : " go.mod", want.needed_by));
    }
    note_database(session, path, database);
    note_unsummed(session, path, report.unsummed);
    if (report.complete() && database.passes()) {
      session.print(fmt::format("{}: complete, {} modules and requirements held{}\n", path,
                                report.wants.size(), report.unsummed.empty() ? "; offline compatible" : ""));
    } else {
      auto errors = report.errors;
      errors.insert(errors.end(), database.errors.begin(), database.errors.end());
      session.note(fmt::format("{}: {} of {} missing, {}", path, report.missing.size(), report.wants.size(),
                               describe_damage(errors)));
      if (!report.missing.empty())
        session.note("bring them in with `larder stock`, or a bundle with `larder unpack`");
    }
  }

  static void note_database(const Session& session, const std::string& path,
                            const app::DatabaseCheck& database) {
    if (database.name.empty()) return;
    if (!database.is_carried) {
      session.note(fmt::format("{}: the store does not carry {}", path, database.name));
    } else {
      for (const auto& want : database.without) {
        session.print(fmt::format("unproven {}  (needed by {})\n", want.module.str(), want.needed_by));
      }
      session.note(fmt::format("{}: {} proven with the carried {}, {} not in it", path, database.proven,
                               database.name, database.without.size()));
    }
    if (database.unvouched > 0) {
      session.note(
          fmt::format("{}: {} of the modules are in neither {} nor go.sum: go has nothing to check "
                      "them with; outside: `larder stock` them with GOSUMDB on, then pack and unpack",
                      path, database.unvouched, database.name));
    }
  }

  static Json to_json(const app::DatabaseCheck& database) {
    Json out{{"name", database.name}, {"carried", database.is_carried}, {"proven", database.proven}};
    out["unproven"] = Json::array();
    for (const auto& want : database.without) out["unproven"].push_back(want.module.str());
    out["unvouched"] = database.unvouched;
    return out;
  }

  static Json to_json(const std::string& path, const app::CheckReport& report,
                      const app::DatabaseCheck& database) {
    Json out{{"project", path},
             {"complete", report.complete() && database.passes()},
             {"needed", report.wants.size()}};
    out["missing"] = Json::array();
    for (const auto& want : report.missing) {
      out["missing"].push_back(
          {{"module", want.module.str()}, {"whole", want.whole}, {"neededBy", want.needed_by}});
    }
    out["unsummed"] = Json::array();
    for (const auto& module : report.unsummed) out["unsummed"].push_back(module.str());
    if (!database.name.empty()) out["database"] = to_json(database);
    out["errors"] = Json::array();
    for (const auto* errors : {&report.errors, &database.errors}) {
      for (const auto& error : *errors) {
        out["errors"].push_back({{"kind", kind_name(error.kind())}, {"message", error.message()}});
      }
    }
    return out;
  }

  std::vector<std::string> projects_;
  std::optional<std::string> wants_file_;
  bool verify_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check() {
  return std::make_unique<CheckCommand>();
}

}  // namespace larder::cli

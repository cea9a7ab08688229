// SPDX-License-Identifier: Apache-2.0
#include "app/check.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/damage.hpp"
#include "cli/rows.hpp"
#include "cli/wiring.hpp"
#include "sys/parallel.hpp"

namespace larder::cli {

namespace {

using Json = nlohmann::ordered_json;

class CheckCommand final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("PROJECT", projects_, "project folders; default: this one");
    app.add_flag("--verify", verify_, "read all of what is held and compare it with its hashes");
  }

  Result<int> run(Session& session) override {
    const auto store = TRY(open_store(session, store::Access::read_only));
    const store::GoModules modules(*store);
    if (projects_.empty()) projects_.emplace_back(".");
    const app::CheckOptions options{
        .verify = verify_, .threads = verify_ ? sys::cpu_count() : 1, .stop = session.stop};
    Json json = Json::array();
    int status = k_done;
    for (const auto& path : projects_) {
      const auto report = check_one(session, modules, path, options);
      if (session.json()) {
        json.push_back(to_json(path, report));
      } else {
        print(session, path, report);
      }
      if (!report.complete()) status = std::max({status, int{k_failed}, exit_status(report.errors)});
    }
    if (session.json()) session.print(json.dump() + "\n");
    return status;
  }

 private:
  // A project that cannot be read is told as an error of its own: the others are checked all the same.
  static app::CheckReport check_one(const Session& session, const store::GoModules& modules,
                                    const std::string& path, const app::CheckOptions& options) {
    const auto project = app::load_project(path, find_options(session));
    auto report = project ? app::check(modules, *project, fetch_settings(session), options)
                          : Result<app::CheckReport>(fail(project.error()));
    if (report) return *std::move(report);
    app::CheckReport failed;
    failed.errors.push_back(std::move(report).error().with(path));
    return failed;
  }

  static void print(const Session& session, const std::string& path, const app::CheckReport& report) {
    session.complain(report.errors);
    for (const auto& want : report.missing) {
      session.print(fmt::format("missing {}{}  (needed by {})\n", want.module.str(),
                                want.whole ? "" : " go.mod", want.needed_by));
    }
    if (report.complete()) {
      session.print(
          fmt::format("{}: complete, {} modules and requirements held\n", path, report.wants.size()));
    } else {
      session.note(fmt::format("{}: {} of {} missing, {}", path, report.missing.size(), report.wants.size(),
                               describe_damage(report.errors)));
      if (!report.missing.empty())
        session.note("bring them in with `larder stock`, or a bundle with `larder unpack`");
    }
  }

  static Json to_json(const std::string& path, const app::CheckReport& report) {
    Json out{{"project", path}, {"complete", report.complete()}, {"needed", report.wants.size()}};
    out["missing"] = Json::array();
    for (const auto& want : report.missing) {
      out["missing"].push_back(
          {{"module", want.module.str()}, {"whole", want.whole}, {"neededBy", want.needed_by}});
    }
    out["errors"] = Json::array();
    for (const auto& error : report.errors) {
      out["errors"].push_back({{"kind", kind_name(error.kind())}, {"message", error.message()}});
    }
    return out;
  }

  std::vector<std::string> projects_;
  bool verify_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check() {
  return std::make_unique<CheckCommand>();
}

}  // namespace larder::cli

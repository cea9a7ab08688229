// SPDX-License-Identifier: Apache-2.0
#include "app/prove.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/check.hpp"
#include "cli/cli11.hpp"
#include "cli/rows.hpp"
#include "cli/wiring.hpp"

namespace larder::cli {

namespace {

using Json = nlohmann::ordered_json;

// Go settings that the sandbox must see although its HOME is empty.
sys::Environment go_settings(const Session& session) {
  sys::Environment out;
  for (const auto* name :
       {"GOFLAGS", "GOPRIVATE", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "GOTOOLCHAIN", "GOWORK"}) {
    out[name] = session.config.go.get(name);
  }
  return out;
}

class ProveCommand final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("PROJECT", project_, "project folder (default: this one), then -- and the command");
    app.add_flag("--keep-caches", keep_caches_, "use the real HOME, GOMODCACHE and GOCACHE, not empty ones");
  }

  Result<int> run(Session& session) override {
    if (session.command.empty()) {
      return session.misused({Kind::invalid, "no command to prove", "larder prove . -- go build ./..."});
    }
    const auto store = TRY(open_store(session, store::Access::read_only));
    app::ProveOptions options{.project = project_, .store = store_path(session), .command = session.command};
    options.environment = session.config.environment;
    options.go_settings = go_settings(session);
    options.keep_caches = keep_caches_;
    auto report = TRY(app::prove(options, session.stop));
    if (!report.compatible()) add_unheld(session, *store, project_, report);
    print(session, report);
    return report.compatible() ? k_done : k_failed;
  }

 private:
  // The go command stops at the first module that is missing; the store can be asked for all of them.
  static void add_unheld(const Session& session, store::Store& store, const std::string& path,
                         app::ProveReport& report) {
    const auto project = app::load_project(path, find_options(session));
    if (!project) return;
    const auto check = app::check(store::GoModules(store), *project, fetch_settings(session));
    if (!check) return;
    for (const auto& want : check->missing) report.missing.push_back(want.module);
    std::sort(report.missing.begin(), report.missing.end(), gomod::module_less);
    report.missing.erase(std::unique(report.missing.begin(), report.missing.end()), report.missing.end());
  }

  static void print(const Session& session, const app::ProveReport& report) {
    if (session.json()) {
      Json out{{"compatible", report.compatible()}, {"exitCode", report.exit_code}};
      out["missing"] = Json::array();
      for (const auto& module : report.missing) out["missing"].push_back(module.str());
      session.print_json(out);
      return;
    }
    if (report.compatible()) {
      session.print("offline compatible\n");
      return;
    }
    for (const auto& module : report.missing) session.print(fmt::format("missing {}\n", module.str()));
    session.print(fmt::format(
        "not offline compatible: the command ended with status {}{}\n", report.exit_code,
        report.missing.empty()
            ? "; no module is missing, so see what it said above (`larder check --verify` reads the archives)"
            : ""));
    if (!report.missing.empty()) session.note("bring them in with `larder stock` or `larder unpack`");
  }

  std::string project_ = ".";
  bool keep_caches_ = false;
};

}  // namespace

std::unique_ptr<Command> make_prove() {
  return std::make_unique<ProveCommand>();
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "app/stock.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/carry.hpp"
#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/progress_bar.hpp"
#include "cli/rows.hpp"
#include "cli/wiring.hpp"
#include "fetch/chain.hpp"
#include "gomod/goversion.hpp"
#include "gomod/toolchain.hpp"
#include "store/memory/memory_store.hpp"

namespace larder::cli {

namespace {

using Json = nlohmann::ordered_json;

// One argument: a project on disk, or PATH@QUERY.
struct Target {
  std::string text;
  std::optional<gomod::Module> query;
};

bool is_project(const std::string& argument) {
  const auto name = sys::Path(argument).filename();
  return sys::is_dir(argument) || name == "go.mod" || name == "go.sum" || name == "go.work";
}

constexpr std::string_view k_later = "npm:";  // what a later release will stock
constexpr std::string_view k_toolchain = "toolchain:";

// Since this one, what is released is named go1.21.0, and go1.21 is a language.
constexpr std::string_view k_first_with_dot_0 = "1.21";

constexpr std::string_view k_sum_advice =
    "; `go mod tidy` or `larder mod tidy` completes the go.sum of a project";

// toolchain:go1.26.8, toolchain:go1.26.8/linux-amd64
Result<Target> toolchain_target(std::string_view text, const std::string& place) {
  const auto words = text.substr(k_toolchain.size());
  const auto slash = words.find('/');
  const auto name = words.substr(0, slash);
  const auto platform = slash == std::string_view::npos ? host_platform() : words.substr(slash + 1);
  const auto download = gomod::toolchain_download(name, platform);
  const auto wrong = [&](std::string_view what, std::string hint) {
    return fail(Kind::invalid, fmt::format("{}: {}: {}", place, quote(text), what), std::move(hint));
  };
  if (!download) {
    const auto& why = download.error();
    return wrong(why.message(),
                 why.hint().empty() ? "write it as toolchain:go1.26.8/linux-amd64" : why.hint());
  }
  const auto version = gomod::goversion::from_toolchain(name);
  if (gomod::goversion::is_lang(version) && gomod::goversion::compare(version, k_first_with_dot_0) >= 0)
    return wrong(fmt::format("{} is a language version but not a toolchain version ({}.x)", name, name), "");
  return Target{std::string(text), *download};
}

Result<Target> module_target(std::string_view text, const std::string& place) {
  if (text.starts_with(k_toolchain)) return toolchain_target(text, place);
  if (text.starts_with(k_later)) {
    return fail(Kind::unavailable,
                fmt::format("{}: {}: {} is not in this release", place, quote(text), k_later),
                "this release stocks Go modules: project folders, list files and MODULE@VERSION");
  }
  const auto parts = cut(text, "@");
  if (!parts || parts->first.empty() || parts->second.empty()) {
    return fail(Kind::invalid,
                fmt::format("{}: {} is not a project folder, a list file, MODULE@VERSION or toolchain:NAME",
                            place, quote(text)));
  }
  return Target{std::string(text), gomod::Module{std::string(parts->first), std::string(parts->second)}};
}

// What is to be stocked, and what of it cannot be: one wrong word keeps nothing else from coming in.
struct Targets {
  std::vector<Target> good;
  std::vector<Error> bad;  // not usable, whoever wrote them
  bool misused = false;    // one of them was an argument
};

// A list has MODULE@VERSION on each line, or "MODULE VERSION"; "#" begins a comment.
void read_list(const std::string& file, Targets& out) {
  const auto text = sys::read_file(file);
  if (!text) return out.bad.push_back(text.error());
  std::size_t number = 0;
  std::string_view rest = *text;
  if (rest.starts_with(k_byte_order_mark)) rest.remove_prefix(k_byte_order_mark.size());
  for (const auto line : lines(rest)) {
    ++number;
    const auto words = fields(line.substr(0, line.find('#')));
    if (words.empty()) continue;
    const auto one = words.size() == 2 ? fmt::format("{}@{}", words[0], words[1]) : std::string(words[0]);
    auto target = module_target(one, fmt::format("{}:{}", file, number));
    if (target) {
      out.good.push_back(*std::move(target));
    } else {
      out.bad.push_back(std::move(target).error());
    }
  }
}

Targets parse_targets(const std::vector<std::string>& arguments) {
  Targets out;
  for (const auto& argument : arguments.empty() ? std::vector<std::string>{"."} : arguments) {
    if (is_project(argument)) {
      out.good.push_back({argument, std::nullopt});
    } else if (sys::is_file(argument)) {
      read_list(argument, out);
    } else if (auto target = module_target(argument, "argument")) {
      out.good.push_back(*std::move(target));
    } else {
      out.misused = out.misused || target.error().kind() == Kind::invalid;
      out.bad.push_back(std::move(target).error());
    }
  }
  return out;
}

void add(app::StockReport& total, app::StockReport part) {
  total.tally.merge(part.tally);
  total.repaired += part.repaired;
  total.bytes += part.bytes;
  const auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  // What an earlier target plans is held by the time of this one.
  for (auto& want : part.planned) {
    const auto same = std::ranges::find(total.planned, want.module, &app::Want::module);
    if (same == total.planned.end()) {
      total.planned.push_back(std::move(want));
    } else {
      same->whole = same->whole || want.whole;
    }
  }
  append(total.unchecked, part.unchecked);
  app::sort_unique(total.unchecked);
  append(total.unsummed, part.unsummed);
  app::sort_unique(total.unsummed);
  append(total.failures, part.failures);
  append(total.decisions, part.decisions);
  total.judged += part.judged;
}

Json to_json(const app::CarryReport& report) {
  Json out{{"name", report.name}, {"carried", report.carried}, {"added", report.added}};
  out["leftOut"] = Json::array();
  for (const auto& [module, why] : report.left_out) {
    out["leftOut"].push_back({{"module", module.str()}, {"why", why.message()}});
  }
  return out;
}

Json policy_json(const app::StockReport& report) {
  Json out{{"judged", report.judged}, {"decisions", Json::array()}};
  for (const auto& decision : report.decisions) {
    out["decisions"].push_back({{"module", decision.module.str()},
                                {"verdict", decision.refused ? "refused" : "reported"},
                                {"rule", decision.rule},
                                {"reason", decision.reason},
                                {"neededBy", decision.needed_by}});
  }
  return out;
}

Json to_json(const app::StockReport& report, const app::CarryReport& carried, double seconds) {
  Json out{{"fetched", report.tally.fetched()},
           {"requirements", report.tally.requirements()},
           {"held", report.tally.held()},
           {"repaired", report.repaired},
           {"bytes", report.bytes},
           {"seconds", seconds}};
  out["planned"] = Json::array();
  for (const auto& want : report.planned) {
    out["planned"].push_back(
        {{"module", want.module.str()}, {"whole", want.whole}, {"neededBy", want.needed_by}});
  }
  out["unchecked"] = Json::array();
  for (const auto& module : report.unchecked) out["unchecked"].push_back(module.str());
  out["unsummed"] = Json::array();
  for (const auto& module : report.unsummed) out["unsummed"].push_back(module.str());
  if (!carried.name.empty()) out["database"] = to_json(carried);
  if (report.judged > 0) out["policy"] = policy_json(report);
  out["failures"] = Json::array();
  for (const auto& error : report.failures) {
    out["failures"].push_back(
        {{"kind", kind_name(error.kind())}, {"message", error.message()}, {"hint", error.hint()}});
  }
  return out;
}

// For a dry run, which makes nothing: where no store is yet, all of it would have to come in.
Result<std::unique_ptr<store::Store>> open_store_to_look(const Session& session) {
  const auto root = store_path(session);
  const auto info = TRY(sys::stat(root));
  const bool is_store = sys::is_file(root / "larder" / "format") || sys::is_dir(root / "go");
  if (!is_store && (!info || info->is_dir)) return store::make_memory_store();
  if (info && !info->is_dir) return fail(Kind::invalid, "store " + root.native() + ": is no folder");
  return open_store(session, store::Access::read_only);
}

class StockCommand final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("TARGET", targets_,
                   "project folders, go.mod or go.work files, MODULE@VERSION, toolchain:NAME, list files");
    app.add_option("--from", from_, "upstream, in place of GOPROXY")->type_name("LIST");
    app.add_option("-j,--jobs", jobs_, "requests at once")->check(CLI::Range(1U, 256U))->type_name("N");
    app.add_option("--idle-timeout", idle_timeout_, "give a transfer up after so long without a byte")
        ->check(CLI::Range(1U, 3600U))
        ->type_name("SECONDS");
    app.add_flag("--dry-run", dry_run_, "say what would be fetched; change nothing");
    app.add_flag("--verify", verify_, "read all of what is held, and bring in again what is damaged");
  }

  Result<int> run(Session& session) override {
    const auto started = std::chrono::steady_clock::now();
    auto targets = parse_targets(targets_);
    if (targets.good.empty() && targets.misused) {
      session.complain(targets.bad);
      return k_usage;
    }
    auto settings = fetch_settings(session);
    if (!session.config.is_offline()) {
      if (const auto& from = session.config.from_file.stock_from) settings.goproxy = *from;
      if (from_) settings.goproxy = *from_;
    }
    const auto store =
        TRY(dry_run_ ? open_store_to_look(session) : open_store(session, store::Access::read_write));
    const auto upstream = TRY(open_upstream(session, settings,
                                            {.trace = {},
                                             .idle_timeout = std::chrono::seconds(idle_timeout_),
                                             .store = store.get(),
                                             .jobs = jobs_}));
    const store::GoModules modules(*store);
    const auto progress = make_progress(session);
    app::Carrier carrier(*store, *upstream.database, settings);
    const app::Stocker stocker(modules, *upstream.source,
                               {.settings = settings,
                                .database = upstream.database.get(),
                                .jobs = jobs_,
                                .dry_run = dry_run_,
                                .verify = verify_,
                                .policy = session.config.from_file.policy,
                                .now = std::time(nullptr),
                                .carrier = &carrier},
                               *progress);

    app::StockReport total;
    total.failures = std::move(targets.bad);
    for (const auto& target : targets.good) {
      auto report = target.query ? stocker.stock(target.query->path, target.query->version, session.stop)
                                 : stock_project(session, stocker, target.text);
      if (report) {
        add(total, *std::move(report));
      } else {
        total.failures.emplace_back(report.error());
      }
      if (session.stop.stop_requested()) break;  // which was said once
    }
    const auto carried = carrier.finish(session.stop);
    total.failures.insert(total.failures.end(), carried.failures.begin(), carried.failures.end());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    print(session, total, carried, seconds.count());
    return std::max(exit_status(total.failures), targets.misused ? int{k_usage} : int{k_done});
  }

 private:
  static Result<app::StockReport> stock_project(const Session& session, const app::Stocker& stocker,
                                                const std::string& path) {
    const auto project = TRY(load_project(session, path));
    if (const auto& toolchain = project.toolchain) {
      session.note(fmt::format("{}: with {}, for {}; GOTOOLCHAIN=local leaves it out", path,
                               toolchain->module.str(), toolchain->needed_by));
    }
    auto report = TRY(stocker.stock(project, session.stop));
    note_unsummed(session, path, report.unsummed);
    return report;
  }

  static void note_database(const Session& session, const app::CarryReport& carried) {
    if (carried.carried > 0) {
      session.note(fmt::format("{} of the modules are in the carried {}", carried.carried, carried.name));
    }
    if (carried.left_out.empty()) return;
    const auto& first = carried.left_out.front();
    session.note(fmt::format("{} not in the carried {}, such as {}: {}", carried.left_out.size(),
                             carried.name, first.module.str(), first.why.message()));
  }

  static void note_policy(const Session& session, const app::StockReport& report) {
    if (report.judged == 0) return;
    std::size_t refused = 0;
    for (const auto& decision : report.decisions) {
      refused += decision.refused ? 1 : 0;
      if (decision.refused) continue;  // a failure, named already
      session.note(
          fmt::format("{}: {} (needed by {})", decision.module.str(), decision.reason, decision.needed_by));
    }
    session.note(fmt::format("policy of {}: {} judged, {} refused, {} reported",
                             session.config.trusted_file.value, report.judged, refused,
                             report.decisions.size() - refused));
  }

  // Where nobody may be asked, the user has to hear who said so.
  static std::vector<Error> with_advice(const Session& session, std::vector<Error> failures) {
    const std::string hint = session.config.is_offline()
                                 ? "offline (" + session.config.offline.source +
                                       "), so nothing is fetched; `larder check` says what is missing, "
                                       "`larder unpack` brings it in"
                                 : "set GOPROXY, or name an upstream with --from";
    for (auto& error : failures) {
      if (error.kind() == Kind::unavailable && error.hint().starts_with("tried"))
        error =
            Error(error.kind(), error.message(), error.hint() + "; `larder doctor` looks at the upstream");
      if (error.hint().empty() && fetch::lookup_disabled(error)) error = std::move(error).with_hint(hint);
    }
    return failures;
  }

  void print(const Session& session, const app::StockReport& report, const app::CarryReport& carried,
             double seconds) const {
    session.complain(with_advice(session, report.failures));
    if (session.json()) {
      session.print_json(to_json(report, carried, seconds));
      return;
    }
    note_policy(session, report);
    if (dry_run_) {
      for (const auto& want : report.planned) {
        session.print(fmt::format("{}{}  (needed by {})\n", want.module.str(), want.whole ? "" : " go.mod",
                                  want.needed_by));
      }
      session.note(fmt::format("{} to fetch; nothing was changed", report.planned.size()));
      return;
    }
    if (!report.unchecked.empty()) {
      session.note(
          fmt::format("{} modules came in with nothing to compare them with (GOSUMDB=off or GONOSUMDB){}",
                      report.unchecked.size(), has_project() ? k_sum_advice : ""));
    }
    note_database(session, carried);
    session.print(fmt::format(
        "stocked {} modules and {} requirements ({}) into {} in {:.1f} s; {} already held; {} failed{}\n",
        report.tally.fetched(), report.tally.requirements(), human_bytes(report.bytes),
        store_path(session).native(), seconds, report.tally.held(), report.failures.size(),
        report.repaired > 0 ? fmt::format("; repaired {} that were damaged", report.repaired) : ""));
  }

  bool has_project() const { return targets_.empty() || std::ranges::any_of(targets_, is_project); }

  std::vector<std::string> targets_;
  std::optional<std::string> from_;
  unsigned jobs_ = 16;
  unsigned idle_timeout_ = 60;
  bool dry_run_ = false;
  bool verify_ = false;
};

}  // namespace

std::unique_ptr<Command> make_stock() {
  return std::make_unique<StockCommand>();
}

}  // namespace larder::cli

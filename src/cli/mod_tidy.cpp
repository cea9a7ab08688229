// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "app/latest_versions.hpp"
#include "app/text_diff.hpp"
#include "app/update_mod.hpp"
#include "cli/explain_tidy.hpp"
#include "cli/go_files.hpp"
#include "cli/package_session.hpp"
#include "cli/rows.hpp"
#include "cli/toolchain.hpp"
#include "gomod/edit.hpp"
#include "gomod/goversion.hpp"
#include "resolve/keep_sums.hpp"

namespace larder::cli {

namespace {

struct TidyFlags {
  bool allow_errors = false;
  bool verbose = false;
  bool trace = false;
  bool diff = false;
  std::string go;
  std::string compat;
  bool explain = false;  // Larder's own
};

class Tidy {
 public:
  Tidy(GoSession& go, Session& session, TidyFlags flags)
      : go_(go), session_(session), flags_(std::move(flags)) {}

  Result<int> run() {
    TRY(refuse_overlaid_sources(go_));
    app::LatestVersions latest(go_.queries());
    PackageSession session(go_,
                           {.tidy = true,
                            .tidy_go = flags_.go,
                            .compat = flags_.compat,
                            .load_tests = true,
                            .resolve_missing = true,
                            .allow_errors = flags_.allow_errors,
                            .silent_missing_std = true,
                            .skip_std = true,
                            .verbose = flags_.verbose},
                           &latest, flags_.trace);
    auto initial = TRY(go_.initial());
    const auto before = initial.roots;
    std::vector<Error> too_new;
    session.loader().on_error([&](const std::string& text) {
      Error error(Kind::invalid, text);
      const bool taken = wants_newer_go(session_, error);
      if (taken) too_new.push_back(std::move(error));
      return taken;
    });
    auto& loader = session.loader();
    loader.on_tidied([&] {
      session.warn_of_nothing();
      if (flags_.verbose) tell_unused(loader, before);
    });
    if (!session.load(std::move(initial))) return switch_go(session_, too_new).value_or(k_failed);
    const auto sums = session.tidy_sums();
    // All is there. What else was looked for belongs to versions that are left.
    if (!flags_.allow_errors) go_.forget_wants();
    auto mod_text = TRY(new_go_mod(loader.requirements().requirements));
    gomod::GoSum new_sum;  // where it is shown; write() makes its own from the file as it is then
    if (flags_.diff || flags_.explain) new_sum = go_.sums_after({.keep = keep_lines(sums), .drops = true});
    const auto status = flags_.diff ? TRY(show_diff(mod_text, new_sum)) : TRY(write(sums, mod_text));
    if (flags_.explain) TRY(explain(session, mod_text, new_sum));
    return status;
  }

 private:
  const app::MainModule& main() const { return go_.project()->main(); }
  sys::Path sum_file() const { return go_.project()->sum_file; }

  void tell_unused(resolve::PackageLoader& loader, const std::vector<gomod::Module>& before) const {
    auto& now = loader.requirements();
    const auto& graph = now.load(go_.resolver());
    std::string text;
    for (const auto& m : before) {
      const bool unused = now.requirements.pruning == resolve::Pruning::unpruned
                              ? !graph.selected(m.path)
                              : !now.requirements.root_version(m.path);
      if (unused) text += "unused " + m.path + "\n";
    }
    static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
  }

  Result<int> write(const resolve::KeepSums& sums, const std::string& mod_text) {
    TRY(go_.write_sums({.keep = keep_lines(sums), .drops = true}));
    TRY(app::commit_mod(main().mod_file, main().mod_text, mod_text, go_.modules().cache().root()));
    return k_done;
  }

  Result<void> explain(PackageSession& session, const std::string& mod_text,
                       const gomod::GoSum& new_sum) const {
    const auto new_mod = TRY(gomod::parse_mod("go.mod", mod_text));
    const auto text = explain_tidy(go_, session,
                                   {.old_mod = main().mod,
                                    .new_mod = new_mod,
                                    .old_sum = go_.project()->sum,
                                    .new_sum = new_sum,
                                    .asked_go = flags_.go});
    static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
    return {};
  }

  // go.mod with these requirements, in go's form.
  Result<std::string> new_go_mod(const resolve::Requirements& requirements) const {
    auto updated = TRY(
        app::update_mod("go.mod", main().mod_text, app::wanted_mod(requirements),
                        {.local_go = go_.session().config.go.go_version(), .fixer = go_.version_fixer()}));
    return std::move(updated.text);
  }

  // go.mod as it is, in go's form, with the go line that is assumed.
  Result<std::string> current_go_mod() const {
    auto file = TRY(gomod::parse_mod("go.mod", main().mod_text, go_.version_fixer()));
    if (!file.go && !go_.added_go_line().empty()) TRY(gomod::set_go(file, go_.added_go_line()));
    return file.str();
  }

  Result<int> show_diff(const std::string& mod_text, const gomod::GoSum& new_sum) {
    std::string out;
    const auto add = [&](std::string_view file, std::string_view old_text, std::string_view new_text) {
      const auto diff =
          app::text_diff(fmt::format("current/{}", file), old_text, fmt::format("tidy/{}", file), new_text);
      if (!diff.empty()) out += diff + "\n";
    };
    add("go.mod", TRY(current_go_mod()), mod_text);
    const auto text = TRY(sys::read_file_if_exists(sum_file())).value_or("");
    add("go.sum", text, new_sum.str());
    go_.session().print(out);
    return out.empty() ? k_done : k_failed;
  }

  GoSession& go_;
  Session& session_;
  TidyFlags flags_;
};

}  // namespace

int run_mod_tidy(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(args,
                                     with_package_flags({{"e"},
                                                         {"v"},
                                                         {"x"},
                                                         {"diff"},
                                                         {"go", false},
                                                         {"compat", false},
                                                         {.name = "explain", .is_ours = true},
                                                         {"modcacherw"},
                                                         {"modfile", false},
                                                         {"overlay", false}}),
                                     session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("mod tidy", parsed.error().message());
  const auto local = session.config.go.go_version();
  TidyFlags flags{parsed->has("e"),    parsed->has("v"),        parsed->has("x"),      parsed->has("diff"),
                  parsed->value("go"), parsed->value("compat"), parsed->has("explain")};
  for (const auto& [name, version] : {std::pair("go", flags.go), std::pair("compat", flags.compat)}) {
    const auto fault = go_version_fault(name, version, local);
    if (!fault.empty()) return go_usage("mod tidy", fault);
  }
  if (!parsed->words.empty()) {
    session.complain(Error(Kind::invalid, "'go mod tidy' accepts no arguments"));
    return k_failed;
  }
  const auto go = GoSession::open(
      session, {.arguments = *parsed, .ignore_workspace = true, .lenient_sums = true, .go_line = flags.go});
  const auto status = go ? Tidy(**go, session, std::move(flags)).run() : Result<int>(fail(go.error()));
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace larder::cli

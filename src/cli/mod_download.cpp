// SPDX-License-Identifier: Apache-2.0
#include "app/mod_download.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/go_files.hpp"
#include "cli/go_session.hpp"
#include "cli/module_lister.hpp"
#include "cli/rows.hpp"
#include "cli/toolchain.hpp"
#include "gomod/goversion.hpp"

namespace larder::cli {

namespace {

const std::vector<GoFlagSpec>& download_flags() {
  static const auto k_flags = with_store_flags(
      {{"x"}, {"json"}, {"reuse", false}, {"modcacherw"}, {"modfile", false}, {"overlay", false}});
  return k_flags;
}

class ModDownload {
 public:
  ModDownload(GoSession& go, Session& session, const GoArguments& arguments)
      : go_(go), session_(session), json_(arguments.has("json")), reuse_(arguments.value("reuse")) {}

  Result<int> run(const std::vector<std::string>& words) {
    const auto* project = go_.project();
    if (go_.in_empty_workspace() && words.empty()) return run({"all"});
    if (project == nullptr && words.empty()) {
      return fail(Kind::invalid, "no modules specified (see 'go help mod download')");
    }
    if (project != nullptr) TRY(go_.load_requirements());
    for (const auto& word : words) note_main_module(word);
    const auto defaults_or_error = words.empty() ? defaults() : Result<std::vector<std::string>>(words);
    if (!defaults_or_error) {
      if (const auto switched = switch_go(session_, {&defaults_or_error.error(), 1})) return *switched;
      return fail(defaults_or_error.error());
    }
    const auto& wanted = *defaults_or_error;
    if (wanted.empty()) {
      go_.session().note("no module dependencies to download");
      return k_done;
    }
    if (!reuse_.empty() && project != nullptr)
      return say("go mod download -reuse cannot be used inside a module");
    const auto old = TRY(read_reuse(reuse_));
    const auto found = TRY(ModuleLister(go_, {.files = false}, &old).run(wanted));
    // Without arguments the sums of zips are not for go.sum, but for a workspace they are.
    const bool keep_zip_sums = !words.empty() || (project != nullptr && project->work);
    const auto switched = found.error ? switch_go(session_, {&*found.error, 1}) : std::nullopt;
    if (!keep_zip_sums && switched != k_again) TRY(go_.commit());
    if (switched) return *switched;
    const auto results = fetch(found.modules);
    if (auto contradiction = go_.modules().contradiction()) return fail(*std::move(contradiction));
    // Where it should be switched and cannot, the failures are told once more, as by go.
    if (keep_zip_sums && switch_go(session_, not_downloaded_) == k_again) return k_again;
    int status = print(results);
    if (status != k_done && !json_) return status;
    if (keep_zip_sums) TRY(go_.commit());
    if (found.error) status = go_complain(go_.session(), *found.error);
    return status;
  }

 private:
  using Results = std::vector<app::DownloadedModule>;

  void note_main_module(const std::string& word) const {
    if (go_.project() == nullptr) return;
    for (const auto& main : go_.project()->modules) {
      const auto& path = main.mod.module->path;
      if (word != path && word != path + "@upgrade" && word != path + "@patch") continue;
      go_.session().note("skipping download of " + word + " that resolves to the main module");
    }
  }

  // From go 1.17 what go.mod lists; before, and in a workspace, the whole build list.
  Result<std::vector<std::string>> defaults() {
    const auto* project = go_.project();
    if (project->work) return std::vector<std::string>{"all"};
    const auto& mod = project->main().mod;
    const auto go = mod.go ? mod.go->version : go_.added_go_line();  // which go has added by then
    const bool listed_only = !go.empty() && gomod::goversion::compare(go, resolve::k_pruning_go) >= 0;
    if (!listed_only && !mod.require.empty()) return std::vector<std::string>{"all"};
    if (listed_only) TRY(go_.load_graph());
    std::vector<std::string> out;
    for (const auto& require : mod.require) out.push_back(require.mod.path);
    return out;
  }

  // Replaced modules are reported as their replacement; folders have nothing to download.
  Results fetch(const std::vector<app::ModuleFacts>& found) {
    std::vector<gomod::Module> modules;
    Results out;
    for (const auto& facts : found) {
      const auto& actual = facts.replace ? *facts.replace : facts;
      if (actual.version.empty() && !actual.error) continue;
      app::DownloadedModule one;
      one.module = {actual.path, actual.version};
      one.query = actual.query;
      one.origin = actual.origin;
      one.error = actual.error.value_or("");
      one.reuse = actual.reuse;
      if (one.is_wanted()) modules.push_back(one.module);
      out.push_back(std::move(one));
    }
    app::DownloadOptions options;
    options.running_go = {go_.session().config.go.go_version(), toolchain_note(go_.session())};
    auto done = app::mod_download(go_.modules(), modules, options, go_.session().stop);
    for (const auto& one : done) {
      if (!one.error.empty()) not_downloaded_.emplace_back(one.error_kind, one.error);
    }
    auto next = done.begin();
    for (auto& one : out) {
      if (!one.is_wanted()) continue;
      next->query = std::move(one.query);
      next->origin = std::move(one.origin);
      one = std::move(*next++);
    }
    return out;
  }

  int print(const Results& results) const {
    int status = k_done;
    for (const auto& one : results) {
      if (!one.error.empty()) status = k_failed;
      if (json_) {
        go_.session().print(app::go_json(app::to_value(one)) + "\n");
      } else if (!one.error.empty()) {
        go_complain(go_.session(), Error(one.error_kind, one.error));
      }
    }
    return status;
  }

  GoSession& go_;
  Session& session_;
  bool json_;
  std::string reuse_;
  std::vector<Error> not_downloaded_;
};

}  // namespace

int run_mod_download(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(args, download_flags(), session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("mod download", parsed.error().message());
  const auto go = GoSession::open(
      session, {.arguments = *parsed, .needs_module = false, .takes_empty_workspace = true, .keeps = true});
  if (!go) return go_complain(session, go.error());
  const auto status = ModDownload(**go, session, *parsed).run(parsed->words);
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace larder::cli

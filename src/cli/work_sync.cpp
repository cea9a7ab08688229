// SPDX-License-Identifier: Apache-2.0
// `work sync`: the versions that a workspace selects, written back to the go.mod of each of its modules.
#include <mutex>
#include <set>

#include "app/latest_versions.hpp"
#include "app/locate.hpp"
#include "app/work_use.hpp"
#include "app/write_project.hpp"
#include "cli/go_files.hpp"
#include "cli/package_session.hpp"
#include "cli/rows.hpp"
#include "cli/toolchain.hpp"
#include "gomod/edit.hpp"
#include "gomod/goversion.hpp"
#include "resolve/edit_roots.hpp"

namespace larder::cli {

namespace {

using Modules = std::vector<gomod::Module>;

class Sync {
 public:
  Sync(Session& session, const GoArguments& arguments, sys::Path work_file)
      : session_(session), arguments_(arguments), work_file_(std::move(work_file)) {}

  Result<int> run() {
    const auto cwd = app::working_directory(session_.config.environment);
    const app::WorkUseOptions options{.cwd = cwd,
                                      .work_file = work_file_,
                                      .local_go = session_.config.go.go_version(),
                                      .local_note = toolchain_note(session_)};
    const auto shown = app::short_path(work_file_, cwd);
    auto file = TRY(app::read_work_file(shown));
    if (file.go && gomod::goversion::compare(file.go->version, options.local_go) > 0)
      return fail(app::too_new(shown, file.go->version, options));
    if (!file.use.empty()) {
      if (const auto status = TRY(sync_modules()); status != k_done) return status;
    }
    TRY(app::raise_work_go(file, highest_go_));
    app::name_modules(file, options);
    gomod::sort_blocks(file);
    gomod::cleanup(file);
    TRY(app::write_shared(work_file_, file.str()));
    return k_done;
  }

 private:
  struct Member {
    sys::Path dir;
    Modules selected;  // what provides the packages of its `all`
  };

  Result<int> sync_modules() {
    std::vector<Member> members;
    {
      std::vector<Error> errors;
      const auto go =
          GoSession::open(session_, {.arguments = arguments_, .also = &errors, .raises_go_work = true});
      if (!go) return refused(std::move(errors), go.error());
      TRY(refuse_overlaid_sources(**go));
      if (const auto loaded = (*go)->load_graph(); !loaded) return refused({}, loaded.error());
      if (!TRY(look(**go, members))) return k_failed;
    }
    for (const auto& member : members) {
      if (!TRY(update(member))) return k_failed;
    }
    return k_done;
  }

  // The status; a newer go may be all that is needed.
  Result<int> refused(std::vector<Error> errors, const Error& last) {
    errors.push_back(last);
    if (const auto switched = switch_go(session_, errors)) return *switched;
    errors.pop_back();
    session_.complain(errors);
    return fail(last);
  }

  // go keeps what it read of a go.mod, and learns its sum just once: a module that comes later misses it.
  void remember(GoSession& go) {
    for (const auto& m : go.resolver().read()) read_.insert(go.resolver().mains().actual(m));
  }

  // A module that cannot be had is asked for again by the next one; it is told once, as of go, which keeps
  // its answer.
  void tell_downloads(GoSession& go) {
    go.modules().on_download([this](const gomod::Module& m) {
      const std::scoped_lock lock(telling_);
      if (told_.insert(m).second) tell_download(session_, m);
    });
  }

  // False: what is wrong was said.
  Result<bool> look(GoSession& go, std::vector<Member>& members) {
    PackageSession session(go, {}, nullptr);
    tell_downloads(go);
    for (const auto& module : go.project()->modules) {
      const resolve::PackageLoadOptions options{.load_tests = true,
                                                .allow_errors = true,
                                                .silent_errors = true,
                                                .skip_std = true,
                                                .main_module = module.mod.module->path};
      if (!session.load_again(options, go.requirements())) return false;
      std::set<gomod::Module> found;
      for (const auto* package : session.loader().packages().packages()) {
        if (!package->is_test() && !package->module.version.empty()) found.insert(package->module);
      }
      members.push_back({module.dir, {found.begin(), found.end()}});
      resolve::sort_modules(members.back().selected);
    }
    remember(go);
    return true;
  }

  // The go line of its go.mod, or what stands for it.
  static std::string listed_go(const GoSession& go) {
    if (const auto& line = go.project()->main().mod.go) return line->version;
    return go.added_go_line().empty() ? std::string(resolve::k_default_mod_go) : go.added_go_line();
  }

  // The module alone, as outside the workspace. Where the versions cannot all be had it stays as it is.
  Result<bool> update(const Member& member) {
    const auto go = TRY(
        GoSession::open(session_, {.arguments = arguments_, .ignore_workspace = true, .folder = member.dir}));
    const auto before = TRY(go->initial());
    app::PreviousVersions history(go->queries());
    const auto tell = [this](const std::string& text) { session_.note(text); };
    auto wanted = resolve::select_versions(go->resolver(), before, member.selected, history, tell);
    if (auto contradiction = go->modules().contradiction()) return fail(*std::move(contradiction));
    if (!wanted) {
      remember(*go);
      return true;
    }
    auto version = listed_go(*go);
    if (wanted->roots != before.roots || wanted->pruning != before.pruning) {
      PackageSession session(*go,
                             {.tidy = true,
                              .load_tests = true,
                              .allow_errors = true,
                              .silent_errors = true,
                              .silent_missing_std = true,
                              .skip_std = true},
                             nullptr);
      tell_downloads(*go);
      if (!session.load(*std::move(wanted))) return false;
      session.warn_of_nothing();
      const auto sums = session.tidy_sums();
      const auto is_learned = [this](const gomod::Module& m, gomod::GoSum::Of of) {
        return of == gomod::GoSum::Of::zip || !read_.contains(m);
      };
      TRY(go->write_sums({.keep = keep_lines(sums), .drops = true, .is_learned = is_learned}));
      const auto& now = session.loader().requirements().requirements;
      TRY(go->write_go_mod(now));
      version = now.root_version(resolve::k_go).value_or(resolve::k_default_mod_go);
    }
    remember(*go);
    highest_go_ = std::string(gomod::goversion::max(highest_go_, version));
    return true;
  }

  Session& session_;
  const GoArguments& arguments_;
  sys::Path work_file_;
  std::string highest_go_;
  std::set<gomod::Module> read_;  // go.mod files that were read so far, for any module
  std::mutex telling_;
  std::set<gomod::Module> told_;
};

Result<int> sync(Session& session, const GoArguments& arguments) {
  const auto name = TRY(go_work_path(session));
  if (!name) return fail(no_go_work());
  return Sync(session, arguments, *name).run();
}

}  // namespace

int run_work_sync(Session& session, const std::vector<std::string>& args) {
  const auto parsed =
      parse_go_flags(args, with_package_flags({{"modcacherw"}, {"modfile", false}, {"overlay", false}}),
                     session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("work sync", parsed.error().message());
  const auto status = sync(session, *parsed);
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace larder::cli

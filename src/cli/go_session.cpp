// SPDX-License-Identifier: Apache-2.0
#include "cli/go_session.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/reuse.hpp"
#include "cli/command.hpp"
#include "cli/go_files.hpp"
#include "cli/index_folder.hpp"
#include "fetch/chain.hpp"
#include "resolve/vendor.hpp"

namespace larder::cli {

namespace {

constexpr std::string_view k_no_module =
    "go.mod file not found in current directory or any parent directory; see 'go help modules'";

constexpr std::string_view k_unknown_hash =
    "\n\nSECURITY WARNING\n"
    "This download is listed in go.sum, but using an unknown hash algorithm.\n"
    "The download cannot be verified.\n\n"
    "For more information, see 'go help module-auth'.\n\n";

}  // namespace

int go_usage(std::string_view command, const std::string& message) {
  const auto rows = go_commands();
  const auto row = std::ranges::find(rows, command, &GoCommandRow::name);
  LARDER_ASSERT(row != rows.end());
  std::string text = message.empty() ? "" : message + "\n";
  text += fmt::format("usage: go {}{}{}\nRun 'go help {}' for details.\n", command,
                      row->arguments.empty() ? "" : " ", row->arguments, command);
  static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
  return k_usage;
}

int say(std::string_view line, int status) {
  const std::string text = std::string(line) + (line.ends_with('\n') ? "" : "\n");
  static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
  return status;
}

int go_complain(const Session& session, const Error& error) {
  const auto& text = error.message();
  if (text.starts_with("malformed go.sum:\n") || app::contradicts_sum(error)) return say(text);
  session.complain(error);
  return k_failed;
}

Result<app::Reuse> read_reuse(const std::string& file) {
  return app::Reuse::parse(file, file.empty() ? std::string() : TRY(sys::read_file(file)));
}

std::vector<GoFlagSpec> with_store_flags(std::vector<GoFlagSpec> specs) {
  specs.push_back({.name = "from-store", .is_ours = true});
  specs.push_back({.name = "wants", .is_bool = false, .is_ours = true});
  return specs;
}

std::vector<GoFlagSpec> with_package_flags(std::vector<GoFlagSpec> specs) {
  specs.push_back({.name = "no-extract", .is_ours = true});
  return with_store_flags(std::move(specs));
}

// ---- opening

GoSession::~GoSession() {
  close();
}

void GoSession::leave(std::unique_ptr<GoSession> session) {
  auto* const left = session.release();
  left->close();
  left->upstream_.reset();  // its threads
}

// Keeps what was learned of the module cache; says what is missing in the store, where that was asked.
void GoSession::close() {
  reader_.reset();  // its threads use the memory
  if (memory_) memory_->save();
  if (modules_) add_shortfall();
}

Result<std::unique_ptr<GoSession>> GoSession::open(const Session& session, const Options& options) {
  std::unique_ptr<GoSession> out(new GoSession(session));
  out->cwd_ = app::working_directory(session.config.environment);
  TRY(check_modules_on(session));
  TRY(out->read_overlay(options.arguments.value("overlay")));
  TRY(out->open_sources(options));
  TRY(out->check_mode(options));
  TRY(out->find_project(options));
  TRY(out->choose_mode(options));
  TRY(out->open_resolver(options));
  return out;
}

Result<void> GoSession::read_overlay(const std::string& file) {
  if (file.empty()) return {};
  overlay_ = TRY(app::Overlay::parse(TRY(sys::read_file(file).context("reading overlay")), cwd_));
  const auto& cache = session_.config.go.get("GOMODCACHE");
  if (const auto inside = overlay_.replaced_below(cache)) {
    return fail(Kind::invalid,
                fmt::format("overlay contains a replacement for {}. Files beneath GOMODCACHE ({}) must "
                            "not be replaced.",
                            inside->native(), cache));
  }
  return {};
}

Result<void> GoSession::open_sources(const Options& options) {
  cache_ = TRY(
      open_modcache(session_, {.read_write = options.arguments.has("modcacherw"), .may_be_unusable = true}));
  auto settings = fetch_settings(session_);
  if (settings.goproxy.empty()) settings.goproxy = "off";
  const bool alone = settings.goproxy == "off" && session_.config.resolves_from_store();
  fetch::Verifier::Options verify{.settings = settings};
  if (alone || options.arguments.has("from-store")) {
    TRY(ask_the_store());
  }
  is_near_ = held_ != nullptr || fetch::is_near(settings);
  if (held_ == nullptr) upstream_.emplace(session_, std::move(settings), options.arguments.has("x"));
  verify.database =
      held_authority_ ? static_cast<const fetch::Authority*>(&*held_authority_) : &upstream_->database();
  verifier_.emplace(std::move(verify));
  extracts_ = held_ == nullptr && !options.arguments.has("no-extract");
  if (held_ != nullptr) {
    session_.shortfall->wants_file = options.arguments.value("wants");
  } else if (options.arguments.has("wants")) {
    return fail(Kind::invalid, "--wants lists what the store lacks: it needs --from-store");
  }
  const bool leaves = held_ != nullptr && !options.keeps;
  modules_.emplace(*cache_, held_ ? *held_ : upstream_->source(), *verifier_,
                   leaves ? app::CacheUse::leaves : app::CacheUse::fills);
  modules_->on_unwritten([this](const std::string& what) { session_.note(what); });
  modules_->on_new_sum([this](const auto&... what) { warn_of_unknown_hashes(what...); });
  return {};
}

// Where go.sum knows the module only by hashes of an algorithm of the future.
void GoSession::warn_of_unknown_hashes(const gomod::Module& module, gomod::GoSum::Of of,
                                       const std::string& hash) const {
  if (!project_) return;
  const auto known = (project_->work ? project_->work_sum : project_->sum).lookup(module, of);
  if (known.empty()) return;
  say(fmt::format("warning: verifying {}{}: unknown hashes in go.sum: {}; adding {}{}", module.str(),
                  of == gomod::GoSum::Of::go_mod ? "/go.mod" : "", fmt::join(known, ", "), hash,
                  k_unknown_hash));
}

Result<void> GoSession::find_project(const Options& options) {
  const auto& go = session_.config.go;
  app::CachedVersions modules(*modules_, cwd_, cwd_, &overlay_, session_.stop);
  app::ToolchainVersions source(modules, go.go_version());
  std::optional<std::string> disabled;
  if (options.arguments.value("mod") == "vendor") disabled = "cannot query module due to -mod=vendor";
  app::VersionQueries queries(source, nullptr, std::move(disabled));
  auto find = find_options(session_);
  find.goroot = go.goroot().native();
  find.overlay = &overlay_;
  find.cwd = cwd_;
  find.mod_file = options.arguments.value("modfile");
  find.temp_dir = temp_dir(session_).native();
  find.local_go = go.go_version();
  find.local_go_note = toolchain_note(session_);
  find.fixer = fixer_over(queries);
  if (options.ignore_workspace) find.workspaces = app::Workspaces::ignore;
  find.lenient_sums = options.lenient_sums;
  find.raises_go_work = options.raises_go_work;
  std::vector<Error> others;
  find.also = options.also != nullptr ? options.also : &others;
  auto project = app::load_project(options.folder.empty() ? cwd_ : options.folder, find);
  if (project) {
    project_ = *std::move(project);
    verifier_->set_sums(app::sums_of(*project_));
    return {};
  }
  if (options.takes_empty_workspace && project.error().message() == k_empty_workspace) {
    in_empty_workspace_ = true;
    return {};
  }
  if (project.error().kind() != Kind::not_found || project.error().message() != k_no_module) {
    session_.complain(others);
    return fail(project.error());
  }
  if (sys::is_file(sys::Path(find.temp_dir) / "go.mod"))
    session_.note("warning: ignoring go.mod in system temp root " + find.temp_dir);
  if (options.needs_module) return fail(project.error());
  return {};
}

// ---- requirements

// One file of go.mod files a main module and module cache: all of it is needed together.
void GoSession::open_indexes(app::ReaderOptions& reader) {
  const auto folder = index_folder(session_.config.environment).value;
  if (folder.empty()) return;
  shelf_.emplace(folder);
  std::string what = cache_->root().native();
  for (const auto& module : project_->modules) {
    what += '\n';
    if (module.mod.module) what += module.mod.module->path;
  }
  memory_.emplace(*shelf_, fmt::format("mods-{:016x}.idx", index::fingerprint(what)), *modules_);
  auto* const memory = &*memory_;
  reader.recall = [memory, stop = session_.stop](const gomod::Module& m) { return memory->recall(m, stop); };
  reader.remember = [memory](const gomod::Module& m, std::string_view text,
                             const resolve::SummaryPtr& summary) { memory->remember(m, text, summary); };
}

Result<void> GoSession::open_resolver(const Options& options) {
  std::optional<std::string> disabled;
  if (mode_ == BuildMod::vendor) {
    disabled =
        "cannot query module due to -mod=vendor" + (mode_reason_.empty() ? "" : "\n\t(" + mode_reason_ + ")");
  }
  module_versions_.emplace(*modules_, project_ ? project_->root : cwd_, cwd_, &overlay_, session_.stop);
  source_.emplace(*module_versions_, session_.config.go.go_version());
  if (!project_) {
    queries_.emplace(*source_, nullptr, std::move(disabled));
    return {};
  }
  app::ReaderOptions reader{.threads = options.jobs};
  reader.overlay = &overlay_;
  reader.cwd = cwd_;
  if (needs_sums()) {
    reader.allow = [this](const resolve::ModRequest& request) -> Result<void> {
      if (request.actual.version.empty() || has_sum(request.actual, gomod::GoSum::Of::go_mod)) return {};
      want_unless_held(request.actual, gomod::GoSum::Of::go_mod);
      return fail(Kind::invalid, "missing go.sum entry for go.mod file; to add it:\n\tgo mod download " +
                                     request.required.path);
    };
  }
  open_indexes(reader);
  auto* const modules = &*modules_;
  const auto stop = session_.stop;
  reader.is_far = [modules] { return modules->asked_source(); };
  reader_ = std::make_unique<app::ParallelReader>(
      [modules, stop](const gomod::Module& m) { return modules->mod(m, stop); }, project_->root,
      std::move(reader));
  const auto& go = session_.config.go;
  resolve::ResolverOptions resolving{.local_go = go.go_version(), .local_go_note = toolchain_note(session_)};
  resolving.readonly = mode_ != BuildMod::mod;
  resolving.vendored = mode_ == BuildMod::vendor;
  resolving.updates_needed = updates_needed();
  if (mode_ == BuildMod::mod && options.adds_go_line) {
    go_line_ = options.go_line.empty() ? go.go_version() : options.go_line;
    resolving.add_go_line = go_line_;
  }
  resolver_ =
      std::make_unique<resolve::Resolver>(TRY(app::main_modules(*project_)), *reader_, std::move(resolving));
  queries_.emplace(*source_, &resolver_->mains(), std::move(disabled));
  return {};
}

void GoSession::note_excluded() const {
  const std::string_view what = mode_ == BuildMod::mod ? "dropping" : "ignoring";
  for (const auto& module : resolver_->mains().excluded_requirements())
    session_.note(fmt::format("{} requirement on excluded version {} {}", what, module.path, module.version));
}

Result<void> GoSession::load_requirements() {
  if (requirements_) return {};
  if (!project_->work) note_excluded();
  requirements_ = TRY(resolver_->initial());
  if (mode_ != BuildMod::vendor) return {};
  TRY(read_vendored());
  resolve::VendorNames names;
  names.root = project_->root.native();
  for (const auto& module : project_->modules)
    names.mod_files.push_back(app::shown_path(module.mod_file, cwd_));
  names.work_file = app::shown_path(project_->root / "go.work", cwd_);
  TRY(resolve::check_vendor(resolver_->mains(), *vendored_, names));
  if (project_->work) note_excluded();  // here go makes a graph of what its modules require
  return {};
}

Result<resolve::Requirements> GoSession::initial() {
  TRY(load_requirements());
  return *requirements_;
}

std::string GoSession::added_go_line() const {
  return project_ && !project_->main().mod.go ? go_line_ : std::string();
}

Result<void> GoSession::load_graph() {
  if (graph_) return {};
  TRY(load_requirements());
  auto expanded = resolver_->expand(*requirements_);
  requirements_ = std::move(expanded.requirements);
  graph_ = std::move(expanded.graph);
  if (auto contradiction = modules_->contradiction()) return fail(*std::move(contradiction));
  if (expanded.error) return fail(*std::move(expanded.error));
  return {};
}

}  // namespace larder::cli

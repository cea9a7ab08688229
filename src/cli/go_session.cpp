// SPDX-License-Identifier: Apache-2.0
#include "cli/go_session.hpp"

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/plan.hpp"
#include "app/reuse.hpp"
#include "app/update_mod.hpp"
#include "app/write_project.hpp"
#include "base/text.hpp"
#include "cli/go_files.hpp"
#include "cli/index_folder.hpp"
#include "fetch/chain.hpp"
#include "gomod/check.hpp"
#include "gomod/goversion.hpp"
#include "gomod/semver.hpp"
#include "resolve/imports.hpp"
#include "resolve/vendor.hpp"
#include "sys/lock.hpp"

namespace larder::cli {

namespace {

// "# get URL" before, "# get URL: 200 OK (0.123s)" after, as go's -x prints.
std::function<void(const http::Trace&)> make_trace() {
  return [](const http::Trace& t) {
    const double seconds = std::chrono::duration<double>(t.duration).count();
    const auto line = t.begins ? fmt::format("# get {}\n", t.url)
                               : fmt::format("# get {}: {} ({:.3f}s)\n", t.url, t.status_line, seconds);
    static_cast<void>(sys::write_all(2, as_bytes(line), "stderr").has_value());
  };
}

sys::Path temp_dir(const sys::Environment& environment) {
  const auto at = environment.find("TMPDIR");
  return at == environment.end() || at->second.empty() ? "/tmp" : at->second;
}

constexpr std::string_view k_no_module =
    "go.mod file not found in current directory or any parent directory; see 'go help modules'";

constexpr std::string_view k_unknown_hash =
    "\n\nSECURITY WARNING\n"
    "This download is listed in go.sum, but using an unknown hash algorithm.\n"
    "The download cannot be verified.\n\n"
    "For more information, see 'go help module-auth'.\n\n";

}  // namespace

int go_usage(const Session& session, std::string_view usage, std::string_view command,
             const std::string& message) {
  std::string text = message.empty() ? "" : message + "\n";
  text += fmt::format("usage: go {}\nRun 'go help {}' for details.\n", usage, command);
  static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
  static_cast<void>(session);
  return k_usage;
}

int say(std::string_view line) {
  const std::string text = std::string(line) + (line.ends_with('\n') ? "" : "\n");
  static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
  return k_failed;
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
  specs.push_back({"from-store"});
  specs.push_back({"wants", false});
  return specs;
}

std::vector<GoFlagSpec> with_package_flags(std::vector<GoFlagSpec> specs) {
  specs.push_back({"no-extract"});
  return with_store_flags(std::move(specs));
}

std::optional<app::ZipsInPlace::Options> GoSession::zips_in_place() const {
  if (extracts_) return std::nullopt;
  return app::ZipsInPlace::Options{
      .held = held_, .shelf = shelf(), .store_name = store_path(session_).native(), .stop = session_.stop};
}

// ---- opening

GoSession::~GoSession() {
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

// A GOPROXY that cannot be used is news only to what has to be fetched.
void GoSession::ask_upstream(fetch::Settings settings, bool trace) {
  if (trace) {
    settings.trace_command = [](const std::string& line) {
      static_cast<void>(sys::write_all(2, as_bytes(line + "\n"), "stderr").has_value());
    };
  }
  auto upstream = open_upstream(session_, settings, {.trace = trace ? make_trace() : nullptr});
  upstream_ =
      upstream ? *std::move(upstream) : Upstream{nullptr, fetch::no_source(upstream.error()), nullptr};
}

Result<void> GoSession::open_sources(const Options& options) {
  cache_ = TRY(open_modcache(session_, options.arguments.has("modcacherw")));
  auto settings = fetch_settings(session_);
  if (settings.goproxy.empty()) settings.goproxy = "off";
  const bool alone = settings.goproxy == "off" && session_.config.resolves_from_store();
  if (alone || options.arguments.has("from-store")) {
    TRY(ask_the_store());
  } else {
    ask_upstream(settings, options.arguments.has("x"));
  }
  fetch::Verifier::Options verify{.settings = settings, .database = upstream_.database.get()};
  if (held_authority_) verify.database = &*held_authority_;
  verify.sums = {{&sum_, "go.sum"}, {&work_sum_, "go.work.sum"}};
  verifier_.emplace(std::move(verify));
  extracts_ = held_ == nullptr && !options.arguments.has("no-extract");
  if (held_ != nullptr) session_.shortfall->wants_file = options.arguments.value("wants");
  const bool leaves = held_ != nullptr && !options.keeps;
  modules_.emplace(*cache_, *upstream_.source, *verifier_,
                   leaves ? app::CacheUse::leaves : app::CacheUse::fills);
  modules_->on_new_sum([this](const auto&... what) { warn_of_unknown_hashes(what...); });
  return {};
}

// Where go.sum knows the module only by hashes of an algorithm of the future.
void GoSession::warn_of_unknown_hashes(const gomod::Module& module, gomod::GoSum::Of of,
                                       const std::string& hash) const {
  const bool in_workspace = project_ && project_->work;
  const auto known = (in_workspace ? work_sum_ : sum_).lookup(module, of);
  if (known.empty()) return;
  say(fmt::format("warning: verifying {}{}: unknown hashes in go.sum: {}; adding {}{}", module.str(),
                  of == gomod::GoSum::Of::go_mod ? "/go.mod" : "", fmt::join(known, ", "), hash,
                  k_unknown_hash));
}

Result<void> GoSession::ask_the_store() {
  held_store_ = TRY(open_store(session_, store::Access::read_only));
  held_modules_.emplace(*held_store_);
  auto held = std::make_unique<app::HeldModules>(*held_modules_, *cache_);
  held_ = held.get();
  upstream_.source = std::move(held);
  held_authority_.emplace(*held_modules_, fetch_settings(session_), held_);
  return {};
}

void GoSession::want_unless_held(const gomod::Module& module, gomod::GoSum::Of of) const {
  if (held_ != nullptr && !module.version.empty() && !resolve::is_toolchain_path(module.path))
    held_->want_unless_held(module, of == gomod::GoSum::Of::zip);
}

void GoSession::want_package(const std::string& path) const {
  if (held_ != nullptr && gomod::check_path(path)) held_->want_query(path, "latest");
}

bool GoSession::may_be_held(const std::string& package) const {
  for (std::string_view prefix = package; !prefix.empty(); prefix = resolve::parent_path(prefix)) {
    if (held_ != nullptr && held_->latest(prefix, session_.stop)) return true;
  }
  return false;
}

// What is held may be all that go.mod lacks.
void GoSession::want_package_unless_held(const std::string& path) const {
  if (held_ != nullptr && !may_be_held(path)) want_package(path);
}

// "upgrade" and "patch" begin at what is there.
void GoSession::want_query(const std::string& path, const std::string& query,
                           const app::QueryFailure& failure) const {
  using Is = app::QueryFailure::Is;
  if (held_ == nullptr || (failure.is != Is::no_match && failure.is != Is::absent)) return;
  if (query != "upgrade" && query != "patch" && gomod::check_path(path)) held_->want_query(path, query);
}

// Only those who asked for it get another status than go has.
void GoSession::add_shortfall() {
  auto& out = *session_.shortfall;
  const bool from_store = held_ != nullptr;
  for (const auto& [module, kind] : modules_->damaged()) {
    if (extracts_ && !from_store) break;
    if (kind != Kind::unverified && !from_store) continue;
    out.is_damaged = true;
    if (from_store) out.damaged.insert(module);
  }
  if (!from_store) return;
  out.store = store_path(session_);
  for (const auto& want : held_->wants()) out.wanted.insert(want.module);
}

namespace {

// Without the module: `version "master" invalid: 404 Not Found`. The parser of go.mod names it.
Error bare_reason(std::string_view path, std::string_view version, const app::QueryFailure& failure) {
  const Error& error = failure.error;
  std::string_view text = error.message();
  if (!failure.names_module) return error;
  const auto module = fmt::format("{}@{}: ", path, version);
  const auto listed = fmt::format("module {}: ", path);
  if (text.starts_with(module)) text.remove_prefix(module.size());
  if (text.starts_with(listed)) text.remove_prefix(listed.size());
  constexpr std::string_view k_invalid = "invalid version: ";
  if (!text.starts_with(k_invalid)) return {error.kind(), std::string(text), error.hint()};
  return {error.kind(), gomod::invalid_version_text(version, text.substr(k_invalid.size())), error.hint()};
}

}  // namespace

// "master" in a go.mod is looked up. Most texts are versions, and need no look-up.
gomod::VersionFixer GoSession::fixer_over(app::VersionQueries& queries) {
  return [this, &queries](std::string_view path, std::string_view version) -> Result<std::string> {
    const auto parts = gomod::split_path_version(path);
    if (!parts) {
      return fail(Kind::invalid, gomod::invalid_module_version_text({std::string(path), std::string(version)},
                                                                    "malformed module path " + quote(path)));
    }
    if (!version.empty() && gomod::semver::canonical_version(version) == version) {
      auto fits = gomod::check_path_major(version, parts->major);
      if (!fits) return fail(fits.error());
      return std::string(version);
    }
    const gomod::Module asked{std::string(path), std::string(version)};
    if (const auto known = fixed_.find(asked); known != fixed_.end()) return known->second;
    auto info = queries.query(asked.path, asked.version, "", app::Allow::everything);
    if (!info) want_query(asked.path, asked.version, info.error());
    if (!info) return fail(bare_reason(path, version, info.error()));
    return fixed_[asked] = std::move(info->version);
  };
}

gomod::VersionFixer GoSession::version_fixer() {
  return fixer_over(*queries_);
}

Result<void> GoSession::find_project(const Options& options) {
  const auto& go = session_.config.go;
  app::CachedVersions source(*modules_, cwd_, &overlay_, session_.stop);
  app::VersionQueries queries(source, nullptr);
  auto find = find_options(session_);
  find.goroot = go.goroot().native();
  find.overlay = &overlay_;
  find.cwd = cwd_;
  find.mod_file = options.arguments.value("modfile");
  find.temp_dir = temp_dir(session_.config.environment).native();
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
    sum_ = project_->sum;
    work_sum_ = project_->work_sum;
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

// ---- -mod

Result<void> GoSession::choose_mode(const Options& options) {
  if (options.mode) {
    mode_ = *options.mode;
    return {};
  }
  const auto named = options.arguments.value("mod");
  const bool workspace = project_ && project_->work;
  mode_is_explicit_ = !named.empty();
  if (named == "vendor") {
    mode_ = BuildMod::vendor;
  } else if (named == "mod") {
    mode_ = BuildMod::mod;
    if (!workspace) return {};
    return fail(
        Kind::invalid,
        "-mod may only be set to readonly or vendor when in workspace mode, but it is set to "
        "\"mod\"\n\tRemove "
        "the -mod flag to use the default readonly value, \n\tor set GOWORK=off to disable workspace mode.");
  } else {
    mode_ = BuildMod::readonly;
    if (named.empty() && project_ && project_->has_vendor) return choose_automatically();
  }
  return {};
}

// A vendor folder is used where the go line is new enough, and where it was made for this.
Result<void> GoSession::choose_automatically() {
  const auto& go = project_->work ? project_->work->go : project_->main().mod.go;
  const std::string_view file = project_->work ? "go.work" : "go.mod";
  if (!go) {
    mode_reason_ = fmt::format("Go version in {} is unspecified, so vendor directory was not used.", file);
    return {};
  }
  if (gomod::goversion::compare(go->version, "1.14") < 0) {
    mode_reason_ =
        fmt::format("Go version in {} is {}, so vendor directory was not used.", file, go->version);
    return {};
  }
  TRY(read_vendored());
  if (vendored_->is_workspace != project_->work.has_value()) {
    mode_reason_ = vendored_->is_workspace
                       ? "Outside workspace mode, but vendor directory is for a workspace."
                       : "In workspace mode, but vendor directory is not for a workspace";
    return {};
  }
  mode_ = BuildMod::vendor;
  mode_reason_ = fmt::format("Go version in {} is at least 1.14 and vendor directory exists.", file);
  return {};
}

Result<void> GoSession::read_vendored() {
  if (vendored_) return {};
  const auto text = TRY(overlay_.read_if_exists(project_->root / "vendor/modules.txt"));
  vendored_ = gomod::parse_modules_txt(text.value_or(""));
  return {};
}

bool GoSession::needs_sums() const {
  return project_ && !project_->work && mode_ == BuildMod::readonly;
}

bool GoSession::has_sum(const gomod::Module& module, gomod::GoSum::Of of) const {
  return sum_.has(module, of) || work_sum_.has(module, of);
}

std::string GoSession::updates_needed() const {
  const std::string_view mode = mode_ == BuildMod::vendor ? "vendor" : "readonly";
  if (mode_is_explicit_)
    return fmt::format("updates to go.mod needed, disabled by -mod={}; to update it:\n\tgo mod tidy", mode);
  if (!mode_reason_.empty()) {
    return fmt::format(
        "updates to go.mod needed, disabled by -mod={}\n\t({})\n\tto update it:\n\tgo mod tidy", mode,
        mode_reason_);
  }
  return "updates to go.mod needed; to update it:\n\tgo mod tidy";
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
  source_ = std::make_unique<app::CachedVersions>(*modules_, project_ ? project_->root : cwd_, &overlay_,
                                                  session_.stop);
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

Result<void> GoSession::load_requirements() {
  if (requirements_) return {};
  const auto initial_of = [&] { return resolver_->mains().initial().dropped; };
  for (const auto& dropped : initial_of()) {
    session_.note(fmt::format("{} requirement on excluded version {} {}",
                              mode_ == BuildMod::mod ? "dropping" : "ignoring", dropped.path,
                              dropped.version));
  }
  requirements_ = TRY(resolver_->initial()).requirements;
  if (mode_ != BuildMod::vendor) return {};
  TRY(read_vendored());
  resolve::VendorNames names;
  names.root = project_->root.native();
  for (const auto& module : project_->modules)
    names.mod_files.push_back(app::shown_path(module.mod_file, cwd_));
  names.work_file = app::shown_path(project_->root / "go.work", cwd_);
  return resolve::check_vendor(resolver_->mains(), *vendored_, names);
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

// ---- what is written

// In mode readonly something new to say is an error, but for wrong "// indirect" marks.
Result<void> GoSession::write_go_mod(const resolve::Requirements& requirements) {
  const auto& main = project_->main();
  app::UpdateOptions options{.local_go = session_.config.go.go_version()};
  options.local_note = toolchain_note(session_);
  options.fixer = version_fixer();
  options.always_go_line = mode_ == BuildMod::mod;
  const auto name = app::shown_path(main.mod_file, cwd_);
  const auto updated = TRY(app::update_mod(name, main.mod_text, app::wanted_mod(requirements), options));
  if (updated.change == app::ModChange::none) return {};
  if (mode_ != BuildMod::mod) {
    if (updated.change == app::ModChange::markers) return {};
    return fail(Kind::invalid, updates_needed());
  }
  if (overlay_.replaces(main.mod_file)) {
    return fail(Kind::invalid,
                "updates to go.mod needed, but go.mod is part of the overlay specified with -overlay");
  }
  return app::commit_mod(main.mod_file, main.mod_text, updated.text, cache_->root());
}

Result<void> GoSession::commit() {
  if (!project_) return {};
  if (!project_->work) TRY(write_go_mod(*requirements_));
  if (mode_ == BuildMod::vendor) return {};
  using Of = gomod::GoSum::Of;
  const auto& mains = resolver_->mains();
  std::set<gomod::Module> mods;
  std::set<gomod::Module> zips;
  if (graph_) {
    for (const auto& module : graph_->loaded_modules()) mods.insert(mains.actual(module));
    for (const auto& module : graph_->build_list()) zips.insert(mains.actual(module));
  } else {
    for (const auto& module : requirements_->roots) mods.insert(mains.actual(module));
    zips = mods;
  }
  const auto keep = [&](const gomod::Module& module, Of of) {
    return zips.contains(module) || (of == Of::go_mod && mods.contains(module));
  };
  if (needs_sums()) {
    gomod::GoSum lines;
    add_kept(modules_->new_sums(), keep, lines);
    if (lines.empty()) return {};
    return fail(Kind::invalid, "updates to go.sum needed, disabled by -mod=readonly");
  }
  return write_sums({.keep = keep});
}

void GoSession::add_kept(const gomod::GoSum& from, const KeepLine& keep, gomod::GoSum& into) {
  const auto entries = from.entries();
  for (const auto& entry : entries) {
    if (!keep(entry.module, entry.of)) continue;
    for (const auto& hash : entry.hashes) into.add(entry.module, entry.of, hash);
  }
}

gomod::GoSum GoSession::sums_after(const SumRules& rules) {
  gomod::GoSum out;
  add_kept(project_->sum, rules.drops ? rules.keep : [](const auto&, auto) { return true; }, out);
  add_kept(modules_->new_sums(), rules.keep, out);
  return out;
}

Result<void> GoSession::write_sums(const SumRules& rules) {
  if (!project_) return {};
  gomod::GoSum learned;
  add_kept(
      modules_->new_sums(), rules.is_learned ? rules.is_learned : [](const auto&, auto) { return true; },
      learned);
  gomod::GoSum added;
  add_kept(learned, rules.keep, added);
  gomod::GoSum stay;
  if (rules.drops) add_kept(project_->sum, rules.keep, stay);
  // Where lines may be dropped, one that was learned and is not kept is dropped too: the file is written.
  const bool writes = rules.drops ? stay.size() != project_->sum.size() || !learned.empty() : !added.empty();
  if (!writes) return {};
  if (overlay_.replaces(project_->sum_file)) {
    return fail(Kind::invalid,
                "updates to go.sum needed, but go.sum is part of the overlay specified with -overlay");
  }
  const auto side = app::side_lock(cache_->root());
  if (!rules.drops) return app::add_to_go_sum(project_->sum_file, added);
  stay.merge(added);
  const auto lock = TRY(sys::FileLock::exclusive(project_->sum_file));
  return lock.replace(as_bytes(stay.str()));
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/package_session.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/go_files.hpp"
#include "gomod/goversion.hpp"
#include "sys/parallel.hpp"

namespace larder::cli {

namespace {

constexpr unsigned k_least_threads = 8;  // they also wait for downloads

// Does go read packages through its index? The last of equal settings in GODEBUG counts.
bool is_indexed(const Session& session) {
  if (session.config.go.get("GOCACHE") == "off") return false;
  const auto& environment = session.config.environment;
  const auto debug = environment.find("GODEBUG");
  if (debug == environment.end()) return true;
  std::string_view value;
  for (const auto setting : split(debug->second, ',')) {
    if (const auto pair = cut(setting, "="); pair && pair->first == "goindex") value = pair->second;
  }
  return value != "0";
}

std::unique_ptr<app::ZipsInPlace> zips_of(GoSession& go) {
  auto options = go.zips_in_place();
  return options ? std::make_unique<app::ZipsInPlace>(go.modules(), *std::move(options)) : nullptr;
}

std::set<std::string, std::less<>> tools_of(const app::Project& project) {
  std::set<std::string, std::less<>> out;
  for (const auto& module : project.modules) {
    for (const auto& tool : module.mod.tool) out.insert(tool.path);
  }
  return out;
}

}  // namespace

app::ModulePackages::Options package_options(GoSession& go, app::ZipsInPlace* zips, bool show_ignored) {
  app::ModulePackages::Options out;
  out.goroot = go.session().config.go.goroot();
  out.threads = std::max(k_least_threads, sys::cpu_count());
  out.running_go = {go.session().config.go.go_version(), toolchain_note(go.session())};
  out.indexed = is_indexed(go.session());
  out.shelf = out.indexed ? go.shelf() : nullptr;
  out.zips = zips;
  out.stop = go.session().stop;
  if (show_ignored) {
    out.ignoring = [](const std::string& folder) {
      const auto line = "# ignoring directory " + folder + "\n";
      static_cast<void>(sys::write_all(2, as_bytes(line), "stderr").has_value());
    };
  }
  return out;
}

void touch_infos(GoSession& go, const std::vector<gomod::Module>& modules) {
  sys::Crew crew(std::max(k_least_threads, sys::cpu_count()), [&] { return go.modules().asked_source(); });
  crew.each(modules.size(), [&](std::size_t i) {
    const auto& actual = go.resolver().mains().actual(modules[i]);
    if (actual.version.empty() || resolve::is_toolchain_path(actual.path)) return;
    static_cast<void>(go.modules().info(actual, go.session().stop).has_value());
  });
}

void tell_download(const Session& session, const gomod::Module& module) {
  session.note("downloading " + module.path + " " + module.version);
}

void warn_unmatched(const Session& session, std::string_view pattern) {
  session.note("warning: " + quote(pattern) + " matched no packages");
}

Result<void> refuse_overlaid_sources(const GoSession& go) {
  const auto source = go.overlay().replaced_source();
  if (!source) return {};
  return fail(Kind::invalid, "-overlay with Go files is not supported yet: " + source->native(),
              "use the go command for this one");
}

GoSession::KeepLine keep_lines(const resolve::KeepSums& sums) {
  return [&sums](const gomod::Module& module, gomod::GoSum::Of of) {
    return of == gomod::GoSum::Of::zip ? sums.zip(module) : sums.go_mod(module);
  };
}

resolve::KeepRules tidy_rules(const resolve::Requirements& requirements) {
  const auto go = requirements.root_version(resolve::k_go).value_or(resolve::k_default_mod_go);
  return {.package_go_mods = gomod::goversion::compare(go, resolve::k_strict_go) >= 0};
}

PackageSession::PackageSession(GoSession& go, resolve::PackageLoadOptions options,
                               resolve::VersionSource* versions, bool show_ignored)
    : go_(go),
      session_(go.session()),
      options_(std::move(options)),
      tools_(tools_of(*go.project())),
      zips_(zips_of(go)),
      packages_(*go.project(), go.modules(), package_options(go, zips_.get(), show_ignored)) {
  const bool workspace = go.resolver().mains().is_workspace();
  finder_ = std::make_unique<resolve::ImportFinder>(
      go.resolver(), packages_,
      resolve::ImportFinder::Options{.readonly = options_.readonly,
                                     .must_have_sums = options_.readonly && !workspace});
  go.modules().on_download([&session = go.session()](const gomod::Module& m) { tell_download(session, m); });
  if (options_.resolve_missing) {
    missing_ = std::make_unique<resolve::MissingImports>(*finder_, versions, teller());
  }
  make_loader();
}

std::function<void(const std::string&)> PackageSession::teller() const {
  return [this](const std::string& text) {
    if (go_.modules().contradiction()) return;  // said by ended(), and nothing beside it
    session_.note(text.ends_with('\n') ? std::string_view(text).substr(0, text.size() - 1) : text);
  };
}

void PackageSession::make_loader() {
  loader_ = std::make_unique<resolve::PackageLoader>(*finder_, missing_.get(), tools_, options_, teller());
  loader_->on_plain([](const std::string& text) {
    static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
  });
}

// What go.sum contradicts ends everything, -e or not.
bool PackageSession::ended(bool well) const {
  const auto contradiction = go_.modules().contradiction();
  if (!contradiction) return well;
  go_complain(session_, *contradiction);
  return false;
}

bool PackageSession::load(resolve::Requirements initial) {
  if (options_.tidy && go_.asks_store()) before_ = std::make_unique<resolve::Snapshot>(initial);
  const bool loaded = loader_->load(std::move(initial));
  packages_.save_indexes();
  want_what_is_missing();
  return ended(loaded);
}

void PackageSession::want_what_is_missing() const {
  using resolve::ImportFault;
  for (const auto* package : loader_->packages().packages()) {
    if (!package->error) continue;
    const auto& [fault, error, modules, found] = *package->error;
    for (const auto& m : modules)
      go_.want_unless_held(go_.resolver().mains().actual(m), gomod::GoSum::Of::zip);
    if (fault == ImportFault::other && nothing_could_have(package->path)) go_.want_package(package->path);
    if (fault != ImportFault::missing && fault != ImportFault::not_in_latest) continue;
    if (options_.tidy) {
      go_.want_package(package->path);
    } else {
      go_.want_package_unless_held(package->path);
    }
  }
}

// With a go.mod of the graph missing no import can be looked for. From go 1.17 on go.mod names every module
// that imports need, so what neither it, nor the rest of the graph, nor anything held could have is new.
bool PackageSession::nothing_could_have(const std::string& path) const {
  if (!before_ || before_->requirements.pruning != resolve::Pruning::pruned || resolve::is_std_path(path))
    return false;
  const auto& graph = before_->load(go_.resolver());
  const auto& mains = go_.resolver().mains();
  if (!graph.error()) return false;
  for (std::string_view prefix = path; !prefix.empty(); prefix = resolve::parent_path(prefix)) {
    const auto is_replaced = [&](const auto& r) { return r.from.path == prefix; };
    if (mains.contains(prefix) || graph.selected(prefix) ||
        std::ranges::any_of(mains.replacements(), is_replaced))
      return false;
  }
  return !go_.may_be_held(path);
}

std::optional<resolve::Requirements> PackageSession::load_first(const Roots& roots, bool with_all,
                                                                resolve::Requirements initial) {
  auto options = options_;
  options.roots = roots;
  options.with_all = with_all;
  resolve::PackageLoader first(*finder_, missing_.get(), tools_, std::move(options), teller());
  const bool loaded = first.load(std::move(initial));
  if (loaded) static_cast<void>(roots(first.requirements()));
  if (!ended(loaded)) return std::nullopt;
  return first.requirements().requirements;
}

bool PackageSession::load_again(resolve::PackageLoadOptions options, resolve::Requirements initial) {
  options_ = std::move(options);
  make_loader();
  return load(std::move(initial));
}

resolve::KeepSums PackageSession::tidy_sums() {
  auto& resolver = go_.resolver();
  auto& now = loader_->requirements();
  const auto rules = tidy_rules(now.requirements);
  auto out = resolve::keep_sums(resolver, loader_->packages(), now, rules);
  if (loader_->compat() != nullptr) {
    out.merge(resolve::keep_sums(resolver, loader_->packages(), *loader_->compat(), rules));
  }
  return out;
}

void PackageSession::warn_of_nothing() const {
  const auto& packages = loader_->packages().packages();
  const bool any = std::ranges::any_of(packages, [](const auto* p) { return p->in_all && !p->is_test(); });
  if (!any) warn_unmatched(session_, "all");
}

}  // namespace larder::cli

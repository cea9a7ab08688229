// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "app/go_folder.hpp"
#include "app/locate.hpp"
#include "app/patterns.hpp"
#include "base/text.hpp"
#include "cli/go_files.hpp"
#include "cli/module_lister.hpp"
#include "cli/package_session.hpp"
#include "cli/package_words.hpp"
#include "cli/rows.hpp"
#include "gomod/check.hpp"
#include "resolve/imports.hpp"

namespace larder::cli {

namespace {

struct Why {
  bool modules = false;  // -m
  bool vendor = false;   // -vendor
  std::vector<std::string> words;
};

// One answer after another, an empty line between two.
class Stanzas {
 public:
  Stanzas(std::string_view kind, bool vendor) : kind_(kind), vendor_(vendor) {}

  void add(const std::string& name, const resolve::Package* package) {
    if (!text_.empty()) text_ += '\n';
    text_ += "# " + name + "\n";
    if (package != nullptr) {
      text_ += package->why();
    } else {
      denies_ = true;
      text_ += std::string("(main module does not need") + (vendor_ ? " to vendor " : " ") +
               std::string(kind_) + " " + name + ")\n";
    }
  }
  const std::string& text() const { return text_; }
  bool denies() const { return denies_; }  // something is said not to be needed

 private:
  std::string_view kind_;
  bool vendor_;
  bool denies_ = false;
  std::string text_;
};

// Packages of the standard library are only on the way to others of it.
bool may_be_std(std::string_view word) {
  return has_wildcard(word) || resolve::is_std_path(word);
}

// As go does, the whole graph is asked only where the roots do not say; then it answers for all words.
Result<bool> asks_graph(const std::vector<std::string>& words, const resolve::Requirements& roots,
                        const resolve::MainModules& mains) {
  bool out = false;
  for (const auto& word : words) {
    if (word.find('\\') != std::string::npos) return fail(Kind::invalid, "module paths never use backslash");
    if (resolve::is_local_import(word))
      return fail(Kind::invalid, "cannot use relative path " + word + " to specify module");
    const bool is_root = mains.contains(word) || roots.root_version(word);
    out = out || has_wildcard(word) || !is_root || roots.pruning == resolve::Pruning::unpruned;
  }
  return out;
}

// The version of a module that no pattern names; "" where nothing has it.
std::string version_of(GoSession& go, const resolve::Requirements& roots, const std::string& path) {
  if (go.resolver().mains().contains(path)) return "";
  return std::string((go.has_graph() ? go.graph().selected(path) : roots.root_version(path)).value_or(""));
}

void warn_of_no_match(const std::string& word) {
  const auto line = "warning: pattern " + quote(word) + " matched no module dependencies\n";
  static_cast<void>(sys::write_all(2, as_bytes(line), "stderr").has_value());
}

// The modules that the words name, in order.
Result<std::vector<gomod::Module>> named_modules(GoSession& go, const std::vector<std::string>& words) {
  std::vector<gomod::Module> out;
  if (words.empty()) {
    for (const auto& main : go.resolver().mains().modules()) out.push_back({main.path, ""});
  }
  const auto roots = TRY(go.initial());
  const bool whole = TRY(asks_graph(words, roots, go.resolver().mains()));
  const auto loaded = whole ? go.load_graph() : Result<void>();
  if (!loaded && (!go.has_graph() || go.modules().contradiction())) return fail(loaded.error());
  std::set<gomod::Module> matches;
  for (const auto& word : words) {
    if (!has_wildcard(word)) {
      out.push_back({word, version_of(go, roots, word)});
      continue;
    }
    bool matched = false;
    const auto build_list = go.graph().build_list();
    for (const auto& m : build_list) {
      if (resolve::is_toolchain_path(m.path)) continue;
      if (word != "all" && !app::match_pattern(word, m.path)) continue;
      if (!matches.insert(m).second) continue;  // of another pattern
      out.push_back(m);
      matched = true;
    }
    if (!matched) warn_of_no_match(word);
  }
  if (!loaded) return fail(loaded.error());
  return out;
}

// go looks at the .info and the go.mod of each module it lists, and so leaves them in the cache.
void list_modules(GoSession& go, std::vector<gomod::Module> modules) {
  std::erase_if(modules, [](const auto& m) { return m.version.empty(); });
  touch_infos(go, modules);
  static_cast<void>(go.resolver().summaries(modules));
}

// Of the module's packages the one with the shortest way, the first by path where several have it.
std::map<std::string, const resolve::Package*> nearest(const resolve::PackageGraph& packages) {
  std::map<std::string, const resolve::Package*> out;
  for (const auto* package : packages.packages()) {
    if (package->is_test() || package->module.path.empty()) continue;
    auto& best = out[package->module.path];
    if (best == nullptr || package->depth() < best->depth() ||
        (package->depth() == best->depth() && package->path < best->path)) {
      best = package;
    }
  }
  return out;
}

// What the words name, `all` included.
std::vector<std::string> package_paths(const Session& session, const resolve::PackageGraph& packages,
                                       const PackageWords& words) {
  std::vector<std::string> all;
  for (const auto* package : packages.packages()) {
    const bool is_listed = package->in_all && !package->is_test();
    if (is_listed && gomod::check_import_path(package->path)) all.push_back(package->path);
  }
  std::ranges::sort(all);
  for (const auto& word : words.words()) {
    if (word == "all" && all.empty()) warn_unmatched(session, word);
  }
  return words.expanded(all);
}

// Loads what the words name before `all`, as go does; nullopt: what is wrong was said.
std::optional<resolve::Requirements> load_named(GoSession& go, PackageSession& session, PackageWords& words,
                                                resolve::Requirements initial) {
  auto& resolver = go.resolver();
  const auto roots = [&](resolve::Snapshot& in) {
    return words.packages([&](const std::string& pattern) {
      const auto& graph = in.load(resolver);
      if (go.modules().contradiction()) return PackageWords::Matched{};  // nothing is fetched any more
      auto found = session.packages().matching(pattern, resolver.mains(), graph.build_list());
      found.is_all = found.is_all && !graph.error();
      return found;
    });
  };
  auto loaded = session.load_first(roots, words.has_all(), std::move(initial));
  if (loaded) words.warn_of_unmatched();
  return loaded;
}

Result<int> answer(GoSession& go, const Why& why) {
  TRY(refuse_overlaid_sources(go));
  const bool skip_std = why.modules || std::ranges::none_of(why.words, may_be_std);
  PackageSession session(
      go, {.load_tests = !why.vendor, .vendor_all = why.vendor, .silent_errors = true, .skip_std = skip_std},
      nullptr);
  std::vector<gomod::Module> modules;
  if (why.modules) modules = TRY(named_modules(go, why.words));
  list_modules(go, modules);
  auto initial = TRY(go.initial());
  std::optional<PackageWords> words;
  if (!why.modules)
    words.emplace(PackageWords::Place{go.session(), *go.project(), session.packages()}, why.words);
  if (words && !words->only_all()) {
    auto loaded = load_named(go, session, *words, std::move(initial));
    if (!loaded) return k_failed;
    initial = *std::move(loaded);
  }
  if (!session.load(std::move(initial))) return k_failed;
  const auto& packages = session.loader().packages();
  session.warn_of_nothing();
  Stanzas out(why.modules ? "module" : "package", why.vendor);
  if (why.modules) {
    const auto best = nearest(packages);
    for (const auto& module : modules) {
      const auto it = best.find(module.path);
      out.add(module.path, it == best.end() ? nullptr : it->second);
    }
  } else {
    const auto paths = package_paths(go.session(), packages, *words);
    for (const auto& path : paths) out.add(path, packages.find(path));
  }
  go.session().print(out.text());
  // What is missing may be what needs it.
  return out.denies() && go.lacks_something() ? k_failed : k_done;
}

// In a go.work that uses nothing no package is needed, and patterns match the standard library alone.
Result<int> answer_of_packages(GoSession& go, const Why& why) {
  const auto needs_module = [](const std::string& word) { return is_folder(word) && !has_wildcard(word); };
  if (why.words.empty() || std::ranges::any_of(why.words, needs_module))
    return fail(Kind::invalid, std::string(k_empty_workspace));
  const app::Project nothing;
  const auto mains = TRY(resolve::MainModules::single({.path = "command-line-arguments"}));
  app::ModulePackages packages(nothing, go.modules(), package_options(go));
  PackageWords words({go.session(), nothing, packages}, why.words);
  static_cast<void>(
      words.packages([&](const std::string& pattern) { return packages.matching(pattern, mains, {}); }));
  words.warn_of_unmatched(true);
  Stanzas out("package", why.vendor);
  for (const auto& path : words.expanded({})) out.add(path, nullptr);
  warn_unmatched(go.session(), "all");
  go.session().print(out.text());
  return k_done;
}

Result<int> answer_of_modules(GoSession& go, const Why& why) {
  Stanzas out("module", why.vendor);
  const auto found = TRY(ModuleLister(go, {}).run(why.words));
  for (const auto& module : found.modules) {
    if (module.error) return fail(Kind::invalid, *module.error);
    out.add(module.path, nullptr);
  }
  warn_unmatched(go.session(), "all");
  go.session().print(out.text());
  return k_done;
}

Result<int> answer_without_modules(GoSession& go, const Why& why) {
  return why.modules ? answer_of_modules(go, why) : answer_of_packages(go, why);
}

}  // namespace

int run_mod_why(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(
      args, with_package_flags({{"m"}, {"vendor"}, {"modcacherw"}, {"modfile", false}, {"overlay", false}}),
      session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("mod why", parsed.error().message());
  const Why why{parsed->has("m"), parsed->has("vendor"), parsed->words};
  if (const auto work = go_work_path(session); work && why.modules) {
    for (const auto& word : why.words) {
      if (word.find('@') == std::string::npos) continue;
      session.complain(
          Error(Kind::invalid, word + ": 'go mod why' requires a module path, not a version query"));
      return k_failed;
    }
  }
  const auto go =
      GoSession::open(session, {.arguments = *parsed, .takes_empty_workspace = true, .adds_go_line = false});
  const auto status = !go                           ? Result<int>(fail(go.error()))
                      : (*go)->in_empty_workspace() ? answer_without_modules(**go, why)
                                                    : answer(**go, why);
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace larder::cli

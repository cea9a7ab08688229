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
#include "cli/rows.hpp"
#include "gomod/check.hpp"

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

bool has_wildcard(std::string_view word) {
  return word == "all" || word.find("...") != std::string_view::npos;
}

// Packages of the standard library are only on the way to others of it.
bool may_be_std(std::string_view word) {
  return has_wildcard(word) || resolve::is_std_path(word);
}

bool is_folder(std::string_view word) {
  return word == "." || word == ".." || word.starts_with("./") || word.starts_with("../") ||
         word.starts_with('/');
}

bool is_relative(std::string_view word) {
  return word == "." || word == ".." || word.starts_with("./") || word.starts_with("../");
}

// As go does, the whole graph is asked only where the roots do not say; then it answers for all words.
Result<bool> asks_graph(const std::vector<std::string>& words, const resolve::Requirements& roots,
                        const resolve::MainModules& mains) {
  bool out = false;
  for (const auto& word : words) {
    if (word.find('\\') != std::string::npos) return fail(Kind::invalid, "module paths never use backslash");
    if (is_relative(word))
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
  if (!loaded && !go.has_graph()) return fail(loaded.error());
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

// One that go looks at, whether or not its constraints hold here.
bool has_go_files(const sys::Path& dir) {
  const auto entries = sys::list_dir(dir);
  return entries && std::ranges::any_of(*entries, [](const auto& entry) {
           return !entry.is_dir && entry.name.ends_with(".go") && entry.name[0] != '_' &&
                  entry.name[0] != '.';
         });
}

// Is it in a module of its own, within the one whose folder is `root`?
bool is_nested(const std::string& root, const std::string& dir) {
  for (auto at = sys::Path(dir); at.native().size() > root.size(); at = at.parent_path()) {
    if (sys::is_file(at / "go.mod")) return true;
  }
  return false;
}

// The import path, or pattern, of a folder of a main module; nullopt: it is in none, or no package, of which
// go says nothing here.
std::optional<std::string> package_of_folder(const GoSession& go, const std::string& word) {
  const auto& project = *go.project();
  const auto dir = app::joined(app::working_directory(go.session().config.environment), word).native();
  const auto dots = dir.find("...");
  const auto fixed = dots == dir.npos ? dir : dir.substr(0, dir.rfind('/', dots));  // before any "..."
  const bool is_there = dots == dir.npos ? has_go_files(dir) : sys::is_dir(fixed);
  if (!is_there) return std::nullopt;
  for (const auto& main : project.modules) {
    const auto& root = main.dir.native();
    if (dir == root) return main.mod.module->path;
    if (dir.starts_with(root + "/") && !is_nested(root, fixed))
      return main.mod.module->path + dir.substr(root.size());
  }
  return std::nullopt;
}

std::vector<std::string> tool_paths(const app::Project& project) {
  std::vector<std::string> out;
  for (int i = 0; i < 2; ++i) {  // as go, which forgets that it has looked before
    for (const auto& module : project.modules) {
      for (const auto& tool : module.mod.tool) out.push_back(tool.path);
    }
  }
  return out;
}

using Matched = app::ModulePackages::Matched;

// As one walks the folders: what is below "a" comes before "a-b".
void sort_as_walked(std::vector<std::string>& paths) {
  std::ranges::sort(paths, {}, [](const std::string& path) { return split(path, '/'); });
}

// Of "./...": packages of main modules that have files for the build at hand. Of folders elsewhere go says
// nothing here.
Matched match_below(GoSession& go, PackageSession& session, const std::string& word) {
  const auto pattern = package_of_folder(go, word);
  if (!pattern) return {{}, false};
  Matched out;
  const auto context = build_context(go.session());
  for (auto& folder : session.packages().main_folders()) {
    if (app::match_pattern(*pattern, folder.path) && app::builds(folder.dir, context))
      out.paths.push_back(std::move(folder.path));
  }
  sort_as_walked(out.paths);
  return out;
}

// "std", "cmd": those that this build has. Programs among what cmd vendors are none of them.
Matched match_goroot(GoSession& go, PackageSession& session, bool commands) {
  Matched out;
  const auto context = build_context(go.session());
  for (auto& folder : session.packages().goroot_folders(commands)) {
    if (folder.path == "builtin" || (!context.cgo && folder.path == "runtime/cgo")) continue;
    if (!app::builds(folder.dir, context)) continue;
    const bool is_vendored = folder.path.starts_with("cmd/vendor");
    if (is_vendored && app::package_name(folder.dir, context) == "main") continue;
    out.paths.push_back(std::move(folder.path));
  }
  sort_as_walked(out.paths);
  return out;
}

bool is_remote_pattern(const std::string& word) {
  return word.find("...") != std::string::npos && !is_folder(word);
}

// What the words mean that name packages.
class Words {
 public:
  Words(GoSession& go, PackageSession& session, const std::vector<std::string>& words)
      : go_(go), session_(session), words_(words.empty() ? std::vector<std::string>{"."} : words) {
    for (const auto& word : words_) {
      if (auto found = of_files(word)) matches_.emplace(word, *std::move(found));
    }
  }

  const std::vector<std::string>& words() const { return words_; }
  // Of a word that means several packages, or none; nullptr: it is a path, or "all".
  const Matched* find(const std::string& word) const {
    const auto at = matches_.find(word);
    return at == matches_.end() ? nullptr : &at->second;
  }
  bool has_all() const { return std::ranges::find(words_, "all") != words_.end(); }
  bool only_all() const {
    return std::ranges::all_of(words_, [](const auto& word) { return word == "all"; });
  }

  // All packages by the modules of this graph. What is known of it has to do.
  std::vector<std::string> packages(resolve::Snapshot& in) {
    std::vector<std::string> out;
    for (const auto& word : words_) {
      if (is_remote_pattern(word)) match(word, in);
      if (const auto* matched = find(word)) {
        out.insert(out.end(), matched->paths.begin(), matched->paths.end());
      } else if (word != "all") {
        out.push_back(word);
      }
    }
    return out;
  }

  void warn_of_unmatched() const {
    for (const auto& word : words_) {
      const auto* matched = find(word);
      if (matched != nullptr && matched->paths.empty() && matched->is_all)
        warn_unmatched(go_.session(), word);
    }
  }

 private:
  // What no graph has a say in.
  std::optional<Matched> of_files(const std::string& word) {
    if (word == "std" || word == "cmd") return match_goroot(go_, session_, word == "cmd");
    if (word == "work") return Matched{session_.packages().main_packages("").paths};
    if (word == "tool") return Matched{tool_paths(*go_.project())};
    if (!is_folder(word)) return std::nullopt;
    if (word.find("...") != std::string::npos) return match_below(go_, session_, word);
    Matched out{{}, false};
    if (auto package = package_of_folder(go_, word)) out.paths.push_back(*std::move(package));
    return out;
  }

  void match(const std::string& word, resolve::Snapshot& in) {
    auto& resolver = go_.resolver();
    const auto& graph = in.load(resolver);
    auto found = session_.packages().matching(word, resolver.mains(), graph.build_list());
    found.is_all = found.is_all && !graph.error();
    matches_.insert_or_assign(word, std::move(found));
  }

  GoSession& go_;
  PackageSession& session_;
  std::vector<std::string> words_;
  std::map<std::string, Matched> matches_;
};

std::vector<std::string> package_paths(const GoSession& go, const resolve::PackageGraph& packages,
                                       const Words& words) {
  std::vector<std::string> out;
  std::vector<std::string> all;
  for (const auto* package : packages.packages()) {
    const bool is_listed = package->in_all && !package->is_test();
    if (is_listed && gomod::check_import_path(package->path)) all.push_back(package->path);
  }
  std::ranges::sort(all);
  for (const auto& word : words.words()) {
    if (const auto* matched = words.find(word)) {
      out.insert(out.end(), matched->paths.begin(), matched->paths.end());
    } else if (word == "all") {
      if (all.empty()) warn_unmatched(go.session(), word);
      out.insert(out.end(), all.begin(), all.end());
    } else {
      out.push_back(word);
    }
  }
  return out;
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
  std::optional<Words> words;
  if (!why.modules) words.emplace(go, session, why.words);
  if (words && !words->only_all()) {
    const auto roots = [&](resolve::Snapshot& in) { return words->packages(in); };
    auto loaded = session.load_first(roots, words->has_all(), std::move(initial));
    if (!loaded) return k_failed;
    initial = *std::move(loaded);
    words->warn_of_unmatched();
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
    const auto paths = package_paths(go, packages, *words);
    for (const auto& path : paths) out.add(path, packages.find(path));
  }
  go.session().print(out.text());
  // What is missing may be what needs it.
  return out.denies() && go.lacks_something() ? k_failed : k_done;
}

// In a go.work that uses nothing no package is needed, and nothing matches.
Result<int> answer_nothing(GoSession& go, const Why& why) {
  Stanzas out(why.modules ? "module" : "package", why.vendor);
  if (why.modules) {
    const auto found = TRY(ModuleLister(go, {}).run(why.words));
    for (const auto& module : found.modules) {
      if (module.error) return fail(Kind::invalid, *module.error);
      out.add(module.path, nullptr);
    }
  } else if (why.words.empty()) {
    return fail(Kind::invalid, std::string(k_empty_workspace));
  }
  const auto packages = why.modules ? std::vector<std::string>() : why.words;
  const auto has_a_place = [](const std::string& word) {
    return word == "std" || word == "cmd" || (is_folder(word) && word.find("...") == word.npos);
  };
  if (std::ranges::any_of(packages, has_a_place)) return fail(Kind::invalid, std::string(k_empty_workspace));
  for (const auto& word : packages) {
    if (is_folder(word)) continue;  // a pattern of folders, of which go says nothing here
    const bool is_pattern = has_wildcard(word) || word == "work" || word == "tool";
    if (is_pattern) warn_unmatched(go.session(), word);
    if (!is_pattern) out.add(word, nullptr);
  }
  warn_unmatched(go.session(), "all");
  go.session().print(out.text());
  return k_done;
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
                      : (*go)->in_empty_workspace() ? answer_nothing(**go, why)
                                                    : answer(**go, why);
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/module_lister.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/patterns.hpp"
#include "base/text.hpp"
#include "cli/package_words.hpp"
#include "resolve/imports.hpp"
#include "resolve/vendor.hpp"
#include "sys/crew.hpp"

namespace larder::cli {

namespace {

constexpr unsigned k_jobs = 16;
// Modules; to describe one takes 10 µs, to look one up 50, to start a thread 100.
constexpr std::size_t k_few = 64;
constexpr std::size_t k_few_to_look_up = 32;
constexpr std::string_view k_unnamed = "command-line-arguments";  // the main module where there is none

Failure no_module(const GoSession& go, const std::string& word, std::string_view what) {
  return fail(Kind::invalid, fmt::format("cannot match {}{}: {}", quote(word), what,
                                         go.in_empty_workspace()
                                             ? k_empty_workspace
                                             : "go.mod file not found in current directory or any parent "
                                               "directory; see 'go help modules'"));
}

}  // namespace

// One word of the command line.
struct ModuleLister::Word {
  std::string text;
  std::string path;
  std::optional<std::string> query;  // behind '@'

  static Result<Word> parse(const std::string& text) {
    Word out{text, text, std::nullopt};
    const auto parts = cut(text, "@");
    if (!parts) return out;
    out.path = parts->first;
    out.query = parts->second;
    if (!out.query->starts_with('-') && !out.query->starts_with('/')) return out;
    return fail(Kind::invalid, "invalid module version " + quote(*out.query));
  }
};

// "module P: …" and "P@QUERY: …", unless the text says it already.
std::string ModuleLister::query_error(const Word& word, const app::QueryFailure& failure) {
  const auto& text = failure.error.message();
  if (failure.names_module) return text;
  if (failure.is == app::QueryFailure::Is::no_match || !word.query || word.query->empty())
    return fmt::format("module {}: {}", word.path, text);
  return fmt::format("{}@{}: {}", word.path, *word.query, text);
}

Result<ModuleLister::Found> ModuleLister::run(const std::vector<std::string>& texts) {
  std::vector<Word> words;
  for (const auto& text : texts) words.push_back(TRY(checked(text)));
  Found out;
  if (std::any_of(words.begin(), words.end(), [&](const auto& w) { return needs_graph(w); })) {
    const auto loaded = is_vendor() ? Result<void>() : go_.load_graph();
    if (!loaded && go_.modules().contradiction()) return fail(loaded.error());
    if (!loaded) out.error = loaded.error();
  }
  open_describer();
  if (words.empty()) describe_all(main_modules(), out.modules);
  for (const auto& word : words) add(word, out);
  if (what_.updates || what_.versions || what_.retractions) look_up(out.modules);
  if (auto contradiction = go_.modules().contradiction()) return fail(*std::move(contradiction));
  return out;
}

void ModuleLister::look_up(std::vector<app::ModuleFacts>& modules) {
  sys::Crew crew(k_jobs, [&] { return !go_.is_near(); }, k_few_to_look_up);
  crew.each(modules.size(), [&](std::size_t i) {
    const bool goes_on = !go_.session().stop.stop_requested();
    if (goes_on && !modules[i].reuse) describer_->look_up(modules[i], what_);
  });
}

Result<ModuleLister::Word> ModuleLister::checked(const std::string& text) const {
  if (text.find('\\') != std::string::npos) return fail(Kind::invalid, "module paths never use backslash");
  if (resolve::is_local_import(text))
    return fail(Kind::invalid, "cannot use relative path " + text + " to specify module");
  if (has_wildcard(text) && !in_module()) return no_module(go_, text, "");
  auto word = TRY(Word::parse(text));
  if (in_module()) return word;
  if (word.query && (*word.query == "upgrade" || *word.query == "patch")) return no_module(go_, text, "");
  const bool is_held = resolve::is_toolchain_path(word.path) || word.path == k_unnamed;
  if (!word.query && !what_.versions && !is_held)
    return no_module(go_, text, " without -versions or an explicit version");
  return word;
}

bool ModuleLister::needs_graph(const Word& word) const {
  if (!in_module()) return false;
  if (has_wildcard(word.text)) return true;
  if (word.query && *word.query != "upgrade" && *word.query != "patch") return false;
  const auto& requirements = go_.requirements();
  if (requirements.pruning == resolve::Pruning::unpruned) return true;
  return !go_.resolver().mains().contains(word.path) && !requirements.root_version(word.path);
}

void ModuleLister::open_describer() {
  app::ModuleDescriber::Context context{
      .modules = go_.modules(), .source = go_.source(), .queries = go_.queries()};
  context.local_go = go_.session().config.go.go_version();
  context.go_without_module =
      go_.in_empty_workspace() ? std::string(resolve::k_default_work_go) : context.local_go;
  context.stop = go_.session().stop;
  context.project = go_.project();
  context.files = what_.files;
  context.old = old_;
  context.need_sums = go_.needs_sums();
  if (in_module()) {
    context.mains = &go_.resolver().mains();
    context.requirements = &go_.requirements();
    if (is_vendor()) {
      context.vendored = &go_.vendored();
      for (const auto& [module, about] : go_.vendored().about) context.go_versions[module] = about.go_version;
      build_list_ = resolve::vendored_build_list(*context.mains, go_.requirements(), go_.vendored());
    } else if (go_.has_graph()) {
      build_list_ = go_.graph().build_list();
      context.go_versions = loaded_go_versions();
    }
  }
  describer_.emplace(std::move(context));
}

// Of the go.mod files that the graph has read, by what they are the go.mod of. Queries need not read them
// again.
std::map<gomod::Module, std::string> ModuleLister::loaded_go_versions() {
  std::vector<gomod::Module> loaded;
  for (auto& module : go_.graph().loaded_modules()) {
    if (!module.version.empty()) loaded.push_back(std::move(module));
  }
  std::map<gomod::Module, std::string> out;
  const auto summaries = go_.resolver().summaries(loaded);
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    if (!summaries[i]) continue;
    const auto& actual = go_.resolver().mains().actual(loaded[i]);
    out[actual] = (*summaries[i])->go_version;
    go_.queries().know(actual, *summaries[i]);
  }
  for (const auto& failure : go_.graph().failures()) {
    if (!failure.go_version.empty()) out[failure.actual] = failure.go_version;
  }
  return out;
}

std::vector<gomod::Module> ModuleLister::main_modules() const {
  if (!in_module()) return {{std::string(k_unnamed), ""}};
  std::vector<gomod::Module> out;
  for (const auto& main : go_.resolver().mains().modules()) out.push_back({main.path, ""});
  return out;
}

// The selected version; "" of a main module, "none" where there is none.
std::string ModuleLister::selected(const std::string& path) const {
  if (!in_module()) {
    if (path == k_unnamed) return {};
    const auto& local = go_.session().config.go.go_version();
    if (path == resolve::k_go) return local;
    return path == resolve::k_toolchain ? "go" + local : std::string(resolve::k_none);
  }
  if (go_.resolver().mains().contains(path)) return {};
  if (is_vendor() || !go_.has_graph()) {
    const auto found = std::ranges::find(build_list_, path, &gomod::Module::path);
    if (found != build_list_.end()) return found->version;
    const auto root = is_vendor() ? std::nullopt : go_.requirements().root_version(path);
    return std::string(root.value_or(resolve::k_none));
  }
  return std::string(go_.graph().selected(path).value_or(resolve::k_none));
}

void ModuleLister::describe_all(const std::vector<gomod::Module>& modules,
                                std::vector<app::ModuleFacts>& into) {
  std::vector<app::ModuleFacts> described(modules.size());
  sys::Crew crew(k_jobs, [&] { return go_.modules().asked_source(); }, k_few);
  crew.each(modules.size(), [&](std::size_t i) { described[i] = describer_->describe(modules[i]); });
  std::ranges::move(described, std::back_inserter(into));
}

void ModuleLister::add(const Word& word, Found& out) {
  if (word.query) {
    add_query(word, out);
  } else if (has_wildcard(word.text)) {
    add_pattern(word.text, out);
  } else {
    add_path(word.path, out);
  }
}

void ModuleLister::add_pattern(const std::string& pattern, Found& out) {
  std::vector<gomod::Module> matches;
  for (const auto& module : build_list_) {
    if (resolve::is_toolchain_path(module.path)) continue;
    if (pattern != "all" && !app::match_pattern(pattern, module.path)) continue;
    if (matched_.insert(module).second) matches.push_back(module);
  }
  if (matches.empty()) say(fmt::format("warning: pattern {} matched no module dependencies", quote(pattern)));
  describe_all(matches, out.modules);
}

void ModuleLister::add_path(const std::string& path, Found& out) {
  const auto version = selected(path);
  if (version != resolve::k_none) return describe_all({{path, version}}, out.modules);
  if (out.error) return;  // it may be below what could not be loaded
  app::ModuleFacts facts;
  facts.path = path;
  if (is_vendor()) {
    facts.error = fmt::format(
        "module {}: can't resolve module using the vendor directory\n\t(Use -mod=mod or -mod=readonly to "
        "bypass.)",
        path);
  } else if (!what_.versions) {
    facts.error = fmt::format("module {}: not a known dependency", path);
  }
  out.modules.push_back(std::move(facts));
}

void ModuleLister::add_query(const Word& word, Found& out) {
  const auto& query = *word.query;
  const auto current = selected(word.path);
  const bool relative = query == "upgrade" || query == "patch";
  if (current == resolve::k_none && out.error && relative) return;
  // Who asks for a version gets it, retracted or not; with -u retractions are shown, so nothing is passed
  // over.
  const bool all = app::is_revision_query(word.path, query) || what_.retractions || what_.updates;
  const auto info = go_.queries().query(word.path, query, current,
                                        all ? app::Allow::everything : app::Allow::not_retracted, old_);
  if (!info) {
    go_.want_query(word.path, query, info.error());
    app::ModuleFacts facts;
    facts.path = word.path;
    facts.version = query;
    facts.error = query_error(word, info.error());
    facts.origin = info.error().origin;
    out.modules.push_back(std::move(facts));
    return;
  }
  auto facts = describer_->outside({word.path, info->version});
  if (facts.version != query) facts.query = query;
  facts.origin = info->origin;
  out.modules.push_back(std::move(facts));
}

}  // namespace larder::cli

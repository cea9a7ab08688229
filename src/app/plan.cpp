// SPDX-License-Identifier: Apache-2.0
#include "app/plan.hpp"

#include <map>
#include <set>

#include "gomod/check.hpp"
#include "resolve/resolver.hpp"

namespace larder::app {

namespace {

using Of = gomod::GoSum::Of;

constexpr std::string_view k_nobody = "larder.invalid/stock";  // requires what was asked for by name

class Wants {
 public:
  void add(const gomod::Module& module, bool whole, const std::string& needed_by) {
    const auto [it, is_new] = wants_.try_emplace(module, Want{module, whole, needed_by});
    if (is_new) return;
    it->second.whole = it->second.whole || whole;
    // "go.sum" says less than a module that requires it.
    if (it->second.needed_by.ends_with(".sum")) it->second.needed_by = needed_by;
  }
  void add_sum(const gomod::GoSum& sum, const std::string& name) {
    for (const auto& entry : sum.entries()) {
      // Sums of directory replacements do not exist; of the language and toolchains nothing is downloaded
      // here.
      if (!resolve::is_toolchain_path(entry.module.path)) add(entry.module, entry.of == Of::zip, name);
    }
  }
  std::vector<Want> take() {
    std::vector<Want> out;
    for (auto& [module, want] : wants_) out.push_back(std::move(want));
    return out;
  }

 private:
  struct Less {
    bool operator()(const gomod::Module& a, const gomod::Module& b) const { return gomod::module_less(a, b); }
  };
  std::map<gomod::Module, Want, Less> wants_;
};

bool is_real(const gomod::Module& module, const resolve::MainModules& mains) {
  return !module.version.empty() && !resolve::is_toolchain_path(module.path) && !mains.contains(module.path);
}

std::vector<gomod::Module> unsummed(const resolve::Graph& graph, const resolve::MainModules& mains,
                                    const Project& project) {
  const auto has = [&](const gomod::Module& module, Of of) {
    return project.sum.has(module, of) || project.work_sum.has(module, of);
  };
  std::set<gomod::Module> out;
  for (const auto& module : graph.loaded_modules()) {
    const auto& actual = mains.actual(module);
    if (!is_real(module, mains) || actual.version.empty()) continue;
    if (!has(actual, Of::go_mod)) out.insert(actual);
  }
  for (const auto& main : project.modules) {
    for (const auto& require : main.mod.require) {
      // Of what is chosen in place of it the graph says more; a line that nothing imports is rare.
      const auto& actual = mains.actual(require.mod);
      const bool is_chosen = graph.selected(require.mod.path) == require.mod.version;
      if (!is_chosen || !is_real(require.mod, mains) || actual.version.empty()) continue;
      if (!has(actual, Of::zip)) out.insert(actual);
    }
  }
  return {out.begin(), out.end()};
}

std::string requirer(const resolve::Graph& graph, const gomod::Module& module) {
  const auto chain = graph.chain_to(module);
  if (chain.size() < 2) return "the main module";
  const auto& by = chain[chain.size() - 2];
  return by.path == k_nobody ? "the command line" : by.str();
}

void add_graph(const resolve::Graph& graph, const resolve::MainModules& mains, Wants& wants) {
  for (const auto& module : graph.loaded_modules()) {
    const auto& actual = mains.actual(module);
    if (is_real(module, mains) && !actual.version.empty()) wants.add(actual, false, requirer(graph, module));
  }
}

void add_build_list(const resolve::Graph& graph, const resolve::MainModules& mains, const gomod::GoSum& sum,
                    const PlanOptions& options, Wants& wants) {
  const bool never_summed = sum.entries().empty();
  for (const auto& module : graph.build_list()) {
    const auto& actual = mains.actual(module);
    if (!is_real(module, mains) || actual.version.empty()) continue;
    const bool vouched = options.vouched_without_sum && options.vouched_without_sum(actual);
    // A go.sum that has any hash of the module decides alone; one without leaves it to the policy. What
    // pruning left unread is not needed, unless nothing was ever summed.
    const bool open = !sum.has(actual, Of::zip) && !sum.has(actual, Of::go_mod);
    if (vouched && open && (graph.loaded(module) || never_summed)) {
      wants.add(actual, true, requirer(graph, module));
    }
  }
}

Result<void> check_tools(const Project& project) {
  for (const auto& module : project.modules) {
    for (const auto& tool : module.mod.tool) TRY(gomod::check_tool_path(tool.path));
  }
  return {};
}

}  // namespace

Result<resolve::MainModules> main_modules(const Project& project) {
  TRY(check_tools(project));
  std::vector<resolve::MainModule> modules;
  for (const auto& module : project.modules)
    modules.push_back(resolve::MainModule::from(module.mod, module.dir));
  if (!project.work) return resolve::MainModules::single(std::move(modules.front()));
  return resolve::MainModules::workspace(resolve::Workspace::from(*project.work, project.root),
                                         std::move(modules));
}

Result<Plan> make_plan(const Project& project, const ReadMod& read, const PlanOptions& options) {
  auto mains = TRY(main_modules(project));
  Wants wants;
  wants.add_sum(project.sum, "go.sum");
  wants.add_sum(project.work_sum, "go.work.sum");
  ParallelReader reader(read, project.root, {.threads = options.threads});
  resolve::Resolver resolver(mains, reader);
  const auto initial = TRY(resolver.initial());
  const auto expanded = resolver.expand(initial);
  add_graph(expanded.graph, mains, wants);
  add_build_list(expanded.graph, mains, project.sum, options, wants);
  if (project.toolchain) wants.add(project.toolchain->module, true, project.toolchain->needed_by);
  Plan plan;
  if (!project.has_vendor) plan.unsummed = unsummed(expanded.graph, mains, project);
  for (const auto& failure : expanded.graph.failures()) {
    plan.failures.push_back(failure.error);
    if (!failure.actual.version.empty())
      wants.add(failure.actual, false, requirer(expanded.graph, failure.chain.back()));
  }
  if (plan.failures.empty() && expanded.error) plan.failures.push_back(*expanded.error);
  plan.wants = wants.take();
  return plan;
}

Project project_of(const gomod::Module& module) {
  Project out;
  MainModule main;
  const std::string text = "module " + std::string(k_nobody) + "\n\ngo 1.17\n\nrequire " + module.path + " " +
                           module.version + "\n";
  auto mod = gomod::parse_mod("go.mod", text);
  LARDER_ASSERT(mod.has_value());
  main.mod_text = text;
  main.mod = *std::move(mod);
  out.modules.push_back(std::move(main));
  return out;
}

}  // namespace larder::app

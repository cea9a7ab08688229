// SPDX-License-Identifier: Apache-2.0
#include "resolve/vendor_plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "gomod/goversion.hpp"

namespace larder::resolve {

namespace {

using gomod::goversion::compare;

constexpr std::string_view k_explicit_go = "1.14";  // from here on modules.txt says what go.mod requires

Result<std::string> module_line(const Module& module, const Module* replacement) {
  std::string out = "# " + module.path;
  if (!module.version.empty()) out += " " + module.version;
  if (replacement != nullptr) {
    auto path = std::string_view(replacement->path);
    while (path.starts_with("./")) path.remove_prefix(2);
    if (path == "vendor" || path.starts_with("vendor/")) {
      return fail(Kind::invalid, "replacement path " + replacement->path + " inside vendor directory");
    }
    out += " => " + replacement->path;
    if (!replacement->version.empty()) out += " " + replacement->version;
  }
  return out + "\n";
}

using ByModule = std::map<Module, std::vector<const Package*>>;

Result<void> check_letter_case(const ByModule& packages) {
  std::map<std::string, std::string> seen;
  for (const auto& [module, list] : packages) {
    const auto [it, is_new] = seen.try_emplace(lower_ascii(module.path), module.path);
    if (!is_new && it->second != module.path) {
      return fail(Kind::invalid, "go.mod: case-insensitive import collision: " + quote(module.path) +
                                     " and " + quote(it->second));
    }
  }
  return {};
}

class Plan {
 public:
  Plan(Resolver& resolver, const PackageGraph& packages, Snapshot& in)
      : resolver_(resolver), packages_(packages), in_(in) {}

  Result<VendorPlan> run() {
    const auto& mains = resolver_.mains();
    const auto go = mains.go_version();
    const bool explicit_marks =
        compare(go, k_explicit_go) >= 0 && (mains.has_go_line() || mains.is_workspace());
    for (const auto* package : packages_.packages()) {
      if (!package->is_test() && packages_.is_external(*package))
        by_module_[package->module].push_back(package);
    }
    TRY(check_letter_case(by_module_));
    if (explicit_marks) {
      for (const auto& main : mains.modules()) {
        for (const auto& r : main.require) explicit_.insert(r.mod);
      }
    }
    std::set<Module> all = explicit_;
    for (const auto& [module, list] : by_module_) all.insert(module);
    std::vector<Module> modules(all.begin(), all.end());
    sort_modules(modules);
    out_.shows_go_versions = compare(go, k_pruning_go) >= 0;
    if (out_.shows_go_versions) read_go_versions(modules);
    if (mains.is_workspace()) out_.modules_txt += "## workspace\n";
    auto written = write(modules, explicit_marks);
    if (!written) out_.failure = std::move(written).error();
    return std::move(out_);
  }

 private:
  Result<void> write(const std::vector<Module>& modules, bool with_unused_replacements) {
    for (const auto& module : modules) TRY(add(module));
    return with_unused_replacements ? add_unused_replacements() : Result<void>();
  }

  // The go version of a path is that of its selected version, also where another one is listed. An excluded
  // version may leave none selected.
  void read_go_versions(const std::vector<Module>& modules) {
    std::vector<Module> of;
    for (const auto& m : modules) {
      auto version = selected(m.path);
      if (!version) {
        broken_.emplace(m, std::move(version).error());
        break;
      }
      if (*version == k_none) continue;
      of.push_back(m);
      out_.described.push_back({m.path, *std::move(version)});
    }
    const auto summaries = resolver_.summaries(out_.described);
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (summaries[i]) go_versions_[of[i]] = (*summaries[i])->go_version;
    }
  }

  Result<std::string> selected(const std::string& path) {
    const auto& roots = in_.requirements;
    if (roots.pruning == Pruning::pruned) {
      if (const auto version = roots.root_version(path)) return std::string(*version);
    }
    const Graph& graph = in_.load(resolver_);
    if (auto failure = graph.error()) return fail(*std::move(failure));
    return std::string(graph.selected(path).value_or(k_none));
  }

  Result<void> add(const Module& module) {
    written_.insert(module);
    out_.modules_txt += TRY(module_line(module, resolver_.mains().replacement(module)));
    if (const auto broken = broken_.find(module); broken != broken_.end()) return fail(broken->second);
    const auto& go = go_versions_[module];
    if (explicit_.contains(module)) {
      out_.modules_txt += go.empty() ? "## explicit\n" : "## explicit; go " + go + "\n";
    } else if (!go.empty()) {
      out_.modules_txt += "## go " + go + "\n";
    }
    const auto it = by_module_.find(module);
    if (it == by_module_.end()) return {};
    std::ranges::sort(it->second, {}, &Package::path);
    for (const auto* package : it->second) {
      out_.modules_txt += package->path + "\n";
      out_.packages.push_back(package);
      out_.line_ends.push_back(out_.modules_txt.size());
    }
    return {};
  }

  Result<void> add_unused_replacements() {
    for (const auto& r : resolver_.mains().replacements()) {
      if (!written_.insert(r.from).second) continue;
      const auto* to = resolver_.mains().replacement(r.from);
      if (auto conflict = resolver_.mains().replacement_conflict(r.from)) {
        to = conflict->earlier;
        out_.conflicts.push_back(std::move(conflict->error));
      }
      if (to != nullptr) out_.modules_txt += TRY(module_line(r.from, to));
    }
    return {};
  }

  Resolver& resolver_;
  const PackageGraph& packages_;
  Snapshot& in_;
  ByModule by_module_;
  std::set<Module> explicit_;
  std::set<Module> written_;
  std::map<Module, std::string> go_versions_;
  std::map<Module, Error> broken_;  // at most one: where the graph is asked for, and cannot be loaded
  VendorPlan out_;
};

}  // namespace

Result<VendorPlan> plan_vendor(Resolver& resolver, const PackageGraph& packages, Snapshot& in) {
  return Plan(resolver, packages, in).run();
}

}  // namespace larder::resolve

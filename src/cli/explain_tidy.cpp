// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_tidy.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"

namespace larder::cli {

namespace {

struct Line {
  std::string version;
  bool indirect = false;
};
using Lines = std::map<std::string, Line, std::less<>>;  // by path

Lines requirements_of(const gomod::ModFile& file) {
  Lines out;
  for (const auto& require : file.require) out[require.mod.path] = {require.mod.version, require.indirect};
  return out;
}

class Reasons {
 public:
  Reasons(const resolve::MainModules& mains, resolve::PackageLoader& loader, const resolve::Graph& graph)
      : packages_(loader.packages()), graph_(graph) {
    for (const auto* package : packages_.packages()) {
      if (!package->module.path.empty()) nearest_.try_emplace(package->module.path, package);
    }
    for (const auto& m : graph_.modules()) {
      for (const auto& r : graph_.required_by(m)) {
        if (m.version.empty()) {
          of_main_.insert(r);
        } else {
          requirer_.try_emplace(r, m);
        }
      }
      actual_.try_emplace(mains.actual(m), m);
    }
  }

  // Why it is listed.
  std::string listed(const std::string& path) const {
    const auto nearest = nearest_.find(path);
    if (nearest == nearest_.end())
      return "no package of it is imported, but " + required(path, "its version counts");
    const auto* package = nearest->second;
    if (package->stack == nullptr) return "a tool of this module";
    const auto* from = package->stack;
    return fmt::format("{} imports {}", from->is_test() ? "the test of " + from->path : from->path,
                       package->path);
  }

  // Why it need not be listed.
  std::string unlisted(const std::string& path) const {
    const auto nearest = nearest_.find(path);
    if (nearest != nearest_.end()) {
      return fmt::format("{} is imported, and {}", nearest->second->path,
                         required(path, "selected without it"));
    }
    return "no package of it is imported";
  }

  // Why this version and no other.
  std::string version(const std::string& path) const { return required(path, "the latest that will do"); }

  // Why the go line is that.
  std::string go_line(const std::string& version) const {
    const auto from = requirer_.find({std::string(resolve::k_go), version});
    if (from == requirer_.end()) return "as go writes it";
    return fmt::format("{} has go {}", from->second.str(), version);
  }

  // Why go.sum has the hash of a zip, and of a go.mod. Modules stand there as what replaces them.
  std::string zip_sum(const gomod::Module& actual) const {
    const auto& module = required_as(actual);
    const auto nearest = nearest_.find(module.path);
    if (nearest != nearest_.end() && nearest->second->module == module) return listed(module.path);
    for (const auto* package : packages_.packages()) {
      if (resolve::could_contain(module.path, package->path))
        return fmt::format("{} could be in it", package->path);
    }
    return std::string(k_other_graph);
  }
  std::string mod_sum(const gomod::Module& actual) const {
    const auto& module = required_as(actual);
    if (of_main_.contains(module)) return "go.mod requires it";
    const auto from = requirer_.find(module);
    return from == requirer_.end() ? std::string(k_other_graph) : from->second.str() + " requires it";
  }
  std::string no_sum(const gomod::Module& actual, gomod::GoSum::Of of) const {
    const auto& module = required_as(actual);
    if (graph_.selected(module.path) == module.version && of == gomod::GoSum::Of::zip)
      return "no package of it is imported";
    const bool required = requirer_.contains(module) || of_main_.contains(module);
    return required ? "nothing needs to look into it" : "nothing requires this version";
  }

 private:
  static constexpr std::string_view k_other_graph = "the version of go that -compat names needs it";

  const gomod::Module& required_as(const gomod::Module& actual) const {
    const auto it = actual_.find(actual);
    return it == actual_.end() ? actual : it->second;
  }

  // Who else asks for the selected version.
  std::string required(const std::string& path, std::string_view otherwise) const {
    const auto selected = graph_.selected(path);
    if (!selected) return std::string(otherwise);
    const gomod::Module module{path, std::string(*selected)};
    const auto from = requirer_.find(module);
    if (from == requirer_.end()) return std::string(otherwise);
    return fmt::format("{} requires {}", from->second.str(), module.version);
  }

  const resolve::PackageGraph& packages_;
  const resolve::Graph& graph_;
  std::map<std::string, const resolve::Package*, std::less<>> nearest_;  // shortest way first
  std::map<gomod::Module, gomod::Module> requirer_;  // the first dependency, breadth first
  std::set<gomod::Module> of_main_;                  // what main modules require
  std::map<gomod::Module, gomod::Module> actual_;    // what it replaces
};

std::string explain_go(const TidyChange& change, const Reasons& reasons) {
  const auto& before = change.old_mod.go;
  const auto& after = change.new_mod.go;
  if (!after || (before && before->version == after->version)) return {};
  const bool asked = !change.asked_go.empty() && change.asked_go == after->version;
  if (before) {
    return fmt::format("change go {} to {}: {}\n", before->version, after->version,
                       asked ? "-go asks for it" : reasons.go_line(after->version));
  }
  return fmt::format("add go {}: {}\n", after->version,
                     asked ? "-go asks for it" : "go.mod had none, and this go has that version");
}

std::string explain_toolchain(const TidyChange& change) {
  const auto name_of = [](const auto& line) { return line ? line->name : std::string(); };
  const auto before = name_of(change.old_mod.toolchain);
  const auto after = name_of(change.new_mod.toolchain);
  if (before == after) return {};
  if (after.empty()) return fmt::format("remove toolchain {}: the go line asks for as much\n", before);
  if (before.empty()) return fmt::format("add toolchain {}: a requirement asks for it\n", after);
  return fmt::format("change toolchain {} to {}: a requirement asks for it\n", before, after);
}

std::string explain_requirement(const std::string& path, const Line& before, const Line& after,
                                const Reasons& reasons) {
  std::string out;
  if (before.version != after.version) {
    out +=
        fmt::format("change {} {} to {}: {}\n", path, before.version, after.version, reasons.version(path));
  }
  if (before.indirect != after.indirect) {
    out += fmt::format("mark {} {} {}: {}\n", path, after.version, after.indirect ? "indirect" : "direct",
                       after.indirect ? "the main module imports no package of it" : reasons.listed(path));
  }
  return out;
}

std::string explain_requirements(const TidyChange& change, const Reasons& reasons) {
  const auto before = requirements_of(change.old_mod);
  const auto after = requirements_of(change.new_mod);
  std::map<std::string, std::string> lines;  // by path
  for (const auto& [path, line] : before) {
    if (!after.contains(path))
      lines[path] = fmt::format("remove {} {}: {}\n", path, line.version, reasons.unlisted(path));
  }
  for (const auto& [path, line] : after) {
    const auto old = before.find(path);
    lines[path] = old == before.end()
                      ? fmt::format("add {} {}: {}\n", path, line.version, reasons.listed(path))
                      : explain_requirement(path, old->second, line, reasons);
  }
  std::string out;
  for (const auto& [path, line] : lines) out += line;
  return out;
}

// In the order of go.sum, added and removed lines together.
std::string explain_sums(const TidyChange& change, const Reasons& reasons) {
  using Of = gomod::GoSum::Of;
  gomod::GoSum both = change.old_sum;
  both.merge(change.new_sum);
  std::string out;
  const auto entries = both.entries();
  for (const auto& entry : entries) {
    const bool before = !change.old_sum.lookup(entry.module, entry.of).empty();
    const bool after = !change.new_sum.lookup(entry.module, entry.of).empty();
    if (before == after) continue;
    const auto why = before                ? reasons.no_sum(entry.module, entry.of)
                     : entry.of == Of::zip ? reasons.zip_sum(entry.module)
                                           : reasons.mod_sum(entry.module);
    out += fmt::format("{} go.sum {} {}{}: {}\n", before ? "remove" : "add", entry.module.path,
                       entry.module.version, entry.of == Of::zip ? "" : "/go.mod", why);
  }
  return out;
}

}  // namespace

std::string explain_tidy(GoSession& go, PackageSession& session, const TidyChange& change) {
  auto& loader = session.loader();
  const Reasons reasons(go.resolver().mains(), loader, loader.requirements().load(go.resolver()));
  return explain_go(change, reasons) + explain_toolchain(change) + explain_requirements(change, reasons) +
         explain_sums(change, reasons);
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "resolve/imports.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/goproxy.hpp"

namespace larder::resolve {

namespace {

Provider failed(ImportFault fault, std::string message) {
  Provider out;
  out.error = ImportError{fault, Error(Kind::invalid, std::move(message))};
  return out;
}

bool is_meta_name(std::string_view path) {
  return path == "all" || path == "std" || path == "cmd" || path == "tool" || path == "work";
}

std::optional<Provider> refuse(const std::string& path) {
  const auto quoted = quote(path);
  if (path.find('@') != std::string::npos) {
    return failed(ImportFault::invalid, "import path " + quoted + " should not have @version");
  }
  if (is_local_import(path)) {
    return failed(ImportFault::invalid,
                  quoted + " is relative, but relative import paths are not supported in module mode");
  }
  if (path.starts_with('/')) {
    return failed(ImportFault::invalid, quoted + " is not a package path; see 'go help packages'");
  }
  if (is_meta_name(path)) {
    return failed(ImportFault::invalid, quoted + " is not an importable package; see 'go help packages'");
  }
  if (auto valid = gomod::check_import_path(path); !valid) {
    return failed(ImportFault::invalid, valid.error().message());
  }
  return std::nullopt;
}

Provider ambiguous(const std::string& path, std::vector<Provider> hits) {
  std::string text = "ambiguous import: found package " + path + " in multiple modules:";
  std::reverse(hits.begin(), hits.end());
  for (const auto& hit : hits) {
    text += "\n\t" + hit.module.path;
    if (!hit.module.version.empty()) text += " " + hit.module.version;
    text += " (" + hit.dir + ")";
  }
  return failed(ImportFault::ambiguous, std::move(text));
}

Provider missing_sum(std::vector<Module> modules, bool found) {
  std::reverse(modules.begin(), modules.end());
  auto out = failed(ImportFault::missing_sum, "missing go.sum entry");
  out.error->modules = std::move(modules);
  out.error->found = found;
  return out;
}

Provider other(Error error) {
  Provider out;
  out.error = ImportError{ImportFault::other, std::move(error)};
  return out;
}

}  // namespace

bool is_local_import(std::string_view path) {
  return path == "." || path == ".." || path.starts_with("./") || path.starts_with("../");
}

bool is_std_path(std::string_view path) {
  return path.substr(0, path.find('/')).find('.') == std::string_view::npos;
}

bool could_contain(std::string_view module, std::string_view path) {
  return path.starts_with(module) && (path.size() == module.size() || path[module.size()] == '/');
}

std::string_view parent_path(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string selected_or_none(const Graph& graph, std::string_view path) {
  return std::string(graph.selected(path).value_or(k_none));
}

Error ImportFinder::missing(const std::string& path) const {
  if (!options_.readonly) return {Kind::not_found, "cannot find module providing package " + path};
  return {Kind::not_found, "no required module provides package " + path + "; to add it:\n\tgo get " + path};
}

Provider ImportFinder::not_found(const std::string& path) const {
  Provider out;
  if (is_std_path(path)) {
    out.error = ImportError{
        ImportFault::missing_std,
        Error(Kind::not_found, "package " + path + " is not in std (" + source_.std_name(path) + ")")};
  } else {
    out.error = ImportError{ImportFault::missing, missing(path)};
  }
  return out;
}

Result<ModuleTree> ImportFinder::tree(const Module& required) {
  return source_.tree(required, resolver_.mains().actual(required));
}

Result<std::optional<std::string>> ImportFinder::dir_in_module(std::string_view path,
                                                               std::string_view module_path,
                                                               const ModuleTree& tree) {
  if (!could_contain(module_path, path)) return std::nullopt;
  std::string dir = tree.dir + std::string(path.substr(module_path.size()));
  if (tree.local) {
    for (auto folder = std::string_view(dir); folder.size() > tree.dir.size(); folder = parent_path(folder)) {
      if (source_.has_go_mod(std::string(folder))) return std::nullopt;
    }
  }
  if (!TRY(source_.has_go_files(tree.dir, dir))) return std::nullopt;
  return dir;
}

std::optional<Provider> ImportFinder::find_one(const std::string& path, const Requirements& requirements,
                                               const Graph* graph) {
  if (path == "C") return Provider{};
  if (auto refused = refuse(path)) return refused;
  std::vector<Provider> hits;
  if (is_std_path(path)) {
    if (auto dir = source_.std_dir(path); !dir.empty()) {
      const auto root = dir.substr(0, dir.size() - path.size() - 1);
      hits.push_back({{}, could_contain("cmd", path) ? root + "/cmd" : root, std::move(dir), {}, {}});
    }
  }
  const auto& mains = resolver_.mains();
  std::vector<Module> without_sum;
  std::vector<Module> alternatives;
  for (auto prefix = std::string_view(path); !prefix.empty(); prefix = parent_path(prefix)) {
    if (is_toolchain_path(prefix)) continue;
    std::optional<std::string_view> version;
    if (mains.contains(prefix)) {
      version = "";
    } else {
      version = graph != nullptr ? graph->selected(prefix) : requirements.root_version(prefix);
    }
    if (!version || *version == k_none) continue;
    Module module{std::string(prefix), std::string(*version)};
    const auto& actual = mains.actual(module);
    const bool local = module.version.empty() || actual.version.empty();
    if (options_.must_have_sums && !local && !source_.has_sum(actual)) {
      without_sum.push_back(std::move(module));
      continue;
    }
    auto files = source_.tree(module, actual);
    if (!files) return other(std::move(files).error());
    auto dir = dir_in_module(path, prefix, *files);
    if (!dir) return other(std::move(dir).error());
    if (*dir) {
      hits.push_back({std::move(module), files->dir, **std::move(dir), {}, {}});
    } else {
      alternatives.push_back(std::move(module));
    }
  }
  if (hits.size() > 1) return ambiguous(path, std::move(hits));
  if (!without_sum.empty()) return missing_sum(std::move(without_sum), !hits.empty());
  if (hits.empty()) return graph == nullptr ? std::nullopt : std::optional(not_found(path));
  hits.front().alternatives = std::move(alternatives);
  return std::move(hits.front());
}

// Each module once: the reader parses many at a time.
void ImportFinder::check_mod_files(std::vector<Provider>& providers) {
  std::vector<Module> modules;
  std::unordered_map<Module, std::size_t, gomod::ModuleHash> index;
  for (const auto& p : providers) {
    if (p.error || p.module.version.empty()) continue;
    if (index.try_emplace(p.module, modules.size()).second) modules.push_back(p.module);
  }
  const auto summaries = resolver_.summaries(modules);
  for (auto& p : providers) {
    if (p.error || p.module.version.empty()) continue;
    const auto& summary = summaries[index.at(p.module)];
    if (summary) continue;
    auto error = summary.error();
    if (error.message() == gomod::k_lookup_disabled || resolver_.needs_newer_go(error)) {
      p = other(std::move(error));
      continue;
    }
    const auto& actual = resolver_.mains().actual(p.module);
    p = other(std::move(error).with(actual.version.empty() ? "module " + actual.path : actual.str()));
  }
}

std::vector<Provider> ImportFinder::find(const std::vector<std::string>& paths, Snapshot& in,
                                         const How& how) {
  std::vector<std::optional<Provider>> found(paths.size());
  std::vector<std::size_t> rest(paths.size());
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = i;
  const auto round = [&](const Graph* graph) {
    source_.each(rest.size(),
                 [&](std::size_t i) { found[rest[i]] = find_one(paths[rest[i]], in.requirements, graph); });
    std::erase_if(rest, [&](std::size_t i) { return found[i].has_value(); });
  };
  if (!how.with_graph) round(nullptr);
  if (!rest.empty()) {
    const Graph& graph = in.load(resolver_);
    auto error = graph.error();
    // go goes on with the roots where an unpruned graph has failures, and then fails here all the same.
    if (error && how.with_graph) {
      round(nullptr);
    }
    if (error) {
      for (const auto i : rest) found[i] = other(*error);
      rest.clear();
    }
    round(&graph);
  }
  std::vector<Provider> out;
  out.reserve(found.size());
  for (auto& provider : found) out.push_back(*std::move(provider));
  if (!how.skip_mod_files) check_mod_files(out);
  return out;
}

}  // namespace larder::resolve

// SPDX-License-Identifier: Apache-2.0
#include "resolve/missing.hpp"

#include <algorithm>
#include <map>

#include "gomod/check.hpp"
#include "gomod/semver.hpp"

namespace larder::resolve {

namespace {

// What a module is required at when only a replacement without a version gives it.
std::string placeholder_version(std::string_view path) {
  const auto parts = gomod::split_path_version(path);
  const auto major = parts ? gomod::path_major_prefix(parts->major) : std::string_view();
  return std::string(major.empty() ? "v0" : major) + ".0.0-00010101000000-000000000000";
}

// Every replaced path at its highest version, longest path first.
std::vector<Module> replaced_modules(const MainModules& mains) {
  std::map<std::string, std::string> highest;
  for (const auto& r : mains.replacements()) {
    if (r.overridden) continue;
    auto& version = highest[r.from.path];
    if (version.empty() || gomod::semver::compare(version, r.from.version) < 0) version = r.from.version;
  }
  std::vector<Module> out;
  for (const auto& [path, version] : highest) {
    out.push_back({path, version.empty() ? placeholder_version(path) : version});
  }
  std::ranges::sort(out, [](const auto& a, const auto& b) {
    return a.path.size() != b.path.size() ? a.path.size() > b.path.size() : a.path < b.path;
  });
  return out;
}

MissingImports::Answer failed(ImportFault fault, Error error) {
  return {.module = std::nullopt, .error = ImportError{fault, std::move(error)}};
}

// `found (V)` or `found (V, replaced by R)`.
Error not_in_module(const MainModules& mains, const Module& module, const std::string& path) {
  std::string found = module.version;
  if (const auto* to = mains.replacement(module)) found += ", replaced by " + to->str();
  return {Kind::invalid,
          "module " + module.path + "@latest found (" + found + "), but does not contain package " + path};
}

}  // namespace

std::vector<MissingImports::Answer> MissingImports::find(const std::vector<std::string>& paths,
                                                         Snapshot& in) {
  std::vector<Answer> out(paths.size());
  const auto replaced = replaced_modules(finder_.resolver().mains());
  const bool asks = std::ranges::any_of(paths, [&](const auto& path) { return asks_graph(path, replaced); });
  const Graph* graph = asks ? &in.load(finder_.resolver()) : nullptr;
  const auto error = graph != nullptr ? graph->error() : std::nullopt;
  finder_.source().each(paths.size(), [&](std::size_t i) {
    if (error && asks_graph(paths[i], replaced)) {
      out[i] = failed(ImportFault::other, *error);
    } else {
      out[i] = find_one(paths[i], graph);
    }
  });
  return out;
}

// As in go the graph is only loaded where it matters.
bool MissingImports::asks_graph(const std::string& path, const std::vector<Module>& replaced) const {
  const bool looks = !finder_.options().readonly && versions_ != nullptr && !is_std_path(path);
  return looks || std::ranges::any_of(replaced, [&](const auto& m) { return could_contain(m.path, path); });
}

MissingImports::Answer MissingImports::find_one(const std::string& path, const Graph* graph) {
  if (graph != nullptr) {
    if (auto replaced = find_replaced(path, *graph)) return *std::move(replaced);
  }
  if (is_std_path(path)) {
    return failed(ImportFault::missing_std,
                  Error(Kind::not_found,
                        "package " + path + " is not in std (" + finder_.source().std_name(path) + ")"));
  }
  if (finder_.options().readonly || versions_ == nullptr)
    return failed(ImportFault::missing, finder_.missing(path));
  note_("finding module for package " + path);
  return find_latest(path, *graph);
}

std::optional<MissingImports::Answer> MissingImports::find_replaced(const std::string& path,
                                                                    const Graph& graph) {
  const auto& mains = finder_.resolver().mains();
  std::optional<Module> first;
  for (const auto& module : replaced_modules(mains)) {
    if (!could_contain(module.path, path)) continue;
    if (compare_versions(module.path, selected_or_none(graph, module.path), module.version) >= 0) continue;
    if (!first) first = module;
    if (auto conflict = mains.replacement_conflict(module))
      return failed(ImportFault::conflict, std::move(conflict->error));
    const auto& actual = mains.actual(module);
    if (finder_.options().must_have_sums && !actual.version.empty() && !finder_.source().has_sum(actual)) {
      return failed(ImportFault::missing_sum, Error(Kind::invalid, "missing go.sum entry"));
    }
    const auto files = finder_.tree(module);
    if (!files) return failed(ImportFault::other, files.error());
    const auto dir = finder_.dir_in_module(path, module.path, *files);
    if (!dir) return failed(ImportFault::other, dir.error());
    if (!*dir) continue;
    if (!finder_.options().readonly) return Answer{.module = module, .error = std::nullopt};
    const bool placeholder = module.version == placeholder_version(module.path);
    return failed(ImportFault::missing,
                  Error(Kind::not_found, "module " + module.path + " provides package " + path +
                                             " and is replaced but not required; to add it:\n\tgo get " +
                                             (placeholder ? module.path : module.str())));
  }
  if (first && !gomod::check_path(path))
    return failed(ImportFault::other, not_in_module(mains, *first, path));
  return std::nullopt;
}

// What the latest versions of all modules that could have a package come to, in one source.
struct MissingImports::Latest {
  std::vector<Module> found;  // those that have it, the longest path first
  ImportError error{ImportFault::missing, Error(Kind::not_found, "no such module")};  // where none has
  Kind kind = Kind::not_found;  // of the error, for who asks several sources
  bool settles = false;         // it knows the module of that very path: as go, nobody else is asked
};

MissingImports::Latest MissingImports::look_in(VersionSource& source, const std::string& path,
                                               const Graph& graph) const {
  Latest out;
  std::optional<Error> no_package;
  std::optional<Error> no_version;
  std::optional<Error> not_found;
  std::optional<Error> fatal;
  const auto keep_first = [](std::optional<Error>& slot, Error error) {
    if (!slot) slot = std::move(error);
  };
  for (auto prefix = std::string_view(path); !prefix.empty(); prefix = parent_path(prefix)) {
    if (finder_.resolver().mains().contains(prefix) || !gomod::split_path_version(prefix)) continue;
    const std::string name(prefix);
    const auto latest = source.latest(name, selected_or_none(graph, prefix));
    if (!latest) {
      if (latest.error().kind() == Kind::not_found || latest.error().kind() == Kind::forbidden) {
        keep_first(not_found, latest.error());
      } else if (out.found.empty() && !no_package) {
        keep_first(fatal, latest.error());
      }
      continue;
    }
    if (!*latest) {
      keep_first(no_version, Error(Kind::not_found, "no matching versions for query \"latest\""));
      continue;
    }
    const Module module{name, **latest};
    const auto files = finder_.tree(module);
    const auto dir = files ? finder_.dir_in_module(path, prefix, *files)
                           : Result<std::optional<std::string>>(fail(files.error()));
    if (!dir) {
      if (dir.error().kind() == Kind::not_found) {
        keep_first(not_found, dir.error());
      } else if (out.found.empty() && !no_package) {
        keep_first(fatal, dir.error());
      }
    } else if (*dir) {
      out.found.push_back(module);
    } else {
      out.settles = out.settles || prefix == path;
      keep_first(no_package, not_in_module(finder_.resolver().mains(), module, path));
    }
  }
  if (fatal) {
    out.found.clear();
    out.kind = fatal->kind();
    out.error = {ImportFault::other, *std::move(fatal)};
  } else if (no_package || no_version) {
    out.kind = Kind::invalid;
    out.error = {ImportFault::not_in_latest, no_package ? *std::move(no_package) : *std::move(no_version)};
  } else if (not_found) {
    out.kind = not_found->kind();
    out.error.error = *std::move(not_found);
  }
  if (out.error.fault == ImportFault::missing)
    out.error.error = std::move(out.error.error).with("cannot find module providing package " + path);
  return out;
}

MissingImports::Answer MissingImports::find_latest(const std::string& path, const Graph& graph) {
  std::vector<Latest> looked;
  const auto done = versions_->in_turn([&](VersionSource& source) -> Result<void> {
    looked.push_back(look_in(source, path, graph));
    const auto& last = looked.back();
    if (!last.found.empty() || last.settles) return {};
    return fail(last.kind, last.error.error.message());
  });
  if (!done) {
    const auto told = std::ranges::find_if(
        looked, [&](const auto& one) { return one.error.error.message() == done.error().message(); });
    if (told == looked.end()) return failed(ImportFault::other, done.error());
    return {.module = std::nullopt, .error = std::move(told->error)};
  }
  const auto& found = looked.back().found;
  if (found.empty()) return {.module = std::nullopt, .error = std::move(looked.back().error)};
  for (const auto& module : found) {
    if (compare_versions(module.path, selected_or_none(graph, module.path), module.version) <= 0) {
      return {.module = module, .error = std::nullopt};
    }
  }
  const auto& module = found.front();
  return failed(
      ImportFault::missing,
      Error(Kind::not_found, "package " + path + " provided by " + module.path + " at latest version " +
                                 module.version + " but not at required version " +
                                 selected_or_none(graph, module.path)));
}

}  // namespace larder::resolve

// SPDX-License-Identifier: Apache-2.0
// PackageLoader's look at the result with the eyes of an older go: -compat.
#include "gomod/goversion.hpp"
#include "resolve/package_loader.hpp"

namespace larder::resolve {

using gomod::goversion::compare;

std::string PackageLoader::compat_version() const {
  const auto go = std::string(current_->requirements.root_version(k_go).value_or(k_default_mod_go));
  auto version = options_.compat;
  if (version.empty()) version = compare(go, k_strict_go) < 0 ? gomod::goversion::prev(go) : go;
  return compare(version, go) > 0 ? go : version;
}

bool PackageLoader::check_compat() {
  const auto version = compat_version();
  if (pruning_for(version) == current_->requirements.pruning) return true;
  Requirements old = current_->requirements;
  old.pruning = pruning_for(version);
  compat_ = std::make_shared<Snapshot>(std::move(old));
  const Graph& graph = compat_->load(finder_.resolver());
  if (const auto failure = graph.error()) {
    compat_error("error loading go " + version + " module graph: " + failure->message());
    suggest(version);
    return !failed_;
  }
  std::vector<const Package*> packages;
  std::vector<std::string> paths;
  for (const auto* package : packages_.packages()) {
    if (package->is_test() || (package->module.path.empty() && !package->error)) continue;
    packages.push_back(package);
    paths.push_back(package->path);
  }
  const bool skip = compare(go_version(), k_strict_go) < 0;
  const auto found = finder_.find(paths, *compat_, {.with_graph = true, .skip_mod_files = skip});
  bool differs = false;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    if (found[i].module == packages[i]->module) continue;
    differs = true;
    compat_difference(*packages[i], found[i], graph, version);
  }
  if (differs) suggest(version);
  if (!differs) check_roots(graph, version);
  return !failed_;
}

// All packages come from the same modules, so the roots ought to be the same: where a go line that pruning
// hides is higher they are not, and go gives up.
void PackageLoader::check_roots(const Graph& graph, const std::string& version) {
  const auto& requirements = current_->requirements;
  for (const auto& root : requirements.roots) {
    const auto selected = selected_or_none(graph, root.path);
    if (selected == root.version) continue;
    const auto go = std::string(requirements.root_version(k_go).value_or(k_default_mod_go));
    plain_("\n");
    note_("internal error: failed to diagnose selected-version mismatch for module " + root.path + ": go " +
          go + " selects " + root.version + ", but go " + version + " selects " + selected +
          "\n\tPlease report this at https://golang.org/issue.");
    failed_ = true;
    return;
  }
}

void PackageLoader::compat_error(std::string text) {
  error(text);
  compat_errors_.push_back(std::move(text));
}

void PackageLoader::compat_difference(const Package& package, const Provider& other, const Graph& graph,
                                      const std::string& version) {
  const auto& module = package.module;
  if (other.error) {
    const bool missing =
        other.error->fault == ImportFault::missing || other.error->fault == ImportFault::missing_std;
    const auto start = package.stack_text() + " loaded from " + module.str() + ",\n\tbut go " + version +
                       " would fail to locate it";
    if (missing) {
      compat_error(start + " in " + module.path + "@" + selected_or_none(graph, module.path));
    } else {
      compat_error(start + ":\n\t" + other.error->error.message());
    }
    suggest_e_ = true;
    for (const auto& root : current_->requirements.roots) {
      if (selected_or_none(graph, root.path) != root.version) suggest_upgrade_ = true;
    }
  } else if (package.error) {
    suggest_upgrade_ = true;
    compat_error(package.path + " failed to load from any module,\n\tbut go " + version +
                 " would load it from " + other.module.str());
  } else {
    suggest_upgrade_ = true;
    compat_error(package.stack_text() + " loaded from " + module.str() + ",\n\tbut go " + version +
                 " would select " + other.module.version + "\n");
  }
}

void PackageLoader::suggest(const std::string& version) {
  if (options_.allow_errors) return;
  const auto go = std::string(current_->requirements.root_version(k_go).value_or(k_default_mod_go));
  const auto go_flag = go == finder_.resolver().mains().go_version() ? std::string() : " -go=" + go;
  const auto compat_flag = version == gomod::goversion::prev(go) ? std::string() : " -compat=" + version;
  std::string text = "\n";
  if (suggest_upgrade_) {
    const std::string e_flag = suggest_e_ ? " -e" : "";
    text += "To upgrade to the versions selected by go " + version +
            (suggest_e_ ? ", leaving some packages unresolved" : "") + ":\n\tgo mod tidy" + e_flag +
            " -go=" + version + " && go mod tidy" + e_flag + " -go=" + go + compat_flag + "\n";
  } else if (suggest_e_) {
    text += "To proceed despite packages unresolved in go " + version + ":\n\tgo mod tidy -e" + go_flag +
            compat_flag + "\n";
  }
  text += "If reproducibility with go " + version + " is not needed:\n\tgo mod tidy" + go_flag +
          " -compat=" + go + "\n";
  text += "For information about 'go mod tidy' compatibility, see:\n\thttps://go.dev/ref/mod#graph-pruning\n";
  plain_(text);
  for (const auto& again : compat_errors_)
    error(again);  // as go does, which first and last empties the same list
}

}  // namespace larder::resolve

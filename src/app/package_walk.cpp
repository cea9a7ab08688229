// SPDX-License-Identifier: Apache-2.0
#include "app/package_walk.hpp"

#include "goscan/walk.hpp"
#include "sys/files.hpp"

namespace larder::app {

namespace {

std::string slash_joined(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return name.empty() ? folder : folder + "/" + name;
}

bool has_go_mod(const std::string& dir) {
  const auto info = sys::stat(sys::Path(dir) / "go.mod");
  return info && *info && !(*info)->is_dir;
}

Result<std::vector<std::string>> folders_on_disk(const std::string& dir) {
  std::vector<std::string> out;
  for (auto& entry : TRY(sys::list_dir(dir))) {
    if (entry.is_dir) out.push_back(std::move(entry.name));
  }
  return out;
}

// Is it looked at, and into?
bool enters(const PackageWalk& walk, const goscan::IgnoreRules& rules, const std::string& relative,
            const std::string& dir) {
  if (relative.empty()) return true;
  if (goscan::is_hidden_folder(std::string_view(relative).substr(relative.rfind('/') + 1))) return false;
  if (rules.ignores(relative)) {
    if (walk.ignoring) walk.ignoring(dir);
    return false;
  }
  if (walk.may_match && !walk.may_match(slash_joined(walk.path, relative))) return false;
  return !walk.stops_at_modules || !has_go_mod(dir);
}

}  // namespace

std::vector<WalkedFolder> walk_packages(const PackageWalk& walk, std::vector<Error>& errors) {
  std::vector<WalkedFolder> out;
  const goscan::IgnoreRules rules(walk.ignore);
  std::vector<std::string> todo = {""};
  while (!todo.empty()) {
    const auto relative = std::move(todo.back());
    todo.pop_back();
    const auto dir = slash_joined(walk.root, relative);
    if (!enters(walk, rules, relative, dir)) continue;
    auto path = slash_joined(walk.path, relative);
    if (!path.empty()) out.push_back({dir, std::move(path)});
    const bool is_vendor = relative == "vendor" || relative.ends_with("/vendor");
    if (is_vendor && !walk.enters_vendor) continue;
    auto names = walk.folders ? walk.folders(relative) : folders_on_disk(dir);
    if (!names) {
      errors.push_back(std::move(names).error());
      continue;
    }
    for (auto name = names->rbegin(); name != names->rend(); ++name)
      todo.push_back(slash_joined(relative, *name));
  }
  return out;
}

bool tree_may_match(std::string_view pattern, std::string_view path) {
  const auto dots = pattern.find("...");
  const auto fixed = pattern.substr(0, dots);
  if (dots != std::string_view::npos && path.starts_with(fixed)) return true;
  if (path.size() > fixed.size() || !fixed.starts_with(path)) return false;
  return path.empty() || fixed.size() == path.size() || fixed[path.size()] == '/' || path.ends_with('/');
}

}  // namespace larder::app

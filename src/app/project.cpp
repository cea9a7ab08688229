// SPDX-License-Identifier: Apache-2.0
#include "app/project.hpp"

#include <filesystem>
#include <set>

#include "base/text.hpp"
#include "gomod/check.hpp"

namespace larder::app {

namespace {

constexpr std::uint64_t k_max_go_mod = 16U << 20U;  // bytes, as in a module zip
constexpr std::uint64_t k_max_go_sum = 256U << 20U;

std::optional<sys::Path> find_up(sys::Path folder, std::string_view name) {
  for (;; folder = folder.parent_path()) {
    if (sys::is_file(folder / name)) return folder;
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

// How the user sees the file: relative where that is shorter.
std::string shown(const sys::Path& file) {
  std::error_code failed;
  const auto relative = std::filesystem::relative(file, failed);
  return !failed && !relative.empty() && relative.native().size() < file.native().size() ? relative.native()
                                                                                         : file.native();
}

Result<MainModule> load_module(const sys::Path& dir) {
  MainModule out;
  out.dir = dir;
  out.mod_text = TRY(sys::read_file(dir / "go.mod", k_max_go_mod));
  auto mod = gomod::parse_mod(shown(dir / "go.mod"), out.mod_text);
  if (!mod)
    return fail(
        Error(mod.error().kind(), "errors parsing " + shown(dir / "go.mod") + ":\n" + mod.error().message()));
  out.mod = *std::move(mod);
  if (!out.mod.module) {
    return fail(Kind::invalid, "error reading " + shown(dir / "go.mod") +
                                   ": missing module declaration. To specify the module path:\n\tgo mod edit "
                                   "-module=example.com/mod");
  }
  const auto& path = out.mod.module->path;
  if (path == "go" || path == "toolchain") {
    return fail(Kind::invalid,
                "error reading " + shown(dir / "go.mod") + ": invalid module path: " + quote(path));
  }
  TRY(gomod::check_import_path(path));
  return out;
}

Result<void> merge_sum(const sys::Path& file, gomod::GoSum& into) {
  const auto text = TRY(sys::read_file_if_exists(file, k_max_go_sum));
  if (text) into.merge(TRY(gomod::GoSum::parse(shown(file), *text)));
  return {};
}

Result<Project> load_workspace(const sys::Path& file) {
  Project out;
  out.root = file.parent_path();
  auto work = gomod::parse_work(shown(file), TRY(sys::read_file(file, k_max_go_mod)));
  if (!work)
    return fail(Error(work.error().kind(), "errors parsing " + shown(file) + ":\n" + work.error().message()));
  out.work = *std::move(work);
  std::set<std::string> seen;
  for (const auto& use : out.work->use) {
    const auto dir = (out.root / use.path).lexically_normal();
    auto module = load_module(dir);
    if (!module)
      return fail(
          std::move(module).error().with("cannot load module " + use.path + " listed in go.work file"));
    if (!seen.insert(module->mod.module->path).second) {
      return fail(Kind::invalid,
                  "module " + module->mod.module->path + " appears multiple times in workspace");
    }
    TRY(merge_sum(dir / "go.sum", out.sum));
    out.modules.push_back(*std::move(module));
  }
  if (out.modules.empty()) {
    return fail(Kind::invalid, "no modules were found in the current workspace; see 'go help work'");
  }
  TRY(merge_sum(sys::Path(file.native() + ".sum"), out.work_sum));
  out.has_vendor = sys::is_dir(out.root / "vendor");
  return out;
}

Result<std::optional<sys::Path>> find_work_file(const sys::Path& folder, const FindOptions& options) {
  if (options.workspaces == Workspaces::ignore || options.gowork == "off") return std::nullopt;
  if (options.gowork.empty() || options.gowork == "auto") {
    const auto root = find_up(folder, "go.work");
    if (!root) return std::nullopt;
    return *root / "go.work";
  }
  if (options.gowork.front() != '/') return fail(Kind::invalid, "invalid GOWORK: not an absolute path");
  return sys::Path(options.gowork);
}

}  // namespace

Result<Project> load_project(const sys::Path& path, const FindOptions& options) {
  std::error_code failed;
  sys::Path folder = std::filesystem::absolute(path, failed).lexically_normal();
  if (!sys::is_dir(folder)) {
    if (!sys::is_file(folder)) return fail(errno_error("open " + path.native(), ENOENT));
    if (folder.filename() == "go.work") return load_workspace(folder);
    folder = folder.parent_path();
  }
  if (folder.native().size() > 1 && folder.filename().empty()) folder = folder.parent_path();
  if (const auto work = TRY(find_work_file(folder, options))) return load_workspace(*work);
  const auto root = find_up(folder, "go.mod");
  if (!root) {
    return fail(Kind::not_found,
                "go.mod file not found in current directory or any parent directory; see 'go help modules'");
  }
  Project out;
  out.root = *root;
  out.modules.push_back(TRY(load_module(*root)));
  TRY(merge_sum(*root / "go.sum", out.sum));
  out.has_vendor = sys::is_dir(*root / "vendor");
  return out;
}

}  // namespace larder::app

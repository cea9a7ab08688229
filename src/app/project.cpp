// SPDX-License-Identifier: Apache-2.0
#include "app/project.hpp"

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/godebug.hpp"
#include "gomod/goversion.hpp"
#include "gomod/toolchain.hpp"
#include "modzip/limits.hpp"
#include "resolve/main_modules.hpp"
#include "resolve/versions.hpp"

namespace larder::app {

namespace {

constexpr std::uint64_t k_max_go_sum = 256U << 20U;

// Reads the files of one project.
class ProjectReader {
 public:
  explicit ProjectReader(const FindOptions& options)
      : options_(options), overlay_(options.overlay == nullptr ? k_no_overlay : *options.overlay) {
    std::error_code failed;
    cwd_ = options.cwd.empty() ? std::filesystem::current_path(failed) : options.cwd;
  }

  Result<Project> single(const sys::Path& root) const {
    Project out;
    out.root = root;
    out.modules.push_back(TRY(load_module(root)));
    TRY(check_godebug(out.main().mod.godebug, "go.mod", out.main().mod_file));
    out.sum_file = sys::Path(out.main().mod_file).replace_extension(".sum");
    TRY(merge_sum(out.sum_file, out.sum));
    out.has_vendor = overlay_.is_dir(root / "vendor");
    return out;
  }

  Result<Project> workspace(const sys::Path& file) const {
    Project out;
    out.root = file.parent_path();
    const auto text = overlay_.read(file, modzip::k_max_go_mod);
    if (!text) return fail(with_short_path(text.error(), file, cwd_).with("reading go.work"));
    auto work = gomod::parse_work(shown(file), *text);
    if (!work) return fail(Error(work.error().kind(), "errors parsing go.work:\n" + work.error().message()));
    if (work->go && is_too_new(work->go->version))
      return fail(too_new(shown(file), work->go->version, options_));
    out.work = *std::move(work);
    TRY(load_used(out, file));
    if (out.modules.empty()) {
      return fail(Kind::invalid, "no modules were found in the current workspace; see 'go help work'");
    }
    out.sum_file = file.native() + ".sum";
    TRY(merge_sum(out.sum_file, out.work_sum));
    out.has_vendor = overlay_.is_dir(out.root / "vendor");
    return out;
  }

 private:
  static inline const Overlay k_no_overlay;

  std::string shown(const sys::Path& file) const { return shown_path(file, cwd_); }
  bool is_too_new(std::string_view version) const {
    return !options_.local_go.empty() && gomod::goversion::compare(version, options_.local_go) > 0;
  }

  // A file that only a newer go can read says so, rather than what is wrong with it.
  Result<gomod::ModFile> parse(const std::string& name, std::string_view text) const {
    auto mod = gomod::parse_mod(name, text, options_.fixer);
    const auto refuse = [&](const std::optional<gomod::GoLine>& go) { return go && is_too_new(go->version); };
    if (mod) {
      if (refuse(mod->go)) return fail(too_new(name, mod->go->version, options_));
      return mod;
    }
    if (!options_.local_go.empty()) {
      const auto lax = gomod::parse_mod_lax(name, text);
      if (lax && refuse(lax->go)) return fail(too_new(name, lax->go->version, options_));
    }
    return fail(Error(mod.error().kind(), "errors parsing " + name + ":\n" + mod.error().message()));
  }

  Result<MainModule> load_module(const sys::Path& dir, bool in_workspace = false) const {
    MainModule out;
    out.dir = dir;
    out.mod_file = in_workspace || options_.mod_file.empty() ? dir / "go.mod" : sys::Path(options_.mod_file);
    const auto name = shown(out.mod_file);
    // In a workspace go shortens the path in what the system says, too.
    const bool is_short = in_workspace && !overlay_.replaces(out.mod_file);
    out.mod_text = TRY(overlay_.read(is_short ? sys::Path(name) : out.mod_file, modzip::k_max_go_mod));
    auto mod = parse(name, out.mod_text);
    if (!mod) return fail(with_whole_path(mod.error(), name, out.mod_file));
    out.mod = *std::move(mod);
    TRY(check_module_line(out.mod, name));
    return out;
  }

  static Result<void> check_module_line(const gomod::ModFile& mod, const std::string& name) {
    if (!mod.module) {
      return fail(Kind::invalid,
                  "error reading " + name +
                      ": missing module declaration. To specify the module path:\n\tgo mod edit "
                      "-module=example.com/mod");
    }
    const auto& path = mod.module->path;
    if (path == "go" || path == "toolchain") {
      return fail(Kind::invalid, "error reading " + name + ": invalid module path: " + quote(path));
    }
    if (auto good = gomod::check_import_path(path); !good) {
      const auto& text = good.error().message();
      constexpr std::string_view k_import = "malformed import path";
      if (!text.starts_with(k_import)) return good;
      return fail(Kind::invalid, "malformed module path" + text.substr(k_import.size()));
    }
    return {};
  }

  Result<void> merge_sum(const sys::Path& file, gomod::GoSum& into) const {
    const auto text = TRY(overlay_.read_if_exists(file, k_max_go_sum));
    if (text && options_.lenient_sums) {
      into.merge(gomod::GoSum::parse_lenient(*text));
    } else if (text) {
      into.merge(TRY(gomod::GoSum::parse(file.native(), *text)));
    }
    return {};
  }

  // What go alone has to know is for go commands to refuse.
  Result<void> check_godebug(const std::vector<gomod::Godebug>& settings, std::string_view kind,
                             const sys::Path& file) const {
    if (options_.local_go.empty()) return {};
    std::vector<Error> failures;
    for (const auto& one : settings) {
      const auto good = gomod::check_godebug(one.key, one.value, options_.local_go);
      if (good) continue;
      failures.emplace_back(Kind::invalid, fmt::format("error loading {}:\n{}:{}: {}", kind, shown(file),
                                                       one.line->start.line, good.error().message()));
      if (kind == "go.work") break;
    }
    return failures.empty() ? Result<void>() : fail(all_of(std::move(failures)));
  }

  // All failures of all modules: the last is returned, those before it go where the options say.
  Result<void> load_used(Project& out, const sys::Path& file) const {
    std::set<sys::Path> dirs;
    std::vector<Error> failures;
    for (const auto& use : out.work->use) {
      const auto dir = joined(out.root, use.path);
      if (!dirs.insert(dir).second) {
        return fail(Kind::invalid,
                    fmt::format("error loading go.work:\n{}:{}: path {} appears multiple times in workspace",
                                shown(file), use.line->start.line, dir.native()));
      }
    }
    TRY(check_godebug(out.work->godebug, "go.work", file));
    for (const auto& use : out.work->use) {
      auto module = load_member(joined(out.root, use.path), *out.work);
      if (!module) {
        failures.push_back(std::move(module).error());
        continue;
      }
      TRY(resolve::check_replaces(module->mod));
      TRY(merge_sum(module->dir / "go.sum", out.member_sums.emplace_back()));
      out.sum.merge(out.member_sums.back());
      out.modules.push_back(*std::move(module));
    }
    if (!failures.empty()) return fail(all_of(std::move(failures)));
    std::set<std::string> seen;
    for (const auto& module : out.modules) {
      const auto& path = module.mod.module->path;
      if (seen.insert(path).second) continue;
      failures.emplace_back(Kind::invalid, "module " + path + " appears multiple times in workspace");
    }
    return failures.empty() ? Result<void>() : fail(all_of(std::move(failures)));
  }

  Error all_of(std::vector<Error> failures) const {
    Error last = std::move(failures.back());
    failures.pop_back();
    if (options_.also != nullptr) {
      *options_.also = std::move(failures);
      return last;
    }
    std::string text;
    for (const auto& failure : failures) text += failure.message() + "\n";
    return {Kind::invalid, text + last.message()};
  }

  static sys::Path joined(const sys::Path& root, const sys::Path& path) {
    auto out = (root / path).lexically_normal();
    return out.has_filename() || !out.has_relative_path() ? out : out.parent_path();
  }

  // A newer go does not help: it is go.work that would have to ask for it.
  Error work_too_old(const sys::Path& dir, const std::string& wanted, const gomod::WorkFile& work) const {
    return {Kind::invalid,
            fmt::format("module {} listed in go.work file requires go >= {}, but go.work {} go {}; to update "
                        "it:\n\tgo work use",
                        shown(dir), wanted, work.go ? "lists" : "implicitly requires", listed_go(work))};
  }

  static std::string listed_go(const gomod::WorkFile& work) {
    return work.go ? work.go->version : std::string(resolve::k_default_work_go);
  }

  Result<MainModule> load_member(const sys::Path& dir, const gomod::WorkFile& work) const {
    const bool raises = options_.raises_go_work || options_.local_go.empty();
    auto module = load_module(dir, true);
    if (!module) {
      const auto& text = module.error().message();
      const auto newer = gomod::read_too_new(text, options_.local_go, options_.local_go_note);
      if (newer && !raises) return fail(work_too_old(dir, newer->go, work));
      return fail(
          std::move(module).error().with("cannot load module " + shown(dir) + " listed in go.work file"));
    }
    const auto wanted = module->mod.go ? module->mod.go->version : "";
    using gomod::goversion::compare;
    if (!raises && compare(wanted, listed_go(work)) > 0 && compare(wanted, resolve::k_strict_go) >= 0)
      return fail(work_too_old(dir, wanted, work));
    return module;
  }

  const FindOptions& options_;
  const Overlay& overlay_;
  sys::Path cwd_;
};

}  // namespace

Error too_new(std::string_view file, std::string_view wanted, const FindOptions& options) {
  return {Kind::invalid, gomod::too_new_text({std::string(file), std::string(wanted)}, options.local_go,
                                             options.local_go_note)};
}

Result<std::optional<ToolchainNeed>> needed_toolchain(const Project& project, const LocalGo& local) {
  using Upgrade = gomod::ToolchainSetting::Upgrade;
  const auto setting = TRY(gomod::parse_gotoolchain(local.gotoolchain, local.version));
  if (setting.upgrade == Upgrade::path) return std::nullopt;
  const auto& go = project.work ? project.work->go : project.main().mod.go;
  const auto& line = project.work ? project.work->toolchain : project.main().mod.toolchain;
  const std::string name = line ? line->name : "";
  const auto chosen = TRY(gomod::select_toolchain(setting, go ? go->version : "", name));
  if (chosen.name == "go" + local.version) return std::nullopt;
  ToolchainNeed need{TRY(gomod::toolchain_download(chosen.name, local.platform)), ""};
  if (chosen.name == setting.name) {
    need.needed_by = "GOTOOLCHAIN=" + local.gotoolchain;
  } else {
    need.needed_by = fmt::format("the {} line of {}", chosen.name == name ? "toolchain" : "go",
                                 project.work ? "go.work" : "go.mod");
  }
  return need;
}

Result<Project> load_project(const sys::Path& path, const FindOptions& options) {
  const ProjectReader reader(options);
  std::error_code failed;
  sys::Path folder = std::filesystem::absolute(path, failed).lexically_normal();
  if (!sys::is_dir(folder)) {
    if (!sys::is_file(folder)) return fail(errno_error("open " + path.native(), ENOENT));
    if (folder.filename() == "go.work") return reader.workspace(folder);
    if (folder.filename() != "go.mod" && folder.filename() != "go.sum") {
      return fail(Kind::invalid, path.native() + ": neither a project folder nor a go.mod or go.work",
                  "name the project's folder");
    }
    folder = folder.parent_path();
  }
  if (folder.native().size() > 1 && folder.filename().empty()) folder = folder.parent_path();
  const auto work = TRY(find_work_file(folder, options.gowork, options.goroot, options.overlay));
  if (work && options.workspaces == Workspaces::use) {
    if (options.mod_file.empty()) return reader.workspace(*work);
    return fail(Kind::invalid, "-modfile cannot be used in workspace mode");
  }
  const auto root = find_module_root(folder, options.overlay);
  if (!root && !options.mod_file.empty()) {
    return fail(
        Kind::invalid,
        "cannot find main module, but -modfile was set.\n\t-modfile cannot be used to set the module root "
        "directory.");
  }
  if (!options.mod_file.empty() && !options.mod_file.ends_with(".mod")) {
    return fail(Kind::invalid,
                fmt::format("-modfile={}: file does not have .mod extension", options.mod_file));
  }
  if (!root || root->native() == options.temp_dir) {
    return fail(Kind::not_found,
                "go.mod file not found in current directory or any parent directory; see 'go help modules'");
  }
  return reader.single(*root);
}

std::vector<fetch::Verifier::Sums> sums_of(const Project& project) {
  if (!project.work) return {{&project.sum, "go.sum"}};
  std::vector<fetch::Verifier::Sums> out = {{&project.work_sum, "go.work.sum"}};
  for (std::size_t i = 0; i < project.modules.size(); ++i)
    out.push_back({&project.member_sums[i], (project.modules[i].dir / "go.sum").native()});
  return out;
}

}  // namespace larder::app

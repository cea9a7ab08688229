// SPDX-License-Identifier: Apache-2.0
#include "app/work_use.hpp"

#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/write_project.hpp"
#include "gomod/edit.hpp"
#include "gomod/goversion.hpp"
#include "gomod/quoting.hpp"
#include "gomod/toolchain.hpp"
#include "resolve/versions.hpp"

namespace larder::app {

namespace {
using gomod::goversion::compare;

constexpr std::string_view k_skips_vendor = "1.27";  // from here on -r passes over folders named vendor
constexpr std::size_t k_deepest = 1000;              // folders below each other that -r goes into

Result<gomod::ModFile> read_member(const sys::Path& mod_file, const WorkUseOptions& options) {
  const auto text = TRY(read_shared(mod_file));
  const auto name = short_path(mod_file, options.cwd);
  const auto is_too_new = [&](const gomod::ModFile& mod) {
    return mod.go && compare(mod.go->version, options.local_go) > 0;
  };
  auto mod = gomod::parse_mod(name, text);
  if (!mod) {
    const auto lax = gomod::parse_mod_lax(name, text);
    if (lax && is_too_new(*lax)) return fail(too_new(name, lax->go->version, options));
    const auto error = with_whole_path(mod.error(), name, mod_file);
    return fail(error.kind(), fmt::format("errors parsing {}:\n{}", name, error.message()));
  }
  if (is_too_new(*mod)) return fail(too_new(name, mod->go->version, options));
  if (!mod->module) {
    return fail(
        Kind::invalid,
        fmt::format("error reading {}: missing module declaration. To specify the module path:\n\tgo mod "
                    "edit -module=example.com/mod",
                    name));
  }
  if (const auto& path = mod->module->path; path == "go" || path == "toolchain")
    return fail(Kind::invalid,
                fmt::format("error reading {}: invalid module path: {}", name, gomod::go_quote(path)));
  return mod;
}

class WorkUse {
 public:
  WorkUse(gomod::WorkFile& file, const WorkUseOptions& options) : file_(file), options_(options) {}

  WorkUseOutcome run(const std::vector<std::string>& folders);

 private:
  // As the file names it, and where it is.
  struct Folder {
    sys::Path absolute;
    std::string name;
  };
  Folder named(const std::string& folder) const;
  sys::Path place(const std::string& used) const { return joined(options_.work_file.parent_path(), used); }
  std::string shown(const sys::Path& path) const { return short_path(path, options_.cwd); }
  void error(Kind kind, std::string text) { late_.emplace_back(kind, std::move(text)); }

  void argument(const std::string& folder);
  void look(const std::string& folder);
  void walk(const std::string& folder, std::size_t depth);
  void forget_vanished(const sys::Path& below);
  void update_lines();
  void raise_go_line();

  gomod::WorkFile& file_;
  const WorkUseOptions& options_;
  std::map<sys::Path, std::vector<std::string>> have_;  // as the file lists them, by place
  std::map<sys::Path, std::string> keep_;               // the name to list; "" for none
  WorkUseOutcome out_;
  std::vector<Error> late_;  // go prints those at the end
  bool stop_walk_ = false;
};

WorkUse::Folder WorkUse::named(const std::string& folder) const {
  if (folder.starts_with('/')) {
    const auto clean = joined("/", folder);
    return {clean, clean.native()};
  }
  const auto absolute = joined(options_.cwd, folder);
  const auto relative = absolute.lexically_relative(options_.work_file.parent_path()).native();
  return {absolute, directory_path(relative)};
}

void WorkUse::look(const std::string& folder) {
  const auto [absolute, name] = named(folder);
  const auto mod_file = absolute / "go.mod";
  const auto info = sys::stat(mod_file);
  if (!info) return late_.push_back(info.error());
  if (!*info) {
    keep_[absolute] = "";
    return;
  }
  if (!(*info)->is_regular)
    return error(Kind::invalid, fmt::format("{} is not a regular file", shown(mod_file)));
  auto& kept = keep_[absolute];
  if (!kept.empty() && kept != name)
    out_.errors.emplace_back(Kind::invalid, fmt::format("already added \"{}\" as \"{}\"", name, kept));
  kept = name;
}

// Depth first in the order of names. A folder that cannot be read ends the walk without a word, as in go.
void WorkUse::walk(const std::string& folder, std::size_t depth) {
  if (stop_walk_) return;
  look(folder);
  const auto entries = sys::list_dir(joined(options_.cwd, folder));
  if (!entries || depth > k_deepest) {
    stop_walk_ = true;
    return;
  }
  const bool skips_vendor = compare(options_.local_go, k_skips_vendor) >= 0;
  for (const auto& entry : *entries) {
    const auto path = joined(folder, entry.name).native();
    if (entry.is_symlink) {
      const auto absolute = joined(options_.cwd, path);
      if (sys::is_dir(absolute))
        out_.warnings.push_back(fmt::format("warning: ignoring symlink {}", shown(absolute)));
    } else if (entry.is_dir && !(skips_vendor && entry.name == "vendor")) {
      walk(path, depth + 1);
    }
  }
}

void WorkUse::forget_vanished(const sys::Path& below) {
  for (const auto& [place, names] : have_) {
    const auto path = place.native();
    const bool is_below = path == below.native() || below == "/" || path.starts_with(below.native() + "/");
    if (is_below) keep_.try_emplace(place, "");
  }
}

void WorkUse::argument(const std::string& folder) {
  const auto absolute = named(folder).absolute;
  const auto info = sys::stat(absolute);
  if (!info) return late_.push_back(info.error());
  if (!*info) return error(Kind::not_found, fmt::format("directory {} does not exist", shown(absolute)));
  if (!(*info)->is_dir) return error(Kind::invalid, fmt::format("{} is not a directory", shown(absolute)));
  if (!options_.recursive) return look(folder);
  stop_walk_ = false;
  walk(folder, 0);
  forget_vanished(absolute);
}

// Drops first: then new lines join one that stays. (go does both in the order of a map.)
void WorkUse::update_lines() {
  std::vector<std::string> missing;
  for (const auto& [place, keep] : keep_) {
    std::size_t kept = 0;
    for (const auto& name : have_[place]) {
      if (name == keep) {
        ++kept;
      } else {
        gomod::drop_use(file_, name);
      }
    }
    if (keep.empty() || kept == 1) continue;
    if (kept > 1) gomod::drop_use(file_, keep);
    missing.push_back(keep);
  }
  for (const auto& name : missing) gomod::add_use(file_, name);
}

void WorkUse::raise_go_line() {
  const std::string old{file_.go ? std::string_view(file_.go->version) : resolve::k_default_work_go};
  std::string highest = old;
  for (const auto& use : file_.use) {
    const auto mod = read_member(place(use.path) / "go.mod", options_);
    if (!mod) {
      late_.push_back(mod.error());
      continue;
    }
    const auto line = mod->go ? std::string_view(mod->go->version) : resolve::k_default_mod_go;
    highest = std::string(gomod::goversion::max(highest, line));
  }
  if (!late_.empty()) return;
  if (const auto raised = raise_work_go(file_, highest); !raised) late_.push_back(raised.error());
}

WorkUseOutcome WorkUse::run(const std::vector<std::string>& folders) {
  for (const auto& use : file_.use) have_[place(use.path)].push_back(use.path);
  for (const auto& folder : folders) argument(folder);
  update_lines();
  raise_go_line();
  out_.errors.insert(out_.errors.end(), late_.begin(), late_.end());
  if (out_.errors.empty()) name_modules(file_, options_);
  return std::move(out_);
}
}  // namespace

Result<bool> raise_work_go(gomod::WorkFile& file, std::string_view highest) {
  const auto old = file.go ? std::string_view(file.go->version) : resolve::k_default_work_go;
  if (compare(old, highest) >= 0) return false;
  TRY(gomod::set_go(file, std::string(highest)));
  if (!file.toolchain) return true;
  const auto& name = file.toolchain->name;
  const auto version = gomod::goversion::from_toolchain(name);
  if (name == fmt::format("go{}", highest) || compare(version, highest) < 0 ||
      compare(version, resolve::k_strict_go) < 0)
    gomod::drop_toolchain(file);
  return true;
}

// go looks up the module of each line by a path relative to the wrong folder.
void name_modules(gomod::WorkFile& file, const WorkUseOptions& options) {
  std::set<std::string> names;
  for (const auto& use : file.use) names.insert(use.path);
  for (const auto& name : names)
    if (read_member(joined(options.cwd, name) / "go.mod", options)) gomod::add_use(file, name);
}

WorkUseOutcome use_folders(gomod::WorkFile& file, const std::vector<std::string>& folders,
                           const WorkUseOptions& options) {
  return WorkUse(file, options).run(folders);
}

Result<gomod::WorkFile> read_work_file(const std::string& shown) {
  const auto text = sys::read_file(shown);
  if (!text)
    return fail(Error(text.error().kind(), fmt::format("reading go.work: {}", text.error().message())));
  auto parsed = gomod::parse_work(shown, *text);
  if (parsed) return parsed;
  return fail(Kind::invalid, fmt::format("errors parsing go.work:\n{}", parsed.error().message()));
}

Error too_new(std::string_view file, std::string_view wanted, const WorkUseOptions& options) {
  return {Kind::invalid, gomod::too_new_text({std::string(file), std::string(wanted)}, options.local_go,
                                             options.local_note)};
}

std::string directory_path(std::string_view path) {
  if (gomod::is_directory_path(path)) return std::string(path);
  return "./" + (path.empty() ? "." : joined({}, path).native());
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/locate.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "app/overlay.hpp"

namespace larder::app {

namespace {
std::optional<sys::Path> find_up(sys::Path folder, std::string_view name, const sys::Path& stop,
                                 const Overlay* overlay) {
  const auto is_there = [&](const sys::Path& file) {
    if (overlay != nullptr && overlay->replaces(file)) return overlay->is_file(file);
    const auto info = sys::stat(file);
    return info && *info && !(*info)->is_dir;
  };
  for (;;) {
    if (is_there(folder / name)) return folder;
    const auto parent = folder.parent_path();
    if (parent == folder || (!stop.empty() && parent == stop)) return std::nullopt;
    folder = parent;
  }
}

bool same_or_none(const sys::Path& a, const sys::Path& b) {
  std::error_code failed;
  const bool has_a = std::filesystem::exists(a, failed);
  const bool has_b = std::filesystem::exists(b, failed);
  if (!has_a || !has_b) return has_a == has_b;
  return std::filesystem::equivalent(a, b, failed);
}

std::optional<std::string> rest_of(const std::string& path, const std::string& folder) {
  if (path == folder) return ".";
  const auto stem = folder.ends_with('/') ? folder : folder + "/";
  if (!path.starts_with(stem) || path.size() == stem.size()) return std::nullopt;
  return path.substr(stem.size());
}
}  // namespace

sys::Path working_directory(const sys::Environment& environment) {
  std::error_code failed;
  auto real = std::filesystem::current_path(failed);
  const auto pwd = environment.find("PWD");
  if (pwd == environment.end() || !pwd->second.starts_with('/')) return real;
  return std::filesystem::equivalent(pwd->second, real, failed) ? joined("/", pwd->second) : real;
}

std::string short_path(const sys::Path& path, const sys::Path& cwd) {
  const auto relative = path.lexically_relative(cwd);
  const bool shorter = !relative.empty() && relative.native().size() < path.native().size();
  return shorter && same_or_none(relative, path) ? relative.native() : path.native();
}

Error with_short_path(const Error& error, const sys::Path& file, const sys::Path& cwd) {
  auto text = error.message();
  if (const auto at = text.find(file.native()); at != std::string::npos)
    text.replace(at, file.native().size(), short_path(file, cwd));
  return {error.kind(), std::move(text), error.hint()};
}

Error with_whole_path(const Error& error, const std::string& name, const sys::Path& file) {
  constexpr std::string_view k_second = "(unterminated block started at ";
  auto text = error.message();
  if (const auto at = text.find(std::string(k_second) + name); at != std::string::npos)
    text.replace(at + k_second.size(), name.size(), file.native());
  return {error.kind(), std::move(text), error.hint()};
}

sys::Path joined(const sys::Path& folder, const sys::Path& path) {
  auto out = (folder / path).lexically_normal();
  return out.has_filename() || !out.has_relative_path() ? out : out.parent_path();
}

std::optional<std::string> inside(const sys::Path& path, const sys::Path& folder) {
  std::error_code no_path;
  std::error_code no_folder;
  const auto real_path = std::filesystem::canonical(path, no_path);
  const auto real_folder = std::filesystem::canonical(folder, no_folder);
  if (auto rest = rest_of(path.native(), folder.native())) return rest;
  if (!no_path) {
    if (auto rest = rest_of(real_path.native(), folder.native())) return rest;
  }
  if (no_folder) return std::nullopt;
  if (auto rest = rest_of(path.native(), real_folder.native())) return rest;
  return no_path ? std::nullopt : rest_of(real_path.native(), real_folder.native());
}

std::optional<sys::Path> find_module_root(const sys::Path& from, const Overlay* overlay) {
  return find_up(from, "go.mod", {}, overlay);
}

Result<std::optional<sys::Path>> find_work_file(const sys::Path& from, const std::string& gowork,
                                                const sys::Path& goroot, const Overlay* overlay) {
  if (gowork == "off") return std::nullopt;
  if (gowork.empty() || gowork == "auto") {
    const auto folder = find_up(from, "go.work", goroot, overlay);
    if (!folder) return std::nullopt;
    return *folder / "go.work";
  }
  if (!gowork.starts_with('/')) return fail(Kind::invalid, "invalid GOWORK: not an absolute path");
  return sys::Path(gowork);
}

Error no_main_module(const sys::Path& cwd, const sys::Path& goroot) {
  const auto in_goroot = !goroot.empty() && inside(cwd, goroot);
  const auto repository = in_goroot ? std::nullopt : find_up(cwd, ".git/config", {}, nullptr);
  if (!repository) {
    return {Kind::not_found,
            "go.mod file not found in current directory or any parent directory; see 'go help modules'"};
  }
  const auto way = repository->lexically_relative(cwd).native();
  return {Kind::not_found,
          fmt::format("cannot find main module, but found .git/config in {}\n\tto create a module there, "
                      "run:\n\t{}go mod init",
                      repository->native(), way == "." ? "" : fmt::format("cd {} && ", way))};
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/overlay.hpp"

#include <cerrno>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/locate.hpp"
#include "base/text.hpp"

namespace larder::app {

namespace {

// A file cannot lie below a file.
Result<void> check_consistent(const std::map<std::string, std::string>& files) {
  for (auto file = files.begin(); file != files.end(); ++file) {
    if (file->second.empty()) continue;
    const auto prefix = file->first + "/";
    for (auto next = std::next(file); next != files.end() && next->first.starts_with(prefix); ++next) {
      if (next->second.empty()) continue;
      return fail(Kind::invalid,
                  fmt::format("inconsistent files {} and {} in overlay map", file->first, next->first));
    }
  }
  return {};
}

}  // namespace

Result<Overlay> Overlay::parse(std::string_view json, const sys::Path& cwd) {
  Overlay out;
  out.cwd_ = cwd;
  const auto root = nlohmann::json::parse(json, nullptr, false);
  if (!root.is_object()) return fail(Kind::invalid, "parsing overlay JSON: not a JSON object");
  const auto replace = root.find("Replace");
  if (replace == root.end() || replace->is_null()) return out;
  if (!replace->is_object()) return fail(Kind::invalid, "parsing overlay JSON: Replace is not an object");
  for (const auto& [from, to] : replace->items()) {
    if (!to.is_string())
      return fail(Kind::invalid, "parsing overlay JSON: " + quote(from) + " is not a path");
    if (from.empty()) return fail(Kind::invalid, "empty string key in overlay map");
    const auto target = to.get<std::string>();
    const auto [at, added] =
        out.files_.emplace(joined(cwd, from).native(), target.empty() ? "" : joined(cwd, target).native());
    if (!added)
      return fail(Kind::invalid, fmt::format("duplicate paths {} and {} in overlay map", at->first, from));
  }
  TRY(check_consistent(out.files_));
  return out;
}

const std::string* Overlay::find(const sys::Path& path) const {
  if (files_.empty()) return nullptr;
  const auto it = files_.find(joined(cwd_, path).native());
  return it == files_.end() ? nullptr : &it->second;
}

std::optional<sys::Path> Overlay::replaced_below(const sys::Path& dir) const {
  const auto it = files_.lower_bound(dir.native());
  if (it == files_.end()) return std::nullopt;
  if (it->first != dir.native() && !it->first.starts_with(dir.native() + "/")) return std::nullopt;
  return it->first;
}

std::optional<sys::Path> Overlay::replaced_source() const {
  for (const auto& [path, target] : files_) {
    if (path.ends_with(".go")) return path;
  }
  return std::nullopt;
}

bool Overlay::is_file(const sys::Path& path) const {
  const auto* target = find(path);
  return target == nullptr ? sys::is_file(path) : !target->empty() && sys::is_file(*target);
}

bool Overlay::is_dir(const sys::Path& path) const {
  if (find(path) != nullptr) return false;
  return sys::is_dir(path) || (!files_.empty() && replaced_below(joined(cwd_, path)).has_value());
}

Result<std::optional<std::string>> Overlay::read_if_exists(const sys::Path& path, std::uint64_t limit) const {
  const auto* target = find(path);
  if (target == nullptr) return sys::read_file_if_exists(path, limit);
  if (target->empty()) return std::nullopt;
  return sys::read_file_if_exists(*target, limit);
}

Result<std::string> Overlay::read(const sys::Path& path, std::uint64_t limit) const {
  if (find(path) == nullptr) return sys::read_file(path, limit);
  auto text = TRY(read_if_exists(path, limit));
  if (!text) return fail(errno_error("open " + path.native(), ENOENT));
  return *std::move(text);
}

std::string shown_path(const sys::Path& file, const sys::Path& cwd) {
  return short_path(joined(cwd, file), cwd);
}

}  // namespace larder::app

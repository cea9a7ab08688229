// SPDX-License-Identifier: Apache-2.0
#include "modcache/cache.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/info.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"
#include "modcache/parsed_info.hpp"
#include "modcache/version_list.hpp"
#include "modcache/ziphash.hpp"

namespace larder::modcache {

namespace {

constexpr std::uint64_t k_max_mod = std::uint64_t{16} << 20U;  // go's own limit for go.mod
constexpr std::size_t k_commit_digits = 12;                    // of a commit, in a pseudo-version

std::optional<gomod::Info> understood(std::string_view text) {
  if (!trim(text).starts_with('{')) return std::nullopt;
  auto info = gomod::parse_info(text);
  return info ? std::optional(*std::move(info)) : std::nullopt;
}

bool is_info(std::string_view text) {
  return understood(text).has_value();
}

bool is_no_generated_mod(std::string_view text) {
  return !text.starts_with("//vgo 0.0.");  // made by Go before 1.11
}

// What cannot be read is absent, as for go: it is then fetched or reported as missing.
std::optional<std::string> read_accepted(const sys::Folder& folder, const std::string& file,
                                         std::uint64_t limit, bool (*accept)(std::string_view)) {
  auto content = folder.read_file(file, limit);
  if (content && accept(*content)) return std::optional(*std::move(content));
  return std::nullopt;
}

// Temp file and rename; the folder is made only when it turns out to be missing.
Result<void> write_beside(const Path& file, std::string_view content) {
  auto written = sys::write_file_atomic(file, as_bytes(content));
  if (written || written.error().kind() != Kind::not_found) return written;
  TRY(sys::make_dirs(file.parent_path()));
  return sys::write_file_atomic(file, as_bytes(content));
}

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string_view dir_state_reason(DirState state) {
  switch (state) {
    case DirState::not_a_directory:
      return "not a directory";
    case DirState::partial:
      return "not completely extracted";
    case DirState::no_ziphash:
      return "ziphash file is missing";
    case DirState::absent:
    case DirState::usable:
      break;
  }
  return {};
}

namespace {

Result<void> make_root(const Path& root) {
  constexpr std::string_view k_failed = "could not create module cache";
  const auto found = TRY(sys::stat(root).context(k_failed));
  if (!found) return sys::make_dirs(root).context(k_failed);
  if (found->is_dir) return {};
  return fail(Kind::io, fmt::format("{}: {} is not a directory", k_failed, quote(root.native())));
}

}  // namespace

Result<Cache> Cache::open(Path root, Options options) {
  if (!root.is_absolute()) {
    return fail(Kind::invalid, fmt::format("GOMODCACHE entry is relative; must be absolute path: {}.",
                                           quote(root.native())));
  }
  auto made = make_root(root);
  if (!made && !options.may_be_unusable) return fail(std::move(made).error());
  Cache out(std::move(root), options);
  if (!made) out.unusable_ = std::move(made).error();
  return out;
}

Result<std::optional<std::string>> Cache::info(const gomod::Module& module) const {
  return read_accepted(*folder_, TRY(paths(module)).name(".info"), gomod::k_max_info, is_info);
}

Result<std::optional<gomod::Info>> parsed_info(const Cache& cache, const gomod::Module& module) {
  const auto file = TRY(cache.paths(module)).name(".info");
  const auto text = cache.folder().read_file(file, gomod::k_max_info);
  return text ? understood(*text) : std::nullopt;
}

Result<std::optional<std::string>> Cache::mod(const gomod::Module& module) const {
  return read_accepted(*folder_, TRY(paths(module)).name(".mod"), k_max_mod, is_no_generated_mod);
}

Result<std::optional<gomod::H1>> Cache::ziphash(const gomod::Module& module) const {
  return read_ziphash(TRY(paths(module)).ziphash());
}

Result<bool> Cache::has_zip(const gomod::Module& module) const {
  const Paths files = TRY(paths(module));
  return TRY(sys::stat(files.zip())).has_value() && TRY(sys::stat(files.ziphash())).has_value();
}

Result<DirState> Cache::dir_state(const gomod::Module& module) const {
  return dir_state(module, TRY(paths(module)));
}

// In go's order: the marker is looked at after the directory, since a directory that was there before its
// marker went away may have been unfinished.
Result<DirState> Cache::dir_state(const gomod::Module& module, const Paths& files) const {
  const auto dir = TRY(folder_->stat(files.dir_name()));
  if (!dir) return DirState::absent;
  if (!dir->is_dir) return DirState::not_a_directory;
  if (TRY(folder_->stat(files.name(".partial")))) return DirState::partial;
  if (module.path == "golang.org/fips140") return DirState::usable;  // unpacked from GOROOT, has no zip
  if (!TRY(folder_->stat(files.name(".ziphash")))) return DirState::no_ziphash;
  return DirState::usable;
}

Result<std::vector<std::string>> Cache::versions(std::string_view module_path) const {
  const auto text = TRY(sys::read_file_if_exists(TRY(versions_dir(root_, module_path)) / "list"));
  return parse_list(text.value_or(std::string()));
}

Result<std::optional<std::string>> Cache::version_of_commit(std::string_view module_path,
                                                            std::string_view commit) const {
  if (commit.size() < k_commit_digits || !is_lower_hex(commit)) return std::nullopt;
  const auto entries = sys::list_dir(TRY(versions_dir(root_, module_path)));
  if (!entries) return std::nullopt;
  const std::string suffix = fmt::format("-{}.info", commit.substr(0, k_commit_digits));
  std::optional<std::string> highest;
  for (const sys::DirEntry& entry : *entries) {
    if (!entry.name.ends_with(suffix)) continue;
    const std::string version = entry.name.substr(0, entry.name.size() - 5);
    if (!gomod::pseudo::is_pseudo(version)) continue;
    if (!highest || gomod::semver::compare(version, *highest) > 0) highest = version;
  }
  return highest;
}

Result<void> Cache::write_info(const gomod::Module& module, std::string_view json) const {
  return write_beside(TRY(paths(module)).info(), json);
}

Result<void> Cache::write_mod(const gomod::Module& module, std::string_view go_mod) const {
  const Paths files = TRY(paths(module));
  TRY(write_beside(files.mod(), go_mod));
  static_cast<void>(refresh_list_in(files.versions_dir()).has_value());  // as go: the .mod is what counts
  return {};
}

Result<void> Cache::refresh_list(std::string_view module_path) const {
  return refresh_list_in(TRY(versions_dir(root_, module_path)));
}

}  // namespace larder::modcache

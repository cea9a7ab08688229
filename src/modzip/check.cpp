// SPDX-License-Identifier: Apache-2.0
#include "modzip/check.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/semver.hpp"
#include "modzip/collisions.hpp"
#include "modzip/paths.hpp"

namespace larder::modzip {

namespace {

// Checks the entries one after the other, as go does: the first objection to a file is the one reported.
class ZipCheck {
 public:
  ZipCheck(std::string prefix, const Archive& archive)
      : prefix_(std::move(prefix)), archive_(archive), collisions_(archive.entries().size()) {
    listing_.files.reserve(archive.entries().size());
  }

  Result<Listing> run() && {
    std::uint32_t index = 0;
    for (const Entry& entry : archive_.entries()) {
      if (auto reason = check(entry, index++)) {
        errors_.invalid.push_back({std::string(entry.name), *std::move(reason)});
      }
    }
    if (auto error = errors_.error()) return fail(*std::move(error));
    return std::move(listing_);
  }

 private:
  std::optional<std::string> check(const Entry& entry, std::uint32_t index) {
    if (!entry.name.starts_with(prefix_)) {
      return fmt::format("path does not have prefix {}", quote(prefix_));
    }
    std::string_view name = entry.name.substr(prefix_.size());
    if (name.empty()) return std::nullopt;  // the module's own directory
    const bool is_directory = name.ends_with('/');
    if (is_directory) name.remove_suffix(1);
    if (!is_clean(name)) return std::string(k_not_clean);
    if (auto valid = gomod::check_file_path(name); !valid) return valid.error().message();
    if (auto reason = collisions_.add(name, is_directory)) return reason;
    if (is_directory) return std::nullopt;
    if (is_go_mod(name) && name != "go.mod") {
      return name.find('/') != std::string_view::npos ? "go.mod file not in module root directory"
                                                      : std::string(k_go_mod_case);
    }
    return check_size(name, entry.size, index);
  }

  std::optional<std::string> check_size(std::string_view name, std::uint64_t size, std::uint32_t index) {
    if (size <= k_max_zip_file - listing_.total_size) {
      listing_.total_size += size;
    } else if (errors_.size_error.empty()) {
      errors_.size_error = too_large_text();
    }
    if (name == "go.mod" && size > k_max_go_mod) {
      return fmt::format("go.mod file too large (max size is {} bytes)", k_max_go_mod);
    }
    if (name == "LICENSE" && size > k_max_license) {
      return fmt::format("LICENSE file too large (max size is {} bytes)", k_max_license);
    }
    listing_.files.push_back({name, index});
    return std::nullopt;
  }

  std::string prefix_;
  const Archive& archive_;
  Collisions collisions_;
  Listing listing_;
  FileErrors errors_;
};

}  // namespace

std::string too_large_text() {
  return fmt::format("total uncompressed size of module contents too large (max size is {} bytes)",
                     k_max_zip_file);
}

std::optional<Error> FileErrors::error() const {
  if (!size_error.empty()) return Error(Kind::invalid, size_error);
  if (invalid.empty()) return std::nullopt;
  std::string text;
  for (const FileError& file : invalid) {
    if (!text.empty()) text += '\n';
    text += file.path + ": " + file.reason;
  }
  return Error(Kind::invalid, std::move(text));
}

std::string zip_prefix(const gomod::Module& module) {
  return module.path + "@" + module.version + "/";
}

Result<void> check_module(const gomod::Module& module) {
  const std::string canonical = gomod::semver::canonical_version(module.version);
  if (canonical != module.version) {
    return fail(Kind::invalid, fmt::format("version {} is not canonical (should be {})",
                                           quote(module.version), quote(canonical)));
  }
  return gomod::check(module);
}

Result<Listing> check_zip(const gomod::Module& module, const Archive& archive) {
  TRY(check_module(module));
  return ZipCheck(zip_prefix(module), archive).run();
}

}  // namespace larder::modzip

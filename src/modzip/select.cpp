// SPDX-License-Identifier: Apache-2.0
// Which candidates make up the module: go-modules.md 4.1.
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/goversion.hpp"
#include "gomod/modfile.hpp"
#include "modzip/collisions.hpp"
#include "modzip/from_dir.hpp"
#include "modzip/paths.hpp"

namespace larder::modzip {

namespace {

// The directory part with its slash: "a/b/" of "a/b/c", "" of "c".
std::string_view directory_part(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);
}

class Selector {
 public:
  explicit Selector(std::span<const Candidate> candidates)
      : candidates_(candidates), collisions_(candidates.size()) {}

  Selection run() && {
    find_modules();
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate& file = candidates_[i];
      if (const auto reason = omission_by_place(file); !reason.empty()) {
        selection_.omitted.push_back({file.path, std::string(reason)});
      } else if (auto objection = objection_to(file)) {
        selection_.errors.invalid.push_back({file.path, *std::move(objection)});
      } else if (file.type != FileType::regular) {
        selection_.omitted.push_back(
            {file.path, file.type == FileType::symlink ? "file is a symbolic link" : "not a regular file"});
      } else if (auto excess = count_size(file)) {
        selection_.errors.invalid.push_back({file.path, *std::move(excess)});
      } else {
        selection_.valid.push_back(i);
      }
    }
    return std::move(selection_);
  }

 private:
  void find_modules() {
    for (const Candidate& file : candidates_) {
      if (!is_go_mod(file.path) || file.type != FileType::regular) continue;
      modules_.insert(directory_part(file.path));
      if (file.path == "go.mod") go_version_ = go_version_of(file);
    }
  }

  // A go.mod that cannot be read or parsed counts as one without version, as it does for go.
  static std::string go_version_of(const Candidate& file) {
    if (file.size > k_max_go_mod) return {};
    Scratch scratch;
    const auto content = file.read(scratch);
    return content ? go_version_of_mod(as_text(*content)) : std::string();
  }

  bool in_other_module(std::string_view path) const {
    for (auto dir = directory_part(path); !dir.empty(); dir = directory_part(path)) {
      if (modules_.contains(dir)) return true;
      path = dir.substr(0, dir.size() - 1);
    }
    return false;
  }

  // Reasons that hold whatever the file is; a path that is not well-formed is left to objection_to.
  std::string_view omission_by_place(const Candidate& file) const {
    if (!is_clean(file.path) || file.path.starts_with('/')) return {};
    if (is_vendored(file.path, go_version_)) return "file is in vendor directory";
    if (in_other_module(file.path)) return "file is in another module";
    if (file.path == ".hg_archival.txt") return "file is inserted by 'hg archive' and is always omitted";
    return {};
  }

  std::optional<std::string> objection_to(const Candidate& file) {
    if (!is_clean(file.path)) return std::string(k_not_clean);
    if (file.path.starts_with('/')) return "file path is not relative";
    if (auto valid = gomod::check_file_path(file.path); !valid) return valid.error().message();
    if (lower_ascii(file.path) == "go.mod" && file.path != "go.mod") return std::string(k_go_mod_case);
    return collisions_.add(file.path, false);
  }

  std::optional<std::string> count_size(const Candidate& file) {
    if (file.size <= k_max_zip_file - total_) {
      total_ += file.size;
    } else if (selection_.errors.size_error.empty()) {
      selection_.errors.size_error =
          fmt::format("module source tree too large (max size is {} bytes)", k_max_zip_file);
    }
    if (file.path == "go.mod" && file.size > k_max_go_mod) {
      return fmt::format("go.mod file too large (max size is {} bytes)", k_max_go_mod);
    }
    if (file.path == "LICENSE" && file.size > k_max_license) {
      return fmt::format("LICENSE file too large (max size is {} bytes)", k_max_license);
    }
    return std::nullopt;
  }

  std::span<const Candidate> candidates_;
  Collisions collisions_;
  Selection selection_;
  std::unordered_set<std::string_view> modules_;  // directories, with their slash, that hold a go.mod
  std::string go_version_;
  std::uint64_t total_ = 0;
};

}  // namespace

std::string go_version_of_mod(std::string_view go_mod) {
  const auto file = gomod::parse_mod_lax("go.mod", go_mod);
  return file && file->go ? file->go->version : std::string();
}

bool is_vendored(std::string_view path, std::string_view go_version) {
  constexpr std::string_view k_vendor = "vendor/";
  constexpr std::string_view k_inner = "/vendor/";
  const bool since_124 = gomod::goversion::compare(gomod::goversion::lang(go_version), "1.24") >= 0;
  if (since_124 && path == "vendor/modules.txt") return true;
  std::size_t rest = 0;
  if (path.starts_with(k_vendor)) {
    rest = k_vendor.size();
  } else if (const auto inner = path.find(k_inner); inner != std::string_view::npos) {
    // Before 1.24 go forgot to add the position, and sums of published modules depend on it.
    rest = (since_124 ? inner : 0) + k_inner.size();
  } else {
    return false;
  }
  return path.find('/', rest) != std::string_view::npos;
}

Result<Selection> select_files(std::span<const Candidate> candidates) {
  return Selector(candidates).run();
}

}  // namespace larder::modzip

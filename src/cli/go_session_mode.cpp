// SPDX-License-Identifier: Apache-2.0
// GoSession and -mod: may go.mod change, and is the vendor folder what counts?

#include <fmt/format.h>

#include "cli/go_files.hpp"
#include "cli/go_session.hpp"
#include "gomod/goversion.hpp"

namespace larder::cli {

// In a workspace only go.mod files that stay as they are can be agreed upon.
Result<void> GoSession::check_mode(const Options& options) const {
  if (options.mode || options.ignore_workspace || options.arguments.value("mod") != "mod") return {};
  if (!TRY(go_work_path(session_))) return {};
  return fail(
      Kind::invalid,
      "-mod may only be set to readonly or vendor when in workspace mode, but it is set to \"mod\"\n\tRemove "
      "the -mod flag to use the default readonly value, \n\tor set GOWORK=off to disable workspace mode.");
}

Result<void> GoSession::choose_mode(const Options& options) {
  if (options.mode) {
    mode_ = *options.mode;
    return {};
  }
  const auto named = options.arguments.value("mod");
  mode_is_explicit_ = !named.empty();
  if (named == "vendor") {
    mode_ = BuildMod::vendor;
  } else if (named == "mod") {
    mode_ = BuildMod::mod;
  } else {
    mode_ = BuildMod::readonly;
    if (named.empty() && project_ && project_->has_vendor) return choose_automatically();
  }
  return {};
}

// A vendor folder is used where the go line is new enough, and where it was made for this.
Result<void> GoSession::choose_automatically() {
  const auto& go = project_->work ? project_->work->go : project_->main().mod.go;
  const std::string_view file = project_->work ? "go.work" : "go.mod";
  if (!go) {
    mode_reason_ = fmt::format("Go version in {} is unspecified, so vendor directory was not used.", file);
    return {};
  }
  if (gomod::goversion::compare(go->version, "1.14") < 0) {
    mode_reason_ =
        fmt::format("Go version in {} is {}, so vendor directory was not used.", file, go->version);
    return {};
  }
  TRY(read_vendored());
  if (vendored_->is_workspace != project_->work.has_value()) {
    mode_reason_ = vendored_->is_workspace
                       ? "Outside workspace mode, but vendor directory is for a workspace."
                       : "In workspace mode, but vendor directory is not for a workspace";
    return {};
  }
  mode_ = BuildMod::vendor;
  mode_reason_ = fmt::format("Go version in {} is at least 1.14 and vendor directory exists.", file);
  return {};
}

Result<void> GoSession::read_vendored() {
  if (vendored_) return {};
  const auto text = TRY(overlay_.read_if_exists(project_->root / "vendor/modules.txt"));
  vendored_ = gomod::parse_modules_txt(text.value_or(""));
  return {};
}

bool GoSession::needs_sums() const {
  return project_ && !project_->work && mode_ == BuildMod::readonly;
}

bool GoSession::has_sum(const gomod::Module& module, gomod::GoSum::Of of) const {
  return project_ && (project_->sum.has(module, of) || project_->work_sum.has(module, of));
}

std::string GoSession::updates_needed() const {
  const std::string_view mode = mode_ == BuildMod::vendor ? "vendor" : "readonly";
  if (mode_is_explicit_)
    return fmt::format("updates to go.mod needed, disabled by -mod={}; to update it:\n\tgo mod tidy", mode);
  if (!mode_reason_.empty()) {
    return fmt::format(
        "updates to go.mod needed, disabled by -mod={}\n\t({})\n\tto update it:\n\tgo mod tidy", mode,
        mode_reason_);
  }
  return "updates to go.mod needed; to update it:\n\tgo mod tidy";
}

}  // namespace larder::cli

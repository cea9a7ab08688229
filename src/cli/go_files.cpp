// SPDX-License-Identifier: Apache-2.0
#include "cli/go_files.hpp"

#include <fmt/format.h>

#include "app/locate.hpp"
#include "gomod/goversion.hpp"
#include "gomod/modfile.hpp"

namespace larder::cli {

sys::Path temp_dir(const Session& session) {
  const auto& environment = session.config.environment;
  const auto named = environment.find("TMPDIR");
  return named == environment.end() || named->second.empty() ? "/tmp" : named->second;
}

Result<void> refuse_overlay(const GoArguments& arguments) {
  if (arguments.value("overlay").empty()) return {};
  return fail(Kind::invalid, "flag -overlay is not supported yet", "use the go command for this one");
}

Result<void> check_modules_on(const Session& session) {
  const auto& mode = session.config.go.get("GO111MODULE");
  if (mode.empty() || mode == "on" || mode == "auto") return {};
  if (mode != "off") return fail(Kind::invalid, "unknown environment setting GO111MODULE=" + mode);
  return fail(Kind::invalid, "modules disabled by GO111MODULE=off; see 'go help modules'");
}

Result<void> check_modfile(const std::string& modfile) {
  if (modfile.empty() || modfile.ends_with(".mod")) return {};
  return fail(Kind::invalid, fmt::format("-modfile={}: file does not have .mod extension", modfile));
}

Result<sys::Path> go_mod_path(const Session& session, const std::string& modfile) {
  TRY(check_modules_on(session));
  const auto cwd = app::working_directory(session.config.environment);
  auto root = app::find_module_root(cwd);
  if (!root && !modfile.empty()) {
    return fail(Kind::invalid,
                "cannot find main module, but -modfile was set.\n\t-modfile cannot be used to set the module "
                "root directory.");
  }
  const auto temp = temp_dir(session);
  if (root && app::inside(*root, temp) == ".") {
    session.note("warning: ignoring go.mod in system temp root " + temp.native());
    root.reset();
  }
  TRY(check_modfile(modfile));
  if (!root) return fail(app::no_main_module(cwd, session.config.go.goroot()));
  return modfile.empty() ? *root / "go.mod" : sys::Path(modfile);
}

Result<std::optional<sys::Path>> go_work_path(const Session& session) {
  return app::find_work_file(app::working_directory(session.config.environment),
                             session.config.go.get("GOWORK"), session.config.go.goroot());
}

Error no_go_work() {
  return {Kind::not_found,
          "no go.work file found\n\t(run 'go work init' first or specify path using GOWORK environment "
          "variable)"};
}

std::string go_version_fault(std::string_view flag, const std::string& version, const std::string& local) {
  if (version.empty()) return {};
  if (!gomod::valid_go_line(version)) {
    return fmt::format("invalid value \"{}\" for flag -{}: expecting a Go version like \"{}\"", version, flag,
                       local);
  }
  if (gomod::goversion::compare(version, local) > 0) {
    return fmt::format("invalid value \"{}\" for flag -{}: maximum supported Go version is {}", version, flag,
                       local);
  }
  return {};
}

bool selects_toolchain(const Session& session) {
  const auto& mode = session.config.go.get("GO111MODULE");
  if (mode != "auto") return mode != "off";
  return app::find_module_root(app::working_directory(session.config.environment)).has_value();
}

std::string toolchain_note(const Session& session) {
  const auto& toolchain = session.config.go.get("GOTOOLCHAIN");
  if (!selects_toolchain(session)) return "";
  return toolchain.empty() || toolchain == "auto" ? "" : "; GOTOOLCHAIN=" + toolchain;
}

}  // namespace larder::cli

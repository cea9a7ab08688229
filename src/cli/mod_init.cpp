// SPDX-License-Identifier: Apache-2.0
#include "app/mod_init.hpp"

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/write_project.hpp"
#include "base/text.hpp"
#include "cli/go_files.hpp"
#include "cli/go_session.hpp"
#include "cli/rows.hpp"

namespace larder::cli {

namespace {

Result<std::string> module_path(const Session& session, const GoArguments& arguments, const sys::Path& cwd) {
  auto given = arguments.words.empty() ? std::string() : arguments.words[0];
  if (!given.empty()) {
    TRY(app::check_new_module_path(given));
    return given;
  }
  std::vector<sys::Path> gopaths;
  for (const auto path : split(session.config.go.get("GOPATH"), ':')) gopaths.emplace_back(path);
  return app::guess_module_path(cwd, gopaths);
}

Result<int> init(const Session& session, const GoArguments& arguments) {
  if (arguments.words.size() > 1) return fail(Kind::invalid, "'go mod init' accepts at most one argument");
  TRY(refuse_overlay(arguments));
  TRY(check_modules_on(session));
  const auto modfile = arguments.value("modfile");
  TRY(check_modfile(modfile));
  const auto cwd = app::working_directory(session.config.environment);
  const auto file = modfile.empty() ? cwd / "go.mod" : sys::Path(modfile);
  if (TRY(sys::stat(file))) return fail(Kind::invalid, file.native() + " already exists");
  const auto path = TRY(module_path(session, arguments, cwd));
  session.note("creating new go.mod: module " + path);
  const auto text = TRY(app::new_go_mod(path, session.config.go.go_version()));
  const auto side = app::side_lock(session.config.go.get("GOMODCACHE"));
  TRY(app::write_shared(file, text));
  if (app::holds_packages(cwd)) session.note("to add module requirements and sums:\n\tgo mod tidy");
  return k_done;
}

}  // namespace

int run_mod_init(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(args, {{"modcacherw"}, {"modfile", false}, {"overlay", false}},
                                     session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("mod init", parsed.error().message());
  const auto status = init(session, *parsed);
  if (status) return *status;
  session.complain(status.error());
  return k_failed;
}

}  // namespace larder::cli

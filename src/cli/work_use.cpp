// SPDX-License-Identifier: Apache-2.0
// `work init` and `work use`.
#include "app/work_use.hpp"

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/write_project.hpp"
#include "cli/go_files.hpp"
#include "cli/go_session.hpp"
#include "cli/rows.hpp"
#include "cli/toolchain.hpp"
#include "gomod/edit.hpp"
#include "gomod/goversion.hpp"

namespace larder::cli {

namespace {

app::WorkUseOptions options_for(const Session& session, const sys::Path& work_file, bool recursive) {
  return {.cwd = app::working_directory(session.config.environment),
          .work_file = work_file,
          .recursive = recursive,
          .local_go = session.config.go.go_version(),
          .local_note = toolchain_note(session)};
}

// Adds the folders and writes the file; the status.
Result<int> use_and_write(Session& session, gomod::WorkFile file, const app::WorkUseOptions& options,
                          const std::vector<std::string>& folders) {
  const auto outcome = app::use_folders(file, folders, options);
  for (const auto& line : outcome.warnings)
    static_cast<void>(sys::write_all(2, as_bytes(line + "\n"), "stderr").has_value());
  if (!outcome.errors.empty()) {
    if (const auto switched = switch_go(session, outcome.errors)) return *switched;
    session.complain(outcome.errors);
    return k_failed;
  }
  gomod::sort_blocks(file);
  gomod::cleanup(file);
  TRY(app::write_shared(options.work_file, file.str()));
  return k_done;
}

Result<int> init(Session& session, const GoArguments& arguments) {
  TRY(refuse_overlay(arguments));
  const auto cwd = app::working_directory(session.config.environment);
  const auto found = TRY(go_work_path(session));
  const auto name = found.value_or(cwd / "go.work");
  if (TRY(sys::stat(name))) return fail(Kind::invalid, name.native() + " already exists");
  gomod::WorkFile file;
  TRY(gomod::set_go(file, session.config.go.go_version()));
  return use_and_write(session, std::move(file), options_for(session, name, false), arguments.words);
}

Result<int> use(Session& session, const GoArguments& arguments) {
  TRY(refuse_overlay(arguments));
  const auto name = TRY(go_work_path(session));
  if (!name) return fail(no_go_work());
  const auto options = options_for(session, *name, arguments.has("r"));
  const auto shown = app::short_path(*name, options.cwd);
  auto file = TRY(app::read_work_file(shown));
  if (file.go && gomod::goversion::compare(file.go->version, options.local_go) > 0)
    return fail(app::too_new(shown, file.go->version, options));
  return use_and_write(session, std::move(file), options, arguments.words);
}

int finish(const Session& session, const Result<int>& status) {
  if (status) return *status;
  session.complain(status.error());
  return k_failed;
}

}  // namespace

int run_work_init(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(args, {{"modcacherw"}, {"modfile", false}, {"overlay", false}},
                                     session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("work init", parsed.error().message());
  return finish(session, init(session, *parsed));
}

int run_work_use(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(args, {{"r"}, {"modcacherw"}, {"modfile", false}, {"overlay", false}},
                                     session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("work use", parsed.error().message());
  return finish(session, use(session, *parsed));
}

}  // namespace larder::cli

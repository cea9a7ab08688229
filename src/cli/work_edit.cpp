// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/work_use.hpp"
#include "app/write_project.hpp"
#include "cli/edit_flags.hpp"
#include "cli/go_files.hpp"
#include "cli/go_session.hpp"
#include "cli/rows.hpp"
#include "gomod/edit.hpp"

namespace larder::cli {

namespace {

using gomod::WorkFile;
using Json = nlohmann::ordered_json;
using WorkEdits = EditList<WorkFile>;

Result<WorkEdits::Edit> godebug(const std::string& arg) {
  const auto setting = TRY(read_godebug(arg));
  return [setting](WorkFile& file) -> Result<void> {
    gomod::add_godebug(file, setting.first, setting.second);
    return {};
  };
}
Result<WorkEdits::Edit> drop_godebug(const std::string& arg) {
  return [arg](WorkFile& file) -> Result<void> {
    gomod::drop_godebug(file, arg);
    return {};
  };
}
Result<WorkEdits::Edit> use(const std::string& arg) {
  return [arg](WorkFile& file) -> Result<void> {
    gomod::add_use(file, app::directory_path(arg));
    return {};
  };
}
Result<WorkEdits::Edit> drop_use(const std::string& arg) {
  return [arg](WorkFile& file) -> Result<void> {
    gomod::drop_use(file, app::directory_path(arg));
    return {};
  };
}
Result<WorkEdits::Edit> replace(const std::string& arg) {
  const auto value = TRY(read_replacement(arg, Folders::with_version));
  return [value](WorkFile& file) -> Result<void> {
    gomod::add_replace(file, value.from, value.to);
    return {};
  };
}
Result<WorkEdits::Edit> drop_replace(const std::string& arg) {
  const auto from = TRY(read_optional_version("old", arg, Folders::with_version));
  return [from](WorkFile& file) -> Result<void> {
    gomod::drop_replace(file, from);
    return {};
  };
}

constexpr std::array<WorkEdits::Flag, 6> k_work_edits = {{
    {"godebug", godebug},
    {"dropgodebug", drop_godebug},
    {"use", use},
    {"dropuse", drop_use},
    {"replace", replace},
    {"dropreplace", drop_replace},
}};

// go 1.26 leaves out the toolchain and godebug lines that its documentation promises; so do we.
std::string work_file_json(const WorkFile& file) {
  Json out = Json::object();
  if (file.go) out["Go"] = file.go->version;
  out["Use"] = nullptr;
  for (const auto& each : file.use) out["Use"].push_back({{"DiskPath", each.path}});
  out["Replace"] = replace_json(file.replace);
  return indented_json(out);
}

Result<sys::Path> work_file_of(const Session& session, const GoArguments& arguments) {
  if (arguments.words.size() > 1)
    return fail(Kind::invalid, "'go help work edit' accepts at most one argument");
  if (!arguments.words.empty() && !arguments.words[0].empty()) return sys::Path(arguments.words[0]);
  const auto found = arguments.words.empty() ? TRY(go_work_path(session)) : std::nullopt;
  return found ? Result<sys::Path>(*found) : fail(no_go_work());
}

Result<int> run_edits(const Session& session, const GoArguments& arguments, const WorkEdits& edits) {
  if (arguments.has("json") && arguments.has("print"))
    return fail(Kind::invalid, "cannot use both -json and -print");
  const auto name = TRY(work_file_of(session, arguments));
  if (!good_go_values(session, arguments, "work")) return k_failed;
  const bool any = !arguments.value("go").empty() || !arguments.value("toolchain").empty() ||
                   arguments.has("json") || arguments.has("print") || arguments.has("fmt") || !edits.empty();
  if (!any) return fail(Kind::invalid, "no flags specified (see 'go help work edit').");

  const auto shown = app::short_path(name, app::working_directory(session.config.environment));
  auto parsed = app::read_work_file(shown);
  if (!parsed)
    return fail(parsed.error().kind(),
                fmt::format("errors parsing {}:\n{}", shown, parsed.error().message()));
  auto file = *std::move(parsed);
  TRY(apply_go_values(file, arguments));
  TRY(edits.apply(file));
  return finish_edit(session, arguments, file, work_file_json,
                     [&](const std::string& edited) { return app::write_shared(name, edited); });
}

}  // namespace

int run_work_edit(Session& session, const std::vector<std::string>& args) {
  std::vector<GoFlagSpec> specs = {{"fmt"}, {"json"}, {"print"}, {"go", false}, {"toolchain", false}};
  for (const auto& flag : k_work_edits) specs.push_back({flag.name, false});
  return run_edit_command<WorkFile>(session, args, specs, k_work_edits, "work edit",
                                    [&](const GoArguments& arguments, const WorkEdits& edits) {
                                      return run_edits(session, arguments, edits);
                                    });
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/write_project.hpp"
#include "cli/edit_flags.hpp"
#include "cli/go_files.hpp"
#include "cli/go_session.hpp"
#include "cli/rows.hpp"
#include "gomod/check.hpp"
#include "gomod/edit.hpp"

namespace larder::cli {

namespace {

using gomod::ModFile;
using Json = nlohmann::ordered_json;
using ModEdits = EditList<ModFile>;

// Reads the value with `read` and makes the edit that applies `change` to it.
template <auto read, auto change>
Result<ModEdits::Edit> edit(const std::string& arg) {
  const auto value = TRY(read(arg));
  return ModEdits::Edit([value](ModFile& file) { return change(file, value); });
}

Result<std::string> as_it_is(const std::string& arg) {
  return arg;
}
Result<gomod::Module> read_old(const std::string& arg) {
  return read_optional_version("old", arg, Folders::whole);
}
Result<Replacement> read_replace(const std::string& arg) {
  return read_replacement(arg, Folders::whole);
}

// The functions of gomod/edit.hpp that cannot fail.
template <auto change>
constexpr auto sure = [](ModFile& file, const auto& value) -> Result<void> {
  change(file, value);
  return {};
};

constexpr auto k_add_godebug = [](ModFile& f, const std::pair<std::string, std::string>& setting) {
  gomod::add_godebug(f, setting.first, setting.second);
};
constexpr auto k_drop_godebug = [](ModFile& f, const std::string& key) { gomod::drop_godebug(f, key); };
constexpr auto k_add_replace = [](ModFile& f, const Replacement& r) { gomod::add_replace(f, r.from, r.to); };
constexpr auto k_drop_replace = [](ModFile& f, const gomod::Module& from) { gomod::drop_replace(f, from); };
constexpr auto k_add_retract = [](ModFile& f, const VersionInterval& v) {
  return gomod::add_retract(f, v.low, v.high);
};
constexpr auto k_drop_retract = [](ModFile& f, const VersionInterval& v) {
  gomod::drop_retract(f, v.low, v.high);
};

constexpr std::array<ModEdits::Flag, 14> k_mod_edits = {{
    {"godebug", edit<read_godebug, sure<k_add_godebug>>},
    {"dropgodebug", edit<as_it_is, sure<k_drop_godebug>>},
    {"require", edit<read_path_version, sure<gomod::add_require>>},
    {"droprequire", edit<read_path, sure<gomod::drop_require>>},
    {"exclude", edit<read_path_version, gomod::add_exclude>},
    {"dropexclude", edit<read_path_version, sure<gomod::drop_exclude>>},
    {"replace", edit<read_replace, sure<k_add_replace>>},
    {"dropreplace", edit<read_old, sure<k_drop_replace>>},
    {"retract", edit<read_interval, k_add_retract>},
    {"dropretract", edit<read_interval, sure<k_drop_retract>>},
    {"tool", edit<read_path, sure<gomod::add_tool>>},
    {"droptool", edit<read_path, sure<gomod::drop_tool>>},
    {"ignore", edit<as_it_is, sure<gomod::add_ignore>>},
    {"dropignore", edit<as_it_is, sure<gomod::drop_ignore>>},
}};

std::vector<GoFlagSpec> flag_specs() {
  std::vector<GoFlagSpec> out = {
      {"fmt"}, {"json"}, {"print"},      {"module", false},  {"go", false},     {"toolchain", false},
      {"n"},   {"x"},    {"modcacherw"}, {"modfile", false}, {"overlay", false}};
  for (const auto& flag : k_mod_edits) out.push_back({flag.name, false});
  return out;
}

template <class List>
Json path_list(const List& list) {
  Json out;
  for (const auto& entry : list) out.push_back({{"Path", entry.path}});
  return out;
}

Json retract_list(const std::vector<gomod::Retract>& list) {
  Json out;
  for (const auto& retract : list) {
    Json one = Json::object();
    if (!retract.low.empty()) one["Low"] = retract.low;
    if (!retract.high.empty()) one["High"] = retract.high;
    if (!retract.rationale.empty()) one["Rationale"] = retract.rationale;
    out.push_back(std::move(one));
  }
  return out;
}

std::string mod_file_json(const ModFile& file) {
  Json out = Json::object();
  out["Module"]["Path"] = file.module ? file.module->path : "";
  if (file.module && !file.module->deprecated.empty()) out["Module"]["Deprecated"] = file.module->deprecated;
  if (file.go) out["Go"] = file.go->version;
  if (file.toolchain) out["Toolchain"] = file.toolchain->name;
  for (const auto& godebug : file.godebug)
    out["GoDebug"].push_back({{"Key", godebug.key}, {"Value", godebug.value}});
  out["Require"] = nullptr;
  for (const auto& require : file.require) {
    auto one = module_json(require.mod);
    if (require.indirect) one["Indirect"] = true;
    out["Require"].push_back(std::move(one));
  }
  out["Exclude"] = nullptr;
  for (const auto& exclude : file.exclude) out["Exclude"].push_back(module_json(exclude.mod));
  out["Replace"] = replace_json(file.replace);
  out["Retract"] = retract_list(file.retract);
  out["Tool"] = path_list(file.tool);
  out["Ignore"] = path_list(file.ignore);
  return indented_json(out);
}

Result<sys::Path> mod_file_of(const Session& session, const GoArguments& arguments) {
  if (!arguments.words.empty()) return sys::Path(arguments.words[0]);
  return go_mod_path(session, arguments.value("modfile"));
}

Result<int> run_edits(Session& session, const GoArguments& arguments, const ModEdits& edits) {
  const auto name = TRY(mod_file_of(session, arguments));
  const auto module = arguments.value("module");
  if (!module.empty()) {
    TRY(gomod::check_import_path(module).context("invalid -module"));
    if (module == "go" || module == "toolchain")
      return fail(Kind::invalid, "invalid -module: module path is reserved");
  }
  if (!good_go_values(session, arguments, "mod")) return k_failed;

  const auto text = TRY(app::read_shared(name));
  auto parsed = gomod::parse_mod(name.native(), text);
  if (!parsed) {
    const auto shown = app::short_path(name, app::working_directory(session.config.environment));
    return fail(Kind::invalid, fmt::format("errors parsing {}:\n{}", shown, parsed.error().message()));
  }
  auto file = *std::move(parsed);
  if (!module.empty()) gomod::set_module(file, module);
  TRY(apply_go_values(file, arguments));
  TRY(edits.apply(file));
  return finish_edit(session, arguments, file, mod_file_json, [&](const std::string& edited) {
    const auto side = app::side_lock(session.config.go.get("GOMODCACHE"));
    return app::rewrite_shared(name, text, edited, "go.mod changed during editing; not overwriting");
  });
}

Result<int> check_and_run(Session& session, const GoArguments& arguments, const ModEdits& edits) {
  const auto given = [&](std::string_view name) { return !arguments.value(name).empty(); };
  const bool any = given("module") || given("go") || given("toolchain") || arguments.has("json") ||
                   arguments.has("print") || arguments.has("fmt") || !edits.empty();
  if (!any) return fail(Kind::invalid, "no flags specified (see 'go help mod edit').");
  if (arguments.has("json") && arguments.has("print"))
    return fail(Kind::invalid, "cannot use both -json and -print");
  if (arguments.words.size() > 1) return fail(Kind::invalid, "too many arguments");
  TRY(refuse_overlay(arguments));
  return run_edits(session, arguments, edits);
}

}  // namespace

int run_mod_edit(Session& session, const std::vector<std::string>& args) {
  return run_edit_command<ModFile>(session, args, flag_specs(), k_mod_edits, "mod edit",
                                   [&](const GoArguments& arguments, const ModEdits& edits) {
                                     return check_and_run(session, arguments, edits);
                                   });
}

}  // namespace larder::cli

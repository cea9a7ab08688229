// SPDX-License-Identifier: Apache-2.0
#include "cli/edit_flags.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/edit.hpp"
#include "gomod/json_text.hpp"
#include "gomod/quoting.hpp"
#include "gomod/unicode.hpp"
#include "sys/files.hpp"

namespace larder::cli {

namespace {
using Json = nlohmann::ordered_json;

struct Parts {
  std::string path;
  std::optional<std::string> version;
};

std::string trimmed(std::string_view s) {
  return std::string(gomod::trim_space(s));
}

// At the first "@"; the path as it is where there is none.
Result<Parts> split_version(const std::string& arg) {
  const auto parts = cut(arg, "@");
  if (!parts) return Parts{arg, std::nullopt};
  const auto version = parts->second;
  if (version.starts_with('-') || version.starts_with('/'))
    return fail(Kind::invalid, fmt::format("invalid module version {}", gomod::go_quote(version)));
  return Parts{trimmed(parts->first), trimmed(version)};
}

// Any token may be a version here: go resolves "master" when it next loads the file.
bool is_token(std::string_view version) {
  return !gomod::must_quote(version);
}

Result<void> check_import(std::string_view path, std::string_view context) {
  return gomod::check_import_path(path).context(context);
}
}  // namespace

Result<gomod::Module> read_path_version(const std::string& arg) {
  auto parts = TRY(split_version(arg));
  if (!parts.version) return fail(Kind::invalid, "need path@version");
  TRY(check_import(parts.path, "invalid path"));
  if (!is_token(*parts.version))
    return fail(Kind::invalid, fmt::format("invalid version {}", gomod::go_quote(*parts.version)));
  return gomod::Module{std::move(parts.path), *std::move(parts.version)};
}

Result<std::string> read_path(const std::string& arg) {
  if (arg.find('@') != std::string::npos) return fail(Kind::invalid, "need just path, not path@version");
  TRY(check_import(arg, "invalid path"));
  return arg;
}

Result<gomod::Module> read_optional_version(std::string_view what, const std::string& arg, Folders folders) {
  if (folders == Folders::whole && gomod::is_directory_path(arg)) return gomod::Module{arg, ""};
  auto parts = TRY(split_version(arg));
  const bool is_folder = folders == Folders::with_version && gomod::is_directory_path(parts.path);
  if (!is_folder) TRY(check_import(parts.path, fmt::format("invalid {} path", what)));
  const auto version = parts.version.value_or("");
  if (parts.path != arg && !is_token(version))
    return fail(Kind::invalid, fmt::format("invalid {} version: {}", what, gomod::go_quote(version)));
  return gomod::Module{std::move(parts.path), version};
}

Result<Replacement> read_replacement(const std::string& arg, Folders folders) {
  const auto sides = cut(arg, "=");
  if (!sides) return fail(Kind::invalid, "need old[@v]=new[@w] (missing =)");
  const auto from = trimmed(sides->first);
  const auto to = trimmed(sides->second);
  if (to.starts_with('>')) return fail(Kind::invalid, "separator between old and new is =, not =>");
  Replacement out;
  out.from = TRY(read_optional_version("old", from, Folders::none));
  out.to = TRY(read_optional_version("new", to, folders));
  if (out.to.path == to && !gomod::is_directory_path(to))
    return fail(Kind::invalid, "unversioned new path must be local directory");
  return out;
}

Result<VersionInterval> read_interval(const std::string& arg) {
  if (!arg.starts_with('[')) {
    if (!is_token(arg)) return fail(Kind::invalid, "invalid version: " + gomod::go_quote(arg));
    return VersionInterval{arg, arg};
  }
  const auto bad = [&] { return fail(Kind::invalid, "invalid version interval: " + gomod::go_quote(arg)); };
  if (!arg.ends_with(']')) return bad();
  const auto ends = cut(std::string_view(arg).substr(1, arg.size() - 2), ",");
  if (!ends) return bad();
  VersionInterval out{trimmed(ends->first), trimmed(ends->second)};
  if (!is_token(out.low) || !is_token(out.high)) return bad();
  return out;
}

Result<std::pair<std::string, std::string>> read_godebug(const std::string& arg) {
  const auto parts = cut(arg, "=");
  if (!parts || arg.find_first_of("\"`',") != std::string::npos) return fail(Kind::invalid, "need key=value");
  return std::pair(std::string(parts->first), std::string(parts->second));
}

bool good_go_values(const Session& session, const GoArguments& arguments, std::string_view group) {
  const auto complain = [&](std::string_view flag, std::string_view prefix) {
    const auto text = fmt::format("go {0}: invalid -{1} option; expecting something like \"-{1} {2}{3}\"\n",
                                  group, flag, prefix, session.config.go.go_version());
    static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
    return false;
  };
  const auto go = arguments.value("go");
  if (!go.empty() && go != "none" && !gomod::valid_go_line(go)) return complain("go", "");
  const auto toolchain = arguments.value("toolchain");
  if (!toolchain.empty() && toolchain != "none" && !gomod::valid_toolchain_line(toolchain))
    return complain("toolchain", "go");
  return true;
}

template <class File>
Result<void> apply_go_values(File& file, const GoArguments& arguments) {
  if (const auto go = arguments.value("go"); go == "none") {
    gomod::drop_go(file);
  } else if (!go.empty()) {
    TRY(gomod::set_go(file, go));
  }
  if (const auto toolchain = arguments.value("toolchain"); toolchain == "none") {
    gomod::drop_toolchain(file);
  } else if (!toolchain.empty()) {
    TRY(gomod::set_toolchain(file, toolchain));
  }
  return {};
}
template Result<void> apply_go_values(gomod::ModFile& file, const GoArguments& arguments);
template Result<void> apply_go_values(gomod::WorkFile& file, const GoArguments& arguments);

Json module_json(const gomod::Module& module) {
  Json out = Json::object();
  out["Path"] = module.path;
  if (!module.version.empty()) out["Version"] = module.version;
  return out;
}

Json replace_json(const std::vector<gomod::Replace>& list) {
  Json out;
  for (const auto& replace : list) {
    Json one = Json::object();
    one["Old"] = module_json(replace.from);
    one["New"] = module_json(replace.to);
    out.push_back(std::move(one));
  }
  return out;
}

namespace {

void write_json(const Json& json, std::size_t depth, std::string& out) {
  if (json.is_string()) return gomod::append_json_text(out, json.get_ref<const std::string&>());
  if (!json.is_structured() || json.empty()) {
    out += json.dump();
    return;
  }
  const bool is_object = json.is_object();
  char before = is_object ? '{' : '[';
  for (const auto& [key, value] : json.items()) {
    out.append({std::exchange(before, ','), '\n'}).append(depth + 1, '\t');
    if (is_object) {
      gomod::append_json_text(out, key);
      out += ": ";
    }
    write_json(value, depth + 1, out);
  }
  out.append("\n").append(depth, '\t') += is_object ? '}' : ']';
}

}  // namespace

// As Go's MarshalIndent with tabs.
std::string indented_json(const Json& json) {
  std::string out;
  write_json(json, 0, out);
  return out + "\n";
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include "app/mod_init.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/edit.hpp"
#include "gomod/goversion.hpp"
#include "gomod/quoting.hpp"

namespace larder::app {

namespace {
constexpr std::string_view k_blanks = " \t";

std::size_t count_blanks(std::string_view s) {
  return std::min(s.find_first_not_of(k_blanks), s.size());
}

bool take_blanks(std::string_view& s) {
  const auto n = count_blanks(s);
  s.remove_prefix(n);
  return n > 0;
}

bool take_word(std::string_view& s, std::string_view word) {
  if (!s.starts_with(word)) return false;
  s.remove_prefix(word.size());
  return true;
}

// `package NAME // import "PATH"`, s beginning at a line: the literal with its quotes. It may go over line
// ends here, and is no literal then.
std::optional<std::string_view> import_literal(std::string_view s) {
  if (!take_word(s, "package") || !take_blanks(s)) return std::nullopt;
  const auto name = std::min(s.find_first_of(" \t\r\n/"), s.size());
  if (name == 0) return std::nullopt;
  s.remove_prefix(name);
  if (!take_blanks(s) || !take_word(s, "//") || !take_blanks(s)) return std::nullopt;
  if (!take_word(s, "import") || !take_blanks(s) || !s.starts_with('"')) return std::nullopt;
  const auto end = s.find('"', 1);
  if (end == std::string_view::npos || end == 1) return std::nullopt;
  const auto literal = s.substr(0, end + 1);
  s.remove_prefix(end + 1);
  take_blanks(s);
  take_word(s, "\r");
  return s.starts_with('\n') ? std::optional(literal) : std::nullopt;
}

// The path that the first import comment of the file names.
std::optional<std::string> import_comment(const sys::Path& file) {
  const auto text = sys::read_file(file);
  if (!text) return std::nullopt;
  for (std::string_view rest = *text; !rest.empty();) {
    if (const auto literal = import_literal(rest)) {
      auto path = gomod::unquote(*literal);
      return path && !path->empty() ? path : std::nullopt;
    }
    rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
  }
  return std::nullopt;
}

std::optional<std::string> comment_in(const sys::Path& folder) {
  const auto entries = sys::list_dir(folder);
  if (!entries) return std::nullopt;
  for (const auto& entry : *entries) {
    if (!entry.is_regular || !entry.name.ends_with(".go")) continue;
    if (auto path = import_comment(folder / entry.name)) return path;
  }
  return std::nullopt;
}

// The path without its last element.
std::string parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  const auto parent = sys::Path(slash == std::string_view::npos ? "." : path.substr(0, slash));
  const auto clean = joined({}, parent).native();
  return clean.empty() ? "." : clean;
}

constexpr std::string_view k_cannot_guess =
    R"(cannot determine module path for source directory {} ({})

Example usage:
	'go mod init example.com/m' to initialize a v0 or v1 module
	'go mod init example.com/m/v2' to initialize a v2 module

Run 'go help mod init' for more information.
)";

bool is_version_char(char c) {
  return is_digit(c) || c == '.';
}

std::string_view without_suffix(std::string_view s, std::string_view suffix) {
  if (s.ends_with(suffix)) s.remove_suffix(suffix.size());
  return s;
}

// The first number in s, without leading zeros.
std::string_view first_number(std::string_view s) {
  const auto begin = std::find_if(s.begin(), s.end(), is_digit);
  s.remove_prefix(static_cast<std::size_t>(begin - s.begin()));
  s = s.substr(0, static_cast<std::size_t>(std::find_if_not(s.begin(), s.end(), is_digit) - s.begin()));
  s.remove_prefix(std::min(s.find_first_not_of('0'), s.size()));
  return s;
}

// A path whose end looks like a version but is none, in two parts before those digits and dots.
std::pair<std::string_view, std::string_view> split_version_end(std::string_view path) {
  auto at = path.size();
  while (at > 0 && is_version_char(path[at - 1])) --at;
  return {path.substr(0, at), path.substr(at)};
}

std::string suggest_path(std::string_view path) {
  const auto [stem, end] = split_version_end(path);
  const auto number = first_number(end);
  const auto base = without_suffix(without_suffix(stem, "/v"), "/");
  return fmt::format("{}/v{}", base, number.empty() || number == "1" ? "2" : number);
}

std::string suggest_gopkg_in(std::string_view path) {
  const auto stem = split_version_end(path).first;
  const auto number = first_number(path);  // of the whole path, as go has it
  const auto base = without_suffix(without_suffix(without_suffix(stem, ".v"), "/v"), "/");
  return fmt::format("{}.v{}", base, number.empty() ? "1" : number);
}

bool is_local(std::string_view path) {
  return path == "." || path == ".." || path.starts_with("./") || path.starts_with("../");
}

// go 1.26.0 and its candidates wrote older versions than their own, for one release.
std::string line_for(std::string_view local_go) {
  using gomod::goversion::compare;
  using gomod::goversion::lang;
  if (lang(local_go) != "1.26" || compare(local_go, "1.26.1") >= 0) return std::string(local_go);
  return compare(local_go, "1.26.0") >= 0 ? "1.25.0" : "1.24.0";
}
}  // namespace

Result<std::string> guess_module_path(const sys::Path& folder, const std::vector<sys::Path>& gopaths) {
  if (auto path = comment_in(folder)) return *std::move(path);
  if (const auto entries = sys::list_dir(folder)) {
    for (const auto& entry : *entries) {
      if (!entry.is_dir) continue;
      if (const auto path = comment_in(folder / entry.name)) return parent_of(*path);
    }
  }
  std::string reason = "outside GOPATH, module path must be specified";
  for (const auto& gopath : gopaths) {
    if (gopath.empty()) continue;
    const auto path = inside(folder, gopath / "src");
    if (!path || *path == ".") continue;
    const auto good = gomod::check_import_path(*path);
    if (good) return *path;
    reason = "bad module path inferred from directory in GOPATH: " + good.error().message();
    break;
  }
  return fail(Kind::invalid, fmt::format(k_cannot_guess, folder.native(), reason));
}

Result<void> check_new_module_path(std::string_view path) {
  if (const auto good = gomod::check_import_path(path); !good) {
    if (is_local(path))
      return fail(Kind::invalid,
                  fmt::format("malformed module path {}: is a local import path", gomod::go_quote(path)));
    constexpr std::string_view k_import = "malformed import path";
    const std::string_view text = good.error().message();
    return fail(Kind::invalid, text.starts_with(k_import)
                                   ? fmt::format("malformed module path{}", text.substr(k_import.size()))
                                   : std::string(text));
  }
  if (path == "go" || path == "toolchain")
    return fail(Kind::invalid, fmt::format("invalid module path {}: ", gomod::go_quote(path)));
  if (gomod::split_path_version(path)) return {};
  const bool gopkg = path.starts_with("gopkg.in/");
  const auto rule =
      gopkg
          ? "module paths beginning with gopkg.in/ must always have a major version suffix in the form of .vN"
          : "major version suffixes must be in the form of /vN and are only allowed for v2 or later";
  return fail(Kind::invalid, fmt::format("invalid module path \"{}\": {}:\n\tgo mod init {}", path, rule,
                                         gopkg ? suggest_gopkg_in(path) : suggest_path(path)));
}

Result<std::string> new_go_mod(std::string_view path, std::string_view local_go) {
  gomod::ModFile file;
  gomod::set_module(file, path);
  TRY(gomod::set_go(file, line_for(local_go)));
  return file.str();
}

bool holds_packages(const sys::Path& folder) {
  const auto entries = sys::list_dir(folder);
  return entries && std::any_of(entries->begin(), entries->end(), [](const sys::DirEntry& entry) {
           const bool hidden = entry.name.starts_with('.') || entry.name.starts_with('_');
           return !hidden && (entry.is_dir || entry.name.ends_with(".go"));
         });
}

}  // namespace larder::app

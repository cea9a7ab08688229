// SPDX-License-Identifier: Apache-2.0
#include "gomod/modfile.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/directives.hpp"
#include "gomod/quoting.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
std::string_view comment_body(const Comment& comment) {
  return trim_space(comment.text.substr(2));
}

// What the comments of a directive say; those of its block where it has none.
std::string comment_text(const Directive& d) {
  const auto* comments = &d.line->comments;
  if (d.block != nullptr && comments->before.empty() && comments->suffix.empty())
    comments = &d.block->comments;
  std::string out;
  bool first = true;
  for (const auto* list : {&comments->before, &comments->suffix}) {
    for (const auto& comment : *list) {
      if (comment.text.empty()) continue;
      if (!std::exchange(first, false)) out += '\n';
      out += comment_body(comment);
    }
  }
  return out;
}

// The paragraph that begins with "Deprecated:", without that word.
std::string deprecation(std::string_view text) {
  constexpr std::string_view k_word = "Deprecated:";
  for (auto at = text.find(k_word); at != std::string_view::npos; at = text.find(k_word, at + 1)) {
    if (at != 0 && !text.substr(0, at).ends_with("\n\n")) continue;
    text.remove_prefix(at + k_word.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return std::string(text.substr(0, text.find("\n\n")));
  }
  return {};
}

class ModReader {
 public:
  ModReader(ModFile& file, const VersionFixer& fixer, bool strict)
      : file_(file), fixer_(fixer), strict_(strict), reader_(file.syntax, fixer), errors_(file.syntax.name) {}

  Result<void> run();

 private:
  struct Row {
    std::string_view verb;
    bool block;     // may stand before "("
    bool when_lax;  // read in dependencies too
    Result<void> (ModReader::*read)(const Directive&);
  };
  static const std::array<Row, 10> k_rows;

  static const Row* row(std::string_view verb);
  void line(const Directive& d);
  void fix_retracts();

  Result<void> module(const Directive& d);
  Result<void> go(const Directive& d) { return reader_.go(d, strict_, file_.go); }
  Result<void> toolchain(const Directive& d) { return reader_.toolchain(d, file_.toolchain); }
  Result<void> godebug(const Directive& d) { return reader_.godebug(d, file_.godebug); }
  Result<void> require(const Directive& d);
  Result<void> exclude(const Directive& d);
  Result<void> replace(const Directive& d) { return reader_.replace(d, file_.replace); }
  Result<void> retract(const Directive& d);
  Result<void> tool(const Directive& d);
  Result<void> ignore(const Directive& d);

  ModFile& file_;
  const VersionFixer& fixer_;
  bool strict_;
  DirectiveReader reader_;
  FileErrors errors_;
};

const std::array<ModReader::Row, 10> ModReader::k_rows = {{
    {"require", true, true, &ModReader::require},
    {"module", true, true, &ModReader::module},
    {"go", false, true, &ModReader::go},
    {"toolchain", false, false, &ModReader::toolchain},
    {"godebug", true, false, &ModReader::godebug},
    {"exclude", true, false, &ModReader::exclude},
    {"replace", true, false, &ModReader::replace},
    {"retract", true, true, &ModReader::retract},
    {"tool", true, false, &ModReader::tool},
    {"ignore", true, true, &ModReader::ignore},
}};

const ModReader::Row* ModReader::row(std::string_view verb) {
  const auto* found =
      std::find_if(k_rows.begin(), k_rows.end(), [&](const Row& r) { return r.verb == verb; });
  return found == k_rows.end() ? nullptr : found;
}

Result<void> ModReader::module(const Directive& d) {
  if (file_.module) return fail(Kind::invalid, "repeated module statement");
  file_.module = ModuleLine{"", deprecation(comment_text(d)), d.line};
  if (d.args.size() != 1) return fail(Kind::invalid, "usage: module module/path");
  file_.module->path = TRY(reader_.text(d.args[0]).context("invalid quoted string"));
  return {};
}

Result<void> ModReader::require(const Directive& d) {
  file_.require.push_back({TRY(reader_.module(d)), is_indirect(*d.line), d.line});
  return {};
}

Result<void> ModReader::exclude(const Directive& d) {
  file_.exclude.push_back({TRY(reader_.module(d)), d.line});
  return {};
}

// Versions stay as they are for now: fixing them needs the module path, which may stand further down. A
// dependency may use forms that are not known yet.
Result<void> ModReader::retract(const Directive& d) {
  auto rest = d.args;
  auto interval = reader_.interval("", rest, true);
  if (!interval && !strict_) return {};
  auto [low, high] = TRY(std::move(interval));
  if (!rest.empty() && strict_)
    return fail(Kind::invalid, fmt::format("unexpected token after version: {}", go_quote(rest[0])));
  file_.retract.push_back({std::move(low), std::move(high), comment_text(d), d.line});
  return {};
}

Result<void> ModReader::tool(const Directive& d) {
  file_.tool.push_back({TRY(reader_.only_text(d)), d.line});
  return {};
}

Result<void> ModReader::ignore(const Directive& d) {
  file_.ignore.push_back({TRY(reader_.only_text(d)), d.line});
  return {};
}

void ModReader::line(const Directive& d) {
  const auto* known = row(d.verb);
  if (!strict_ && (known == nullptr || !known->when_lax)) return;
  if (known == nullptr) {
    std::vector<std::string> verbs;
    verbs.reserve(k_rows.size());
    for (const auto& r : k_rows) verbs.emplace_back(r.verb);
    return errors_.add(d.line->start, unknown_directive(d.verb, verbs));
  }
  if (auto ok = (this->*known->read)(d); !ok) errors_.add(d.line->start, ok.error());
}

void ModReader::fix_retracts() {
  if (!fixer_) return;
  const std::string path = file_.module ? file_.module->path : "";
  for (auto& retract : file_.retract) {
    if (path.empty()) {
      return errors_.add(retract.line->start,
                         {Kind::invalid, "no module directive found, so retract cannot be used"});
    }
    auto args = std::span(retract.line->tokens);
    if (args[0] == "retract") args = args.subspan(1);
    auto interval = reader_.interval(path, args, false);
    if (!interval) {
      errors_.add(retract.line->start, interval.error());
      continue;
    }
    retract.low = std::move(interval->low);
    retract.high = std::move(interval->high);
  }
}

Result<void> ModReader::run() {
  for_each_directive(
      file_.syntax,
      [](std::string_view verb) {
        const auto* known = row(verb);
        return known != nullptr && known->block;
      },
      [&](const Directive& d) { line(d); },
      [&](const LineBlock& block) {
        if (strict_) errors_.add(block.start, unknown_block(block));
      });
  fix_retracts();
  if (errors_.empty()) return {};
  return fail(std::move(errors_).take());
}

Result<ModFile> parse(std::string_view name, std::string_view text, const VersionFixer& fixer, bool strict) {
  ModFile file;
  file.syntax = TRY(parse_syntax(name, text, strict ? k_max_own_tokens : k_max_mod_tokens));
  TRY(ModReader(file, fixer, strict).run());
  return file;
}
}  // namespace

bool is_indirect(const Line& line) {
  if (line.comments.suffix.empty()) return false;
  const auto body = comment_body(line.comments.suffix[0]);
  constexpr std::string_view k_word = "indirect";
  if (!body.starts_with(k_word)) return false;
  const auto rest = body.substr(k_word.size());
  if (rest.empty()) return true;
  return rest[0] == ';' && rest.size() > 1 && is_space(decode_rune(rest, 1).value);
}

Result<ModFile> parse_mod(std::string_view name, std::string_view text, const VersionFixer& fixer) {
  return parse(name, text, fixer, true);
}

Result<ModFile> parse_mod_lax(std::string_view name, std::string_view text) {
  return parse(name, text, {}, false);
}

std::string module_path(std::string_view text) {
  constexpr std::string_view k_word = "module";
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = trim_space(line.substr(0, line.find("//")));
    if (!line.starts_with(k_word)) continue;
    line.remove_prefix(k_word.size());
    const auto path = trim_space(line);
    if (path.size() == line.size() || path.empty()) continue;
    if (path[0] == '"' || path[0] == '`') return unquote(path).value_or("");
    return std::string(path);
  }
  return {};
}

std::string synthesize_mod(std::string_view path) {
  return fmt::format("module {}\n", auto_quote(path));
}

}  // namespace larder::gomod

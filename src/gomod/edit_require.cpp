// SPDX-License-Identifier: Apache-2.0
// Edits of require lines, one and all together.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "gomod/directives.hpp"
#include "gomod/edit.hpp"
#include "gomod/edit_tree.hpp"
#include "gomod/goversion.hpp"
#include "gomod/quoting.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
constexpr std::string_view k_require = "require";
constexpr std::string_view k_indirect = "indirect";
constexpr std::string_view k_slashes = "//";

std::string_view body(const Comment& comment) {
  return trim_space(comment.text.substr(std::min(k_slashes.size(), comment.text.size())));
}

void mark_indirect(FileSyntax& file, Line& line) {
  auto& suffix = line.comments.suffix;
  if (suffix.empty()) suffix.emplace_back();
  const auto text = suffix[0].text.empty() ? std::string_view() : body(suffix[0]);
  suffix[0].text = text.empty() ? "// indirect" : file.keep(fmt::format("// indirect; {}", text));
}

void unmark_indirect(FileSyntax& file, Line& line) {
  auto& suffix = line.comments.suffix;
  if (body(suffix[0]) == k_indirect) return suffix.clear();
  constexpr std::string_view k_marker = "indirect;";
  const auto text = suffix[0].text;
  suffix[0].text = file.keep(fmt::format("//{}", text.substr(text.find(k_marker) + k_marker.size())));
}

void set_indirect(FileSyntax& file, Require& require, bool indirect) {
  require.indirect = indirect;
  if (is_indirect(*require.line) == indirect) return;
  if (indirect) return mark_indirect(file, *require.line);
  unmark_indirect(file, *require.line);
}

void set_version(FileSyntax& file, Require& require, const std::string& version) {
  require.mod.version = version;
  auto& line = *require.line;
  auto& before = line.comments.before;
  if (line.in_block && before.size() == 1 && before[0].text.empty()) before.clear();
  line.tokens.back() = file.keep(version);
}

using Wanted = std::unordered_map<std::string_view, const Requirement*>;

Wanted by_path(std::span<const Requirement> wanted) {
  Wanted out;
  for (const auto& each : wanted) out.emplace(each.mod.path, &each);
  return out;
}

// The first line of each wanted path gets its version and marker; all other lines go. Returns the new ones.
std::vector<const Requirement*> update_lines(ModFile& file, std::span<const Requirement> wanted) {
  const auto want = by_path(wanted);
  std::unordered_set<std::string_view> have;
  drop_if(file.require, [&](const Require& r) {
    const auto at = want.find(r.mod.path);
    return at == want.end() || !have.insert(at->first).second;
  });
  for (auto& require : file.require) {
    const auto& wish = *want.at(require.mod.path);
    set_version(file.syntax, require, wish.mod.version);
    set_indirect(file.syntax, require, wish.indirect);
  }
  std::vector<const Requirement*> missing;
  for (const auto& [path, wish] : want)
    if (!have.contains(path)) missing.push_back(wish);
  // In the order given: the result does not depend on it, but it must not depend on a hash either.
  std::sort(missing.begin(), missing.end());
  return missing;
}

void append_new(ModFile& file, LineBlock& block, const Requirement& wish) {
  auto line = std::make_unique<Line>();
  line->in_block = true;
  line->tokens = {keep_quoted(file.syntax, wish.mod.path), file.syntax.keep(wish.mod.version)};
  if (wish.indirect) mark_indirect(file.syntax, *line);
  file.require.push_back({wish.mod, wish.indirect, line.get()});
  block.lines.push_back(std::move(line));
}

void set_mixed(ModFile& file, std::span<const Requirement> wanted) {
  const auto missing = update_lines(file, wanted);
  if (missing.empty()) return;
  auto& block = *last_block(file.syntax, k_require);
  for (const auto* wish : missing) append_new(file, block, *wish);
}

// Comments that bind a line or a block to its place: all but the marker.
bool has_comments(const Comments& comments) {
  const auto& suffix = comments.suffix;
  if (!comments.before.empty() || suffix.size() > 1) return true;
  return !suffix.empty() && body(suffix[0]) != k_indirect;
}

// What the require statements of a file look like before they are edited.
struct Survey {
  std::optional<std::size_t> direct;    // the last statement with direct lines only, free of comments
  std::optional<std::size_t> indirect;  // and with indirect lines only
  std::optional<std::size_t> last;      // of all
  bool flat = false;                    // there is one statement, free of comments (its lines may have some)
  std::unordered_map<const Line*, const LineBlock*> blocks;  // of each line that is in one
};

void survey_block(const LineBlock& block, std::size_t at, Survey& out) {
  bool direct = !block.lines.empty() && !has_comments(block.comments);
  bool indirect = direct;
  for (const auto& line : block.lines) {
    out.blocks.emplace(line.get(), &block);
    const bool bound = has_comments(line->comments);
    const bool marked = is_indirect(*line);
    direct = direct && !bound && !marked;
    indirect = indirect && !bound && marked;
  }
  if (direct) out.direct = at;
  if (indirect) out.indirect = at;
}

Survey survey(FileSyntax& file) {
  Survey out;
  std::size_t count = 0;
  bool free = false;
  for (std::size_t at = 0; at < file.statements.size(); ++at) {
    auto& statement = file.statements[at];
    if (keyword(statement) != k_require) continue;
    out.last = at;
    ++count;
    if (const auto* line = as_line(statement)) {
      free = !has_comments(line->comments);
      if (free) (is_indirect(*line) ? out.indirect : out.direct) = at;
    } else {
      const auto& block = *as_block(statement);
      free = !has_comments(block.comments);
      survey_block(block, at, out);
    }
  }
  out.flat = count == 1 && free;
  return out;
}

struct Targets {
  LineBlock* direct;
  LineBlock* indirect;
};

// The two blocks that requirements move to and new ones join; made where they are missing.
Targets make_targets(FileSyntax& file, const Survey& found) {
  auto indirect_at = found.indirect;
  std::size_t direct_at = 0;
  Targets out{};
  if (found.direct) {
    direct_at = *found.direct;
    out.direct = make_block(file.statements[direct_at]);
  } else {
    if (indirect_at) {
      direct_at = (*indirect_at)++;
    } else {
      direct_at = found.last ? *found.last + 1 : file.statements.size();
    }
    out.direct = insert_block(file, direct_at, k_require);
  }
  out.indirect =
      indirect_at ? make_block(file.statements[*indirect_at]) : insert_block(file, direct_at + 1, k_require);
  return out;
}

// Takes lines out of the tree, in its order; a statement that is emptied by it goes.
std::vector<std::unique_ptr<Line>> take_lines(FileSyntax& file, const LineSet& lines) {
  std::vector<std::unique_ptr<Line>> out;
  const auto take = [&](std::unique_ptr<Line>& line) {
    if (lines.contains(line.get())) out.push_back(std::move(line));
  };
  for (auto& statement : file.statements) {
    if (auto* line = std::get_if<std::unique_ptr<Line>>(&statement)) {
      take(*line);
    } else if (auto* block = as_block(statement)) {
      for (auto& each : block->lines) take(each);
      std::erase(block->lines, nullptr);
    }
  }
  std::erase_if(file.statements, [](const Statement& statement) {
    const auto* line = std::get_if<std::unique_ptr<Line>>(&statement);
    return line != nullptr && *line == nullptr;
  });
  return out;
}

void move_lines(ModFile& file, const LineSet& lines, const Targets& targets) {
  for (auto& line : take_lines(file.syntax, lines)) {
    if (!line->in_block) line->tokens.erase(line->tokens.begin());
    line->in_block = true;
    auto& block = is_indirect(*line) ? *targets.indirect : *targets.direct;
    block.lines.push_back(std::move(line));
  }
}

// The comments above all require blocks, for the blocks that their lines will move to; "//" parts those of
// two blocks. The blocks lose them.
struct Headings {
  std::vector<Comment> direct;
  std::vector<Comment> indirect;
};

Headings take_headings(ModFile& file, std::span<const Requirement> wanted) {
  const auto want = by_path(wanted);
  LineSet direct;
  for (const auto& require : file.require) {
    const auto at = want.find(require.mod.path);
    if (at != want.end() && !at->second->indirect) direct.insert(require.line);
  }
  Headings out;
  for (auto& statement : file.syntax.statements) {
    auto* block = as_block(statement);
    if (block == nullptr || block->tokens[0] != k_require) continue;
    const bool heads_direct =
        block->lines.empty() || std::any_of(block->lines.begin(), block->lines.end(),
                                            [&](const auto& line) { return direct.contains(line.get()); });
    auto& to = heads_direct ? out.direct : out.indirect;
    auto& from = block->comments.before;
    if (!to.empty() && !from.empty()) to.push_back({k_slashes, {}});
    to.insert(to.end(), from.begin(), from.end());
    from.clear();
  }
  return out;
}

void set_in_two(ModFile& file, std::span<const Requirement> wanted, bool move_all) {
  const auto found = survey(file.syntax);
  const auto headings = move_all ? take_headings(file, wanted) : Headings();
  const auto targets = make_targets(file.syntax, found);
  targets.direct->comments.before.insert(targets.direct->comments.before.end(), headings.direct.begin(),
                                         headings.direct.end());
  targets.indirect->comments.before.insert(targets.indirect->comments.before.end(), headings.indirect.begin(),
                                           headings.indirect.end());
  const auto missing = update_lines(file, wanted);
  LineSet moving;
  for (const auto& require : file.require) {
    const auto at = found.blocks.find(require.line);
    const auto* wrong = require.indirect ? targets.direct : targets.indirect;
    if (move_all || found.flat || (at != found.blocks.end() && at->second == wrong))
      moving.insert(require.line);
  }
  move_lines(file, moving, targets);
  for (const auto* wish : missing)
    append_new(file, wish->indirect ? *targets.indirect : *targets.direct, *wish);
}
}  // namespace

void add_new_require(ModFile& file, const Module& mod, bool indirect) {
  auto* line = add_line(file.syntax, nullptr, {std::string(k_require), auto_quote(mod.path), mod.version});
  file.require.push_back({mod, indirect, line});
  if (indirect) mark_indirect(file.syntax, *line);
}

void add_require(ModFile& file, const Module& mod) {
  auto& all = file.require;
  const auto first =
      std::find_if(all.begin(), all.end(), [&](const Require& r) { return r.mod.path == mod.path; });
  if (first == all.end()) return add_new_require(file, mod, false);
  first->mod.version = mod.version;
  const auto* kept = first->line;
  set_tokens(file.syntax, *first->line, {std::string(k_require), auto_quote(mod.path), mod.version});
  drop_if(all, [&](const Require& r) { return r.mod.path == mod.path && r.line != kept; });
}

void drop_require(ModFile& file, std::string_view path) {
  drop_if(file.require, [&](const Require& r) { return r.mod.path == path; });
}

RequireLayout require_layout(std::string_view go_line, std::string_view local) {
  const auto go = go_line.empty() ? std::string_view("1.16") : go_line;
  const auto since = [](std::string_view version, std::string_view first) {
    return goversion::compare(version, first) >= 0;
  };
  if (!since(go, "1.17")) return RequireLayout::mixed;
  const bool two = since(go, "1.27") && since(local, "1.27");
  return two ? RequireLayout::at_most_two : RequireLayout::separate;
}

void set_requirements(ModFile& file, std::span<const Requirement> wanted, RequireLayout layout) {
  if (layout == RequireLayout::mixed) {
    set_mixed(file, wanted);
  } else {
    set_in_two(file, wanted, layout == RequireLayout::at_most_two);
  }
  sort_blocks(file);
}

}  // namespace larder::gomod

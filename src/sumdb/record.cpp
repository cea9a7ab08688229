// SPDX-License-Identifier: Apache-2.0
#include "sumdb/record.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/escape.hpp"

namespace larder::sumdb {

namespace {

constexpr std::string_view k_tree_prefix = "go.sum database tree\n";

Failure malformed_tree() {
  return fail(Kind::invalid, "malformed tree note");
}
Failure malformed_record() {
  return fail(Kind::invalid, "malformed record data");
}

}  // namespace

Result<TreeHead> parse_tree_head(std::string_view text) {
  if (!text.starts_with(k_tree_prefix) || text.size() > k_max_tree_text) return malformed_tree();
  const auto size = cut(text.substr(k_tree_prefix.size()), "\n");
  const auto root = size ? cut(size->second, "\n") : std::nullopt;
  if (!root) return malformed_tree();
  const auto number = parse_uint(size->first, k_max_tree_size);
  const auto digest = Digest::from_base64(root->first);
  if (!number || fmt::to_string(*number) != size->first || !digest) return malformed_tree();
  return TreeHead{*number, *digest};
}

std::string tree_head_text(const TreeHead& tree) {
  return fmt::format("{}{}\n{}\n", k_tree_prefix, tree.size, tree.root.base64());
}

bool valid_record(std::string_view text) {
  char last = '\n';  // no empty line at the beginning either: it would end the record in a data tile
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
    if (c == '\n' && last == '\n') return false;
    last = c;
  }
  return text.ends_with('\n') && valid_utf8(text);
}

Result<Lookup> parse_lookup(std::string_view answer) {
  const auto id = cut(answer, "\n");
  const auto number = id ? parse_uint(id->first, k_max_tree_size) : std::nullopt;
  const auto end = id ? id->second.find("\n\n") : answer.npos;
  if (!number || end == answer.npos) return malformed_record();
  const Lookup out{*number, id->second.substr(0, end + 1), id->second.substr(end + 2)};
  if (!valid_record(out.record)) return malformed_record();
  return out;
}

Result<std::vector<std::string_view>> parse_data_tile(std::string_view text, std::size_t count) {
  std::vector<std::string_view> out;
  while (!text.empty() && out.size() < count) {
    const auto end = text.find("\n\n");
    if (end == text.npos || !valid_record(text.substr(0, end + 1))) break;
    out.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 2);
  }
  if (!text.empty() || out.size() != count) return fail(Kind::invalid, "malformed data tile");
  return out;
}

std::vector<std::string_view> record_hashes(std::string_view record, std::string_view path,
                                            std::string_view version) {
  const std::string prefix = fmt::format("{} {} ", path, version);
  std::vector<std::string_view> out;
  for (const auto line : lines(record)) {
    if (line.starts_with(prefix)) out.push_back(line.substr(prefix.size()));
  }
  return out;
}

std::optional<gomod::Module> module_of_record(std::string_view record) {
  const auto fields = split(record.substr(0, record.find('\n')), ' ');
  if (fields.size() != 3) return std::nullopt;
  constexpr std::string_view k_of_go_mod = "/go.mod";
  auto version = fields[1];
  if (version.ends_with(k_of_go_mod)) version.remove_suffix(k_of_go_mod.size());
  return gomod::Module{std::string(fields[0]), std::string(version)};
}

bool is_record_of(std::string_view record, const gomod::Module& module) {
  return !record_hashes(record, module.path, module.version).empty() ||
         !record_hashes(record, module.path, module.version + "/go.mod").empty();
}

Result<std::string> lookup_file(const gomod::Module& module) {
  const auto path = TRY(gomod::escape_path(module.path));
  return fmt::format("lookup/{}@{}", path, TRY(gomod::escape_version(module.version)));
}

}  // namespace larder::sumdb

// SPDX-License-Identifier: Apache-2.0
#include "bundle/sumdb_member.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "sumdb/merkle.hpp"
#include "sumdb/record.hpp"
#include "sumstore/layout.hpp"

namespace larder::bundle {

namespace {

constexpr std::string_view k_sumdb_header = "larder-sumdb 1\n";
constexpr unsigned k_height = 8;
constexpr std::uint64_t k_max_record = 2U << 20U;  // a record, a signed head: as the client takes them
constexpr std::size_t k_max_line = 4096;

Failure bad_member(std::string_view what) {
  return fail(Kind::invalid, fmt::format("checksum database: {}", what));
}

// "PATH VERSION …" or "PATH VERSION/go.mod …", as the first line has it.
std::optional<gomod::Module> module_of(std::string_view record) {
  const auto words = split(record.substr(0, record.find('\n')), ' ');
  if (words.size() != 3) return std::nullopt;
  std::string_view version = words[1];
  if (constexpr std::string_view suffix = "/go.mod"; version.ends_with(suffix)) {
    version.remove_suffix(suffix.size());
  }
  gomod::Module module{std::string(words[0]), std::string(version)};
  if (!gomod::check_canonical(module)) return std::nullopt;
  return module;
}

class SumDbParser {
 public:
  explicit SumDbParser(std::string_view rest) : rest_(rest) {}

  Result<SumDbPart> run() {
    if (rest_.size() > k_max_sumdb) return bad_member("too large");
    if (!rest_.starts_with(k_sumdb_header)) return bad_member("not of format 1");
    rest_.remove_prefix(k_sumdb_header.size());
    TRY(take_head());
    while (!rest_.empty()) TRY(take_next());
    return std::move(out_);
  }

 private:
  Result<std::vector<std::string_view>> line() {
    const auto end = rest_.substr(0, k_max_line).find('\n');
    if (end == rest_.npos) return bad_member("a line is cut or too long");
    auto words = split(rest_.substr(0, end), ' ');
    rest_.remove_prefix(end + 1);
    return words;
  }
  Result<std::string> take(std::uint64_t size) {
    if (size > rest_.size()) return bad_member("cut");
    std::string out(rest_.substr(0, static_cast<std::size_t>(size)));
    rest_.remove_prefix(out.size());
    return out;
  }

  Result<void> take_head() {
    const auto words = TRY(line());
    const auto size =
        words.size() == 3 && words[0] == "head" ? parse_canonical_uint(words[2], k_max_record) : std::nullopt;
    if (!size || !sumstore::valid_name(words[1])) return bad_member("bad head");
    out_.name = words[1];
    out_.note = TRY(take(*size));
    return {};
  }

  Result<void> take_next() {
    const auto words = TRY(line());
    if (words.size() == 3 && words[0] == "record") return take_record(words[1], words[2]);
    if (words.size() == 2 && words[0] == "tile") return take_tile(words[1]);
    return bad_member("neither a record nor a tile");
  }

  Result<void> take_record(std::string_view id_text, std::string_view size_text) {
    const auto id = parse_canonical_uint(id_text, sumdb::k_max_tree_size - 1);
    const auto size = parse_canonical_uint(size_text, k_max_record);
    if (!id || !size || !out_.tiles.empty()) return bad_member("bad record");
    auto text = TRY(take(*size));
    auto module = sumdb::valid_record(text) ? module_of(text) : std::nullopt;
    if (!module) return bad_member("a record that names no module");
    if (!out_.records.empty() && !(out_.records.back().module < *module)) {
      return bad_member(fmt::format("{} is not in its place", module->str()));
    }
    out_.records.push_back({*std::move(module), *id, std::move(text)});
    return {};
  }

  Result<void> take_tile(std::string_view path) {
    const auto tile = TRY(sumdb::parse_tile_path(path));
    if (tile.height != k_height || tile.data) return bad_member("not a tile that proves anything");
    if (!out_.tiles.empty() && !(out_.tiles.back().tile < tile))
      return bad_member("a tile is not in its place");
    auto bytes = TRY(take(tile.bytes()));
    out_.tiles.push_back({tile, std::move(bytes)});
    return {};
  }

  std::string_view rest_;
  SumDbPart out_;
};

}  // namespace

std::string print_sumdb(SumDbPart part) {
  std::ranges::sort(part.records, {}, &SumDbRecord::module);
  std::ranges::sort(part.tiles, {}, &SumDbTile::tile);
  std::string out(k_sumdb_header);
  fmt::format_to(std::back_inserter(out), "head {} {}\n{}", part.name, part.note.size(), part.note);
  for (const auto& record : part.records) {
    fmt::format_to(std::back_inserter(out), "record {} {}\n{}", record.id, record.text.size(), record.text);
  }
  for (const auto& [tile, bytes] : part.tiles) out += fmt::format("tile {}\n", tile.path()) + bytes;
  return out;
}

Result<SumDbPart> parse_sumdb(std::string_view bytes) {
  return SumDbParser(bytes).run();
}

}  // namespace larder::bundle

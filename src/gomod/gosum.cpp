// SPDX-License-Identifier: Apache-2.0
#include "gomod/gosum.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
constexpr std::string_view k_go_mod_suffix = "/go.mod";
// hash_go_mod(""): recorded by an old bug, right for no module.
constexpr std::string_view k_empty_go_mod = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";

Module key(const Module& m, GoSum::Of of) {
  Module out = m;
  if (of == GoSum::Of::go_mod) out.version += k_go_mod_suffix;
  return out;
}

struct LineFields {
  std::array<std::string_view, 3> first;  // empty where there are fewer
  std::size_t count = 0;
};

// Splits at white space, Unicode's included.
LineFields fields_of(std::string_view line) {
  LineFields out;
  bool inside = false;
  std::size_t start = 0;
  const auto close = [&](std::size_t end) {
    if (!inside) return;
    if (out.count < out.first.size()) out.first.at(out.count) = line.substr(start, end - start);
    ++out.count;
    inside = false;
  };
  for (std::size_t i = 0; i < line.size();) {
    const auto c = static_cast<unsigned char>(line[i]);
    const auto rune = c < 0x80 ? Rune{c, 1} : decode_rune(line, i);
    const bool space = c > ' ' && c < 0x80 ? false : is_space(rune.value);
    if (space) {
      close(i);
    } else if (!inside) {
      inside = true;
      start = i;
    }
    i += rune.size;
  }
  close(line.size());
  return out;
}

// Keeps the first of each, in order; not quadratic, for a hostile file may give one key all its lines.
void drop_duplicates(std::vector<std::string>& hashes) {
  if (hashes.size() < 2) return;
  std::unordered_set<std::string> seen;
  std::erase_if(hashes, [&](const std::string& hash) { return !seen.insert(hash).second; });
}
}  // namespace

Result<GoSum> GoSum::read(std::string_view file, std::string_view text, bool strict) {
  GoSum out;
  out.hashes_.reserve(text.size() / 80);  // bytes that a line often has
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto [field, count] = fields_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (count != 3 && count != 0 && strict)
      return fail(Kind::invalid,
                  fmt::format("malformed go.sum:\n{}:{}: wrong number of fields {}", file, number, count));
    if (count != 3 || field[2] == k_empty_go_mod) continue;
    out.hashes_[{std::string(field[0]), std::string(field[1])}].emplace_back(field[2]);
  }
  for (auto& entry : out.hashes_) drop_duplicates(entry.second);
  return out;
}

Result<GoSum> GoSum::parse(std::string_view file, std::string_view text) {
  return read(file, text, true);
}

GoSum GoSum::parse_lenient(std::string_view text) {
  return *read("go.sum", text, false);
}

std::span<const std::string> GoSum::lookup(const Module& m, Of of) const {
  const auto at = of == Of::zip ? hashes_.find(m) : hashes_.find(key(m, of));
  if (at == hashes_.end()) return {};
  return at->second;
}

bool GoSum::has(const Module& m, Of of) const {
  const auto known = lookup(m, of);
  return std::any_of(known.begin(), known.end(), [](const auto& hash) { return hash.starts_with("h1:"); });
}

bool GoSum::has(const Module& m, Of of, std::string_view hash) const {
  const auto known = lookup(m, of);
  return std::find(known.begin(), known.end(), hash) != known.end();
}

bool GoSum::add(const Module& m, Of of, std::string_view hash) {
  auto& hashes = hashes_[key(m, of)];
  if (std::find(hashes.begin(), hashes.end(), hash) != hashes.end()) return false;
  hashes.emplace_back(hash);
  return true;
}

void GoSum::remove(const Module& m, Of of) {
  hashes_.erase(key(m, of));
}

void GoSum::merge(const GoSum& other) {
  for (const auto& [k, hashes] : other.hashes_) {
    auto& mine = hashes_[k];
    mine.insert(mine.end(), hashes.begin(), hashes.end());
    drop_duplicates(mine);
  }
}

void GoSum::merge(GoSum&& other) {
  if (!empty()) return merge(other);
  hashes_ = std::move(other.hashes_);
}

std::vector<const GoSum::Map::value_type*> GoSum::sorted() const {
  std::vector<const Map::value_type*> out;
  out.reserve(hashes_.size());
  for (const auto& entry : hashes_) out.push_back(&entry);
  std::sort(out.begin(), out.end(), [](auto* a, auto* b) { return module_less(a->first, b->first); });
  return out;
}

std::vector<GoSum::Entry> GoSum::entries() const {
  std::vector<Entry> out;
  for (const auto* entry : sorted()) {
    Entry e{entry->first, Of::zip, entry->second};
    if (e.module.version.ends_with(k_go_mod_suffix)) {
      e.of = Of::go_mod;
      e.module.version.resize(e.module.version.size() - k_go_mod_suffix.size());
    }
    if (e.module.version.find('/') != std::string::npos) continue;
    std::sort(e.hashes.begin(), e.hashes.end());
    out.push_back(std::move(e));
  }
  return out;
}

std::string GoSum::str() const {
  std::string out;
  for (const auto* entry : sorted()) {
    auto hashes = entry->second;
    std::sort(hashes.begin(), hashes.end());
    for (const auto& hash : hashes) {
      out.append(entry->first.path).append(" ").append(entry->first.version).append(" ");
      out.append(hash).append("\n");
    }
  }
  return out;
}

}  // namespace larder::gomod

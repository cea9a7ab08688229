// SPDX-License-Identifier: Apache-2.0
#include "sumdb/test_log.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/ed25519.hpp"
#include "sumdb/record.hpp"

namespace larder::sumdb {

namespace {

Digest hash(const std::string& text) {
  return sha256(text);
}
std::string raw(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

}  // namespace

TestLog::TestLog(const std::string& name, char seed)
    : seed_(32, seed), key_(*VerifierKey::make(name, *ed25519_public_key(seed_))) {}

std::uint64_t TestLog::add(const std::string& record) {
  records_.push_back(record);
  return records_.size() - 1;
}

std::string TestLog::record_of(const std::string& path, const std::string& version, const std::string& tag) {
  return fmt::format("{0} {1} h1:{2}\n{0} {1}/go.mod h1:{2}-mod\n", path, version,
                     hash(path + version + tag).base64());
}

std::uint64_t TestLog::add_module(const std::string& path, const std::string& version,
                                  const std::string& tag) {
  return add(record_of(path, version, tag));
}

void TestLog::fill(std::uint64_t size) {
  while (records_.size() < size) add_module(fmt::format("example.com/{}", records_.size()), "v1.0.0");
}

void TestLog::replace(std::uint64_t id, const std::string& record) {
  records_.at(id) = record;
  roots_.clear();
}

Digest TestLog::root(std::uint64_t low, std::uint64_t high) const {
  if (low == high) return hash("");
  if (high - low == 1) return hash(std::string("\0", 1) + records_.at(low));
  const auto it = roots_.find({low, high});
  if (it != roots_.end()) return it->second;
  const auto middle = low + std::bit_floor(high - low - 1);
  const auto out = hash("\x01" + raw(root(low, middle)) + raw(root(middle, high)));
  return roots_[{low, high}] = out;
}

Digest TestLog::node(const Node& node) const {
  return root(node.number << node.level, (node.number + 1) << node.level);
}

std::optional<std::string> TestLog::tile(const Tile& tile) const {
  std::string out;
  const unsigned level = tile.level * tile.height;
  if (level >= 63 || tile.first() + tile.width > size() >> level) return std::nullopt;
  for (unsigned i = 0; i < tile.width; ++i) out += raw(node({level, tile.first() + i}));
  return out;
}

std::string TestLog::sign(const std::string& text) const {
  return *sign_note(text, key_, seed_);
}
std::string TestLog::note(std::uint64_t size, const std::string& extra) const {
  return sign(tree_head_text(head(size)) + extra);
}
std::string TestLog::lookup(std::uint64_t id, std::uint64_t tree_size) const {
  return fmt::format("{}\n{}\n{}", id, records_.at(id), note(tree_size));
}

std::vector<Result<std::string>> TestServer::read(const std::vector<std::string>& paths,
                                                  std::uint64_t /*limit*/, std::stop_token /*stop*/) {
  ++rounds;
  std::vector<Result<std::string>> out;
  for (const auto& path : paths) {
    asked.push_back(path);
    auto special = answer ? answer(path) : std::nullopt;
    out.push_back(special ? *std::move(special) : one(path));
  }
  return out;
}

Result<std::string> TestServer::one(const std::string& path) const {
  const auto missing = [&] { return fail(Kind::not_found, "reading " + path + ": 404 Not Found"); };
  if (const auto tile = parse_tile_path(path.substr(1))) {
    auto bytes = log_->tile(*tile);
    if (!bytes) return missing();
    return *std::move(bytes);
  }
  const auto it = lookups.find(path);
  if (it == lookups.end()) return missing();
  return log_->lookup(it->second, tree_size.value_or(log_->size()));
}

unsigned TestServer::count(const std::string& prefix) const {
  return static_cast<unsigned>(
      std::ranges::count_if(asked, [&](const auto& path) { return path.starts_with(prefix); }));
}

Result<bool> TestState::replace_latest(std::string_view seen, std::string_view next) {
  if (is_read_only) return fail(Kind::io, "read-only");
  if (before_replace) std::exchange(before_replace, nullptr)();
  if (!latest_text.empty() && latest_text != seen) return false;
  latest_text = next;
  return true;
}

std::optional<std::string> TestState::cached(const std::string& file) {
  const auto it = files.find(file);
  return it == files.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace larder::sumdb

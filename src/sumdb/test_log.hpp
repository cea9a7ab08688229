// SPDX-License-Identifier: Apache-2.0
// For tests: a checksum database written straight from RFC 6962, and ports over it in memory.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sumdb/note.hpp"
#include "sumdb/ports.hpp"
#include "sumdb/tile.hpp"

namespace larder::sumdb {

class TestLog {
 public:
  explicit TestLog(const std::string& name = "sumdb.test", char seed = 's');

  // The number of the record.
  std::uint64_t add(const std::string& record);
  // A record as the real database has it, with both hashes.
  std::uint64_t add_module(const std::string& path, const std::string& version, const std::string& tag = "x");
  static std::string record_of(const std::string& path, const std::string& version, const std::string& tag);
  void fill(std::uint64_t size);  // with modules example.com/N v1.0.0 until there are so many
  void replace(std::uint64_t id, const std::string& record);

  std::uint64_t size() const { return records_.size(); }
  Digest root(std::uint64_t low, std::uint64_t high) const;  // by the definition, recursively
  Digest root(std::uint64_t size) const { return root(0, size); }
  TreeHead head(std::uint64_t size) const { return {size, root(size)}; }
  Digest node(const Node& node) const;
  // The tile's bytes; nullopt where the log has not so many hashes.
  std::optional<std::string> tile(const Tile& tile) const;
  std::string note(std::uint64_t size, const std::string& extra = "") const;
  std::string sign(const std::string& text) const;
  std::string lookup(std::uint64_t id, std::uint64_t tree_size) const;
  const VerifierKey& key() const { return key_; }
  const std::string& record(std::uint64_t id) const { return records_.at(id); }

 private:
  std::string seed_;
  VerifierKey key_;
  std::vector<std::string> records_;
  mutable std::map<std::pair<std::uint64_t, std::uint64_t>, Digest> roots_;
};

// Serves a log at its present size; `answer` may say something else about a path.
class TestServer final : public Transport {
 public:
  explicit TestServer(const TestLog& log) : log_(&log) {}
  std::vector<Result<std::string>> read(const std::vector<std::string>& paths, std::uint64_t limit,
                                        std::stop_token stop) override;
  void serve(const TestLog& log) { log_ = &log; }
  unsigned count(const std::string& prefix) const;

  std::function<std::optional<Result<std::string>>(const std::string& path)> answer;
  std::vector<std::string> asked;
  unsigned rounds = 0;                           // calls of read
  std::map<std::string, std::uint64_t> lookups;  // "/lookup/…": record number
  std::optional<std::uint64_t> tree_size;        // of the signed heads; the log's size without

 private:
  Result<std::string> one(const std::string& path) const;
  const TestLog* log_;
};

class TestState final : public State {
 public:
  Result<std::string> latest() override { return latest_text; }
  Result<bool> replace_latest(std::string_view seen, std::string_view next) override;
  std::optional<std::string> cached(const std::string& file) override;
  void cache(const std::string& file, std::string_view data) override { files[file] = data; }

  std::string latest_text;
  std::map<std::string, std::string> files;
  std::function<void()> before_replace;
  bool is_read_only = false;
};

}  // namespace larder::sumdb

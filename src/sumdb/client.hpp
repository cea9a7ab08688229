// SPDX-License-Identifier: Apache-2.0
// The client of a checksum database: what it says of a module, proven to be in the log, and the log proven to
// be the one that was seen before. All decisions are here; bytes come and go through ports.hpp.
//
// Invariants: a record is handed out or cached only after its hash was found in the newest tree that is
// known; a tree is adopted only when it begins with the one known before; every tree note seen is checked to
// lie on the same line. A database that shows two histories is reported once, with the proof, and nothing it
// said is accepted afterwards. Cached lookups and tiles are proven like fetched ones; damaged ones are
// fetched again, where go fails until they are removed. Thread rule: any number of threads at once. Spec:
// go-modules.md 6.5.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "sumdb/note.hpp"
#include "sumdb/ports.hpp"
#include "sumdb/record.hpp"
#include "sumdb/tile_loader.hpp"

namespace larder::sumdb {

// A record that was found in the log.
struct Proven {
  std::uint64_t id = 0;
  std::string record;
};

// All that proves some records under one signed head, to whoever has the key: see Client::evidence.
struct Evidence {
  TreeHead tree;
  std::string note;  // signed; empty with an empty tree
  std::vector<std::pair<Tile, TileBytes>> tiles;
};

class Client {
 public:
  // tile_height: as the database has it; 8 is what go expects. The ports must outlive the client.
  Client(VerifierKey key, Transport& transport, State& state, unsigned tile_height = 8);

  // The record of a module version: lines of go.sum, those of its go.mod included. It may hold none for this
  // version: see record_hashes. Errors with go's texts, without the module's name: Kind::invalid or
  // unverified for answers that make no sense or cannot be proven, else what the ports said.
  Result<std::string> lookup(const gomod::Module& module, std::stop_token stop);

  // The same, with the record's number.
  Result<Proven> find(const gomod::Module& module, std::stop_token stop);

  // The same for many, in the same order: all that is to be read for them is asked for in two rounds, and not
  // in as many as there are modules.
  std::vector<Result<Proven>> find_all(std::span<const gomod::Module> modules, const std::stop_token& stop);

  // Proves that this head and the newest known lie on one line; the newer is the newest from now on.
  Result<void> see(std::string_view note, std::stop_token stop);

  // The tiles of the newest head that a client needs for these records, for seeing that the head begins with
  // the trees of these sizes, and for these nodes. Kind::invalid where one of them is beyond the head.
  Result<Evidence> evidence(std::span<const std::uint64_t> ids, std::span<const std::uint64_t> older,
                            std::stop_token stop, std::span<const Node> others = {});

  // Hashes of the newest head's tree, proven, in the order of the nodes. Kind::invalid where a node is not in
  // the tree.
  Result<std::vector<Digest>> prove(std::span<const Node> nodes, const std::stop_token& stop);

  const VerifierKey& key() const { return key_; }

  // The database was caught. The first error said so at length; all later ones name it.
  bool forked() const;

 private:
  struct Head;
  // One lookup: whoever comes second waits for the first. Failures are not kept.
  struct Slot {
    std::optional<Proven> record;
    bool is_claimed = false;
  };
  using HeadPtr = std::shared_ptr<Head>;
  enum class When { past, now, future };

  Result<void> start(const std::stop_token& stop);
  struct Question;
  Result<std::optional<Proven>> claim(const std::string& file, const std::stop_token& stop);
  bool try_claim(const std::string& file);
  void settle(const std::string& file, const Proven* found);
  std::vector<Question> questions(std::span<const gomod::Module> modules);
  void answer(std::span<Question> questions, std::span<const gomod::Module> modules,
              const std::stop_token& stop);
  Result<Proven> look_up(const gomod::Module& module, const std::string& file, const std::stop_token& stop);
  std::vector<Result<std::string>> read_lookups(std::span<const Question> questions,
                                                const std::stop_token& stop);
  std::vector<Result<Lookup>> placed(std::span<const Result<std::string>> answers,
                                     const std::stop_token& stop);
  std::vector<Result<Proven>> proven(std::span<const Result<std::string>> answers,
                                     const std::stop_token& stop);
  Result<Proven> proven_in(Head& head, const Lookup& lookup, const std::stop_token& stop);
  Result<Proven> proven_record(std::string_view answer, const std::stop_token& stop);
  Result<void> merge(std::string_view note, const std::stop_token& stop);
  Result<void> write_back(const std::stop_token& stop);
  Result<When> merge_in_memory(std::string_view note, const std::stop_token& stop);
  std::optional<When> seen_before(const Digest& note) const;
  Result<When> place(const HeadPtr& head, const std::stop_token& stop);
  Result<bool> adopt(const HeadPtr& head, const HeadPtr& latest, const std::stop_token& stop);
  Result<void> check_extends(const Head& older, Head& newer, const std::stop_token& stop);
  Result<std::vector<Digest>> hashes(Head& head, std::span<const Node> nodes, const std::stop_token& stop);
  void save_proven(Head& head);
  Failure report_fork(const Head& older, Head& newer, const Digest& found, const std::stop_token& stop);
  HeadPtr latest() const;
  Error fork_notice() const;
  Result<void> not_forked() const;

  const VerifierKey key_;
  State& state_;
  Transport& transport_;
  const unsigned tile_height_;
  TileLoader tiles_;

  std::mutex advance_mutex_;  // held while a newer tree is proven: one at a time
  std::mutex start_mutex_;
  bool started_ = false;  // under start_mutex_

  std::atomic<bool> is_ahead_ = false;  // what is remembered could not be written

  mutable std::mutex mutex_;  // for all below
  HeadPtr latest_;
  std::set<std::pair<std::uint64_t, Digest>> on_our_line_;  // tree heads that were checked
  std::map<Digest, std::uint64_t> notes_;  // SHA-256 of notes that were placed, size of their trees
  std::map<std::string, Slot> records_;    // by file; none ever goes
  std::condition_variable_any settled_;    // one of them
  bool forked_ = false;
};

}  // namespace larder::sumdb

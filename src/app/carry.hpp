// SPDX-License-Identifier: Apache-2.0
// What `larder stock` brings of the checksum database: the record of each stocked module and the proof of it,
// so that the database stays on where the store goes. Modules that GONOSUMDB or GOPRIVATE exempt are never
// asked for. A go.sum line does not spare the question: inside, another project has no such line.
//
// Invariant: only what was proven, and says of a module what the store holds, is kept. Thread rule: ask() and
// holds() from any thread at once; finish() after them. Spec: go-modules.md 6.5, 6.8.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "fetch/checksum_database.hpp"
#include "fetch/download.hpp"
#include "fetch/settings.hpp"
#include "store/store.hpp"
#include "sumstore/carried.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

struct LeftOut {
  gomod::Module module;
  Error why;
};

struct CarryReport {
  std::string name;               // of the database; empty: GOSUMDB=off, or it makes no sense
  std::uint64_t carried = 0;      // modules whose record the store has, proven
  std::uint64_t added = 0;        // so many of them are new
  std::vector<LeftOut> left_out;  // held, but not in the carried database; in module order
  std::vector<Error> failures;    // the database contradicts what is held, or itself
};

class Carrier {
 public:
  // All must outlive it.
  Carrier(store::Store& store, const fetch::ChecksumDatabase& database, fetch::Settings settings);

  // What will have to be asked. ask() asks it, many side by side, until nothing is left; each question once,
  // however many are in ask() at the same time.
  void expect(const std::vector<gomod::Module>& modules);
  void ask(const std::stop_token& stop);
  // The first few of them; false: nothing was left.
  bool ask_some(const std::stop_token& stop);
  // This is what the store holds of it.
  void holds(const fetch::Downloaded& got);
  // Compares, and writes what is new.
  CarryReport finish(const std::stop_token& stop);

 private:
  struct Answer {
    Result<sumdb::Proven> record;
    bool is_new = false;
  };
  struct Hashes {
    std::optional<gomod::H1> mod;
    std::optional<gomod::H1> zip;
  };
  std::vector<gomod::Module> next_questions();
  void answer(std::vector<gomod::Module> modules, const std::stop_token& stop);
  Result<void> compare(const gomod::Module& module, const Hashes& hashes, const std::string& record) const;
  bool is_complete(const std::stop_token& stop);
  void write_new(CarryReport& report, const std::map<gomod::Module, sumdb::Proven>& records,
                 const std::stop_token& stop) const;

  store::Store& store_;
  sumdb::Client* client_;
  fetch::Settings settings_;
  std::optional<sumstore::Carried> carried_;  // none: there is no database
  std::atomic<bool> is_present_ = true;       // the store may have an answer
  sys::Sync<std::deque<gomod::Module>> questions_;
  sys::Sync<std::map<gomod::Module, Answer>> answers_;
  sys::Sync<std::map<gomod::Module, Hashes>> held_;
  sys::Sync<std::optional<Error>> down_;  // the database cannot be asked: nobody tries again
};

}  // namespace larder::app

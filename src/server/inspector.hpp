// SPDX-License-Identifier: Apache-2.0
// Reads objects of the store and compares them with their hashes (store/truth.hpp), or with the
// signed head of their checksum database, away from the threads
// that answer requests: what was proven before is never delayed by what is being proven. One proof for all
// who ask for the same object at the same time. Small files have a thread of their own, so that a large zip
// does not hold them up. While a zip is read, its pages of the page cache count as resident memory of the
// process, up to its size; of its own a thread takes the largest file in the zip.
//
// Invariant: whoever asked is told exactly once, also when the inspector ends. Thread rule: ask() from any
// thread; `done` is called from the inspector's threads, or from the caller's when the inspector has ended.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gomod/module.hpp"
#include "server/proofs.hpp"
#include "store/go_modules.hpp"
#include "sumstore/examiner.hpp"
#include "sumstore/layout.hpp"
#include "sys/parallel.hpp"

namespace larder::server {

class Inspector {
 public:
  // Both outlive the inspector. Threads are started by the first ask(). key_of: of checksum databases.
  Inspector(store::Store& store, Proofs& proofs, sumstore::Examiner::KeyOf key_of = nullptr)
      : store_(store), proofs_(proofs), key_of_(std::move(key_of)), examiner_(store, key_of_) {}
  ~Inspector() { stop(); }
  Inspector(const Inspector&) = delete;
  Inspector& operator=(const Inspector&) = delete;

  struct Object {
    std::string key;  // store::module_key(module, part), or database->key
    gomod::Module module;
    store::Part part = store::Part::zip;
    std::optional<sumstore::Request> database;  // in place of a file of a module
    bool is_large() const { return !database && part == store::Part::zip; }
  };
  using Done = std::function<void()>;
  // Calls `done` when there is a verdict, or none can be had.
  void ask(const Object& object, Done done);
  // Ends what is being read; everybody who waits is told.
  void stop();

 private:
  struct State {
    std::deque<Object> small;
    std::deque<Object> large;
    std::map<std::string, std::vector<Done>> waiting;  // by key; also of those being read
    std::vector<std::jthread> threads;
    bool stopped = false;
  };
  enum class Lane { small, any };

  void start_threads(State& state);
  void work(const std::stop_token& stop, Lane lane);
  std::optional<Object> next(const std::stop_token& stop, Lane lane);
  void inspect(const Object& object, const std::stop_token& stop);
  Result<void> check(const Object& object, const std::stop_token& stop);
  void tell(const std::string& key);

  store::Store& store_;
  Proofs& proofs_;
  sumstore::Examiner::KeyOf key_of_;
  sumstore::Examiner examiner_;
  sys::Sync<State> state_;
  std::condition_variable_any more_;
};

}  // namespace larder::server

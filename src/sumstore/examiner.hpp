// SPDX-License-Identifier: Apache-2.0
// For a server: may this file of a carried database be given out? The tree that is proven meanwhile is kept
// as long as the head is the same. Thread rule: any number of threads at once; one database is looked at by
// one of them at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "store/store.hpp"
#include "sumdb/note.hpp"
#include "sumstore/layout.hpp"

namespace larder::sumstore {

class Examiner {
 public:
  using KeyOf = std::function<std::optional<sumdb::VerifierKey>(const std::string& name)>;
  // key_of: nullopt, or no function, where a key is not known: signatures are not looked at then.
  Examiner(store::Store& store, KeyOf key_of);
  ~Examiner();
  Examiner(const Examiner&) = delete;
  Examiner& operator=(const Examiner&) = delete;

  // Kind::unverified, with the reason, for what contradicts the signed head. What lacks the tiles to be
  // proven is no error: a client cannot be deceived by it.
  Result<void> check(const Request& request);

 private:
  struct Database;
  Result<std::shared_ptr<Database>> database(const std::string& name);
  std::optional<sumdb::VerifierKey> key(const std::string& name) const;
  Result<void> check_latest(const Request& request) const;

  store::Store& store_;
  KeyOf key_of_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Database>> databases_;  // under mutex_
};

}  // namespace larder::sumstore

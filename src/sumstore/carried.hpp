// SPDX-License-Identifier: Apache-2.0
// The checksum database as a store carries it, read without a socket. Nothing in the store is believed:
// records are proven under the head, and the head has the database's signature.
// Thread rule: any number of threads at once. Spec: go-modules.md 6.5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"
#include "sumdb/client.hpp"
#include "sumdb/ports.hpp"

namespace larder::sumstore {

// The objects of one database in a store; anything that another source has stands behind it.
class StoreTransport final : public sumdb::Transport {
 public:
  StoreTransport(store::Store& store, std::string_view name);
  std::vector<Result<std::string>> read(const std::vector<std::string>& paths, std::uint64_t limit,
                                        std::stop_token stop) override;

 private:
  store::Store& store_;
  std::string prefix_;
};

// Begins at the head that the store remembers (head.hpp) and writes nothing.
class StoreState final : public sumdb::State {
 public:
  StoreState(store::Store& store, const sumdb::VerifierKey& key) : store_(store), key_(key) {}
  Result<std::string> latest() override;
  Result<bool> replace_latest(std::string_view /*seen*/, std::string_view /*next*/) override { return true; }
  std::optional<std::string> cached(const std::string& /*file*/) override { return std::nullopt; }
  void cache(const std::string& /*file*/, std::string_view /*data*/) override {}

 private:
  store::Store& store_;
  sumdb::VerifierKey key_;
};

class Carried {
 public:
  Carried(store::Store& store, const sumdb::VerifierKey& key);
  Carried(const Carried&) = delete;
  Carried& operator=(const Carried&) = delete;

  const std::string& name() const { return name_; }
  Result<bool> present();  // the store has a head of it
  // Kind::not_found: there is no lookup of it. Kind::unverified: there is one that cannot be proven;
  // Kind::unavailable: a tile is not there that would tell.
  Result<sumdb::Proven> find(const gomod::Module& module, std::stop_token stop);
  sumdb::Client& client() { return client_; }

 private:
  store::Store& store_;
  std::string name_;
  StoreTransport transport_;
  StoreState state_;
  sumdb::Client client_;
};

}  // namespace larder::sumstore

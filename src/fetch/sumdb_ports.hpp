// SPDX-License-Identifier: Apache-2.0
// The checksum database's client in the world: where it reads (the database, or a GOPROXY that mirrors it)
// and what it remembers, in the files that go uses too. Thread rule: any number of threads at once.
// Spec: go-modules.md 6.6, 6.7; locks as in 2.2.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "fetch/gosumdb.hpp"
#include "fetch/layout.hpp"
#include "fetch/settings.hpp"
#include "http/client.hpp"
#include "store/store.hpp"
#include "sumdb/ports.hpp"

namespace larder::fetch {

// Where to read is found out at the first read, as go does: the URL of GOSUMDB; else the first proxy of
// GOPROXY that says it mirrors the database; else the database itself. With GOPROXY=off nothing is asked,
// unless the URL is a file: here go would open a socket, and Larder does not.
class DatabaseTransport final : public sumdb::Transport {
 public:
  // settings: goproxy. client must outlive it.
  DatabaseTransport(GoSumDb database, Settings settings, const http::Client& client)
      : database_(std::move(database)), settings_(std::move(settings)), client_(client) {}

  std::vector<Result<std::string>> read(const std::vector<std::string>& paths, std::uint64_t limit,
                                        std::stop_token stop) override;

 private:
  using Base = std::shared_ptr<const fetch::Transport>;
  Result<Base> base(const std::stop_token& stop);
  Result<Base> find_base(const std::stop_token& stop);
  Result<Base> open(const std::string& url);

  const GoSumDb database_;
  const Settings settings_;
  const http::Client& client_;
  std::mutex mutex_;  // for all below
  std::optional<Result<Base>> base_;
};

struct DatabasePaths {
  std::filesystem::path heads;  // <GOPATH>/pkg/sumdb: NAME/latest. Empty: there is no GOPATH
  std::filesystem::path cache;  // <GOMODCACHE>/cache/download/sumdb: NAME/lookup, NAME/tile
  // What it carries is read too, and what is new goes there (sumstore::keep), not into the cache. Outlives
  // all.
  store::Store* store = nullptr;
};

class DatabaseState final : public sumdb::State {
 public:
  DatabaseState(const std::string& name, const DatabasePaths& paths);

  Result<std::string> latest() override;
  Result<bool> replace_latest(std::string_view seen, std::string_view next) override;
  std::optional<std::string> cached(const std::string& file) override;
  void cache(const std::string& file, std::string_view data) override;
  // As cache, but says why it could not.
  Result<void> keep(const std::string& file, std::string_view data) const;

 private:
  void look();

  std::filesystem::path latest_;
  std::filesystem::path cache_;
  store::Store* store_;
  std::string prefix_;  // in the store
  // Whether there was anything when it was first asked: what others put there meanwhile is fetched once more.
  std::once_flag looked_;
  bool has_cache_ = false;
  bool has_store_ = false;
};

}  // namespace larder::fetch

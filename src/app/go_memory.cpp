// SPDX-License-Identifier: Apache-2.0
#include "app/go_memory.hpp"

#include "fetch/checksum_database.hpp"
#include "sumdb/client.hpp"
#include "sumstore/carried.hpp"
#include "sumstore/head.hpp"
#include "sumstore/layout.hpp"

namespace larder::app {

namespace {

// go's, as if nothing had been seen yet; nothing is written.
class Looking final : public sumdb::State {
 public:
  explicit Looking(fetch::DatabaseState& go) : go_(go) {}
  Result<std::string> latest() override { return std::string(); }
  Result<bool> replace_latest(std::string_view /*seen*/, std::string_view /*next*/) override { return true; }
  std::optional<std::string> cached(const std::string& file) override { return go_.cached(file); }
  void cache(const std::string& /*file*/, std::string_view /*data*/) override {}

 private:
  fetch::DatabaseState& go_;
};

// As go begins: its own head is derived from tiles, then the other one is seen.
Result<void> meet(sumdb::Client& client, std::string_view remembered, std::string_view carried,
                  const std::stop_token& stop) {
  TRY(client.see(remembered, stop));
  static_cast<void>(TRY(client.evidence({}, {}, stop)));
  return client.see(carried, stop);
}

}  // namespace

Result<std::vector<MemoryGap>> memory_gaps(store::Store& store, const fetch::Settings& settings,
                                           const fetch::DatabasePaths& go, const std::stop_token& stop) {
  std::vector<MemoryGap> out;
  if (go.heads.empty()) return out;
  for (const auto& name : TRY(sumstore::databases(store))) {
    const auto key = fetch::database_key(settings.gosumdb, name);
    if (!key) continue;
    const auto carried = sumstore::remembered_head(store, name, &*key);
    fetch::DatabaseState state(name, go);
    const auto remembered = state.latest();
    if (!carried || carried->note.empty() || !remembered || remembered->empty()) continue;
    const auto head = sumstore::open_head(*remembered, &*key);
    if (!head || head->size == 0) continue;
    sumstore::StoreTransport transport(store, name);
    Looking looking(state);
    sumdb::Client client(*key, transport, looking);
    const auto met = meet(client, *remembered, carried->note, stop);
    if (client.forked()) return fail(met.error());
    if (!met) out.push_back({name, head->size, carried->tree.size, go.heads / name / "latest"});
  }
  return out;
}

}  // namespace larder::app

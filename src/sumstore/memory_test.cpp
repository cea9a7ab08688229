// SPDX-License-Identifier: Apache-2.0
#include "sumstore/memory.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "store/memory/memory_store.hpp"
#include "sumdb/test_log.hpp"
#include "sumstore/carried.hpp"
#include "sumstore/keep.hpp"
#include "sumstore/layout.hpp"

namespace larder::sumstore {
namespace {

using gomod::Module;
using sumdb::TestLog;

const std::string k_name = "sumdb.test";
const std::string k_prefix = "go/sumdb/sumdb.test/";
const std::vector<std::uint64_t> k_sizes = {20, 300, 1000};

// Stocked three times, or so.
struct Site {
  TestLog log;
  sumdb::TestServer server{log};
  std::unique_ptr<store::Store> store = store::make_memory_store();

  explicit Site(const std::string& first, const std::vector<std::uint64_t>& sizes = k_sizes) {
    log.add_module(first, "v1.0.0");
    for (const auto size : sizes) stock_at(size, first);
  }
  void stock_at(std::uint64_t size, const std::string& who) {
    log.fill(size);
    const Module module{who + "/m" + std::to_string(size), "v1.0.0"};
    server.lookups["/" + lookup_file(module).value()] = log.add_module(module.path, module.version);
    EXPECT_TRUE(keep_from(*this, module));
  }
  // What `other` has comes in here.
  Result<Kept> keep_from(Site& other, const Module& module) {
    sumdb::TestState state;
    sumdb::Client client(other.log.key(), other.server, state);
    return keep(*store, k_name, client, {{module, TRY(client.find(module, {}))}}, {});
  }
  void remove(const std::string& file) { EXPECT_TRUE(store->remove(k_prefix + file)); }
  void remove_lookups() {
    const auto shelf = shelf_of(*store, k_name).value();
    for (const auto& file : shelf.lookups) remove(file);
  }
  std::string latest() const { return store::read(*store, k_prefix + "latest", k_max_object).value(); }
};

// The tiles of a bundle: those of one site, and behind them those of the store that it goes to.
class Both final : public sumdb::Transport {
 public:
  Both(store::Store& first, store::Store& second) : first_(first, k_name), second_(second, k_name) {}
  std::vector<Result<std::string>> read(const std::vector<std::string>& paths, std::uint64_t limit,
                                        std::stop_token stop) override {
    auto out = first_.read(paths, limit, stop);
    auto other = second_.read(paths, limit, stop);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!out[i]) out[i] = std::move(other[i]);
    }
    return out;
  }

 private:
  StoreTransport first_;
  StoreTransport second_;
};

Result<void> carry(Site& from, Site& into) {
  Both transport(*from.store, *into.store);
  sumdb::TestState state;
  sumdb::Client client(from.log.key(), transport, state);
  TRY(client.see(from.latest(), {}));
  return compare_with_memory(*into.store, k_name, client, {});
}

// How a memory is lost, and whether its lookups or tiles still tell of it.
enum class Loss { none, head, head_and_lookups, other_head, other_head_no_lookups };

void lose(Site& site, Loss loss, const Site& other) {
  if (loss == Loss::head || loss == Loss::head_and_lookups) site.remove("latest");
  if (loss == Loss::head_and_lookups || loss == Loss::other_head_no_lookups) site.remove_lookups();
  if (loss == Loss::other_head || loss == Loss::other_head_no_lookups) {
    EXPECT_TRUE(site.store->put(k_prefix + "latest", as_bytes(other.latest())));
  }
}

constexpr Loss k_losses[] = {Loss::none, Loss::head, Loss::head_and_lookups, Loss::other_head,
                             Loss::other_head_no_lookups};

TEST(Memory, a_fork_is_known_by_whatever_is_left) {
  for (const auto loss : k_losses) {
    Site ours("example.com/good");
    Site other("example.com/evil", {20, 2000});
    lose(ours, loss, other);
    const auto found = carry(other, ours);
    ASSERT_FALSE(found) << static_cast<int>(loss);
    EXPECT_EQ(found.error().kind(), Kind::unverified);
    const auto& text = found.error().message();
    EXPECT_NE(text.find("go.sum database tree\n\t2001\n"), std::string::npos) << text;
    EXPECT_TRUE(std::ranges::any_of(k_sizes, [&](auto size) {
      return text.find("go.sum database tree\n\t" + std::to_string(size + 1) + "\n") != std::string::npos;
    })) << text;
    const auto kept = ours.keep_from(other, {"example.com/evil/m2000", "v1.0.0"});
    ASSERT_FALSE(kept) << static_cast<int>(loss);
    EXPECT_EQ(kept.error().kind(), Kind::unverified) << kept.error().message();
  }
}

// A log of one tile: its hashes have no parent that vouches for them.
TEST(Memory, a_fork_of_a_small_log) {
  for (const auto loss : {Loss::none, Loss::head, Loss::head_and_lookups, Loss::other_head}) {
    Site ours("example.com/good", {20});
    Site other("example.com/evil", {30});
    lose(ours, loss, other);
    const auto found = carry(other, ours);
    ASSERT_FALSE(found) << static_cast<int>(loss);
    EXPECT_NE(found.error().message().find("go.sum database tree\n\t31\n"), std::string::npos)
        << found.error().message();
    EXPECT_NE(found.error().message().find("go.sum database tree\n\t21\n"), std::string::npos)
        << found.error().message();
  }
}

// No tile has another above it, and the head is that of somebody else.
TEST(Memory, a_fork_is_known_by_the_edge_alone) {
  for (const std::uint64_t size : {300U, 600U, 1000U}) {
    Site ours("example.com/good", {300});
    Site other("example.com/evil", {size});
    lose(ours, Loss::other_head_no_lookups, other);
    const auto found = carry(other, ours);
    ASSERT_FALSE(found) << size;
    EXPECT_NE(found.error().message().find("go.sum database tree\n\t301\n"), std::string::npos)
        << found.error().message();
  }
}

// The same log, seen later or earlier, after a loss: all of it comes in.
TEST(Memory, one_history_comes_in_whatever_was_lost) {
  for (const auto loss : k_losses) {
    for (const auto& sizes : {std::vector<std::uint64_t>{20, 300}, {20, 300, 1000, 70'000}}) {
      Site ours("example.com/good");
      Site other("example.com/good", sizes);
      if (sizes.size() < k_sizes.size() && loss >= Loss::other_head) continue;
      lose(ours, loss, other);
      const auto found = carry(other, ours);
      EXPECT_TRUE(found) << static_cast<int>(loss) << found.error().message();
      if (sizes.size() < k_sizes.size()) continue;
      const auto kept = ours.keep_from(other, {"example.com/good/m300", "v1.0.0"});
      EXPECT_TRUE(kept) << static_cast<int>(loss) << kept.error().message();
    }
  }
}

TEST(Memory, damage_is_no_fork) {
  const auto tiles = shelf_of(*Site("example.com/good").store, k_name)->tiles;
  ASSERT_GT(tiles.size(), 4U);
  for (const auto& tile : tiles) {
    Site ours("example.com/good");
    Site other("example.com/good", {20, 300, 1000, 3000});
    auto bytes = store::read(*ours.store, k_prefix + tile.path(), k_max_object).value();
    bytes[5] ^= 1;
    ASSERT_TRUE(ours.store->put(k_prefix + tile.path(), as_bytes(bytes)));
    const auto found = carry(other, ours);
    EXPECT_TRUE(found) << tile.path() << found.error().message();
  }
}

}  // namespace
}  // namespace larder::sumstore

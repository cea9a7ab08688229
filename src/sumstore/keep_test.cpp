// SPDX-License-Identifier: Apache-2.0
#include "sumstore/keep.hpp"

#include <gtest/gtest.h>

#include "store/memory/memory_store.hpp"
#include "sumdb/record.hpp"
#include "sumdb/test_log.hpp"
#include "sumstore/carried.hpp"
#include "sumstore/layout.hpp"

namespace larder::sumstore {
namespace {

using gomod::Module;
using sumdb::TestLog;

const std::string k_prefix = "go/sumdb/sumdb.test/";

// A database that grows, and a store that is stocked from it.
struct Rig {
  TestLog log;
  sumdb::TestServer server{log};
  std::unique_ptr<store::Store> store = store::make_memory_store();

  Module add(const std::string& path) {
    Module module{path, "v1.0.0"};
    server.lookups["/" + lookup_file(module).value()] = log.add_module(module.path, module.version);
    return module;
  }
  // As a run of stock with an empty cache.
  Result<Kept> stock(const std::vector<Module>& modules, sumdb::TestState* cache = nullptr) {
    sumdb::TestState own;
    sumdb::Client client(log.key(), server, cache == nullptr ? own : *cache);
    std::map<Module, sumdb::Proven> records;
    for (const auto& module : modules) records.emplace(module, TRY(client.find(module, {})));
    return keep(*store, log.key().name(), client, records, {});
  }
  // What a client that has seen `latest` says of a module, with nothing but the store.
  std::string offline(const Module& module, const std::string& latest = "") {
    StoreTransport transport(*store, log.key().name());
    sumdb::TestState state;
    state.latest_text = latest;
    sumdb::Client client(log.key(), transport, state);
    const auto found = client.lookup(module, {});
    return found ? *found : found.error().message();
  }
  std::string get(const std::string& file) {
    return store::read_if_exists(*store, k_prefix + file).value().value_or("absent");
  }
};

TEST(Keep, a_client_proves_everything_with_the_store_alone) {
  Rig rig;
  rig.log.fill(300);
  const auto a = rig.add("example.com/a");
  rig.log.fill(1000);
  const auto b = rig.add("example.com/Up/b");
  const auto kept = rig.stock({a, b});
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(kept->head, rig.log.head(1001));
  EXPECT_EQ(rig.offline(a), rig.log.record(300));
  EXPECT_EQ(rig.offline(b), rig.log.record(1000));
  EXPECT_EQ(rig.get("latest"), rig.log.note(1001));
  EXPECT_EQ(rig.get("supported"), "");
  EXPECT_EQ(rig.get("lookup/example.com/!up/b@v1.0.0"), rig.log.lookup(1000, 1001));
  EXPECT_EQ(databases(*rig.store).value(), std::vector<std::string>{"sumdb.test"});
}

TEST(Keep, a_second_time_writes_nothing) {
  Rig rig;
  rig.log.fill(300);
  const auto a = rig.add("example.com/a");
  EXPECT_GT(rig.stock({a})->tiles, 0U);
  EXPECT_EQ(rig.stock({a})->tiles, 0U);
}

// Whatever heads a client has seen of this store, and however the log grew in between: all that the store
// has is provable, by new clients and by old ones.
TEST(Keep, every_record_stays_provable_while_the_head_moves) {
  Rig rig;
  std::vector<Module> modules;
  std::vector<std::string> heads = {""};
  const std::vector<std::uint64_t> sizes = {3,   250,  255,  256,    300,    511,   512,
                                            700, 1023, 3000, 65'535, 65'600, 66'000};
  for (const auto size : sizes) {
    rig.log.fill(size);
    modules.push_back(rig.add("example.com/m" + std::to_string(size)));
    const auto kept = rig.stock({modules.back()});
    ASSERT_TRUE(kept) << size << ": " << kept.error().message();
    heads.push_back(rig.get("latest"));
    for (const auto& seen : heads) {
      for (const auto& module : modules) {
        EXPECT_EQ(rig.offline(module, seen), rig.log.record(rig.server.lookups["/" + *lookup_file(module)]))
            << size << " " << module.str();
      }
    }
  }
}

TEST(Keep, a_client_that_is_behind_leaves_the_newer_head) {
  Rig rig;
  rig.log.fill(20);
  const auto a = rig.add("example.com/a");
  rig.log.fill(400);
  const auto b = rig.add("example.com/b");
  ASSERT_TRUE(rig.stock({b}));
  rig.server.tree_size = 100;  // a mirror that is late
  const auto kept = rig.stock({a});
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(kept->head.size, 401U);
  EXPECT_EQ(rig.offline(a), rig.log.record(20));
  EXPECT_EQ(rig.offline(b), rig.log.record(400));
}

TEST(Keep, a_fork_changes_nothing) {
  Rig rig;
  rig.log.fill(20);
  ASSERT_TRUE(rig.stock({rig.add("example.com/a")}));
  const auto before = rig.get("latest");
  Rig other;
  other.log.fill(5);
  other.log.add_module("example.com/evil", "v1.0.0");
  other.log.fill(30);
  const auto b = other.add("example.com/b");
  other.store = std::move(rig.store);
  const auto kept = other.stock({b});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind(), Kind::unverified);
  EXPECT_NE(kept.error().message().find("go.sum database server misbehavior detected!"), std::string::npos);
  EXPECT_NE(kept.error().message().find("old database:\n\tgo.sum database tree\n\t21\n"), std::string::npos);
  EXPECT_NE(kept.error().message().find("new database:\n\tgo.sum database tree\n\t31\n"), std::string::npos);
  EXPECT_EQ(other.get("latest"), before);
  EXPECT_EQ(other.get("lookup/example.com/b@v1.0.0"), "absent");
}

TEST(Keep, damage_is_mended) {
  Rig rig;
  rig.log.fill(600);
  const auto a = rig.add("example.com/a");
  ASSERT_TRUE(rig.stock({a}));
  for (const std::string file : {"tile/8/0/002.p/89", "lookup/example.com/a@v1.0.0"}) {
    const auto good = rig.get(file);
    ASSERT_NE(good, "absent");
    auto bad = good;
    bad[bad.size() / 2] ^= 1;
    ASSERT_TRUE(rig.store->put(k_prefix + file, as_bytes(bad)));
    EXPECT_NE(rig.offline(a), rig.log.record(600)) << file;
    ASSERT_TRUE(rig.stock({a}));
    EXPECT_EQ(rig.get(file), good);
  }
}

TEST(Keep, what_a_writer_left_goes) {
  Rig rig;
  rig.log.fill(600);
  const auto a = rig.add("example.com/a");
  const std::vector<std::string> left = {"latest77.tmp", "supported1.tmp", "tile/8/0/002.p/89123.tmp",
                                         "lookup/example.com/a@v1.0.0991.tmp"};
  const std::string version = "lookup/example.com/a@v1.0.0-rc1.tmp";  // of such a name
  for (const auto& file : left) ASSERT_TRUE(rig.store->put(k_prefix + file, as_bytes("x")));
  ASSERT_TRUE(rig.store->put(k_prefix + version, as_bytes("x")));
  ASSERT_TRUE(rig.stock({a}));
  for (const auto& file : left) EXPECT_EQ(rig.get(file), "absent") << file;
  EXPECT_EQ(rig.get(version), "x");
}

TEST(Keep, a_lost_tile_keeps_nothing_else_out) {
  Rig rig;
  const auto a = rig.add("example.com/a");
  rig.log.fill(600);
  ASSERT_TRUE(rig.stock({a}));
  const std::string lost = "tile/8/0/000";
  ASSERT_TRUE(rig.store->remove(k_prefix + lost));
  rig.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
    if (path != "/" + lost) return std::nullopt;
    return fail(Kind::not_found, "404 Not Found");
  };
  const auto b = rig.add("example.com/b");
  const auto kept = rig.stock({b});
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(rig.offline(b), rig.log.record(600));
  EXPECT_EQ(rig.get(lost), "absent");
  EXPECT_NE(rig.offline(a), rig.log.record(0));
  rig.server.answer = nullptr;
  ASSERT_TRUE(rig.stock({b}));
  EXPECT_EQ(rig.offline(a), rig.log.record(0));
}

TEST(Carried, tells_what_is_not_there_from_what_is_not_proven) {
  Rig rig;
  rig.log.fill(600);
  const auto a = rig.add("example.com/a");
  const auto b = rig.add("example.com/b");
  ASSERT_TRUE(rig.stock({a}));
  Carried carried(*rig.store, rig.log.key());
  EXPECT_TRUE(carried.present().value());
  EXPECT_EQ(carried.find(a, {})->id, 600U);
  EXPECT_EQ(carried.find(b, {}).error().kind(), Kind::not_found);
  ASSERT_TRUE(rig.store->remove(k_prefix + "tile/8/0/002.p/90"));
  Carried later(*rig.store, rig.log.key());
  const auto found = later.find(a, {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind(), Kind::unavailable) << found.error().message();
}

TEST(Layout, lookups_and_modules_are_inverse) {
  const Module module{"example.com/Up/m", "v1.0.0-RC.1"};
  EXPECT_EQ(lookup_file(module).value(), "lookup/example.com/!up/m@v1.0.0-!r!c.1");
  EXPECT_EQ(module_of("lookup/example.com/!up/m@v1.0.0-!r!c.1"), module);
  for (const auto* odd : {"lookup/", "lookup/example.com/m", "lookup/example.com/M@v1.0.0", "tile/8/0/000",
                          "lookup/../m@v1.0.0", "lookup/example.com/m@v1.0.0.lock", "lookup/@v1.0.0"}) {
    EXPECT_FALSE(module_of(odd)) << odd;
  }
}

}  // namespace
}  // namespace larder::sumstore

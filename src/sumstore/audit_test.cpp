// SPDX-License-Identifier: Apache-2.0
#include "sumstore/audit.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "store/memory/memory_store.hpp"
#include "sumdb/test_log.hpp"
#include "sumstore/carried.hpp"
#include "sumstore/examiner.hpp"
#include "sumstore/head.hpp"
#include "sumstore/keep.hpp"
#include "sumstore/layout.hpp"
#include "sumstore/witness.hpp"

namespace larder::sumstore {
namespace {

using gomod::Module;

const std::string k_name = "sumdb.test";
const std::string k_prefix = "go/sumdb/sumdb.test/";

// A store that was stocked twice from a database of 600, then 67000 records.
struct Rig {
  sumdb::TestLog log;
  sumdb::TestServer server{log};
  std::unique_ptr<store::Store> store = store::make_memory_store();
  std::vector<Module> modules;

  Rig() {
    log.fill(600);
    grow("example.com/a");
    log.fill(67'000);
    grow("example.com/Up/b");
  }

  void grow(const std::string& path) {
    modules.push_back({path, "v1.0.0"});
    server.lookups["/" + lookup_file(modules.back()).value()] = log.add_module(path, "v1.0.0");
    EXPECT_TRUE(stock(modules.back()));
  }
  Result<Kept> stock(const Module& module) {
    sumdb::TestState state;
    sumdb::Client client(log.key(), server, state);
    return keep(*store, k_name, client, {{module, TRY(client.find(module, {}))}}, {});
  }
  Audit run(bool set_aside = true, bool has_key = true) {
    AuditOptions options{.key = std::nullopt, .set_aside = set_aside};
    if (has_key) options.key = log.key();
    return audit(*store, k_name, options, {});
  }
  std::optional<std::string> get(const std::string& file) {
    return store::read_if_exists(*store, k_prefix + file).value();
  }
  void flip(const std::string& file) {
    auto bytes = get(file).value();
    bytes[bytes.size() / 2] ^= 1;
    EXPECT_TRUE(store->put(k_prefix + file, as_bytes(bytes)));
  }
  std::vector<std::string> files() {
    const auto shelf = shelf_of(*store, k_name).value();
    auto out = shelf.lookups;
    for (const auto& tile : shelf.tiles) out.push_back(tile.path());
    return out;
  }
  bool proves_all() {
    Carried carried(*store, log.key());
    return std::ranges::all_of(modules, [&](const auto& m) { return carried.find(m, {}).has_value(); });
  }
};

TEST(Audit, a_sound_database_has_nothing_to_say) {
  Rig rig;
  for (const bool has_key : {true, false}) {
    const auto found = rig.run(true, has_key);
    EXPECT_TRUE(found.failures.empty()) << found.failures.front().message();
    EXPECT_EQ(found.lookups, 2U);
    EXPECT_GT(found.tiles, 4U);
    EXPECT_EQ(found.notes.size(), has_key ? 0U : 1U);
  }
}

// Each file on its own, flipped at several places, cut, emptied.
TEST(Audit, every_damage_is_found_set_aside_and_mended) {
  std::size_t number = 0;
  for (const auto& file : Rig().files()) {
    for (const std::size_t how : {0U, 1U, 2U, 3U}) {
      if (number++ % LARDER_TEST_STEP != 0) continue;
      Rig rig;
      const auto good = rig.get(file).value();
      auto bad = how == 2 ? good.substr(0, good.size() / 2) : good;
      if (how == 3) bad.clear();
      if (how < 2) bad[how == 0 ? 2 : good.size() - 7] ^= 4;
      ASSERT_TRUE(rig.store->put(k_prefix + file, as_bytes(bad)));

      ASSERT_FALSE(rig.run(false).failures.empty()) << file << how;
      EXPECT_EQ(rig.get(file), bad);
      const auto found = rig.run();
      ASSERT_FALSE(found.failures.empty());
      EXPECT_TRUE(found.failures.front().message().starts_with(k_prefix)) << found.failures.front().message();
      EXPECT_NE(found.failures.front().hint().find("set aside below larder/damaged"), std::string::npos);
      EXPECT_EQ(found.set_aside, found.failures.size());
      EXPECT_EQ(rig.get(file), std::nullopt);
      EXPECT_EQ(store::read(*rig.store, "larder/damaged/" + k_prefix + file).value(), bad);
      EXPECT_TRUE(was_damaged(*rig.store, k_name).value());
      // A lookup may lack what was set aside; nothing is damaged any more.
      for (const auto& error : rig.run().failures) EXPECT_EQ(error.kind(), Kind::unavailable) << file;

      for (const auto& module : rig.modules) ASSERT_TRUE(rig.stock(module)) << file << how;
      EXPECT_TRUE(rig.proves_all());
      EXPECT_TRUE(rig.run().failures.empty());
    }
  }
}

TEST(Audit, a_head_comes_back_from_the_lookups) {
  for (const std::string how : {"gone", "empty", "flipped", "cut"}) {
    Rig rig;
    const auto good = rig.get("latest").value();
    if (how == "gone") {
      ASSERT_TRUE(rig.store->remove(k_prefix + "latest"));
    } else if (how == "flipped") {
      rig.flip("latest");
    } else {
      ASSERT_TRUE(rig.store->put(k_prefix + "latest", as_bytes(how == "cut" ? good.substr(0, 60) : "")));
    }
    const bool is_damaged = how == "flipped" || how == "cut";
    EXPECT_EQ(rig.proves_all(), !is_damaged);
    EXPECT_EQ(rig.stock(rig.modules[0]).has_value(), !is_damaged) << how;
    const auto found = rig.run();
    EXPECT_EQ(found.failures.size(), is_damaged ? 1U : 0U) << how;
    EXPECT_EQ(rig.get("latest"), good) << how;
    EXPECT_TRUE(rig.proves_all());
  }
}

// Without its lookup, nothing tells of the head that was lost, but the tiles do.
TEST(Audit, a_memory_that_is_lost_is_not_begun_anew) {
  Rig rig;
  rig.flip("latest");
  ASSERT_TRUE(rig.store->remove(k_prefix + lookup_file(rig.modules[1]).value()));
  const auto before = rig.files();
  const auto found = rig.run();
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_NE(found.failures[0].message().find("its tiles tell of a later one"), std::string::npos);
  EXPECT_NE(found.failures[0].hint().find("remove the store's folder go/sumdb/sumdb.test"),
            std::string::npos);
  EXPECT_EQ(rig.files(), before);
  ASSERT_TRUE(rig.store->remove(k_prefix + "latest"));
  const auto stocked = rig.stock(rig.modules[0]);
  ASSERT_FALSE(stocked);
  EXPECT_EQ(stocked.error().kind(), Kind::unverified);
}

TEST(Audit, a_lost_head_lets_no_fork_in) {
  Rig rig;
  ASSERT_TRUE(rig.store->remove(k_prefix + "latest"));
  sumdb::TestLog other;
  other.add_module("example.com/evil", "v1.0.0");
  other.fill(70'000);
  sumdb::TestServer server{other};
  const Module late{"example.com/late", "v1.0.0"};
  server.lookups["/" + lookup_file(late).value()] = other.add_module(late.path, late.version);
  sumdb::TestState state;
  sumdb::Client client(other.key(), server, state);
  const auto proven = client.find(late, {});
  ASSERT_TRUE(proven);
  const auto kept = keep(*rig.store, k_name, client, {{late, *proven}}, {});
  ASSERT_FALSE(kept);
  EXPECT_NE(kept.error().message().find("go.sum database server misbehavior detected!"), std::string::npos);
}

TEST(Audit, heads_that_do_not_lie_on_one_line_stay_and_are_told) {
  Rig rig;
  sumdb::TestLog other;
  other.fill(600);
  const auto evil = other.add_module("example.com/evil", "v1.0.0");
  const std::string file = "lookup/example.com/evil@v1.0.0";
  ASSERT_TRUE(rig.store->put(k_prefix + file, as_bytes(other.lookup(evil, 601))));
  const auto found = rig.run();
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_NE(found.failures[0].message().find("do not lie on one line (both signed)"), std::string::npos)
      << found.failures[0].message();
  EXPECT_TRUE(rig.get(file).has_value());
}

// Tiles of both: each of them looks damaged under the other's head.
TEST(Audit, tiles_of_two_histories_stay) {
  Rig rig;
  sumdb::TestLog other;
  other.add_module("example.com/evil", "v1.0.0");
  other.fill(140'000);
  const auto put = [&](const std::string& file, const std::string& text) {
    EXPECT_TRUE(rig.store->put(k_prefix + file, as_bytes(text)));
  };
  for (const auto* path : {"tile/8/2/000.p/2", "tile/8/1/002.p/34", "tile/8/0/546.p/224"}) {
    put(path, other.tile(sumdb::parse_tile_path(path).value()).value());
  }
  put("latest", other.note(140'000));
  const auto before = rig.files();
  const auto found = rig.run();
  EXPECT_TRUE(std::ranges::any_of(found.failures, [](const auto& e) {
    return e.message().find("misbehavior detected!") != std::string::npos &&
           e.message().find("\n\t140000\n") != std::string::npos;
  }));
  EXPECT_EQ(found.set_aside, 0U);
  EXPECT_EQ(rig.files(), before);
}

TEST(Audit, a_proof_that_lacks_tiles_is_named_and_stays) {
  Rig rig;
  ASSERT_TRUE(rig.store->put(k_prefix + "odd", as_bytes("x")));
  const auto before = rig.files();
  // A full tile in the middle whose parent goes away.
  for (const auto& file : before) {
    if (file.starts_with("tile/8/1/")) static_cast<void>(rig.store->remove(k_prefix + file).has_value());
  }
  const auto found = rig.run();
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_EQ(found.failures[0].kind(), Kind::unavailable);
  EXPECT_EQ(found.set_aside, 0U);
  ASSERT_EQ(found.notes.size(), 1U);
  EXPECT_TRUE(found.notes[0].ends_with("; it stays")) << found.notes[0];
}

TEST(Examiner, lets_out_what_follows_from_the_head) {
  Rig rig;
  Examiner examiner(*rig.store, [&](const std::string&) { return rig.log.key(); });
  const auto check = [&](const std::string& file) {
    return examiner.check(*parse_request(k_name + "/" + file));
  };
  for (const std::string file : {"supported", "latest"}) EXPECT_TRUE(check(file));
  for (const auto& file : rig.files()) {
    ASSERT_TRUE(check(file)) << file;
    const auto good = rig.get(file).value();
    rig.flip(file);
    const auto bad = check(file);
    ASSERT_FALSE(bad) << file;
    EXPECT_EQ(bad.error().kind(), Kind::unverified);
    ASSERT_TRUE(rig.store->put(k_prefix + file, as_bytes(good)));
    // The tree may know the tile by heart, and forgets nothing that is true.
    EXPECT_TRUE(check(file)) << file;
  }
  rig.flip("latest");
  EXPECT_FALSE(check("latest"));
  for (const auto& file : rig.files()) EXPECT_TRUE(check(file)) << file;  // the lookups' head is as good
  ASSERT_TRUE(rig.store->remove(k_prefix + "latest"));
  rig.flip(rig.files().back());
  EXPECT_FALSE(check(rig.files().back()));
}

TEST(Witness, data_tiles) {
  sumdb::TestLog log;
  log.fill(300);
  const auto store = store::make_memory_store();
  std::string text;
  for (std::uint64_t i = 256; i < 300; ++i) text += log.record(i) + "\n";
  for (const auto* path : {"tile/8/0/000", "tile/8/0/001.p/44", "tile/8/1/000.p/1"}) {
    const auto tile = sumdb::parse_tile_path(path).value();
    ASSERT_TRUE(store->put(k_prefix + path, as_bytes(log.tile(tile).value())));
  }
  const auto data = sumdb::parse_tile_path("tile/8/data/001.p/44").value();
  Witness witness(*store, k_name, log.key(), log.head(300));
  using Is = Verdict::Is;
  EXPECT_EQ(witness.check_tile(data, text).is, Is::good) << witness.check_tile(data, text).why;
  for (const std::size_t at : {std::size_t{3}, text.size() - 1, text.size() / 2}) {
    auto bad = text;
    bad[at] ^= 1;
    EXPECT_EQ(witness.check_tile(data, bad).is, Is::damaged) << at;
  }
  EXPECT_EQ(witness.check_tile(data, text + text).is, Is::damaged);
  EXPECT_EQ(witness.check_tile(data, "").is, Is::damaged);
}

}  // namespace
}  // namespace larder::sumstore

// SPDX-License-Identifier: Apache-2.0
#include "sumstore/own.hpp"

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/memory/memory_store.hpp"
#include "sumdb/record.hpp"
#include "sumdb/test_log.hpp"
#include "sumstore/audit.hpp"
#include "sumstore/carried.hpp"
#include "sumstore/head.hpp"
#include "sumstore/layout.hpp"

namespace larder::sumstore {
namespace {

using gomod::Module;

const SignerKey k_key = SignerKey::make("sums.corp.test", std::string(32, 's')).value();

std::string record_of(const Module& module, const std::string& hash = "x") {
  return fmt::format("{0} {1} h1:{2}\n{0} {1}/go.mod h1:{2}-mod\n", module.path, module.version, hash);
}

struct Rig {
  std::unique_ptr<store::Store> store = store::make_memory_store();
  std::map<Module, std::string> all{};

  Result<Grown> add(std::size_t first, std::size_t count) {
    std::map<Module, std::string> records;
    for (std::size_t i = first; i < first + count; ++i) {
      const Module module{"corp.test/m" + std::to_string(i), "v1.0.0"};
      records[module] = all[module] = record_of(module);
    }
    return grow(*store, k_key, records, {});
  }
  std::string offline(const Module& module) {
    Carried carried(*store, k_key.verifier());
    const auto found = carried.find(module, {});
    return found ? found->record : found.error().message();
  }
};

TEST(OwnDatabase, every_record_is_provable_however_it_grew) {
  Rig rig;
  std::size_t size = 0;
  for (const std::size_t step : std::vector<std::size_t>{1, 1, 253, 1, 1, 254, 2, 700, 3000}) {
    const auto grown = rig.add(size, step);
    ASSERT_TRUE(grown) << grown.error().message();
    size += step;
    EXPECT_EQ(grown->added, step);
    EXPECT_EQ(grown->head.size, size);
    for (const std::size_t i : {std::size_t{0}, size / 2, size - 1}) {
      const Module module{"corp.test/m" + std::to_string(i), "v1.0.0"};
      EXPECT_EQ(rig.offline(module), record_of(module)) << size;
    }
  }
  for (const auto& [module, record] : rig.all) ASSERT_EQ(rig.offline(module), record);
}

// What reads a whole log goes from data tile to data tile.
TEST(OwnDatabase, data_tiles_tell_the_whole_log) {
  for (const bool is_older : {false, true}) {  // a log of a time without them
    Rig rig;
    std::size_t size = 0;
    for (const std::size_t step : std::vector<std::size_t>{3, 250, 3, 300, 1}) {
      ASSERT_TRUE(rig.add(size, step));
      size += step;
      if (is_older && size == 256) {
        const auto shelf = shelf_of(*rig.store, "sums.corp.test").value();
        for (const auto& tile : shelf.tiles) {
          if (!tile.data) continue;
          ASSERT_TRUE(rig.store->remove(prefix_of("sums.corp.test") + "/" + tile.path()));
        }
      }
    }
    std::set<std::string> found;
    for (const auto* path : {"tile/8/data/000", "tile/8/data/001", "tile/8/data/002.p/45"}) {
      const auto tile = sumdb::parse_tile_path(path).value();
      const auto text = store::read(*rig.store, prefix_of("sums.corp.test") + "/" + path);
      ASSERT_TRUE(text) << path;
      const auto records = sumdb::parse_data_tile(*text, tile.width);
      ASSERT_TRUE(records) << path;
      found.insert(records->begin(), records->end());
    }
    std::set<std::string> all;
    for (const auto& [module, record] : rig.all) all.insert(record);
    EXPECT_EQ(found, all);
    EXPECT_TRUE(audit(*rig.store, "sums.corp.test", {.key = k_key.verifier()}, {}).failures.empty());
  }
}

TEST(OwnDatabase, has_the_root_of_the_definition) {
  for (const std::uint64_t size : std::vector<std::uint64_t>{1, 2, 255, 256, 257, 511, 512, 513, 1000}) {
    sumdb::TestLog log("sums.corp.test");
    std::map<Module, std::string> records;
    for (std::uint64_t i = 0; i < size; ++i) {
      const Module module{fmt::format("corp.test/m{:05}", i), "v1.0.0"};
      log.add(records[module] = record_of(module));
    }
    Rig rig;
    EXPECT_EQ(grow(*rig.store, k_key, records, {})->head, log.head(size)) << size;
  }
}

TEST(OwnDatabase, a_second_time_adds_nothing) {
  Rig rig;
  ASSERT_TRUE(rig.add(0, 300));
  const auto grown = rig.add(0, 300);
  EXPECT_EQ(grown->added, 0U);
  EXPECT_EQ(grown->present, 300U);
  EXPECT_EQ(grown->head.size, 300U);
}

TEST(OwnDatabase, a_version_keeps_its_hash) {
  Rig rig;
  ASSERT_TRUE(rig.add(0, 3));
  const Module module{"corp.test/m1", "v1.0.0"};
  const auto again = grow(*rig.store, k_key, {{module, record_of(module, "other")}}, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), Kind::unverified);
  EXPECT_EQ(again.error().message(), "corp.test/m1@v1.0.0: has a record with another hash");
  EXPECT_EQ(rig.offline(module), record_of(module));
}

TEST(OwnDatabase, a_requirement_may_become_a_whole_module) {
  Rig rig;
  const Module module{"corp.test/m", "v1.0.0"};
  ASSERT_TRUE(grow(*rig.store, k_key, {{module, "corp.test/m v1.0.0/go.mod h1:x-mod\n"}}, {}));
  EXPECT_EQ(grow(*rig.store, k_key, {{module, record_of(module)}}, {})->head.size, 2U);
  EXPECT_EQ(rig.offline(module), record_of(module));
}

TEST(OwnDatabase, a_log_that_was_changed_does_not_grow) {
  Rig rig;
  ASSERT_TRUE(rig.add(0, 300));
  const auto key = prefix_of("sums.corp.test") + "/tile/8/0/001.p/44";
  auto bytes = store::read(*rig.store, key).value();
  bytes[5] ^= 1;
  ASSERT_TRUE(rig.store->put(key, as_bytes(bytes)));
  EXPECT_EQ(rig.add(300, 1).error().kind(), Kind::unverified);
  const auto other = SignerKey::make("sums.corp.test", std::string(32, 't')).value();
  EXPECT_EQ(grow(*rig.store, other, {}, {}).error().kind(), Kind::unverified);
}

TEST(OwnDatabase, a_lost_head_is_found_in_a_lookup) {
  Rig rig;
  ASSERT_TRUE(rig.add(0, 3));
  ASSERT_TRUE(rig.store->remove(prefix_of("sums.corp.test") + "/latest"));
  EXPECT_EQ(rig.add(3, 1)->head.size, 4U);
  EXPECT_EQ(rig.offline({"corp.test/m0", "v1.0.0"}), record_of({"corp.test/m0", "v1.0.0"}));
}

// What was signed last is unknown: a new head might be a fork of it.
TEST(OwnDatabase, a_log_does_not_begin_anew) {
  Rig rig;
  ASSERT_TRUE(rig.add(0, 3));
  ASSERT_TRUE(rig.add(3, 1));
  const auto prefix = prefix_of("sums.corp.test");
  ASSERT_TRUE(rig.store->remove(prefix + "/latest"));
  for (const std::string i : {"3", "2", "1", "0"}) {
    ASSERT_TRUE(rig.store->remove(prefix + "/lookup/corp.test/m" + i + "@v1.0.0"));
    for (const std::size_t more : {0U, 1U}) {
      const auto grown = rig.add(4, more);
      ASSERT_FALSE(grown) << i;
      EXPECT_EQ(grown.error().kind(), Kind::unverified);
    }
  }
}

// A store whose writer is killed behind so many puts.
class CutStore final : public store::Store {
 public:
  CutStore(store::Store& real, std::size_t puts) : real_(real), left_(puts) {}
  Result<std::optional<store::ObjectInfo>> stat(std::string_view key) override { return real_.stat(key); }
  Result<std::unique_ptr<store::Blob>> open(std::string_view key) override { return real_.open(key); }
  Result<std::unique_ptr<store::Upload>> create(std::string_view key) override { return real_.create(key); }
  Result<void> put(std::string_view key, Bytes data) override {
    if (left_ == 0) return fail(Kind::unavailable, "cut off");
    --left_;
    return real_.put(key, data);
  }
  Result<void> remove(std::string_view key) override { return real_.remove(key); }
  Result<void> move(std::string_view from, std::string_view to) override { return real_.move(from, to); }
  Result<std::vector<store::Child>> list(std::string_view prefix) override { return real_.list(prefix); }
  Result<std::unique_ptr<store::WriteLock>> lock(std::string_view key) override { return real_.lock(key); }

 private:
  store::Store& real_;
  std::size_t left_;
};

// Wherever a run is cut off, the next one goes on, and nothing is recorded twice or otherwise.
TEST(OwnDatabase, a_run_that_was_cut_off_is_completed_by_the_next) {
  for (const std::size_t before : {0U, 3U, 255U}) {
    for (std::size_t puts = 0; puts < 12; ++puts) {
      Rig rig;
      ASSERT_TRUE(before == 0 || rig.add(0, before));
      std::map<Module, std::string> records;
      for (const auto* path : {"corp.test/x", "corp.test/y"})
        records[{path, "v1.0.0"}] = record_of({path, "v1.0.0"});
      CutStore cut(*rig.store, puts);
      static_cast<void>(grow(cut, k_key, records, {}).has_value());
      const auto done = grow(*rig.store, k_key, records, {});
      ASSERT_TRUE(done) << before << " " << puts << ": " << done.error().message();
      EXPECT_EQ(done->head.size, before + 2) << puts;
      for (const auto& [module, record] : records) {
        EXPECT_EQ(rig.offline(module), record) << before << " " << puts;
        const auto other = grow(*rig.store, k_key, {{module, record_of(module, "other")}}, {});
        ASSERT_FALSE(other) << before << " " << puts;
        EXPECT_EQ(other.error().message(), module.str() + ": has a record with another hash");
      }
      EXPECT_TRUE(audit(*rig.store, "sums.corp.test", {.key = k_key.verifier()}, {}).failures.empty());
    }
  }
}

// The head is published, its lookups are not: the hash counts all the same.
TEST(OwnDatabase, what_is_signed_keeps_its_hash_without_its_lookup) {
  for (std::size_t puts = 0; puts < 12; ++puts) {
    Rig rig;
    const Module module{"corp.test/x", "v1.0.0"};
    CutStore cut(*rig.store, puts);
    static_cast<void>(grow(cut, k_key, {{module, record_of(module)}}, {}).has_value());
    const auto latest = store::read_if_exists(*rig.store, prefix_of("sums.corp.test") + "/latest").value();
    const bool is_signed = latest && open_head(*latest, nullptr)->size == 1;
    const auto other = grow(*rig.store, k_key, {{module, record_of(module, "other")}}, {});
    EXPECT_EQ(other.has_value(), !is_signed) << puts;
    EXPECT_EQ((rig.offline(module).find("h1:other") != std::string::npos), !is_signed && other) << puts;
  }
}

TEST(SignerKey, text) {
  const auto text = k_key.str();
  EXPECT_TRUE(text.starts_with("PRIVATE+KEY+sums.corp.test+"));
  const auto again = SignerKey::parse(text + "\n");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->str(), text);
  EXPECT_EQ(again->verifier(), k_key.verifier());
  for (const std::string& odd : {std::string(), text.substr(1), text.substr(0, text.size() - 4),
                                 text + "AAAA", "PRIVATE+KEY+a+00000000+" + text.substr(text.rfind('+') + 1),
                                 std::string("PRIVATE+KEY+../x+b+c"), std::string("PRIVATE+KEY+x")}) {
    EXPECT_FALSE(SignerKey::parse(odd)) << odd;
  }
}

}  // namespace
}  // namespace larder::sumstore

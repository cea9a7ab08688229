// SPDX-License-Identifier: Apache-2.0
#include "app/held_modules.hpp"

#include <gtest/gtest.h>

#include "store/memory/memory_store.hpp"
#include "sys/files.hpp"

namespace larder::app {
namespace {

class HeldModulesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto* version : {"v1.0.0", "v1.2.0-rc.1", "v0.0.0-20240102030405-abcdefabcdef"}) {
      const gomod::Module m{"example.com/a", version};
      for (const auto part : {store::Part::info, store::Part::mod, store::Part::zip, store::Part::ziphash})
        put(m, part);
    }
    for (const auto part : {store::Part::mod, store::Part::modhash}) put({"example.com/b", "v1.0.0"}, part);
  }
  void put(const gomod::Module& m, store::Part part) {
    const std::string mod = "module " + m.path + "\n";
    const std::string text = part == store::Part::info      ? R"({"Version":")" + m.version + R"("})"
                             : part == store::Part::mod     ? mod
                             : part == store::Part::modhash ? gomod::hash_go_mod(mod).str()
                                                            : "x";
    ASSERT_TRUE(store_->put(*store::module_key(m, part), as_bytes(text)));
  }
  HeldModules held() { return HeldModules(modules_, cache_); }

  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  store::GoModules modules_{*store_};
  sys::TempDir dir_ = sys::TempDir::create().value();
  modcache::Cache cache_ = modcache::Cache::open(dir_.path()).value();
};

TEST_F(HeldModulesTest, ListsWhatIsHeldWhole) {
  const auto source = held();
  EXPECT_EQ(*source.list("example.com/a", {}), (std::vector<std::string>{"v1.0.0", "v1.2.0-rc.1"}));
  EXPECT_TRUE(source.list("example.com/b", {})->empty());
  EXPECT_EQ(source.latest("example.com/a", {})->version, "v1.0.0");
  EXPECT_EQ(source.latest("example.com/b", {}).error().kind(), Kind::not_found);
  EXPECT_TRUE(source.wants().empty());
}

TEST_F(HeldModulesTest, FindsCommits) {
  const auto source = held();
  EXPECT_EQ(source.info("example.com/a", "abcdefa", {})->version, "v0.0.0-20240102030405-abcdefabcdef");
  EXPECT_EQ(source.info("example.com/a", "abcdefabcdef0123456789", {})->version,
            "v0.0.0-20240102030405-abcdefabcdef");
  EXPECT_FALSE(source.info("example.com/a", "abc", {}));
  EXPECT_FALSE(source.info("example.com/a", "fffffff", {}));
}

TEST_F(HeldModulesTest, RemembersWhatIsMissing) {
  const auto source = held();
  EXPECT_TRUE(source.mod({"example.com/b", "v1.0.0"}, {}));
  EXPECT_FALSE(source.mod({"example.com/c", "v1.0.0"}, {}));
  EXPECT_FALSE(source.mod({"example.com/a", "v1.1.0"}, {}));
  EXPECT_FALSE(source.info("example.com/c", "v1.0.0", {}));
  std::string names;
  for (const auto& want : source.wants()) names += want.module.str() + (want.whole ? " " : " mod ");
  EXPECT_EQ(names, "example.com/a@v1.1.0 mod example.com/c@v1.0.0 ");
}

TEST_F(HeldModulesTest, GivesNothingThatIsDamaged) {
  const gomod::Module b{"example.com/b", "v1.0.0"};
  const HeldAuthority authority(modules_, {});
  const std::string changed = "module example.com/b\n\nrequire example.com/c v1.0.0\n";
  ASSERT_TRUE(store_->put(*store::module_key(b, store::Part::mod), as_bytes(changed)));
  EXPECT_EQ(held().mod(b, {}).error().kind(), Kind::unverified);
  const auto refused = authority.confirm(b, fetch::Of::go_mod, gomod::hash_go_mod(changed), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), Kind::unverified);
}

TEST_F(HeldModulesTest, VouchesForWhatTheStoreHolds) {
  const HeldAuthority authority(modules_, {});
  const auto right = gomod::hash_go_mod("module example.com/b\n");
  const auto wrong = gomod::hash_go_mod("module example.com/x\n");
  EXPECT_TRUE(authority.confirm({"example.com/b", "v1.0.0"}, fetch::Of::go_mod, right, {}));
  for (const char* version : {"v1.0.0", "v1.1.0"}) {
    const auto refused = authority.confirm({"example.com/b", version}, fetch::Of::go_mod, wrong, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), Kind::unverified);
  }
  EXPECT_FALSE(authority.confirm({"example.com/b", "v1.0.0"}, fetch::Of::zip, right, {}));
}

}  // namespace
}  // namespace larder::app

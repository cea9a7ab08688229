// SPDX-License-Identifier: Apache-2.0
#include "store/go_modules.hpp"

#include <gtest/gtest.h>

#include "store/memory/memory_store.hpp"

namespace larder::store {
namespace {

class GoModulesTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> store_ = make_memory_store();
  GoModules modules_{*store_};

  void put(const std::string& path, const std::string& version) {
    const gomod::Module module{path, version};
    auto zip = modules_.create_zip(module).value();
    ASSERT_TRUE(zip->write(as_bytes("zip of " + module.str())));
    const ModuleContent content{
        module, R"({"Version":")" + version + "\"}", "module " + path + "\n", {sha256("x")}};
    ASSERT_TRUE(modules_.put(content, *zip));
  }
};

TEST_F(GoModulesTest, keys_are_those_of_a_module_cache) {
  EXPECT_EQ(module_key({"example.com/Up", "v1.0.0-RC1"}, Part::zip).value(),
            "go/example.com/!up/@v/v1.0.0-!r!c1.zip");
  EXPECT_EQ(module_key({"../x", "v1.0.0"}, Part::mod).error().kind(), Kind::invalid);
  EXPECT_EQ(module_key({"example.com/x", "../v1"}, Part::mod).error().kind(), Kind::invalid);
}

TEST_F(GoModulesTest, held_goes_from_nothing_to_whole) {
  const gomod::Module module{"example.com/a", "v1.0.0"};
  EXPECT_EQ(modules_.held(module).value(), Held::nothing);
  ASSERT_TRUE(modules_.put_requirement(module, "module example.com/a\n"));
  EXPECT_EQ(modules_.held(module).value(), Held::requirement);
  put("example.com/a", "v1.0.0");
  EXPECT_EQ(modules_.held(module).value(), Held::whole);
  EXPECT_EQ(modules_.ziphash(module).value(), gomod::H1{sha256("x")});
  ASSERT_TRUE(store_->remove(module_key(module, Part::info).value()));
  EXPECT_EQ(modules_.held(module).value(), Held::requirement);
}

TEST_F(GoModulesTest, list_names_whole_tagged_versions_in_semver_order) {
  for (const auto* v :
       {"v1.10.0", "v1.9.0", "v2.0.0+incompatible", "v1.9.1-rc.1", "v0.0.0-20200101000000-abcdefabcdef"}) {
    put("example.com/a", v);
  }
  ASSERT_TRUE(modules_.put_requirement({"example.com/a", "v1.99.0"}, "module example.com/a\n"));
  EXPECT_EQ(read(*store_, "go/example.com/a/@v/list").value(),
            "v1.9.0\nv1.9.1-rc.1\nv1.10.0\nv2.0.0+incompatible\n");
  EXPECT_EQ(modules_.versions("example.com/a").value().size(), 5U);
}

TEST_F(GoModulesTest, latest_prefers_releases_then_prereleases_then_pseudo_versions) {
  EXPECT_FALSE(modules_.latest("example.com/a").value());
  put("example.com/a", "v1.0.1-0.20200101000000-abcdefabcdef");
  EXPECT_EQ(modules_.latest("example.com/a").value(), "v1.0.1-0.20200101000000-abcdefabcdef");
  put("example.com/a", "v0.9.0-rc.1");
  EXPECT_EQ(modules_.latest("example.com/a").value(), "v0.9.0-rc.1");
  put("example.com/a", "v0.8.0");
  put("example.com/a", "v0.7.0");
  EXPECT_EQ(modules_.latest("example.com/a").value(), "v0.8.0");
}

TEST_F(GoModulesTest, all_finds_modules_and_tells_what_is_foreign) {
  put("example.com/a/v2", "v2.0.0");
  put("example.com/A", "v1.0.0");
  ASSERT_TRUE(store_->put("go/sumdb/db/latest", as_bytes("x")));
  ASSERT_TRUE(store_->put("go/example.com/a/v2/@v/v1.0.0.mod", as_bytes("x")));  // wrong major
  ASSERT_TRUE(store_->put("go/UPPER/@v/v1.0.0.mod", as_bytes("x")));
  std::vector<std::string> foreign;
  const auto all = modules_.all([&](const std::string& key) { foreign.push_back(key); }).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].first.str(), "example.com/A@v1.0.0");
  EXPECT_EQ(all[1].first.str(), "example.com/a/v2@v2.0.0");
  EXPECT_EQ(foreign.size(), 2U);
}

// A store whose folder cannot be written.
class ReadOnlyStore final : public Store {
 public:
  explicit ReadOnlyStore(Store& below) : below_(below) {}
  Result<std::optional<ObjectInfo>> stat(std::string_view key) override { return below_.stat(key); }
  Result<std::unique_ptr<Blob>> open(std::string_view key) override { return below_.open(key); }
  Result<std::vector<Child>> list(std::string_view prefix) override { return below_.list(prefix); }
  Result<std::unique_ptr<Upload>> create(std::string_view) override { return refused(); }
  Result<void> put(std::string_view, Bytes) override { return refused(); }
  Result<void> remove(std::string_view) override { return refused(); }
  Result<void> move(std::string_view, std::string_view) override { return refused(); }
  Result<std::unique_ptr<WriteLock>> lock(std::string_view) override { return refused(); }

 private:
  static Failure refused() { return fail(Kind::io, "read-only file system"); }
  Store& below_;
};

TEST_F(GoModulesTest, a_list_that_is_right_is_not_written) {
  put("example.com/a", "v1.0.0");
  ReadOnlyStore store(*store_);
  const GoModules modules(store);
  EXPECT_TRUE(modules.refresh_list("example.com/a"));
  ASSERT_TRUE(store_->put("go/example.com/a/@v/list", as_bytes("v0.9.0\n")));
  EXPECT_FALSE(modules.refresh_list("example.com/a"));
}

TEST_F(GoModulesTest, lock_sweeps_what_a_killed_writer_left) {
  const std::string folder = "go/example.com/a/@v/";
  for (const auto* name :
       {"v1.0.0.zip123.tmp", "v1.0.0.info9.tmp", "v1.0.0.zipx.tmp", "v1.0.0-rc.1.zip1.tmp", "v1.0.0.zip"}) {
    ASSERT_TRUE(store_->put(folder + name, as_bytes("x")));
  }
  ASSERT_TRUE(modules_.lock({"example.com/a", "v1.0.0"}));
  std::vector<std::string> left;
  const auto children = store_->list("go/example.com/a/@v").value();
  for (const auto& child : children) left.push_back(child.name);
  EXPECT_EQ(left, (std::vector<std::string>{"v1.0.0-rc.1.zip1.tmp", "v1.0.0.zip", "v1.0.0.zipx.tmp"}));
}

TEST_F(GoModulesTest, a_ziphash_that_is_none_is_unverified) {
  put("example.com/a", "v1.0.0");
  const gomod::Module module{"example.com/a", "v1.0.0"};
  ASSERT_TRUE(store_->put(module_key(module, Part::ziphash).value(), as_bytes(std::string(47, '\0'))));
  EXPECT_EQ(modules_.ziphash(module).error().kind(), Kind::unverified);
}

}  // namespace
}  // namespace larder::store

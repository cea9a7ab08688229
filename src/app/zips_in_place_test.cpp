// SPDX-License-Identifier: Apache-2.0
#include "app/zips_in_place.hpp"

#include <gtest/gtest.h>

#include "modzip/hash.hpp"
#include "modzip/write.hpp"
#include "store/disk/disk_store.hpp"

namespace larder::app {
namespace {

const gomod::Module k_module{"example.com/a", "v1.0.0"};
constexpr std::int64_t k_minute = 60'000'000'000;  // ns

std::string make_zip(const std::string& source) {
  const std::vector<std::pair<std::string, std::string>> texts = {{"go.mod", "module example.com/a\n"},
                                                                  {"p/p.go", source}};
  std::vector<modzip::SourceFile> files;
  for (const auto& [name, text] : texts) {
    files.push_back({"example.com/a@v1.0.0/" + name,
                     [&text](modzip::Scratch&) -> Result<Bytes> { return as_bytes(text); }});
  }
  std::string out;
  const auto sink = [&](Bytes bytes) -> Result<void> {
    out += as_text(bytes);
    return {};
  };
  EXPECT_TRUE(modzip::write_zip(sink, files));
  return out;
}

class ZipsInPlaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    h1_ = *modzip::hash_zip(k_module, as_bytes(zip_));
    put(store::Part::zip, zip_);
    put(store::Part::ziphash, h1_.str());
    put(store::Part::info, R"({"Version":"v1.0.0"})");
    put(store::Part::mod, "module example.com/a\n");
  }
  void put(store::Part part, const std::string& text) {
    ASSERT_TRUE(store_->put(*store::module_key(k_module, part), as_bytes(text)));
  }
  ZipsInPlace open(const index::Shelf* shelf, std::int64_t later = k_minute) {
    return {modules_,
            {.held = &held_, .shelf = shelf, .store_name = "s", .now_ns = index::clock_ns() + later}};
  }
  std::string memory_name() const { return fmt_name("s"); }
  static std::string fmt_name(std::string_view place) {
    std::string digits(16, '0');
    auto rest = index::fingerprint(place);
    for (auto at = digits.rbegin(); at != digits.rend(); ++at, rest >>= 4U)
      *at = "0123456789abcdef"[rest & 15U];
    return "zips-" + digits + ".idx";
  }
  index::HashedZips remembered() const {
    return index::parse_hashed_zips(shelf_.read(memory_name()).value_or(""));
  }

  std::string zip_ = make_zip("package p\n");
  gomod::H1 h1_;
  sys::TempDir temp_ = *sys::TempDir::create();
  std::unique_ptr<store::Store> store_ =
      *store::open_disk_store(temp_.path() / "store", store::Access::read_write);
  store::GoModules stored_{*store_};
  modcache::Cache cache_ = *modcache::Cache::open(temp_.path() / "mod");
  HeldModules held_{stored_, cache_};
  index::Shelf shelf_{temp_.path() / "index"};
  fetch::Verifier verifier_{{.settings = {.gosumdb = "off"}}};
  CachedModules modules_{cache_, held_, verifier_, CacheUse::leaves};
};

TEST_F(ZipsInPlaceTest, a_zip_of_the_store_is_a_tree) {
  auto zips = open(nullptr);
  const auto found = zips.find(k_module);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->h1, h1_);
  EXPECT_EQ(found->zip->root(), (temp_.path() / "mod/example.com/a@v1.0.0").native());
  const auto tree = found->zip->tree();
  ASSERT_TRUE(tree);
  EXPECT_NE((*tree)->file("p/p.go"), nullptr);
  EXPECT_FALSE(sys::is_dir(found->zip->root()));
  EXPECT_FALSE(sys::is_dir(temp_.path() / "mod/cache/download/example.com"));
}

TEST_F(ZipsInPlaceTest, what_is_not_held_is_wanted) {
  auto zips = open(nullptr);
  const auto found = zips.find({"example.com/b", "v1.0.0"});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind(), Kind::not_found);
  ASSERT_EQ(held_.wants().size(), 1U);
  EXPECT_TRUE(held_.wants().front().whole);
}

TEST_F(ZipsInPlaceTest, another_content_is_refused) {
  put(store::Part::zip, make_zip("package q\n"));
  for (const auto* shelf : {static_cast<const index::Shelf*>(nullptr), &std::as_const(shelf_)}) {
    auto zips = open(shelf);
    const auto found = zips.find(k_module);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind(), Kind::unverified);
    EXPECT_TRUE(found.error().message().starts_with("example.com/a@v1.0.0: zip has been modified"));
    zips.save();
    EXPECT_TRUE(remembered().empty());
  }
}

TEST_F(ZipsInPlaceTest, a_zip_is_hashed_once) {
  {
    auto zips = open(&shelf_, 0);
    ASSERT_TRUE(zips.find(k_module));
    zips.save();
    EXPECT_TRUE(remembered().empty());  // too young
  }
  {
    auto zips = open(&shelf_);
    ASSERT_TRUE(zips.find(k_module));
    zips.save();
  }
  const auto known = remembered();
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known.begin()->second.h1, h1_);
  // A memo that vouches for another content shows that nothing is hashed again.
  put(store::Part::zip, make_zip("package q\n"));
  const auto info = *store_->stat(*store::module_key(k_module, store::Part::zip));
  ASSERT_TRUE(info);
  const index::Stamp stamp{info->size, info->mtime_ns, info->ctime_ns, info->identity};
  EXPECT_FALSE(open(&shelf_).find(k_module));  // the old stamp is not enough
  shelf_.write(memory_name(), index::encode_hashed_zips({{k_module, {stamp, h1_}}}));
  auto zips = open(&shelf_);
  const auto found = zips.find(k_module);
  ASSERT_TRUE(found);
  // Nor is it where the zip changes between the two looks.
  put(store::Part::zip, make_zip("package r\n"));
  EXPECT_FALSE(found->zip->tree());
}

}  // namespace
}  // namespace larder::app

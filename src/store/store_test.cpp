// SPDX-License-Identifier: Apache-2.0
// The contract of the Store port, run on every twin.
#include "store/store.hpp"

#include <functional>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/disk/disk_store.hpp"
#include "store/memory/memory_store.hpp"
#include "sys/files.hpp"

namespace larder::store {
namespace {

struct Twin {
  std::string name;
  std::function<std::unique_ptr<Store>(const sys::Path&)> make;
};

class StoreContract : public ::testing::TestWithParam<Twin> {
 protected:
  sys::TempDir temp_ = sys::TempDir::create().value();
  std::unique_ptr<Store> store_ = GetParam().make(temp_.path());
};

TEST_P(StoreContract, put_then_read_and_replace) {
  EXPECT_FALSE(store_->stat("a/b").value());
  EXPECT_EQ(store_->open("a/b").error().kind(), Kind::not_found);
  ASSERT_TRUE(store_->put("a/b", as_bytes("one")));
  const auto first = store_->stat("a/b").value().value();
  EXPECT_EQ(first.size, 3U);
  const auto blob = store_->open("a/b").value();
  ASSERT_TRUE(store_->put("a/b", as_bytes("three")));
  EXPECT_NE(store_->stat("a/b").value()->identity, first.identity);
  EXPECT_EQ(as_text(blob->bytes().value()), "one") << "an open blob keeps its bytes";
  EXPECT_EQ(read(*store_, "a/b").value(), "three");
  EXPECT_EQ(read(*store_, "a/b", 4).error().kind(), Kind::unverified);
  EXPECT_EQ(read_or_empty(*store_, "a/b", 4).value(), "");
  EXPECT_EQ(read_or_empty(*store_, "a/b", 5).value(), "three");
  EXPECT_EQ(read_or_empty(*store_, "a/c", 5).value(), std::nullopt);
}

TEST_P(StoreContract, upload_is_invisible_until_commit) {
  auto upload = store_->create("x/y").value();
  ASSERT_TRUE(upload->write(as_bytes("junk")));
  ASSERT_TRUE(upload->rewind());
  ASSERT_TRUE(upload->write(as_bytes("good")));
  EXPECT_EQ(as_text(upload->read_back().value()->bytes().value()), "good");
  EXPECT_FALSE(store_->stat("x/y").value());
  ASSERT_TRUE(upload->commit());
  EXPECT_EQ(read(*store_, "x/y").value(), "good");
}

TEST_P(StoreContract, put_all_writes_few_and_many) {
  for (const std::size_t count : {0U, 1U, 8U, 300U}) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back("text " + std::to_string(i));
    std::vector<Object> objects;
    for (std::size_t i = 0; i < count; ++i)
      objects.push_back({"n" + std::to_string(count) + "/" + std::to_string(i), as_bytes(texts[i])});
    ASSERT_TRUE(store_->put_all(objects));
    for (const auto& object : objects) EXPECT_EQ(read(*store_, object.key).value(), as_text(object.data));
    EXPECT_EQ(store_->list("n" + std::to_string(count)).value().size(), count) << "nothing else is left";
  }
}

TEST_P(StoreContract, put_all_stops_at_a_key_that_leaves_the_store) {
  std::vector<Object> objects(20, Object{"same", as_bytes("x")});
  objects[12].key = "../out";
  EXPECT_EQ(store_->put_all(objects).error().kind(), Kind::invalid);
  EXPECT_TRUE(store_->list("").value().size() <= 2) << "no temporary file is left";
}

TEST_P(StoreContract, dropped_upload_leaves_nothing) {
  {
    auto upload = store_->create("x/y").value();
    ASSERT_TRUE(upload->write(as_bytes("junk")));
  }
  EXPECT_TRUE(store_->list("x").value().empty());
}

TEST_P(StoreContract, list_names_direct_children_in_order) {
  for (const auto* key : {"p/b", "p/a/x", "p/a/y", "p/c.txt", "q"})
    ASSERT_TRUE(store_->put(key, as_bytes("1")));
  const auto children = store_->list("p").value();
  ASSERT_EQ(children.size(), 3U);
  EXPECT_EQ(children[0].name, "a");
  EXPECT_TRUE(children[0].is_prefix);
  EXPECT_EQ(children[2].name, "c.txt");
  EXPECT_FALSE(children[2].is_prefix);
  EXPECT_TRUE(store_->list("nothing/here").value().empty());
}

TEST_P(StoreContract, move_replaces_and_remove_forgets) {
  ASSERT_TRUE(store_->put("from", as_bytes("new")));
  ASSERT_TRUE(store_->put("to/here", as_bytes("old")));
  ASSERT_TRUE(store_->move("from", "to/here"));
  EXPECT_EQ(read(*store_, "to/here").value(), "new");
  EXPECT_EQ(store_->move("from", "to/here").error().kind(), Kind::not_found);
  ASSERT_TRUE(store_->remove("to/here"));
  ASSERT_TRUE(store_->remove("to/here"));
  EXPECT_FALSE(store_->stat("to/here").value());
}

TEST_P(StoreContract, keys_that_leave_the_store_are_refused) {
  for (const auto* key : {"", "/etc/passwd", "a/../b", "..", "a//b", "a/", "a/./b", "a\nb"}) {
    EXPECT_EQ(store_->put(key, as_bytes("x")).error().kind(), Kind::invalid) << key;
    EXPECT_EQ(store_->open(key).error().kind(), Kind::invalid) << key;
  }
  EXPECT_EQ(store_->stat(std::string(300, 'x')).error().kind(), Kind::invalid);
}

TEST_P(StoreContract, locks_of_different_keys_do_not_wait) {
  const auto a = store_->lock("a").value();
  const auto b = store_->lock("b").value();
  EXPECT_TRUE(a && b);
}

INSTANTIATE_TEST_SUITE_P(Twins, StoreContract,
                         ::testing::Values(Twin{"disk",
                                                [](const sys::Path& p) {
                                                  return open_disk_store(p / "s", Access::read_write).value();
                                                }},
                                           Twin{"memory",
                                                [](const sys::Path&) { return make_memory_store(); }}),
                         [](const auto& twin) { return twin.param.name; });

TEST(DiskStore, a_fifo_is_no_object_and_is_not_waited_for) {
  const auto temp = sys::TempDir::create().value();
  const auto store = open_disk_store(temp.path(), Access::read_write).value();
  ASSERT_TRUE(store->put("a/b", {}));
  ASSERT_EQ(::mkfifo((temp.path() / "a/fifo").c_str(), 0600), 0);
  EXPECT_EQ(store->open("a/fifo").error().kind(), Kind::not_found);
}

TEST(DiskStore, format_is_written_and_a_newer_one_refused) {
  const auto temp = sys::TempDir::create().value();
  EXPECT_EQ(open_disk_store(temp.path() / "s", Access::read_only).error().kind(), Kind::not_found);
  ASSERT_TRUE(open_disk_store(temp.path() / "s", Access::read_write));
  EXPECT_EQ(sys::read_file(temp.path() / "s/larder/format").value(), "larder store 1\n");
  ASSERT_TRUE(sys::write_file(temp.path() / "s/larder/format", as_bytes("larder store 2\n")));
  EXPECT_NE(
      open_disk_store(temp.path() / "s", Access::read_only).error().message().find("unknown store format"),
      std::string::npos);
}

}  // namespace
}  // namespace larder::store

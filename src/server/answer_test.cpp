// SPDX-License-Identifier: Apache-2.0
#include "server/answer.hpp"

#include <string>

#include <gtest/gtest.h>

#include "server/testing.hpp"
#include "store/memory/memory_store.hpp"

namespace larder::server {
namespace {

using namespace testing_support;

class AnswerTest : public testing::Test {
 protected:
  void SetUp() override { fill(*store_); }
  Answer answer(const std::string& path, bool draining = false) {
    return make_answer(*store_, find_route(path), {.draining = draining, .url = "http://127.0.0.1:1"});
  }
  std::unique_ptr<store::Store> store_ = store::make_memory_store();
};

TEST_F(AnswerTest, list_names_held_versions_without_pseudo_versions) {
  const auto got = answer("/a.test/!mod/@v/list");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.body, "v1.0.0\nv1.2.0-rc.1\nv1.10.0\n");
}

TEST_F(AnswerTest, list_of_pseudo_versions_is_empty_but_there) {
  const auto got = answer("/b.test/only/@v/list");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.body, "");
}

TEST_F(AnswerTest, list_follows_the_store_at_once) {
  const auto before = answer("/a.test/!mod/@v/list");
  put_version(*store_, "v1.11.0");
  const auto after = answer("/a.test/!mod/@v/list");
  EXPECT_EQ(after.body, before.body + "v1.11.0\n");
  EXPECT_NE(after.etag, before.etag);
  ASSERT_TRUE(store_->remove(std::string(k_module) + "v1.11.0.zip").has_value());
  EXPECT_EQ(answer("/a.test/!mod/@v/list").body, before.body);
}

TEST_F(AnswerTest, latest_is_the_highest_release) {
  const auto got = answer("/a.test/!mod/@latest");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.body, "{\"Version\":\"v1.10.0\",\"Time\":\"2024-01-02T03:04:05Z\"}");
  EXPECT_EQ(got.content_type, k_json);
}

TEST_F(AnswerTest, latest_of_pseudo_versions) {
  EXPECT_NE(answer("/b.test/only/@latest").body.find("v0.0.0-20240102030405-abcdefabcdef"),
            std::string::npos);
}

struct MissingCase {
  const char* name;
  std::string path;
  std::string says;
};

const MissingCase k_missing[] = {
    {"no_such_module", "/c.test/x/@v/list", "no version of c.test/x is held here"},
    {"parent_of_a_module", "/a.test/@v/list", "no version of a.test is held here"},
    {"no_latest", "/c.test/x/@latest", "larder stock c.test/x@latest"},
    {"no_such_version", "/a.test/!mod/@v/v9.0.0.info", "the .info of a.test/Mod@v9.0.0 is not held here\n"},
    {"how_to_get_it", "/a.test/!mod/@v/v9.0.0.zip", "larder stock a.test/Mod@v9.0.0"},
    {"requirement_only", "/a.test/!mod/@v/v1.11.0.zip",
     "the .zip of a.test/Mod@v1.11.0 is not held here: only its go.mod is, as a requirement of other "
     "modules\n"},
    {"branch", "/a.test/!mod/@v/main.info", "the .info of a.test/Mod@main is not held here"},
    {"malformed", "/a.test/Mod/@v/list", "no such module"},
    {"sumdb", "/sumdb/sum.test/supported", "no such checksum database is carried here"},
    {"nowhere", "/nowhere", "no such page"},
};

class Missing : public AnswerTest, public testing::WithParamInterface<MissingCase> {};

// The go command shows the text only up to 8 lines and 648 bytes, and stops at an empty line.
TEST_P(Missing, is_named) {
  const auto got = answer(GetParam().path);
  EXPECT_EQ(got.status, 404U);
  EXPECT_EQ(got.content_type, k_text);
  EXPECT_NE(got.body.find(GetParam().says), std::string::npos) << got.body;
  EXPECT_LE(got.body.size(), 648U);
  EXPECT_EQ(got.body.find("\n\n"), std::string::npos);
  EXPECT_TRUE(got.error.empty());
}

INSTANTIATE_TEST_SUITE_P(Table, Missing, testing::ValuesIn(k_missing),
                         [](const auto& row) { return std::string(row.param.name); });

// As go's own server: no proxy behind this one need be asked.
TEST_F(AnswerTest, lookups_of_what_is_no_version_are_refused) {
  for (const char* name : {"a.test/m@main", "a.test/M@v1.0.0", "a.test/m", "nope@@v1"}) {
    const auto got = answer(std::string("/sumdb/sum.test/lookup/") + name);
    EXPECT_EQ(got.status, 400U) << name;
    EXPECT_EQ(got.body, "invalid module@version syntax\n") << name;
  }
  EXPECT_EQ(answer("/sumdb/sum.test/lookup/a.test/m@v1.0.0").status, 404U);
}

TEST_F(AnswerTest, long_names_are_cut_in_texts) {
  std::string path;
  for (int i = 0; i < 10; ++i) path += "/" + std::string(200, 'a');
  for (const char* ending : {"/@v/list", "/@v/v1.0.0.zip", "/@v/V.zip"}) {
    const auto got = answer("/a.test" + path + ending);
    EXPECT_EQ(got.status, 404U);
    EXPECT_LE(got.body.size(), 648U);
  }
}

TEST_F(AnswerTest, requirements_mod_is_served) {
  const auto got = answer("/a.test/!mod/@v/v1.11.0.mod");
  EXPECT_EQ(got.status, 200U);
  ASSERT_TRUE(got.blob);
  EXPECT_EQ(as_text(got.blob->bytes().value()), "module a.test/Mod\n");
}

TEST_F(AnswerTest, replaced_object_has_another_tag) {
  const auto before = answer("/a.test/!mod/@v/v1.0.0.info");
  const std::string same(as_text(before.blob->bytes().value()));
  ASSERT_TRUE(store_->put(std::string(k_module) + "v1.0.0.info", as_bytes(same)).has_value());
  EXPECT_NE(answer("/a.test/!mod/@v/v1.0.0.info").etag, before.etag);
}

TEST_F(AnswerTest, damage_is_named_and_not_given_out) {
  for (const std::string name : {"v1.0.0.info", "v1.0.0.mod", "v1.0.0.zip", "v1.11.0.mod"}) {
    flip_a_bit(*store_, std::string(k_module) + name);
    const auto got = answer("/a.test/!mod/@v/" + name);
    EXPECT_EQ(got.status, 500U) << name;
    EXPECT_FALSE(got.blob);
    EXPECT_NE(got.body.find("a.test/Mod@v1."), std::string::npos) << got.body;
    EXPECT_EQ(got.cache_control, "no-store");
    EXPECT_NE(got.error, "");
  }
  flip_a_bit(*store_, std::string(k_module) + "v1.10.0.info");
  EXPECT_EQ(answer("/a.test/!mod/@latest").status, 500U);
}

TEST_F(AnswerTest, an_object_without_a_verdict_is_not_given_out) {
  Proofs proofs;
  const auto route = find_route("/a.test/!mod/@v/v1.0.0.zip");
  const auto got = make_answer(*store_, route, {.draining = false, .url = "", .proofs = &proofs});
  EXPECT_TRUE(got.needs_proof);
  EXPECT_FALSE(got.blob);
}

TEST_F(AnswerTest, a_store_that_is_gone_is_not_ready) {
  EXPECT_EQ(answer("/readyz").status, 200U) << "a copied tree, without larder/format";
  store_ = store::make_memory_store();
  EXPECT_EQ(answer("/readyz").status, 503U);
  ASSERT_TRUE(store_->put("larder/format", as_bytes("larder store 1\n")).has_value());
  EXPECT_EQ(answer("/readyz").status, 200U);
}

TEST_F(AnswerTest, health) {
  EXPECT_EQ(answer("/livez").status, 200U);
  EXPECT_EQ(answer("/readyz").status, 200U);
  EXPECT_EQ(answer("/livez", true).status, 200U);
  EXPECT_EQ(answer("/readyz", true).status, 503U);
  EXPECT_EQ(answer("/livez").cache_control, "no-store");
}

TEST_F(AnswerTest, home_says_what_to_do) {
  EXPECT_NE(answer("/").body.find("export GOPROXY=http://127.0.0.1:1\n"), std::string::npos);
}

// A store whose disk fails: the client learns that, the log learns why.
class BrokenStore final : public store::Store {
 public:
  Result<std::optional<store::ObjectInfo>> stat(std::string_view) override { return broken(); }
  Result<std::unique_ptr<store::Blob>> open(std::string_view) override { return broken(); }
  Result<std::unique_ptr<store::Upload>> create(std::string_view) override { return broken(); }
  Result<void> put(std::string_view, Bytes) override { return broken(); }
  Result<void> remove(std::string_view) override { return broken(); }
  Result<void> move(std::string_view, std::string_view) override { return broken(); }
  Result<std::vector<store::Child>> list(std::string_view) override { return broken(); }
  Result<std::unique_ptr<store::WriteLock>> lock(std::string_view) override { return broken(); }

 private:
  static Failure broken() { return fail(Kind::io, "read /secret/place: input/output error"); }
};

TEST(BrokenDisk, is_aserver_error_without_paths) {
  BrokenStore store;
  for (const char* path : {"/a.test/@v/list", "/a.test/@latest", "/a.test/@v/v1.0.0.zip", "/readyz"}) {
    const auto got = make_answer(store, find_route(path), {});
    EXPECT_GE(got.status, 500U) << path;
    EXPECT_EQ(got.body.find("secret"), std::string::npos);
    EXPECT_NE(got.error.find("secret"), std::string::npos) << path;
    EXPECT_EQ(got.cache_control, "no-store");
  }
  EXPECT_EQ(make_answer(store, find_route("/livez"), {}).status, 200U);
}

TEST(HttpStatus, of_every_kind) {
  EXPECT_EQ(http_status(Kind::not_found), 404U);
  EXPECT_EQ(http_status(Kind::invalid), 400U);
  EXPECT_EQ(http_status(Kind::forbidden), 403U);
  EXPECT_EQ(http_status(Kind::unavailable), 503U);
  EXPECT_EQ(http_status(Kind::cancelled), 503U);
  EXPECT_EQ(http_status(Kind::unverified), 500U);
  EXPECT_EQ(http_status(Kind::io), 500U);
  EXPECT_EQ(http_status(Kind::internal), 500U);
}

}  // namespace
}  // namespace larder::server

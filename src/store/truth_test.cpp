// SPDX-License-Identifier: Apache-2.0
#include "store/truth.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "modzip/extract.hpp"
#include "modzip/write.hpp"
#include "store/memory/memory_store.hpp"

namespace larder::store {
namespace {

const gomod::Module k_whole{"example.com/a", "v1.0.0"};
const gomod::Module k_old{"example.com/old", "v1.0.0"};  // no go.mod in its zip
const gomod::Module k_required{"example.com/r", "v1.0.0"};
constexpr std::string_view k_mod = "module example.com/a\n\ngo 1.20\n";

class Truth : public testing::Test {
 protected:
  void SetUp() override {
    add(k_whole, {{"go.mod", std::string(k_mod)}, {"a.go", "package a\n"}}, k_mod);
    add(k_old, {{"a.go", "package old\n"}}, "module example.com/old\n");
    ASSERT_TRUE(modules_.put_requirement(k_required, "module example.com/r\n"));
  }
  void add(const gomod::Module& module, const std::map<std::string, std::string>& files,
           std::string_view mod) {
    std::vector<modzip::SourceFile> sources;
    for (const auto& [name, text] : files) {
      sources.push_back({.name = module.str() + "/" + name,
                         .read = [&text](modzip::Scratch&) { return Result<Bytes>(as_bytes(text)); }});
    }
    const auto upload = modules_.create_zip(module).value();
    ASSERT_TRUE(modzip::write_zip([&](Bytes b) { return upload->write(b); }, sources));
    const auto h1 = modzip::check_and_hash(module, upload->read_back().value()->bytes().value()).value().h1;
    const std::string info = R"({"Version":")" + module.version + R"("})";
    ASSERT_TRUE(modules_.put({.module = module, .info = info, .mod = std::string(mod), .h1 = h1}, *upload));
  }
  std::string key(const gomod::Module& module, Part part) { return module_key(module, part).value(); }
  void set(const gomod::Module& module, Part part, std::string_view text) {
    ASSERT_TRUE(store_->put(key(module, part), as_bytes(text)));
  }
  Result<std::uint64_t> check(const gomod::Module& module) {
    return check_version(modules_, module, modules_.held(module).value());
  }

  std::unique_ptr<Store> store_ = make_memory_store();
  GoModules modules_{*store_};
};

TEST_F(Truth, of_what_is_sound) {
  EXPECT_EQ(check(k_whole), modules_.zip(k_whole).value()->info().size);
  EXPECT_TRUE(check(k_old));
  EXPECT_EQ(check(k_required), 0U);
  for (const Part part : {Part::info, Part::mod, Part::zip, Part::ziphash}) {
    EXPECT_TRUE(check_part(modules_, k_whole, part));
  }
  EXPECT_TRUE(check_part(modules_, k_required, Part::mod));
  EXPECT_TRUE(check_part(modules_, k_required, Part::modhash));
  EXPECT_EQ(check({"example.com/a", "v9.0.0"}).error().kind(), Kind::not_found);
}

struct DamageRow {
  const char* name;
  const gomod::Module& module;
  Part part;
  std::string text;
  const char* message;
};

// Every byte of every file that has a hash: one bit of it is found, whichever it is.
TEST_F(Truth, every_flipped_bit_of_hashed_files_is_found) {
  const std::vector<std::pair<gomod::Module, Part>> files{
      {k_whole, Part::mod},    {k_whole, Part::ziphash},    {k_old, Part::mod},
      {k_required, Part::mod}, {k_required, Part::modhash},
  };
  for (const auto& [module, part] : files) {
    const std::string good = read(*store_, key(module, part)).value();
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
      std::string bad = good;
      bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
      set(module, part, bad);
      const auto found = check(module);
      ASSERT_FALSE(found) << module.str() << part_suffix(part) << " bit " << i;
      EXPECT_EQ(found.error().kind(), Kind::unverified);
    }
    set(module, part, good);
    EXPECT_TRUE(check(module));
  }
}

TEST_F(Truth, a_flipped_bit_of_a_zip_is_found_or_changes_no_content) {
  const std::string good = read(*store_, key(k_whole, Part::zip)).value();
  std::size_t found = 0;
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    set(k_whole, Part::zip, bad);
    const auto checked = check(k_whole);
    if (!checked) {
      EXPECT_EQ(checked.error().kind(), Kind::unverified) << checked.error().message();
      ++found;
    }
  }
  EXPECT_GT(found, good.size() * 8 / 2);  // times and modes mean nothing
}

TEST_F(Truth, says_what_is_wrong) {
  const DamageRow rows[] = {
      {"garbage info", k_whole, Part::info, "<html>", ".info: invalid character '<'"},
      {"cut info", k_whole, Part::info, R"({"Version":)", ".info: "},
      {"empty info", k_whole, Part::info, "", ".info: "},
      {"info of another", k_whole, Part::info, R"({"Version":"v1.0.1"})", ".info names version v1.0.1"},
      {"mod of another", k_whole, Part::mod, "module example.com/a\n", ".mod is not the go.mod of the zip"},
      {"mod with a line too many", k_old, Part::mod, "module example.com/old\n\n", ".mod is not"},
      {"no zip", k_whole, Part::zip, "", "zip: "},
      {"no h1", k_whole, Part::ziphash, "h1:", "go/example.com/a/@v/v1.0.0.ziphash: not an h1 hash"},
      {"h1 of another", k_whole, Part::ziphash, gomod::hash_go_mod("x").str(), "zip has been modified: hash"},
      {"required mod", k_required, Part::mod, "module example.com/q\n", ".mod has been modified: hash"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string good = read(*store_, key(row.module, row.part)).value();
    set(row.module, row.part, row.text);
    const auto found = check(row.module);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind(), Kind::unverified);
    EXPECT_TRUE(found.error().message().starts_with(row.message)) << found.error().message();
    if (row.part != Part::ziphash || row.text != "h1:") {
      const auto part = row.part == Part::ziphash ? Part::zip : row.part;
      EXPECT_FALSE(check_part(modules_, row.module, part));
    }
    set(row.module, row.part, good);
  }
}

TEST_F(Truth, a_mod_without_any_witness_is_not_held) {
  ASSERT_TRUE(store_->remove(key(k_required, Part::modhash)));
  EXPECT_EQ(modules_.held(k_required), Held::nothing);
  EXPECT_EQ(check_part(modules_, k_required, Part::mod).error().kind(), Kind::not_found);
}

TEST_F(Truth, what_is_set_aside_is_not_held) {
  const std::string zip = read(*store_, key(k_whole, Part::zip)).value();
  ASSERT_TRUE(modules_.set_aside(k_whole));
  ASSERT_TRUE(modules_.set_aside(k_required));
  EXPECT_EQ(modules_.held(k_whole), Held::nothing);
  EXPECT_EQ(modules_.held(k_required), Held::nothing);
  EXPECT_EQ(read(*store_, "go/example.com/a/@v/list"), "");
  EXPECT_EQ(read(*store_, "larder/damaged/go/example.com/a/@v/v1.0.0.zip"), zip);
  EXPECT_EQ(modules_.all().value().size(), 1U);
}

TEST_F(Truth, incomplete_versions_are_told) {
  const auto incomplete = [&] {
    std::vector<std::string> out;
    EXPECT_TRUE(modules_.all(nullptr, [&](const Incomplete& version) {
      out.push_back(version.module.str() + " " + lacks_text(version));
    }));
    return out;
  };
  EXPECT_TRUE(incomplete().empty());
  ASSERT_TRUE(store_->remove(key(k_whole, Part::ziphash)));
  ASSERT_TRUE(store_->remove(key(k_old, Part::info)));
  ASSERT_TRUE(store_->remove(key(k_old, Part::mod)));
  set({"example.com/begun", "v1.0.0"}, Part::ziphash, "h1:");  // a crash before the first visible byte
  EXPECT_EQ(incomplete(), (std::vector<std::string>{"example.com/a@v1.0.0 lacks .ziphash",
                                                    "example.com/old@v1.0.0 lacks .info and .mod"}));
  ASSERT_TRUE(store_->remove(key(k_required, Part::modhash)));
  EXPECT_EQ(incomplete().back(), k_required.str() + " lacks .modhash");  // nobody misses its zip
}

TEST_F(Truth, what_the_zip_is_not_is_said_once) {
  for (const std::string_view text : {"", "PK"}) {
    set(k_whole, Part::zip, text);
    const auto message = check(k_whole).error().message();
    EXPECT_TRUE(message.starts_with("zip: ") && !message.starts_with("zip: zip: ")) << message;
  }
}

}  // namespace
}  // namespace larder::store

// SPDX-License-Identifier: Apache-2.0
#include "bundle/sumdb_member.hpp"

#include <gtest/gtest.h>

namespace larder::bundle {
namespace {

const std::string k_record_a = "example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0/go.mod h1:y\n";
const std::string k_record_b = "example.com/B v1.0.0/go.mod h1:y\n";

SumDbPart example() {
  return {
      .name = "sum.test/db",
      .note = "note\n",
      .records = {{{"example.com/a", "v1.0.0"}, 7, k_record_a}, {{"example.com/B", "v1.0.0"}, 3, k_record_b}},
      .tiles = {{{.level = 0, .number = 5, .width = 2}, std::string(64, '\n')},
                {{.level = 0, .number = 0, .width = 256}, std::string(8192, 'x')}}};
}

TEST(SumDbMember, print_and_parse_are_inverse) {
  const auto text = print_sumdb(example());
  EXPECT_TRUE(
      text.starts_with("larder-sumdb 1\nhead sum.test/db 5\nnote\nrecord 3 33\nexample.com/B v1.0.0"));
  const auto part = parse_sumdb(text);
  ASSERT_TRUE(part) << part.error().message();
  EXPECT_EQ(part->name, "sum.test/db");
  ASSERT_EQ(part->records.size(), 2U);
  EXPECT_EQ(part->records[0].module.path, "example.com/B");
  EXPECT_EQ(part->records[0].module.version, "v1.0.0");
  EXPECT_EQ(part->tiles[1].tile.path(), "tile/8/0/005.p/2");
  EXPECT_EQ(print_sumdb(*part), text);
}

TEST(SumDbMember, every_cut_is_refused) {
  const auto text = print_sumdb(example());
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (parse_sumdb(std::string_view(text).substr(0, i))) ++accepted;
  }
  EXPECT_EQ(accepted, 4U) << "behind the head and each object but the last";
}

struct Odd {
  const char* name;
  std::string text;
};

const std::string k_head = "larder-sumdb 1\nhead sum.test 2\nx\n";
const Odd k_odd[] = {
    {"empty", ""},
    {"format", "larder-sumdb 2\nhead sum.test 2\nx\n"},
    {"no head", "larder-sumdb 1\nrecord 1 2\nx\n"},
    {"name", "larder-sumdb 1\nhead ../x 2\nx\n"},
    {"long head", "larder-sumdb 1\nhead sum.test 99999999999999999999\nx\n"},
    {"leading zero", "larder-sumdb 1\nhead sum.test 02\nx\n"},
    {"unknown word", k_head + "other 1\n"},
    {"endless line", k_head + std::string(10'000, 'x')},
    {"record of nothing", k_head + "record 1 2\nx\n"},
    {"record with control characters", k_head + "record 1 6\na b \x01\n"},
    {"record beyond the end", k_head + "record 1 99\nx\n"},
    {"record twice", k_head + "record 3 33\n" + k_record_b + "record 4 33\n" + k_record_b},
    {"record of a path that leaves", k_head + "record 1 16\n../a v1.0.0 h1:x\n"},
    {"data tile", k_head + "tile tile/8/data/000.p/1\n" + std::string(32, 'x')},
    {"tile of another height", k_head + "tile tile/2/0/000.p/1\n" + std::string(32, 'x')},
    {"tile with another spelling", k_head + "tile tile/8/0/0.p/1\n" + std::string(32, 'x')},
    {"short tile", k_head + "tile tile/8/0/000.p/1\n" + std::string(31, 'x')},
    {"tile twice", k_head + "tile tile/8/0/000.p/1\n" + std::string(32, 'x') + "tile tile/8/0/000.p/1\n" +
                       std::string(32, 'x')},
};

TEST(SumDbMember, what_makes_no_sense_is_refused) {
  ASSERT_TRUE(parse_sumdb(k_head));
  for (const auto& odd : k_odd) {
    const auto part = parse_sumdb(odd.text);
    ASSERT_FALSE(part) << odd.name;
    EXPECT_EQ(part.error().kind(), Kind::invalid) << odd.name;
  }
}

}  // namespace
}  // namespace larder::bundle

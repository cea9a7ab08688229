// SPDX-License-Identifier: Apache-2.0
#include "server/conditions.hpp"

#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace larder::server {
namespace {

using What = Selection::What;
using Header = std::optional<std::string_view>;

constexpr std::string_view k_etag = "\"abc\"";
constexpr std::uint64_t k_size = 100;

struct Case {
  const char* name;
  Header if_none_match, range, if_range;
  What what;
  std::uint64_t first = 0, count = 0;
};

const Case k_cases[] = {
    {"nothing_asked", {}, {}, {}, What::whole},
    {"same_tag", "\"abc\"", {}, {}, What::unchanged},
    {"weak_same_tag", "W/\"abc\"", {}, {}, What::unchanged},
    {"one_of_several", "\"x\" , \"abc\"", {}, {}, What::unchanged},
    {"any", " * ", {}, {}, What::unchanged},
    {"other_tag", "\"abcd\"", {}, {}, What::whole},
    {"tag_without_quotes", "abc", {}, {}, What::whole},
    {"unchanged_wins_over_range", "\"abc\"", "bytes=0-1", {}, What::unchanged},
    {"from_to", {}, "bytes=0-9", {}, What::part, 0, 10},
    {"one_byte", {}, "bytes=99-99", {}, What::part, 99, 1},
    {"from", {}, "bytes=40-", {}, What::part, 40, 60},
    {"from_zero", {}, "bytes=0-", {}, What::part, 0, 100},
    {"end_beyond_size", {}, "bytes=40-1000", {}, What::part, 40, 60},
    {"suffix", {}, "bytes=-30", {}, What::part, 70, 30},
    {"suffix_beyond_size", {}, "bytes=-1000", {}, What::part, 0, 100},
    {"unit_in_capitals", {}, "BYTES=1-2", {}, What::part, 1, 2},
    {"spaces", {}, " bytes = 1-2 ", {}, What::part, 1, 2},
    {"start_at_the_end", {}, "bytes=100-", {}, What::unsatisfiable},
    {"start_beyond", {}, "bytes=1000-2000", {}, What::unsatisfiable},
    {"empty_suffix", {}, "bytes=-0", {}, What::unsatisfiable},
    {"several_ranges_are_ignored", {}, "bytes=0-1,3-4", {}, What::whole},
    {"other_unit", {}, "lines=0-1", {}, What::whole},
    {"no_unit", {}, "0-1", {}, What::whole},
    {"backwards", {}, "bytes=9-1", {}, What::whole},
    {"no_ends", {}, "bytes=-", {}, What::whole},
    {"no_dash", {}, "bytes=5", {}, What::whole},
    {"words", {}, "bytes=a-b", {}, What::whole},
    {"negative", {}, "bytes=--5", {}, What::whole},
    {"number_too_large", {}, "bytes=99999999999999999999-", {}, What::whole},
    {"largest_number", {}, "bytes=0-18446744073709551615", {}, What::part, 0, 100},
    {"if_range_same", {}, "bytes=40-", "\"abc\"", What::part, 40, 60},
    {"if_range_other", {}, "bytes=40-", "\"old\"", What::whole},
    {"if_range_weak_never_matches", {}, "bytes=40-", "W/\"abc\"", What::whole},
    {"if_range_date_never_matches", {}, "bytes=40-", "Sat, 01 Jan 2000 00:00:00 GMT", What::whole},
    {"if_range_without_range", {}, {}, "\"abc\"", What::whole},
};

class Conditional : public testing::TestWithParam<Case> {};

TEST_P(Conditional, request) {
  const auto& c = GetParam();
  const auto got = select({c.if_none_match, c.range, c.if_range}, k_etag, k_size, true);
  EXPECT_EQ(got.what, c.what);
  EXPECT_EQ(got.first, c.first);
  EXPECT_EQ(got.count, c.count);
}

INSTANTIATE_TEST_SUITE_P(Table, Conditional, testing::ValuesIn(k_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Conditional, no_ranges_where_they_are_not_offered) {
  EXPECT_EQ(select({{}, "bytes=0-1", {}}, k_etag, k_size, false).what, What::whole);
}

TEST(Conditional, empty_object_has_no_range) {
  EXPECT_EQ(select({{}, "bytes=0-", {}}, k_etag, 0, true).what, What::unsatisfiable);
  EXPECT_EQ(select({{}, "bytes=-1", {}}, k_etag, 0, true).what, What::unsatisfiable);
}

TEST(Conditional, property_parts_lie_inside) {
  rc::check([](std::uint64_t size, std::uint64_t a, std::uint64_t b) {
    for (const auto& range : {"bytes=" + std::to_string(a) + "-" + std::to_string(b),
                              "bytes=-" + std::to_string(a), "bytes=" + std::to_string(a) + "-"}) {
      const auto got = select({{}, range, {}}, k_etag, size, true);
      if (got.what != What::part) continue;
      RC_ASSERT(got.count > 0U);
      RC_ASSERT(got.first < size);
      RC_ASSERT(got.count <= size - got.first);
    }
  });
}

}  // namespace
}  // namespace larder::server

// SPDX-License-Identifier: Apache-2.0
#include "gomod/info.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "gomod/rfc3339.hpp"

namespace larder::gomod {
namespace {

struct InfoCase {
  const char* name;
  const char* json;
  const char* cached;  // what the go command wrote for it; "" where it refuses
  const char* problem = "";
};
class ParseInfo : public testing::TestWithParam<InfoCase> {};
TEST_P(ParseInfo, table) {
  const auto info = parse_info(GetParam().json);
  if (GetParam().cached[0] == '\0') {
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error().kind(), Kind::invalid);
    EXPECT_EQ(info.error().message(), GetParam().problem);
    return;
  }
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(cached_info(*info), GetParam().cached);
  EXPECT_EQ(*parse_info(print_info(*info)), *info);
}
INSTANTIATE_TEST_SUITE_P(
    Info, ParseInfo,
    testing::Values(
        InfoCase{
            "whole",
            R"({"Version":"v1.0.0","Time":"2024-05-06T07:08:09.120+02:00","Origin":{"VCS":"git",)"
            R"("URL":"https://h/r?a=1&b=<2>","Ref":"refs/tags/v1.0.0","Hash":"abc","TagSum":"t1:x",)"
            R"("TagPrefix":"p","Subdir":"s","RepoSum":"r1:q","Extra":1},"Name":"n","Short":"s"})",
            R"({"Version":"v1.0.0","Time":"2024-05-06T07:08:09.12+02:00","Origin":{"VCS":"git",)"
            R"("URL":"https://h/r?a=1\u0026b=\u003c2\u003e","Subdir":"s","Hash":"abc","Ref":"refs/tags/v1.0.0"}})"},
        InfoCase{
            "pseudo",
            R"({"Version":"v0.0.0-20240102030405-0123456789ab","Time":"2024-01-02T03:04:05Z",)"
            R"("Origin":{"VCS":"git","Ref":"refs/heads/main"}})",
            R"({"Version":"v0.0.0-20240102030405-0123456789ab","Time":"2024-01-02T03:04:05Z","Origin":{"VCS":"git"}})"},
        InfoCase{"no_time_and_lower_case", R"({"version":"v1.0.0"})",
                 R"({"Version":"v1.0.0","Time":"0001-01-01T00:00:00Z"})"},
        InfoCase{"null_origin", R"({"Version":"v1.0.0","Time":"2024-05-06T07:08:09+00:00","Origin":null})",
                 R"({"Version":"v1.0.0","Time":"2024-05-06T07:08:09Z"})"},
        InfoCase{"empty_origin", R"({"Version":"v1.0.0","Time":"2024-05-06T07:08:09-00:00","Origin":{}})",
                 R"({"Version":"v1.0.0","Time":"2024-05-06T07:08:09Z","Origin":{}})"},
        InfoCase{"escapes",
                 "{\"Version\":\"v1.0.0\",\"Time\":\"2024-05-06T07:08:09.5Z\","
                 "\"Origin\":{\"URL\":"
                 "\"\xe2\x80\xa8\xc3\xa9\\u0001\\n\\\"\\\\/\"}}",
                 "{\"Version\":\"v1.0.0\",\"Time\":\"2024-05-06T07:08:09.5Z\","
                 "\"Origin\":{\"URL\":"
                 "\"\\u2028\xc3\xa9\\u0001\\n\\\"\\\\/\"}}"},
        InfoCase{"null_time", R"({"Version":"v1.0.0","Time":null})",
                 R"({"Version":"v1.0.0","Time":"0001-01-01T00:00:00Z"})"},
        InfoCase{"last_wins", R"({"Version":"v1.0.0","VERSION":"v1.0.1"})",
                 R"({"Version":"v1.0.1","Time":"0001-01-01T00:00:00Z"})"},
        InfoCase{"nested_names_do_not_count",
                 R"({"Version":"v1.0.0","X":{"Version":"v9"},"Y":[{"Version":"v9"}]})",
                 R"({"Version":"v1.0.0","Time":"0001-01-01T00:00:00Z"})"},
        InfoCase{"null", "null", R"({"Version":"","Time":"0001-01-01T00:00:00Z"})"},
        InfoCase{"html", "<!DOCTYPE html>", "", "invalid character '<' looking for beginning of value"},
        InfoCase{"empty", "", "", "unexpected end of JSON input"},
        InfoCase{"cut", R"({"Version":"v1.0.0")", "", "unexpected end of JSON input"},
        InfoCase{"more", R"({"Version":"v1.0.0"} x)", "", "invalid character 'x' after top-level value"},
        InfoCase{"array", "[1]", "", "json: cannot unmarshal array into Go value of type modfetch.RevInfo"},
        InfoCase{"string", "\"v1.0.0\"", "",
                 "json: cannot unmarshal string into Go value of type modfetch.RevInfo"},
        InfoCase{"number", R"({"Version":5})", "",
                 "json: cannot unmarshal number into Go struct field RevInfo.Version of type string"},
        InfoCase{"object", R"({"Version":{}})", "",
                 "json: cannot unmarshal object into Go struct field RevInfo.Version of type string"},
        InfoCase{"origin", R"({"Origin":[]})", "",
                 "json: cannot unmarshal array into Go struct field RevInfo.Origin of type codehost.Origin"},
        InfoCase{"origin_field", R"({"Origin":{"VCS":true}})", "",
                 "json: cannot unmarshal bool into Go struct field Origin.Origin.VCS of type string"},
        InfoCase{
            "time", R"({"Version":"v1.0.0","Time":"yesterday"})", "",
            R"(parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006")"},
        InfoCase{"time_and_number", R"({"Version":5,"Time":5})", "",
                 "Time.UnmarshalJSON: input is not a JSON string"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ParseInfo, a_nul_is_no_end) {
  const auto info = parse_info(std::string("{\"Version\":\"v1.0.0\"}\0", 21));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().message(), R"(invalid character '\x00' after top-level value)");
}

TEST(ParseInfo, bounds_size_and_depth) {
  std::string deep = R"({"Version":"v1.0.0","X":)";
  deep += std::string(63, '[') + std::string(63, ']') + "}";
  EXPECT_TRUE(parse_info(deep));
  const std::string too_deep = R"({"X":)" + std::string(500'000, '[');
  ASSERT_FALSE(parse_info(too_deep));
  EXPECT_EQ(parse_info(too_deep).error().message(), "exceeded max depth");
  const auto large = parse_info(std::string(k_max_info + 1, ' '));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().message(), "too large");
}

TEST(PrintInfo, is_undone_by_parse) {
  EXPECT_TRUE(rc::check("parse_info(print_info(i)) == i", [] {
    const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    Info info{"v" + text, "2024-01-02T03:04:05Z", Origin{}};
    info.origin->url = text;
    RC_ASSERT(*parse_info(print_info(info)) == info);
  }));
}

// In the words of Go's time package.
TEST(Instant, says_what_is_wrong) {
  const auto unreadable = [](std::string_view rest, std::string_view piece) {
    return fmt::format(R"( as "2006-01-02T15:04:05Z07:00": cannot parse "{}" as "{}")", rest, piece);
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", unreadable("", "2006")},
      {"2x20", unreadable("2x20", "2006")},
      {"2020-1-02T03:04:05Z", unreadable("1-02T03:04:05Z", "01")},
      {"2020-01-02", unreadable("", "T")},
      {"2020-01-02 03:04:05Z", unreadable(" 03:04:05Z", "T")},
      {"2020-01-02T03:04:05", unreadable("", "Z07:00")},
      {"2020-01-02T03:04:05.Z", unreadable(".Z", "Z07:00")},
      {"2020-01-02T03:04:05+0200", unreadable("+0200", "Z07:00")},
      {"2020-01-02T03:04:05*02:00", unreadable("*02:00", "Z07:00")},
      {"2020-01-02T03:04:05z", unreadable("z", "Z07:00")},
      {"2020-01-02T03:04:05Zx\"\n\x80", R"(: extra text: "x\"\x0a\x80")"},
      {"2020-00-02T03:04:05Z", ": month out of range"},
      {"2020-13-02T03:04:05Z", ": month out of range"},
      {"2020-02-30T03:04:05Z", ": day out of range"},
      {"2020-02-00T03:04:05Zx", ": extra text: \"x\""},
      {"2020-01-02T24:04:05Z", ": hour out of range"},
      {"2020-01-02T23:60:05Z", ": minute out of range"},
      {"2020-01-02T23:04:60Z", ": second out of range"},
      {"2020-01-02T03:04:05+25:00", ": time zone offset hour out of range"},
      {"2020-01-02T03:04:05+23:60", ": time zone offset hour out of range"},
      {"2020-01-02T03:04:05+25:61", ": time zone offset minute out of range"},
      {"2020-01-02T03:04:05-23:61", ": time zone offset minute out of range"},
  };
  for (const auto& [text, reason] : cases) {
    const auto parsed = Instant::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_TRUE(parsed.error().message().ends_with(reason)) << parsed.error().message();
  }
  EXPECT_EQ(Instant::parse("\"\\\t").error().message(),
            R"(parsing time "\"\\\x09" as "2006-01-02T15:04:05Z07:00": cannot parse "\"\\\x09" as "2006")");
}

struct TimeCase {
  const char* text;
  const char* normal;  // "" where Go refuses it
};
class Times : public testing::TestWithParam<TimeCase> {};
TEST_P(Times, table) {
  EXPECT_EQ(normal_time(GetParam().text).value_or(""), GetParam().normal);
}
INSTANTIATE_TEST_SUITE_P(
    Info, Times,
    testing::Values(TimeCase{"2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"},
                    TimeCase{"2024-05-06T07:08:09,5Z", "2024-05-06T07:08:09.5Z"},
                    TimeCase{"2024-05-06T07:08:09.1234567890Z", "2024-05-06T07:08:09.123456789Z"},
                    TimeCase{"2024-05-06T07:08:09.000Z", "2024-05-06T07:08:09Z"},
                    TimeCase{"2024-05-06T7:08:09Z", "2024-05-06T07:08:09Z"},
                    TimeCase{"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
                    TimeCase{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
                    TimeCase{"2024-02-29T00:00:00-07:30", "2024-02-29T00:00:00-07:30"},
                    TimeCase{"2024-05-06 07:08:09Z", ""}, TimeCase{"2024-05-06T07:08:09z", ""},
                    TimeCase{"2024-02-30T07:08:09Z", ""}, TimeCase{"2023-02-29T07:08:09Z", ""},
                    TimeCase{"2024-05-06T24:08:09Z", ""}, TimeCase{"2024-05-06T07:08:60Z", ""},
                    TimeCase{"2024-05-06T07:08:09+24:00", ""},
                    TimeCase{"2024-05-06T07:08:09-22:60", "2024-05-06T07:08:09-23:00"},
                    TimeCase{"2024-05-06T07:08:09", ""}, TimeCase{"2024-05-06T07:08:09.Z", ""},
                    TimeCase{"2024-05-06T07:08:09Zx", ""}, TimeCase{"2024-5-06T07:08:09Z", ""},
                    TimeCase{"+024-05-06T07:08:09Z", ""}, TimeCase{"", ""}));

TEST(Instant, compares_across_zones) {
  const auto a = Instant::of("2024-05-06T07:00:00+02:00");
  const auto b = Instant::of("2024-05-06T05:00:00.1Z");
  ASSERT_TRUE(a && b);
  EXPECT_TRUE(a->before(*b));
  EXPECT_FALSE(b->before(*a));
}

}  // namespace
}  // namespace larder::gomod

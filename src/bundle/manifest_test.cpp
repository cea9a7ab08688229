// SPDX-License-Identifier: Apache-2.0
#include "bundle/manifest.hpp"

#include <gtest/gtest.h>

#include "bundle/bundle_testing.hpp"

namespace larder::bundle {
namespace {

Manifest sample() {
  Manifest m;
  m.id = "01K38Z1Z9G8V0Q2R4T6X8Z0B2D";
  m.source = "dev \"1\" \xC3\xA4";
  m.created = "2026-08-22T10:00:00Z";
  m.tool = "larder 0.1.0";
  m.root = std::string(64, 'a');
  m.members = {{"README.txt", "readme", sha256("r"), 1}, {"entries.zst", "entries", sha256("e"), 2}};
  m.entries_size = 17;
  m.counts.blobs = 3;
  m.counts.zip_bytes = INT64_MAX;
  return m;
}

TEST(Manifest, PrintAndParseAreInverse) {
  Manifest m = sample();
  EXPECT_EQ(must(parse_manifest(print_manifest(m))), m);
  m.kind = BundleKind::delta;
  m.base_root = std::string(64, 'b');
  m.needs = {"delta", "patch"};
  EXPECT_EQ(must(parse_manifest(print_manifest(m))), m);
}

TEST(Manifest, IsCanonical) {
  EXPECT_TRUE(print_manifest(sample()).starts_with(
      R"({"base_root":"","counts":{"blobs":3,"blocks":0,"files":0,"module_bytes":0,"modules":0,"raw_bytes":0,)"
      R"("requirements":0,"zip_bytes":9223372036854775807},"created":"2026-08-22T10:00:00Z","entries_size":17,)"
      R"("format":1,"id":"01K38Z1Z9G8V0Q2R4T6X8Z0B2D","kind":"base","members":[{"name":"README.txt",)"));
}

TEST(Manifest, UnknownKeysArePassedOver) {
  std::string text = print_manifest(sample());
  text.insert(text.size() - 1, R"(,"zz":{"a":[1,"x"]})");
  EXPECT_EQ(must(parse_manifest(text)), sample());
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text = print_manifest(sample());
  const std::size_t at = text.find(from);
  LARDER_ASSERT(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string printed(const std::function<void(Manifest&)>& change) {
  Manifest m = sample();
  change(m);
  return print_manifest(m);
}

TEST(Manifest, HostileOnesAreRefused) {
  const std::vector<std::pair<const char*, std::string>> cases{
      {"empty", ""},
      {"not an object", "[]"},
      {"cut", print_manifest(sample()).substr(0, 200)},
      {"newline at the end", print_manifest(sample()) + "\n"},
      {"white space", replaced(R"("format":1)", R"("format": 1)")},
      {"float", replaced(R"("format":1)", R"("format":1.0)")},
      {"negative", replaced(R"("entries_size":17)", R"("entries_size":-17)")},
      {"above 2^63", replaced(R"("entries_size":17)", R"("entries_size":9223372036854775808)")},
      {"above 2^64", replaced(R"("entries_size":17)", R"("entries_size":99999999999999999999)")},
      {"unsorted", replaced(R"("format":1,)", R"("zz":1,"format":1,)")},
      {"key twice", replaced(R"("format":1,)", R"("format":1,"format":1,)")},
      {"escape too much", replaced("larder 0.1.0", "\\u006carder")},
      {"bad UTF-8", replaced("larder 0.1.0", "\xff")},
      {"deep", replaced(R"("format":1,)",
                        R"("format":1,"i":)" + std::string(100'000, '[') + std::string(100'000, ']') + ",")},
      {"newer format", printed([](Manifest& m) { m.format = 2; })},
      {"kind", replaced(R"("kind":"base")", R"("kind":"mirror")")},
      {"text for number", replaced(R"("entries_size":17)", R"("entries_size":"17")")},
      {"missing counts", replaced(R"("counts":{)", R"("countz":{)")},
      {"id", printed([](Manifest& m) { m.id = "../../../../etc/passwd0000"; })},
      {"id too short", printed([](Manifest& m) { m.id.pop_back(); })},
      {"time", printed([](Manifest& m) { m.created = "yesterday"; })},
      {"long source", printed([](Manifest& m) { m.source = std::string(201, 'x'); })},
      {"root", printed([](Manifest& m) { m.root = "abc"; })},
      {"base root in a base bundle", printed([](Manifest& m) { m.base_root = m.root; })},
      {"delta without base root", printed([](Manifest& m) { m.kind = BundleKind::delta; })},
      {"needs unsorted", printed([](Manifest& m) { m.needs = {"b", "a"}; })},
      {"needs twice", printed([](Manifest& m) { m.needs = {"a", "a"}; })},
      {"member twice", printed([](Manifest& m) { m.members.push_back(m.members.back()); })},
      {"member with a path", printed([](Manifest& m) { m.members[0].name = "../x"; })},
      {"manifest as a member", printed([](Manifest& m) { m.members[0].name = "manifest.json"; })},
      {"signature as a member", printed([](Manifest& m) { m.members[0].name = "manifest.json.minisig"; })},
      {"huge member", printed([](Manifest& m) { m.members[0].size = 1ULL << 40U; })},
      {"no entries", printed([](Manifest& m) { m.members.pop_back(); })},
      {"two tables", printed([](Manifest& m) { m.members[0].role = "entries"; })},
  };
  for (const auto& [name, text] : cases) {
    const auto parsed = parse_manifest(text);
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().kind(), Kind::invalid) << name;
  }
}

TEST(Manifest, BundleIdsAreOrderedByTimeAndUnique) {
  const std::string first = must(make_bundle_id(1));
  EXPECT_TRUE(valid_bundle_id(first));
  EXPECT_TRUE(first.starts_with("0000000001"));
  EXPECT_LT(first, must(make_bundle_id(1'787'000'000'000)));
  EXPECT_NE(first, must(make_bundle_id(1)));
  EXPECT_FALSE(valid_bundle_id("01K38Z1Z9G8V0Q2R4T6X8Z0B2U"));  // no U in this alphabet
}

TEST(Manifest, Times) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(1'787'392'800), "2026-08-22T10:00:00Z");
  EXPECT_EQ(format_time(INT64_MAX), "9999-12-31T23:59:59Z");
}

}  // namespace
}  // namespace larder::bundle

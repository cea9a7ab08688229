// SPDX-License-Identifier: Apache-2.0
#include "bundle/entries.hpp"

#include <gtest/gtest.h>

#include "bundle/bundle_testing.hpp"

namespace larder::bundle {
namespace {

const std::string k_hex0 = sha256("0").hex();
const std::string k_hex1 = sha256("1").hex();
const std::string k_hash = "h1:" + sha256("x").base64();

// Two blobs: 0 of 10 bytes, 1 of 20 bytes.
const std::string k_head =
    "larder-entries 1\nvolume v1\nblock 25 30 2\nblob 10 " + k_hex0 + "\nblob 20 " + k_hex1 + "\n";
const std::string k_tail = "gomod z.test/z v1.0.0 0,1\n";  // so that nothing is an orphan
const std::string k_good = k_head + "go a.test/m v1.0.0 " + k_hash +
                           " 0 1 3\nfile 0 a b.go\nfile 1 go.mod\nfile 0,1,0 sub/x\ngozip a.test/m v1.0.1 " +
                           k_hash + " 0 0 1\ngomod a.test/m v1.0.2 0\n";

std::string module_with(const std::string& files, int count) {
  return k_head + "go a.test/m v1.0.0 " + k_hash + " 0 1 " + std::to_string(count) + "\n" + files + k_tail;
}

TEST(Entries, ParseAndPrintAreInverse) {
  const Entries e = must(parse_entries(k_good));
  EXPECT_EQ(print_entries(e), k_good);
  EXPECT_EQ(e.modules.size(), 3U);
  EXPECT_EQ(e.files_of(e.modules[0]).size(), 3U);
  EXPECT_EQ(e.files_of(e.modules[0])[0].name, "a b.go");
  EXPECT_EQ(e.size_of(e.files[2].content), 40U);
  EXPECT_EQ(e.blobs[1].offset, 10U);
  const Counts counts = count(e);
  EXPECT_EQ(counts.modules, 2U);
  EXPECT_EQ(counts.requirements, 1U);
  EXPECT_EQ(counts.raw_bytes, 30U);
  EXPECT_EQ(counts.module_bytes, 10U + 20U + 40U + 20U);
}

TEST(Entries, LinesOfUnknownKindsAreCounted) {
  const Entries e = must(parse_entries(k_good + "npm left-pad 1.0.0 0\nsumdb tile 1\n"));
  EXPECT_EQ(e.passed_over, 2U);
  EXPECT_EQ(e.modules.size(), 3U);
}

TEST(Entries, HostileOnesAreRefused) {
  const std::string huge(100, '9');
  const std::vector<std::pair<const char*, std::string>> cases{
      {"empty", ""},
      {"another format", "larder-entries 2\n"},
      {"cut line", k_good.substr(0, k_good.size() - 1)},
      {"block before volume", "larder-entries 1\nblock 1 1 1\nblob 1 " + k_hex0 + "\n"},
      {"block too large", "larder-entries 1\nvolume v\nblock 1 8388609 1\nblob 8388609 " + k_hex0 + "\n"},
      {"packed too large", "larder-entries 1\nvolume v\nblock 9000000 1 1\nblob 1 " + k_hex0 + "\n"},
      {"packed zero", "larder-entries 1\nvolume v\nblock 0 1 1\nblob 1 " + k_hex0 + "\n"},
      {"no blobs", "larder-entries 1\nvolume v\nblock 1 0 0\n"},
      {"huge count", "larder-entries 1\nvolume v\nblock 1 1 4000000000\nblob 1 " + k_hex0 + "\n"},
      {"huger count", "larder-entries 1\nvolume v\nblock 1 1 " + huge + "\n"},
      {"leading zero", "larder-entries 1\nvolume v\nblock 01 1 1\nblob 1 " + k_hex0 + "\n"},
      {"sign", "larder-entries 1\nvolume v\nblock +1 1 1\nblob 1 " + k_hex0 + "\n"},
      {"blob beyond block", "larder-entries 1\nvolume v\nblock 5 9 1\nblob 10 " + k_hex0 + "\n"},
      {"blob short of block", "larder-entries 1\nvolume v\nblock 5 11 1\nblob 10 " + k_hex0 + "\n"},
      {"too few blobs", "larder-entries 1\nvolume v\nblock 5 10 2\nblob 10 " + k_hex0 + "\n"},
      {"too many blobs", k_head + "blob 0 " + sha256("2").hex() + "\n" + k_tail},
      {"blob outside", "larder-entries 1\nblob 10 " + k_hex0 + "\n"},
      {"blob twice",
       "larder-entries 1\nvolume v\nblock 5 20 2\nblob 10 " + k_hex0 + "\nblob 10 " + k_hex0 + "\n" + k_tail},
      {"upper-case hex", "larder-entries 1\nvolume v\nblock 5 10 1\nblob 10 " + std::string(64, 'A') +
                             "\ngomod z.test/z v1.0.0 0\n"},
      {"orphan", k_head + "gomod z.test/z v1.0.0 0\n"},
      {"volume name", "larder-entries 1\nvolume ../v\n"},
      {"volume after modules", k_head + k_tail + "volume v2\n"},
      {"no such blob", k_head + k_tail + "gomod z.test/zz v1.0.0 2\n"},
      {"empty list", k_head + k_tail + "gomod z.test/zz v1.0.0 \n"},
      {"list with a hole", k_head + k_tail + "gomod z.test/zz v1.0.0 0,,1\n"},
      {"words at the end", k_head + "gomod z.test/z v1.0.0 0,1 x\n"},
      {"module twice", k_head + k_tail + k_tail},
      {"modules unsorted", k_head + k_tail + "gomod a.test/a v1.0.0 0\n"},
      {"bad path", k_head + k_tail + "gomod z.test/../z v1.0.0 0\n"},
      {"bad version", k_head + k_tail + "gomod z.test/zz v1 0\n"},
      {"wrong major", k_head + k_tail + "gomod z.test/zz v2.0.0 0\n"},
      {"bad hash", k_head + k_tail + "gozip z.test/zz v1.0.0 h1:abc 0 0 0\n"},
      {"file outside", k_head + k_tail + "file 0 a\n"},
      {"too few files", module_with("file 0 a\n", 2)},
      {"too many files", module_with("file 0 a\nfile 0 b\n", 1)},
      {"huge file count", k_head + "go a.test/m v1.0.0 " + k_hash + " 0 1 99999999999\n"},
      {"unsorted files", module_with("file 0 b\nfile 0 a\n", 2)},
      {"file twice", module_with("file 0 a\nfile 0 a\n", 2)},
      {"case collision", module_with("file 0 A\nfile 0 a\n", 2)},
      {"folder case collision", module_with("file 0 A/x\nfile 0 a/y\n", 2)},
      {"file and folder", module_with("file 0 a\nfile 0 a/b\n", 2)},
      {"parent", module_with("file 0 ../a\n", 1)},
      {"parent inside", module_with("file 0 a/../b\n", 1)},
      {"absolute", module_with("file 0 /etc/passwd\n", 1)},
      {"folder", module_with("file 0 a/\n", 1)},
      {"no name", module_with("file 0 \n", 1)},
      {"no name at all", module_with("file 0\n", 1)},
      {"backslash", module_with("file 0 a\\b\n", 1)},
      {"control", module_with("file 0 a\x01\n", 1)},
      {"bad UTF-8", module_with("file 0 a\xff\n", 1)},
      {"device", module_with("file 0 con.txt\n", 1)},
      {"nested go.mod", module_with("file 0 a/go.mod\n", 1)},
      {"upper-case go.mod", module_with("file 0 GO.MOD\n", 1)},
  };
  ASSERT_TRUE(parse_entries(k_good));
  ASSERT_TRUE(parse_entries(module_with("file 0 a\nfile 0 b\n", 2)));
  for (const auto& [name, text] : cases) {
    const auto parsed = parse_entries(text);
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().kind(), Kind::invalid) << name;
    EXPECT_TRUE(parsed.error().message().starts_with("entries:")) << name << ": " << parsed.error().message();
  }
}

TEST(Entries, ContentIsBounded) {
  const std::string block = "larder-entries 1\nvolume v\nblock 9 8388608 1\nblob 8388608 " + k_hex0 + "\n";
  const auto list = [](int n) {
    std::string out = "0";
    for (int i = 1; i < n; ++i) out += ",0";
    return out;
  };
  EXPECT_TRUE(parse_entries(block + "gomod a.test/m v1.0.0 " + list(2) + "\n"));
  EXPECT_FALSE(parse_entries(block + "gomod a.test/m v1.0.0 " + list(3) + "\n"));  // .mod above 16 MiB
  const std::string go = "go a.test/m v1.0.0 " + k_hash + " 0 0 ";
  EXPECT_TRUE(parse_entries(block + go + "1\nfile " + list(62) + " a\n"));
  EXPECT_FALSE(parse_entries(block + go + "1\nfile " + list(63) + " a\n"));  // above 500 MiB
  EXPECT_FALSE(parse_entries(block + go + "2\nfile " + list(40) + " a\nfile " + list(40) + " b\n"));
  EXPECT_FALSE(parse_entries(block + go + "1\nfile " + list(3) + " LICENSE\n"));
}

TEST(Entries, EmptyBlobsAreBounded) {
  const std::string block = "larder-entries 1\nvolume v\nblock 9 0 1\nblob 0 " + k_hex0 + "\n";
  std::string list = "0";
  for (int i = 0; i < 1'000'001; ++i) list += ",0";
  EXPECT_FALSE(parse_entries(block + "gomod a.test/m v1.0.0 " + list + "\n"));
}

TEST(ContentRoot, IsOrderFreeAndSeesEveryField) {
  const gomod::H1 h1{sha256("h")};
  const std::vector<ContentLine> lines{{{"a.test/m", "v1.0.0"}, h1, sha256("i"), sha256("m")},
                                       {{"b.test/m", "v1.0.0"}, {}, {}, sha256("m")}};
  const std::string root = content_root(lines);
  EXPECT_EQ(root.size(), 64U);
  EXPECT_EQ(content_root({lines[1], lines[0]}), root);
  const std::vector<std::function<void(ContentLine&)>> changes{
      [](ContentLine& l) { l.module.path = "c.test/m"; }, [](ContentLine& l) { l.module.version = "v1.0.1"; },
      [](ContentLine& l) { l.h1->digest = sha256("x"); }, [](ContentLine& l) { l.info = sha256("x"); },
      [](ContentLine& l) { l.mod = sha256("x"); },        [](ContentLine& l) { l.h1.reset(); }};
  for (const auto& change : changes) {
    std::vector<ContentLine> other = lines;
    change(other[0]);
    EXPECT_NE(content_root(other), root);
  }
  EXPECT_NE(content_root({lines[0]}), root);
}

}  // namespace
}  // namespace larder::bundle

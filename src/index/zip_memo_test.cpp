// SPDX-License-Identifier: Apache-2.0
#include "index/zip_memo.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace larder::index {
namespace {

HashedZip zip(std::uint64_t size, std::string_view content) {
  return {{.size = size, .mtime_ns = -1, .ctime_ns = 7, .inode = 9}, gomod::H1{sha256(content)}};
}

TEST(ZipMemo, parse_is_the_inverse_of_encode) {
  const HashedZips zips = {{{"example.com/a", "v1.0.0"}, zip(1, "a")},
                           {{"example.com/a", "v1.1.0"}, zip(2, "b")},
                           {{"example.com/b", "v1.0.0"}, zip(3, "c")}};
  EXPECT_EQ(parse_hashed_zips(encode_hashed_zips(zips)), zips);
  EXPECT_EQ(parse_hashed_zips(encode_hashed_zips({})), HashedZips{});
}

TEST(ZipMemo, what_is_damaged_is_empty) {
  const auto whole = encode_hashed_zips({{{"example.com/a", "v1.0.0"}, zip(1, "a")}});
  const bool held = rc::check([&] {
    auto file = whole;
    const auto at = *rc::gen::inRange<std::size_t>(0, file.size());
    if (*rc::gen::arbitrary<bool>()) {
      file.resize(at);
    } else {
      file[at] = static_cast<char>(file[at] ^ 1);
    }
    RC_ASSERT(parse_hashed_zips(file).empty());
  });
  EXPECT_TRUE(held);
  // An entry whose strings are not there, in a sound frame.
  RecordWriter out;
  StringsWriter().write(out);
  out.u32(1);
  for (int i = 0; i < 18; ++i) out.u32(0);
  EXPECT_TRUE(parse_hashed_zips(seal(FileKind::zips, out.bytes())).empty());
}

}  // namespace
}  // namespace larder::index

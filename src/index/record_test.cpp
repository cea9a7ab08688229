// SPDX-License-Identifier: Apache-2.0
#include "index/record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace larder::index {
namespace {

std::string sample() {
  RecordWriter payload;
  payload.u8(7);
  payload.u32(0x01020304);
  payload.u64(~std::uint64_t{0});
  payload.raw("text that is longer than one block of the checksum is");
  return seal(FileKind::packages, payload.bytes());
}

TEST(Record, ReadsWhatWasWritten) {
  const auto file = sample();
  const auto payload = open_sealed(FileKind::packages, file);
  ASSERT_TRUE(payload);
  RecordReader in(*payload);
  EXPECT_EQ(in.u8(), 7);
  EXPECT_EQ(in.u32(), 0x01020304U);
  EXPECT_EQ(in.u64(), ~std::uint64_t{0});
  EXPECT_EQ(in.raw(4), "text");
  EXPECT_TRUE(in.ok());
}

TEST(Record, NumbersAreLittleEndian) {
  RecordWriter out;
  out.u32(0x01020304);
  EXPECT_EQ(out.bytes(), std::string("\x04\x03\x02\x01"));
}

TEST(Record, TheEndIsNeverPassed) {
  RecordReader in("abc");
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  RecordReader many(std::string_view("\xff\xff\xff\x7f rest", 9));
  EXPECT_EQ(many.count(4), 0U);
  EXPECT_FALSE(many.ok());
}

TEST(Record, EveryFlippedBitIsSeen) {
  const auto whole = sample();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto file = whole;
    file[bit / 8] = static_cast<char>(static_cast<unsigned char>(file[bit / 8]) ^ (1U << bit % 8));
    EXPECT_FALSE(open_sealed(FileKind::packages, file)) << bit;
  }
}

TEST(Record, EveryCutAndEveryOtherKindIsSeen) {
  const auto whole = sample();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(open_sealed(FileKind::packages, std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_FALSE(open_sealed(FileKind::packages, whole + "x"));
  EXPECT_FALSE(open_sealed(FileKind::go_mods, whole));
}

RC_GTEST_PROP(Strings, AreThoseThatWereAdded, (const std::vector<std::string>& texts)) {
  StringsWriter writer;
  std::vector<std::uint32_t> numbers;
  for (const auto& text : texts) numbers.push_back(writer.add(text));
  RecordWriter out;
  writer.write(out);
  out.raw("behind");
  RecordReader in(out.bytes());
  const auto strings = Strings::read(in);
  RC_ASSERT(strings.has_value());
  RC_ASSERT(in.raw(6) == "behind");
  for (std::size_t i = 0; i < texts.size(); ++i) RC_ASSERT(strings->at(numbers[i]) == texts[i]);
  RC_ASSERT(!strings->at(static_cast<std::uint32_t>(texts.size())));
}

RC_GTEST_PROP(Strings, SurviveAnyBytes, (const std::string& bytes)) {
  RecordReader in(bytes);
  const auto strings = Strings::read(in);
  if (!strings) return;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const auto text = strings->at(i);
    if (text) RC_ASSERT(text->size() <= bytes.size());
  }
}

}  // namespace
}  // namespace larder::index

// SPDX-License-Identifier: Apache-2.0
#include "modzip/archive.hpp"

#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modzip/little_endian.hpp"
#include "modzip/zip_builder.hpp"
#include "modzip/zip_layout.hpp"

namespace larder::modzip {
namespace {

using test::build_zip;
using test::deflate;
using test::descriptor_of;
using test::dump;
using test::EndRecord;
using test::RawEntry;

RawEntry with_descriptor(RawEntry entry, bool signature, bool wide) {
  entry.descriptor = descriptor_of(entry, signature, wide);
  return entry;
}

std::string end_signature() {
  std::string out;
  store(out, k_end_signature);
  return out;
}

TEST(Archive, ReadsEveryValidForm) {
  const RawEntry stored{.name = "a", .content = "hello"};
  const RawEntry deflated{.name = "b", .content = std::string(1000, 'x'), .method = 8};
  const std::string both = "a=hello\nb=" + std::string(1000, 'x') + "\n";
  const struct {
    std::string name;
    std::string zip;
    std::string want;
  } cases[] = {
      {"empty", build_zip({}), ""},
      {"stored and deflated", build_zip({stored, deflated}), both},
      {"empty files", build_zip({{.name = "a"}, {.name = "b", .method = 8}}), "a=\nb=\n"},
      {"directory", build_zip({{.name = "d/"}}), "d/=\n"},
      {"directory deflated, as jar writes it", build_zip({{.name = "d/", .method = 8}}), "d/=\n"},
      {"signature too near the end to be one", build_zip({stored}, {.comment = "PK\x05\x06 and more"}),
       "a=hello\n"},
      {"harmless comment", build_zip({stored}, {.comment = std::string(65535, 'c')}), "a=hello\n"},
      {"descriptor", build_zip({with_descriptor(deflated, true, false)}), both.substr(8)},
      {"descriptor without signature", build_zip({with_descriptor(deflated, false, false)}), both.substr(8)},
      {"wide descriptor", build_zip({with_descriptor(stored, true, true), deflated}), both},
      {"wide descriptor without signature", build_zip({with_descriptor(stored, false, true), deflated}),
       both},
      {"zip64 entry", build_zip({{.name = "a", .content = "hello", .zip64 = true}, deflated}), both},
      {"zip64 end", build_zip({stored, deflated}, {.entries = k_max16, .raw_zip64 = "auto"}), both},
      {"zip64 end, all of it",
       build_zip({stored, deflated},
                 {.entries = k_max16, .size = k_max32, .offset = k_max32, .raw_zip64 = "auto"}),
       both},
      {"extra fields, padded",
       build_zip({{.name = "a",
                   .content = "hello",
                   .local_extra = "UT\x01\x00x",
                   .central_extra = std::string("UT\x01\x00x\0\0", 7)}}),
       "a=hello\n"},
      {"bytes after the final block",
       build_zip({{.name = "a", .content = "hello", .method = 8, .data = deflate("hello") + "slack"}}),
       "a=hello\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(dump(c.zip), c.want) << c.name;
}

TEST(Archive, KeepsTheFieldsOfTheDirectory) {
  const std::string zip = build_zip({{.name = "link", .content = "to", .external_attributes = 0xA1FF0000}});
  const auto archive = Archive::open(as_bytes(zip));
  ASSERT_TRUE(archive);
  ASSERT_EQ(archive->entries().size(), 1U);
  const Entry& entry = archive->entries().front();
  EXPECT_EQ(entry.external_attributes, 0xA1FF0000U);
  EXPECT_EQ(entry.made_by >> 8U, 3);
  EXPECT_EQ(entry.size, 2U);
  EXPECT_EQ(entry.data_offset, k_local_length + 4);
}

std::string zip64_records(std::uint64_t count, std::uint64_t size, std::uint64_t offset, std::uint64_t at) {
  std::string out;
  store(out, k_end64_signature);
  store(out, std::uint64_t{44});
  store(out, std::uint32_t{0});
  store(out, std::uint64_t{0});
  store(out, count);
  store(out, count);
  store(out, size);
  store(out, offset);
  store(out, k_locator64_signature);
  store(out, std::uint32_t{0});
  store(out, at);
  store(out, std::uint32_t{1});
  return out;
}

std::string zip64_field(std::initializer_list<std::uint64_t> values) {
  std::string out;
  store(out, k_extra_zip64);
  store(out, static_cast<std::uint16_t>(values.size() * 8));
  for (const auto v : values) store(out, v);
  return out;
}

TEST(Archive, RefusesEveryLie) {
  const RawEntry a{.name = "a", .content = "hello"};
  const RawEntry b{.name = "b", .content = "world"};
  RawEntry wrong_descriptor = with_descriptor(a, true, false);
  (*wrong_descriptor.descriptor)[5] ^= 1;
  RawEntry lost_descriptor = a;
  lost_descriptor.descriptor = "";
  RawEntry overlapping = b;
  overlapping.name = "a";
  overlapping.content = "hello";
  overlapping.offset = 0;
  const std::string a_zip = build_zip({a});
  constexpr std::uint64_t k_huge = std::numeric_limits<std::uint64_t>::max();
  const std::string bad = "zip: not a valid zip file: ";
  const struct {
    std::string name;
    std::string zip;
    std::string want;
  } cases[] = {
      {"nothing", "", "zip: not a valid zip file"},
      {"HTML", "<html><body>404 page not found</body></html>", "zip: not a valid zip file"},
      {"end record out of reach", build_zip({a}, {.after = std::string(65536, 'x')}),
       "zip: not a valid zip file"},
      {"bytes after the comment", build_zip({a}, {.after = "x"}), "zip: invalid comment length"},
      {"comment cut off", build_zip({a}, {.comment_length = 5}), "zip: invalid comment length"},
      {"second end record in the comment", build_zip({a}, {.comment = build_zip({b})}),
       bad + "central directory is not"},
      {"signature in the comment", build_zip({a}, {.comment = end_signature() + std::string(40, '\0')}),
       "zip: invalid comment length"},
      {"bytes before the first entry", build_zip({a}, {.before = "#!/bin/sh\n"}),
       bad + "central directory is not"},
      {"more entries than directory", build_zip({a}, {.entries = 2}), bad + "impossible number"},
      {"many more entries", build_zip({a}, {.entries = 60000}), bad + "impossible number"},
      {"fewer entries", build_zip({a, b}, {.entries = 1}), bad + "central directory has more records"},
      {"directory outside", build_zip({a}, {.offset = 0x7FFFFFFF}), bad + "central directory is not"},
      {"directory larger", build_zip({a}, {.size = 0x7FFFFFFF}), bad + "central directory is not"},
      {"several disks", build_zip({a}, {.disk = 1}), bad + "split"},
      {"entry on another disk", build_zip({{.name = "a", .disk = 1}}), bad + "split"},
      {"encrypted", build_zip({{.name = "a", .content = "hello", .flags = 1}}),
       "zip: entry \"a\" is encrypted"},
      {"strongly encrypted", build_zip({{.name = "a", .content = "hello", .flags = 0x41}}),
       "zip: entry \"a\" is encrypted"},
      {"masked headers", build_zip({{.name = "a", .content = "hello", .flags = 0x2000}}),
       "zip: entry \"a\" is encrypted"},
      {"patch data", build_zip({{.name = "a", .content = "hello", .flags = 0x20}}), "zip: unsupported"},
      {"bzip2", build_zip({{.name = "a", .content = "hello", .method = 12}}),
       "zip: unsupported compression algorithm 12 of \"a\""},
      {"offset outside", build_zip({{.name = "a", .content = "hello", .offset = 1000}}),
       bad + "offset points outside"},
      {"offset into the directory", build_zip({{.name = "a", .content = "hello", .offset = 36}}),
       bad + "offset points outside"},
      {"offset off by one", build_zip({a, {.name = "b", .content = "world", .offset = 1}}),
       bad + "no local header"},
      {"same data twice", build_zip({a, overlapping}), bad + "entries overlap"},
      {"data outside", build_zip({{.name = "a", .content = "hello", .size = 500, .compressed_size = 500}}),
       bad + "data reaches outside"},
      {"data into the next entry",
       build_zip({{.name = "a", .content = "hello", .size = 9, .compressed_size = 9}, b}),
       bad + "entries overlap"},
      {"other name in the local header", build_zip({{.name = "a", .content = "hello", .local_name = "x"}}),
       bad + "local header contradicts"},
      {"other method in the local header", build_zip({{.name = "a", .content = "hello", .local_method = 8}}),
       bad + "local header contradicts"},
      {"other size in the local header", build_zip({{.name = "a", .content = "hello", .local_size = 4}}),
       bad + "local header contradicts"},
      {"wrong descriptor", build_zip({wrong_descriptor}), bad + "wrong or missing data descriptor"},
      {"missing descriptor", build_zip({lost_descriptor}), bad + "wrong or missing data descriptor"},
      {"directory with content", build_zip({{.name = "d/", .content = "x"}}), bad + "directory with content"},
      {"stored sizes differ", build_zip({{.name = "a", .content = "hello", .size = 6}}),
       bad + "impossible size"},
      {"deflate beyond its best",
       build_zip({{.name = "a", .content = "hello", .method = 8, .size = 400'000'000}}),
       bad + "impossible size"},
      {"extra field cut off", build_zip({{.name = "a", .central_extra = "UT\xFF\x7Fx"}}),
       bad + "extra field"},
      {"zip64 field too short", build_zip({{.name = "a", .size = k_max32, .central_extra = zip64_field({})}}),
       bad + "zip64 field is too short"},
      {"zip64 size too large",
       build_zip({{.name = "a", .size = k_max32, .central_extra = zip64_field({k_huge})}}),
       bad + "impossible size"},
      {"zip64 data too large",
       build_zip({{.name = "a",
                   .size = k_max32,
                   .compressed_size = k_max32,
                   .central_extra = zip64_field({k_huge, k_huge})}}),
       bad + "data reaches outside"},
      {"zip64 offset outside",
       build_zip({{.name = "a", .offset = k_max32, .central_extra = zip64_field({k_huge})}}),
       bad + "offset points outside"},
      {"4 GiB without a zip64 field", build_zip({{.name = "a", .size = k_max32, .compressed_size = k_max32}}),
       bad + "data reaches outside"},
      {"zip64 locator astray",
       build_zip({a}, {.entries = k_max16, .raw_zip64 = zip64_records(1, 47, 36, k_huge)}),
       bad + "zip64 locator points outside"},
      {"zip64 locator at no record",
       build_zip({a}, {.entries = k_max16, .raw_zip64 = zip64_records(1, 47, 36, 0)}),
       bad + "zip64 end record missing"},
      {"zip64 directory elsewhere",
       build_zip({a}, {.entries = k_max16, .raw_zip64 = zip64_records(1, k_huge, 36, 83)}),
       bad + "central directory is not"},
      {"zip64 offset elsewhere",
       build_zip({a}, {.entries = k_max16, .raw_zip64 = zip64_records(1, 47, k_huge - 8, 83)}),
       bad + "central directory is not"},
      {"zip64 count absurd",
       build_zip({a}, {.entries = k_max16, .raw_zip64 = zip64_records(k_huge, 47, 36, 83)}),
       bad + "impossible number"},
      {"zip64 contradicts",
       build_zip({a}, {.entries = k_max16, .size = 46, .raw_zip64 = zip64_records(1, 47, 36, 83)}),
       bad + "zip64 end record contradicts"},
      {"65535 entries without zip64", build_zip({a}, {.entries = k_max16}), bad + "impossible number"},
  };
  for (const auto& c : cases) {
    const auto archive = Archive::open(as_bytes(c.zip));
    ASSERT_FALSE(archive) << c.name;
    EXPECT_EQ(archive.error().kind(), Kind::invalid) << c.name;
    EXPECT_TRUE(archive.error().message().starts_with(c.want)) << c.name << ": " << archive.error().message();
  }
  EXPECT_EQ(dump(a_zip), "a=hello\n");
}

TEST(Archive, RefusesWrongContent) {
  const struct {
    std::string name;
    RawEntry entry;
    std::string want;
  } cases[] = {
      {"sum of stored", {.name = "a", .content = "hello", .crc32 = 1}, "a: zip: checksum error"},
      {"sum of deflated",
       {.name = "a", .content = "hello", .method = 8, .crc32 = 1},
       "a: zip: checksum error"},
      {"sum zero is no excuse", {.name = "a", .content = "hello", .crc32 = 0}, "a: zip: checksum error"},
      {"more than declared",
       {.name = "a", .content = "hello", .method = 8, .size = 4},
       "uncompressed size of file a is larger than declared size (4 bytes)"},
      {"more than nothing",
       {.name = "a", .content = "hello", .method = 8, .size = 0},
       "uncompressed size of file a is larger than declared size (0 bytes)"},
      {"less than declared",
       {.name = "a", .content = "hello", .method = 8, .size = 6},
       "a: uncompressed size is smaller than declared size (6 bytes)"},
      {"no data", {.name = "a", .method = 8, .data = ""}, "a: corrupt compressed data"},
      {"garbage",
       {.name = "a", .content = "hello", .method = 8, .data = "\xFF\xFF\xFF\xFF"},
       "a: corrupt compressed data"},
      {"stream cut off",
       {.name = "a",
        .content = "hello world hello",
        .method = 8,
        .data = deflate("hello world hello").substr(0, 8)},
       "a: corrupt compressed data"},
  };
  for (const auto& c : cases) EXPECT_EQ(dump(build_zip({c.entry})), "error: " + c.want) << c.name;
}

TEST(Archive, Limits) {
  const std::string zip = build_zip({{.name = "a", .content = "hello"}, {.name = "b", .content = "x"}});
  const auto open_with = [&](const Limits& limits) {
    const auto archive = Archive::open(as_bytes(zip), limits);
    return archive ? std::string("ok") : archive.error().message();
  };
  EXPECT_EQ(open_with({.zip_size = zip.size()}), "ok");
  EXPECT_EQ(open_with({.zip_size = 100}),
            "module zip file is too large (" + std::to_string(zip.size()) + " bytes; limit is 100 bytes)");
  EXPECT_EQ(open_with({.entries = 2}), "ok");
  EXPECT_EQ(open_with({.entries = 1}), "zip: too many entries (2; limit is 1)");
  const auto archive = Archive::open(as_bytes(zip), {.entry_size = 4});
  ASSERT_TRUE(archive);
  Scratch scratch;
  const auto read = archive->read(archive->entries()[0], scratch);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message(), "a: too large (5 bytes; limit is 4 bytes)");
  EXPECT_TRUE(archive->read(archive->entries()[1], scratch));
}

TEST(Archive, NoPrefixOfAZipIsAZip) {
  const std::string zip =
      build_zip({{.name = "a", .content = "hello"}, {.name = "b", .content = "hello hello", .method = 8}},
                {.raw_zip64 = "auto"});
  EXPECT_EQ(dump(zip).substr(0, 5), "error");  // zip64 records that the end record does not announce
  const std::string announced =
      build_zip({{.name = "a", .content = "hello"}, {.name = "b", .content = "hello hello", .method = 8}},
                {.entries = k_max16, .raw_zip64 = "auto"});
  ASSERT_EQ(dump(announced), "a=hello\nb=hello hello\n");
  for (std::size_t n = 0; n < announced.size(); ++n)
    EXPECT_FALSE(Archive::open(as_bytes(announced).first(n))) << n;
}

TEST(Archive, NoSingleBitChangesContent) {
  RawEntry deflated{.name = "b", .content = "hello hello hello", .method = 8};
  deflated.descriptor = descriptor_of(deflated, true, false);
  const std::string zip = build_zip({{.name = "a", .content = "hello"}, deflated});
  const std::string want = dump(zip);
  for (std::size_t bit = 0; bit < zip.size() * 8; ++bit) {
    std::string flipped = zip;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const std::string got = dump(flipped);
    EXPECT_TRUE(got == want || got.starts_with("error: ")) << "bit " << bit << ": " << got;
  }
}

TEST(Archive, AnyBytesAreSafe) {
  const std::string zip = build_zip({{.name = "a", .content = "hello"},
                                     {.name = "b", .content = "hello hello", .method = 8, .zip64 = true}},
                                    {.entries = k_max16, .raw_zip64 = "auto"});
  rc::check("overwritten anywhere, it is read or refused", [&] {
    std::string damaged = zip;
    for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, damaged.size());
      damaged[at] = *rc::gen::arbitrary<char>();
    }
    RC_ASSERT(dump(damaged).size() < 1000U);
  });
}

TEST(Scratch, ReusesAndGivesBack) {
  Scratch scratch;
  const auto* const first = scratch.reserve(10).data();
  EXPECT_EQ(scratch.reserve(1000).data(), first);
  EXPECT_GE(scratch.reserve(std::size_t{5} << 20U).size(), std::size_t{5} << 20U);
  scratch.shrink(std::size_t{1} << 20U);
  EXPECT_LT(scratch.reserve(1).size(), std::size_t{1} << 20U);
  Scratch moved = std::move(scratch);
  EXPECT_NE(moved.reserve(0).data(), nullptr);
}

}  // namespace
}  // namespace larder::modzip

// SPDX-License-Identifier: Apache-2.0
#include "modzip/write.hpp"

#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modzip/zip_builder.hpp"
#include "sys/files.hpp"
#include "sys/process.hpp"

namespace larder::modzip {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

std::vector<SourceFile> sources(const Files& files) {
  std::vector<SourceFile> out;
  for (const auto& [name, content] : files) {
    out.push_back({name, [&content](Scratch&) -> Result<Bytes> { return as_bytes(content); }});
  }
  return out;
}

std::string write(const Files& files, Method method) {
  std::string out;
  const auto sink = [&](Bytes bytes) -> Result<void> {
    out += as_text(bytes);
    return {};
  };
  const auto written = write_zip(sink, sources(files), method);
  return written ? out : "error: " + written.error().message();
}

std::string expected_dump(const Files& files) {
  std::string out;
  for (const auto& [name, content] : files) out += name + "=" + content + "\n";
  return out;
}

TEST(WriteZip, BytesOfAStoredZip) {
  EXPECT_EQ(hex_encode(as_bytes(write({{"a", "hi"}}, Method::stored))),
            // local: version 20, flags 0, stored, no date, sum, sizes, name length 1
            "504b0304140000000000000000"
            "00ac2a93d8020000000200000001000000"
            "61"
            "6869"
            "504b01021400140000000000000000"
            "00ac2a93d802000000020000000100000000000000000000000000000000"
            "0061"
            "504b0506000000000100010"
            "02f000000210000000000");
}

TEST(WriteZip, DeflatedAsGoShapesIt) {
  const std::string zip = write({{"a~", ""}}, Method::deflated);
  const auto hex = hex_encode(as_bytes(zip));
  EXPECT_EQ(hex.substr(0, 60),
            "504b0304140008080800000000000000000000000000000000000200"
            "0000");
  EXPECT_NE(hex.find("504b0708"
                     "00000000"),
            std::string::npos);  // descriptor, sum of nothing
  EXPECT_EQ(test::dump(zip), "a~=\n");
}

TEST(WriteZip, Utf8Flag) {
  const struct {
    std::string name;
    bool flagged;
  } cases[] = {{"abc", false},   {"a~", true},    {"a\\b", true},
               {"\u00E9", true}, {"\xFF", false}, {"a b}", false}};
  for (const auto& c : cases) {
    const std::string zip = write({{c.name, ""}}, Method::stored);
    const auto archive = Archive::open(as_bytes(zip));
    ASSERT_TRUE(archive) << c.name;
    EXPECT_EQ((archive->entries()[0].flags & 0x0800U) != 0, c.flagged) << c.name;
  }
}

TEST(WriteZip, WhatIsWrittenIsRead) {
  rc::check("read inverts write, twice the same bytes", [] {
    const auto contents = *rc::gen::container<std::map<std::string, std::string>>(
        rc::gen::nonEmpty<std::string>(), rc::gen::arbitrary<std::string>());
    Files files;
    for (const auto& [name, content] : contents) {
      files.emplace_back(name, name.ends_with('/') ? "" : content);
    }
    for (const Method method : {Method::stored, Method::deflated}) {
      const std::string zip = write(files, method);
      RC_ASSERT(test::dump(zip) == expected_dump(files));
      RC_ASSERT(zip == write(files, method));
    }
  });
}

TEST(WriteZip, ManyFilesNeedZip64) {
  Files files;
  for (int i = 0; i < 65536; ++i) files.emplace_back("f" + std::to_string(i), "");
  const std::string zip = write(files, Method::stored);
  const auto archive = Archive::open(as_bytes(zip));
  ASSERT_TRUE(archive) << archive.error().message();
  EXPECT_EQ(archive->entries().size(), files.size());
  files.pop_back();
  EXPECT_EQ(Archive::open(as_bytes(write(files, Method::stored)))->entries().size(), 65535U);
}

TEST(WriteZip, LargeFilesPassThrough) {
  Files files = {{"a", std::string(600'000, 'a')}, {"b", "b"}, {"c", std::string(300'000, 'c')}};
  for (const Method method : {Method::stored, Method::deflated}) {
    EXPECT_EQ(test::dump(write(files, method)), expected_dump(files));
  }
}

TEST(WriteZip, Refuses) {
  EXPECT_EQ(write({{"a", ""}, {"a", ""}}, Method::stored), "error: multiple entries for file \"a\"");
  EXPECT_EQ(write({{"", ""}}, Method::stored), "error: file name of 0 bytes");
  EXPECT_EQ(write({{std::string(65536, 'n'), ""}}, Method::stored), "error: file name of 65536 bytes");
  EXPECT_TRUE(write({{std::string(65535, 'n'), ""}}, Method::stored).starts_with("PK"));
  const SourceFile broken{"a", [](Scratch&) -> Result<Bytes> { return fail(Kind::io, "read a: broken"); }};
  const Sink keep = [](Bytes) -> Result<void> { return {}; };
  EXPECT_EQ(write_zip(keep, std::span(&broken, 1)).error().message(), "read a: broken");
  const Sink full = [](Bytes) -> Result<void> { return fail(Kind::io, "write: no space left on device"); };
  const Files one = {{"a", "x"}};
  EXPECT_EQ(write_zip(full, sources(one)).error().message(), "write: no space left on device");
}

// Others must be able to read it; where they are not installed there is nothing to ask.
TEST(WriteZip, OtherReadersAgree) {
  const auto temp = *sys::TempDir::create();
  const Files files = {{"m@v1.0.0/a.go", std::string(5000, 'x')}, {"m@v1.0.0/\u00E9~", ""}};
  const std::vector<std::vector<std::string>> readers = {{"unzip", "-tqq"},
                                                         {"python3", "-m", "zipfile", "-t"}};
  std::size_t asked = 0;
  for (const Method method : {Method::stored, Method::deflated}) {
    const auto path = temp.path() / (method == Method::stored ? "stored.zip" : "deflated.zip");
    ASSERT_TRUE(sys::write_file(path, as_bytes(write(files, method))));
    for (auto argv : readers) {
      if (!sys::find_program(argv.front(), sys::current_environment())) continue;
      argv.push_back(path.native());
      const auto outcome = sys::run_captured({.argv = argv});
      ASSERT_TRUE(outcome) << outcome.error().message();
      EXPECT_EQ(outcome->exit_code, 0) << argv.front() << ": " << outcome->out << outcome->err;
      ++asked;
    }
  }
  if (asked == 0) GTEST_SKIP() << "neither unzip nor python3 here";
}

}  // namespace
}  // namespace larder::modzip

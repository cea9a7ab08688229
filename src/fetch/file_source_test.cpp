// SPDX-License-Identifier: Apache-2.0
#include "fetch/file_source.hpp"

#include <gtest/gtest.h>

#include "fetch/test_modules.hpp"
#include "sys/files.hpp"

namespace larder::fetch {
namespace {

const gomod::Module k_m{"example.com/Up/m", "v1.0.0"};

class FileSource : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = dir_.path() / "a b" / "example.com" / "!up" / "m" / "@v";
    ASSERT_TRUE(sys::make_dirs(folder));
    ASSERT_TRUE(sys::write_file(folder / "list", as_bytes("v1.0.0\n")));
    ASSERT_TRUE(sys::write_file(folder / "v1.0.0.info", as_bytes("{\"Version\":\"v1.0.0\"}")));
    ASSERT_TRUE(sys::write_file(folder / "v1.0.0.mod", as_bytes(m_.mod)));
    ASSERT_TRUE(sys::write_file(folder / "v1.0.0.zip", as_bytes(m_.zip)));
    base_ = "file://" + dir_.path().string() + "/a%20b";
  }

  TestModule m_{k_m};
  sys::TempDir dir_ = sys::TempDir::create().value();
  std::string base_;
};

TEST_F(FileSource, reads_the_layout) {
  const auto source = open_file_source(base_ + "/").value();
  EXPECT_EQ(source->info(k_m.path, k_m.version, {})->version, "v1.0.0");
  EXPECT_EQ(source->mod(k_m, {}), m_.mod);
  EXPECT_EQ(source->list(k_m.path, {}), std::vector<std::string>{"v1.0.0"});
  http::StringSink sink;
  ASSERT_TRUE(source->zip(k_m, sink, {}));
  EXPECT_EQ(sink.text(), m_.zip);
}

TEST_F(FileSource, what_is_missing_is_not_found) {
  const auto source = open_file_source(base_).value();
  const auto info = source->info(k_m.path, "v1.0.1", {});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error(), Error(Kind::not_found, "example.com/Up/m@v1.0.1: reading " + base_ +
                                                     "/example.com/%21up/m/@v/v1.0.1.info: "
                                                     "no such file or directory"));
  EXPECT_EQ(source->list("example.com/none", {}).error().kind(), Kind::not_found);
}

TEST_F(FileSource, a_folder_in_the_place_of_a_file_is_a_failure) {
  ASSERT_TRUE(sys::make_dirs(dir_.path() / "a b" / "example.com" / "!up" / "m" / "@v" / "v1.0.2.mod"));
  const auto source = open_file_source(base_).value();
  const auto mod = source->mod({k_m.path, "v1.0.2"}, {});
  ASSERT_FALSE(mod);
  EXPECT_EQ(mod.error().kind(), Kind::io);
}

TEST_F(FileSource, stops_when_told) {
  const auto source = open_file_source(base_).value();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(source->mod(k_m, stop.get_token()).error().kind(), Kind::cancelled);
}

TEST_F(FileSource, refuses_other_urls) {
  for (const auto* url : {"file://host/x", "file:x", "/x", "file:///%zz", "file:///a%00b"}) {
    const auto source = open_file_source(url);
    ASSERT_FALSE(source) << url;
    EXPECT_EQ(source.error().kind(), Kind::invalid) << url;
  }
}

}  // namespace
}  // namespace larder::fetch

// SPDX-License-Identifier: Apache-2.0
#include "server/access_log.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace larder::server {
namespace {

AccessRecord record() {
  AccessRecord r;
  r.remote = "127.0.0.1:51234";
  r.method = "GET";
  r.target = "/a.test/@v/list";
  r.route = "list";
  r.status = 200;
  r.bytes = 12;
  r.duration = std::chrono::microseconds(85);
  return r;
}

TEST(AccessLine, plain) {
  EXPECT_EQ(
      access_line(record()),
      "remote=127.0.0.1:51234 method=GET path=/a.test/@v/list route=list status=200 bytes=12 duration_us=85");
}

TEST(AccessLine, cut_and_error) {
  auto r = record();
  r.status = 500;
  r.complete = false;
  r.error = "open \"x\": input/output error";
  EXPECT_TRUE(access_line(r).ends_with(" cut=true error=\"open \\\"x\\\": input/output error\""))
      << access_line(r);
}

TEST(AccessLine, hostile_text_stays_in_its_place) {
  auto r = record();
  r.target = "/x status=200\n\x1b[2J\xc2\x9b";
  r.method = "";
  EXPECT_EQ(access_line(r),
            "remote=127.0.0.1:51234 method=\"\" path=\"/x status=200\\x0a\\x1b[2J\\xc2\\x9b\" route=list "
            "status=200 "
            "bytes=12 duration_us=85");
}

TEST(AccessLine, property_one_line_of_printable_ascii) {
  rc::check([](const std::string& method, const std::string& target, const std::string& error) {
    auto r = record();
    r.method = method;
    r.target = target;
    r.error = error;
    const auto line = access_line(r);
    RC_ASSERT(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 0x7F; }));
  });
}

}  // namespace
}  // namespace larder::server

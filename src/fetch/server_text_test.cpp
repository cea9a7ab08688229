// SPDX-License-Identifier: Apache-2.0
#include "fetch/server_text.hpp"

#include <gtest/gtest.h>

namespace larder::fetch {
namespace {

struct DetailCase {
  const char* name;
  std::string type;
  std::string body;
  std::string message;  // after "reading URL: 404 Not Found"
};

std::string many_lines() {
  std::string body;
  for (int i = 0; i < 20; ++i) body += "line " + std::to_string(i) + "\n";
  return body;
}

// The expected texts are what go 1.26 prints for the same answers.
class ErrorDetail : public testing::TestWithParam<DetailCase> {};
TEST_P(ErrorDetail, table) {
  http::Response response;
  response.status = 404;
  response.reason = "Not Found";
  response.headers = {{"content-type", GetParam().type}};
  response.body = GetParam().body;
  EXPECT_EQ(reading_error("http://h/x", response).message(),
            "reading http://h/x: 404 Not Found" + GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(ServerText, ErrorDetail,
                         testing::Values(DetailCase{"one_line", "text/plain; charset=UTF-8", "not found: x\n",
                                                    "\n\tserver response: not found: x"},
                                         DetailCase{"up_to_the_blank_line", "text/plain",
                                                    "one\ntwo\n\nfour\n",
                                                    "\n\tserver response:\n\tone\n\ttwo"},
                                         DetailCase{"many", "text/plain", many_lines(),
                                                    "\n\tserver response:\n\tline 0\n\tline 1\n\tline "
                                                    "2\n\tline 3\n\tline 4\n\tline 5\n\tline 6\n\tline 7"
                                                    "\n\t[Truncated: too many lines.]"},
                                         DetailCase{"wide", "text/plain", std::string(1000, 'x'),
                                                    "\n\tserver response: [Truncated: too long.]"},
                                         DetailCase{"html", "text/html", "x", ""},
                                         DetailCase{"control", "text/plain",
                                                    "a\x01"
                                                    "b",
                                                    ""},
                                         DetailCase{"c1", "text/plain",
                                                    "a\xc2\x9b"
                                                    "b",
                                                    ""},
                                         DetailCase{"not_utf8", "text/plain", "a\xff", ""},
                                         DetailCase{"latin1", "text/plain; charset=latin1", "abc", ""},
                                         DetailCase{"ascii", "text/plain; charset=us-ascii", "  abc  \t\n",
                                                    "\n\tserver response:   abc  \t"},
                                         DetailCase{"blank_first", "text/plain", "\nabc", ""},
                                         DetailCase{"empty", "text/plain", "", ""},
                                         DetailCase{"no_type", "", "abc", ""}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ReadingError, kind_by_status) {
  for (const auto& [status, kind] : {std::pair{404, Kind::not_found},
                                     {410, Kind::not_found},
                                     {401, Kind::forbidden},
                                     {403, Kind::forbidden},
                                     {500, Kind::unavailable},
                                     {206, Kind::unavailable}}) {
    http::Response response;
    response.status = status;
    EXPECT_EQ(reading_error("u", response).kind(), kind) << status;
  }
}

}  // namespace
}  // namespace larder::fetch

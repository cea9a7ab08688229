// SPDX-License-Identifier: Apache-2.0
#include "creds/netrc.hpp"

#include <gtest/gtest.h>

namespace larder::creds {
namespace {

using Entries = std::vector<Netrc::Entry>;

struct NetrcCase {
  const char* name;
  const char* text;
  Entries entries;
};
class ParseNetrc : public testing::TestWithParam<NetrcCase> {};
TEST_P(ParseNetrc, table) {
  EXPECT_EQ(Netrc::parse(GetParam().text).entries(), GetParam().entries);
}
INSTANTIATE_TEST_SUITE_P(
    Netrc, ParseNetrc,
    testing::Values(
        NetrcCase{"empty", "", {}},
        NetrcCase{"one_line", "machine a.test login me password pw\n", {{"a.test", "me", "pw"}}},
        NetrcCase{"several_lines", "machine a.test\n\tlogin me\n\tpassword pw", {{"a.test", "me", "pw"}}},
        NetrcCase{"two",
                  "machine a.test login me password pw machine b.test\nlogin "
                  "you password pq\n",
                  {{"a.test", "me", "pw"}, {"b.test", "you", "pq"}}},
        NetrcCase{"incomplete",
                  "machine a.test login me\nmachine b.test login you password pq\n",
                  {{"b.test", "you", "pq"}}},
        NetrcCase{"macro",
                  "macdef init\nmachine x.test login a password b\n\nmachine "
                  "a.test login me password pw\n",
                  {{"a.test", "me", "pw"}}},
        NetrcCase{"default_ends_it",
                  "machine a.test login me password pw\ndefault\nmachine "
                  "b.test login x password y\n",
                  {{"a.test", "me", "pw"}}},
        NetrcCase{"default_gives_nothing", "default login me password pw\n", {}},
        NetrcCase{"account_is_passed_over",
                  "machine a.test account z login me password pw\n",
                  {{"a.test", "me", "pw"}}},
        NetrcCase{
            "a_blank_is_no_empty_line",
            "macdef init\n \nmachine x.test login a password b\n\nmachine a.test login me password pw\n",
            {{"a.test", "me", "pw"}}},
        NetrcCase{"nor_is_the_end_of_a_line_elsewhere",
                  "macdef init\r\n\r\nmachine x.test login a password b\r\n",
                  {}},
        NetrcCase{"a_macro_begins_with_the_next_line",
                  "macdef init machine a.test login me password pw\nmachine x.test login a password b\n",
                  {{"a.test", "me", "pw"}}},
        NetrcCase{"quotes_are_characters",
                  "machine \"a.test\" login \"me\" password p\"w\nmachine b.test login 'x y' password z\n"
                  "machine c.test login \\a password b\\\\c\n",
                  {{"\"a.test\"", "\"me\"", "p\"w"}, {"c.test", "\\a", "b\\\\c"}}},
        NetrcCase{"odd_words", "machine a.test login me password\n", {}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Netrc, the_first_entry_of_a_machine_wins) {
  const auto netrc = Netrc::parse(
      "machine a.test login one password "
      "1\nmachine a.test login two password 2\n");
  ASSERT_NE(netrc.find("a.test"), nullptr);
  EXPECT_EQ(netrc.find("a.test")->login, "one");
  EXPECT_EQ(netrc.find("a.test:8443"), nullptr);
  EXPECT_EQ(netrc.find("x.a.test"), nullptr);
}

}  // namespace
}  // namespace larder::creds

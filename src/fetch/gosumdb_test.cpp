// SPDX-License-Identifier: Apache-2.0
#include "fetch/gosumdb.hpp"

#include <gtest/gtest.h>

namespace larder::fetch {
namespace {

const std::string k_key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

std::string key_named(std::string_view name) {
  return sumdb::VerifierKey::make(name, std::string(32, 'k'))->str();
}

TEST(GoSumDb, key_and_url) {
  const auto plain = parse_gosumdb(k_key);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->key.name(), "PeterNeumann");
  EXPECT_EQ(plain->url, "");
  const auto with_url = parse_gosumdb("  " + k_key + "\thttps://mirror.test/db ");
  ASSERT_TRUE(with_url);
  EXPECT_EQ(with_url->key, plain->key);
  EXPECT_EQ(with_url->url, "https://mirror.test/db");
  EXPECT_EQ(parse_gosumdb(key_named("db.test/some/path"))->key.name(), "db.test/some/path");
  EXPECT_EQ(parse_gosumdb(key_named("localhost:8080/db"))->key.name(), "localhost:8080/db");
}

TEST(GoSumDb, refuses) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "missing GOSUMDB"},
      {"   ", "missing GOSUMDB"},
      {k_key + " a b", "invalid GOSUMDB: too many fields"},
      {"unknown.test", "invalid GOSUMDB: malformed verifier id"},
      {"on", "invalid GOSUMDB: malformed verifier id"},
      {"unknown.test https://mirror.test", "invalid GOSUMDB: malformed verifier id"},
      {"x" + k_key, "invalid GOSUMDB: invalid verifier hash"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = parse_gosumdb(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message(), message) << text;
  }
  EXPECT_FALSE(parse_gosumdb("unknown.test").error().hint().empty());
}

// A name becomes a URL and a folder.
TEST(GoSumDb, names_that_are_no_host_and_path) {
  for (const std::string name :
       {"db.test/", "/db.test", "db.test//x", "../x", "db.test/../../x", "db.test/.", "u@db.test",
        "db.test?x", "db.test#x", "db%2e.test", "db\\x", "db\x01.test"}) {
    const auto parsed = parse_gosumdb(key_named(name));
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().message(), "invalid sumdb name (must be host[/path]): " + name);
  }
}

}  // namespace
}  // namespace larder::fetch

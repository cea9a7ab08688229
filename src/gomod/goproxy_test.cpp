// SPDX-License-Identifier: Apache-2.0
#include "gomod/goproxy.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

using K = ProxyEntry::Kind;

TEST(GoProxy, lists) {
  struct Case {
    const char* goproxy;
    const char* gonoproxy;
    std::vector<ProxyEntry> want;
  };
  const std::vector<Case> cases = {
      {"", "", {}},
      {"direct", "", {{K::direct, "", false}}},
      {"direct", "corp.test", {{K::direct, "", false}}},
      {"off", "", {{K::off, "", false}}},
      {"off", "corp.test", {{K::noproxy, "", false}, {K::off, "", false}}},
      {"", "corp.test", {{K::noproxy, "", false}}},
      {"https://a.test,direct", "", {{K::url, "https://a.test", false}, {K::direct, "", false}}},
      {" a.test/x | http://b.test , off , c.test",
       "",
       {{K::url, "https://a.test/x", true}, {K::url, "http://b.test", false}, {K::off, "", false}}},
      {",a.test,,b.test:8080|",
       "",
       {{K::url, "https://a.test", false}, {K::url, "https://b.test:8080", true}}},
      {"direct|a.test", "", {{K::direct, "", true}}},
      {"file:///srv/go", "", {{K::url, "file:///srv/go", false}}},
      {"https://u:p@a.test/p?q", "", {{K::url, "https://u:p@a.test/p?q", false}}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.goproxy);
    const auto got = parse_goproxy(c.goproxy, c.gonoproxy);
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(*got, c.want);
  }
}

TEST(GoProxy, refuses) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {",", "GOPROXY list is not the empty string, but contains no entries"},
      {" | ", "GOPROXY list is not the empty string, but contains no entries"},
      {"foo", "invalid proxy URL missing scheme: foo"},
      {"/abs", "invalid proxy URL missing scheme: /abs"},
      {"a.test,foo,direct", "invalid proxy URL missing scheme: foo"},
      {"ftp://x", "invalid proxy URL scheme (must be https, http, file): ftp://x"},
      {"ftp://u:secret@x", "invalid proxy URL scheme (must be https, http, file): ftp://u:xxxxx@x"},
      {"file://host/p", "invalid file:// proxy URL with non-path elements: file://host/p"},
      {"file:///p?q", "invalid file:// proxy URL with non-path elements: file:///p?q"},
      {"file:/p", "invalid file:// proxy URL with non-path elements: file:/p"},
      {"file:p", "parse \"https://file:p\": invalid port \":p\" after host"},
      {"http://h:x/", "parse \"http://h:x/\": invalid port \":x\" after host"},
      {"http://h/%zz", "parse \"http://h/%zz\": invalid URL escape \"%zz\""},
      {"://x", "parse \"://x\": missing protocol scheme"},
      {"1:/x", "parse \"1:/x\": first path segment in URL cannot contain colon"},
  };
  for (const auto& [goproxy, want] : cases) {
    SCOPED_TRACE(goproxy);
    for (const auto* gonoproxy : {"", "corp.test"}) {
      const auto got = parse_goproxy(goproxy, gonoproxy);
      ASSERT_FALSE(got);
      EXPECT_EQ(got.error().kind(), Kind::invalid);
      EXPECT_EQ(got.error().message(), want);
    }
  }
}

TEST(GoProxy, redact_url) {
  EXPECT_EQ(redact_url("https://u:p:q@h/x@y:z"), "https://u:xxxxx@h/x@y:z");
  EXPECT_EQ(redact_url("https://u@h/"), "https://u@h/");
  EXPECT_EQ(redact_url("https://h:8080/a:b@c"), "https://h:8080/a:b@c");
}

}  // namespace
}  // namespace larder::gomod

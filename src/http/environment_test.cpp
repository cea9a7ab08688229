// SPDX-License-Identifier: Apache-2.0
#include "http/environment.hpp"

#include <map>

#include <gtest/gtest.h>

namespace larder::http {
namespace {

using Variables = std::map<std::string, std::string>;

NetworkSettings from(const Variables& variables) {
  return network_settings([&](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    if (at == variables.end() || at->second.empty()) return std::nullopt;
    return at->second;
  });
}

TEST(NetworkSettings, upper_case_wins_and_cgi_is_not_believed) {
  EXPECT_EQ(from({{"HTTP_PROXY", "a"}, {"http_proxy", "b"}}).http_proxy, "a");
  EXPECT_EQ(from({{"http_proxy", "b"}}).http_proxy, "b");
  EXPECT_EQ(from({{"HTTP_PROXY", "a"}, {"REQUEST_METHOD", "GET"}}).http_proxy, "");
  EXPECT_EQ(from({{"SSL_CERT_FILE", "/x"}, {"SSL_CERT_DIR", "/y"}}).ca_file, "/x");
  EXPECT_EQ(from({{"ALL_PROXY", "a"}}).https_proxy, "");
}

struct ProxyCase {
  const char* url;
  const char* no_proxy;
  const char* proxy;  // "" for none
};
class ProxyFor : public testing::TestWithParam<ProxyCase> {};
TEST_P(ProxyFor, table) {
  NetworkSettings settings;
  settings.http_proxy = "plain.test:3128";
  settings.https_proxy = "http://secure.test:3128";
  settings.no_proxy = GetParam().no_proxy;
  const auto url = Url::parse(GetParam().url);
  ASSERT_TRUE(url);
  EXPECT_EQ(proxy_for(settings, *url).value_or(""), GetParam().proxy);
}
constexpr const char* k_plain = "http://plain.test:3128";
constexpr const char* k_secure = "http://secure.test:3128";
INSTANTIATE_TEST_SUITE_P(
    Environment, ProxyFor,
    testing::Values(
        ProxyCase{"http://a.test/", "", k_plain}, ProxyCase{"https://a.test/", "", k_secure},
        ProxyCase{"https://localhost/", "", ""}, ProxyCase{"https://127.8.9.10:1/", "", ""},
        ProxyCase{"https://[::1]/", "", ""}, ProxyCase{"https://a.test/", "*", ""},
        ProxyCase{"https://a.test/", "b.test, a.test", ""}, ProxyCase{"https://x.a.test/", "a.test", ""},
        ProxyCase{"https://xa.test/", "a.test", k_secure}, ProxyCase{"https://a.test/", ".a.test", k_secure},
        ProxyCase{"https://x.a.test/", ".a.test", ""}, ProxyCase{"https://x.a.test/", "*.a.test", ""},
        ProxyCase{"https://A.test/", "a.TEST", ""}, ProxyCase{"https://a.test/", "a.test:443", ""},
        ProxyCase{"https://a.test/", "a.test:80", k_secure}, ProxyCase{"http://10.1.2.3/", "10.0.0.0/8", ""},
        ProxyCase{"http://11.1.2.3/", "10.0.0.0/8", k_plain},
        ProxyCase{"http://10.1.2.3/", "10.0.0.0/33", k_plain}, ProxyCase{"http://10.1.2.3/", "10.1.2.3", ""},
        ProxyCase{"http://10.1.2.3:8/", "10.1.2.3:9", k_plain},
        ProxyCase{"http://[fd00::1]/", "fd00::/8", ""}, ProxyCase{"http://[fd00::1]/", "[fd00:0::1]:80", ""},
        ProxyCase{"http://a.test/", " , ,/", k_plain}));

}  // namespace
}  // namespace larder::http

// SPDX-License-Identifier: Apache-2.0
#include "gomod/semver.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace larder::gomod {
namespace {

struct Parts {
  const char* v;
  const char* canonical;
  const char* canonical_version;
  const char* major;
  const char* major_minor;
  const char* prerelease;
  const char* build;
};

TEST(Semver, parts) {
  const std::vector<Parts> cases = {
      {"v1", "v1.0.0", "v1.0.0", "v1", "v1.0", "", ""},
      {"v1.2", "v1.2.0", "v1.2.0", "v1", "v1.2", "", ""},
      {"v1.2.3", "v1.2.3", "v1.2.3", "v1", "v1.2", "", ""},
      {"v0.0.0-0", "v0.0.0-0", "v0.0.0-0", "v0", "v0.0", "-0", ""},
      {"v12.34.56-rc.1.x-y", "v12.34.56-rc.1.x-y", "v12.34.56-rc.1.x-y", "v12", "v12.34", "-rc.1.x-y", ""},
      {"v1.2.3+meta.01", "v1.2.3", "v1.2.3", "v1", "v1.2", "", "+meta.01"},
      {"v2.0.0+incompatible", "v2.0.0", "v2.0.0+incompatible", "v2", "v2.0", "", "+incompatible"},
      {"v2.0.0-a+incompatible", "v2.0.0-a", "v2.0.0-a+incompatible", "v2", "v2.0", "-a", "+incompatible"},
      {"v99999999999999999999.0.1", "v99999999999999999999.0.1", "v99999999999999999999.0.1",
       "v99999999999999999999", "v99999999999999999999.0", "", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.v);
    EXPECT_TRUE(semver::valid(c.v));
    EXPECT_EQ(semver::canonical(c.v), c.canonical);
    EXPECT_EQ(semver::canonical_version(c.v), c.canonical_version);
    EXPECT_EQ(semver::major(c.v), c.major);
    EXPECT_EQ(semver::major_minor(c.v), c.major_minor);
    EXPECT_EQ(semver::prerelease(c.v), c.prerelease);
    EXPECT_EQ(semver::build(c.v), c.build);
  }
}

TEST(Semver, refuses) {
  for (const auto* v : {"",        "v",       "1.2.3",       "v01",       "v1.",          "v1.02",
                        "v1.2.",   "v1.2.03", "v1.2.3.4",    "v1-pre",    "v1.2-pre",     "v1+meta",
                        "v1.2.3-", "v1.2.3+", "v1.2.3-a..b", "v1.2.3-01", "v1.2.3-a+b+c", "v1.2.3-\xC3\xA9",
                        "v1.2.3 ", "V1.2.3",  "v-1.2.3",     "vx.y.z",    "v1.2.3-a.",    "v1.2.3+a."}) {
    SCOPED_TRACE(v);
    EXPECT_FALSE(semver::valid(v));
    EXPECT_EQ(semver::canonical(v), "");
    EXPECT_EQ(semver::canonical_version(v), "");
    EXPECT_EQ(semver::major(v), "");
    EXPECT_EQ(semver::major_minor(v), "");
  }
}

TEST(Semver, order) {
  const std::vector<std::vector<std::string>> ascending = {
      {"", "bad", "v1.2.3.4"},
      {"v0.0.0-00010101000000-000000000000"},
      {"v0", "v0.0.0"},
      {"v1.0.0-0"},
      {"v1.0.0-9"},
      {"v1.0.0-10"},
      {"v1.0.0--"},
      {"v1.0.0-alpha"},
      {"v1.0.0-alpha.1", "v1.0.0-alpha.1+x"},
      {"v1.0.0-alpha.beta"},
      {"v1.0.0-beta"},
      {"v1.0.0-beta.2"},
      {"v1.0.0-beta.11"},
      {"v1", "v1.0", "v1.0.0", "v1.0.0+meta"},
      {"v1.2"},
      {"v1.10.0"},
      {"v9"},
      {"v10.0.0"},
      {"v18446744073709551616.0.0"},
  };
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      for (const auto& a : ascending[i]) {
        for (const auto& b : ascending[j]) {
          const int want = i < j ? -1 : i > j ? 1 : 0;
          EXPECT_EQ(semver::compare(a, b), want) << a << " " << b;
        }
      }
    }
  }
}

// Versions from few pieces, so that equal and nearly equal ones are frequent.
rc::Gen<std::string> versions() {
  const auto piece = rc::gen::element<std::string>("v", "0", "1", "10", ".", "-", "+", "a", "rc.1", "v1.2.3");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string out;
    for (const auto& p : pieces) out += p;
    return out.starts_with("v1") || out.size() % 2 == 0 ? out : "v1.2." + out;
  });
}

RC_GTEST_PROP(SemverProperty, compare_is_a_total_order, ()) {
  const auto a = *versions();
  const auto b = *versions();
  const auto c = *versions();
  RC_ASSERT(semver::compare(a, b) == -semver::compare(b, a));
  RC_ASSERT(semver::compare(a, a) == 0);
  if (semver::compare(a, b) <= 0 && semver::compare(b, c) <= 0) RC_ASSERT(semver::compare(a, c) <= 0);
  RC_ASSERT(!(semver::less(a, b) && semver::less(b, a)));
  RC_ASSERT(a == b || semver::less(a, b) || semver::less(b, a));
}

RC_GTEST_PROP(SemverProperty, canonical_is_equal_and_stable, ()) {
  const auto v = *versions();
  const auto canonical = semver::canonical(v);
  RC_ASSERT(semver::valid(v) == !canonical.empty());
  RC_ASSERT(semver::canonical(canonical) == canonical);
  RC_ASSERT(semver::compare(v, canonical) == 0);
}

}  // namespace
}  // namespace larder::gomod

// SPDX-License-Identifier: Apache-2.0
#include "gomod/pseudo.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gomod/semver.hpp"

namespace larder::gomod {
namespace {

constexpr const char* k_time = "20191109021931";
constexpr const char* k_rev = "daa7c04131f5";

TEST(Pseudo, make_and_take_apart) {
  struct Case {
    const char* major;
    const char* older;
    const char* made;
    const char* base;
  };
  const std::vector<Case> cases = {
      {"", "", "v0.0.0-20191109021931-daa7c04131f5", ""},
      {"v0", "", "v0.0.0-20191109021931-daa7c04131f5", ""},
      {"v3", "", "v3.0.0-20191109021931-daa7c04131f5", ""},
      {"v1", "v1.2.3", "v1.2.4-0.20191109021931-daa7c04131f5", "v1.2.3"},
      {"v1", "v1.2.99", "v1.2.100-0.20191109021931-daa7c04131f5", "v1.2.99"},
      {"v1", "v1.2.3-pre", "v1.2.3-pre.0.20191109021931-daa7c04131f5", "v1.2.3-pre"},
      {"v1", "v1.2.0-rc.1", "v1.2.0-rc.1.0.20191109021931-daa7c04131f5", "v1.2.0-rc.1"},
      {"v2", "v2.0.0+incompatible", "v2.0.1-0.20191109021931-daa7c04131f5+incompatible",
       "v2.0.0+incompatible"},
      {"v2", "v2.0.0-b+incompatible", "v2.0.0-b.0.20191109021931-daa7c04131f5+incompatible",
       "v2.0.0-b+incompatible"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.made);
    EXPECT_EQ(pseudo::make(c.major, c.older, k_time, k_rev), c.made);
    EXPECT_TRUE(pseudo::is_pseudo(c.made));
    EXPECT_EQ(*pseudo::base(c.made), c.base);
    EXPECT_EQ(*pseudo::time(c.made), k_time);
    EXPECT_EQ(*pseudo::time_rfc3339(c.made), "2019-11-09T02:19:31Z");
    EXPECT_EQ(*pseudo::rev(c.made), k_rev);
    // No tag before is the empty text, which is below every version too.
    EXPECT_LT(semver::compare(c.older, c.made), 0);
  }
}

TEST(Pseudo, zero) {
  EXPECT_EQ(pseudo::zero(""), "v0.0.0-00010101000000-000000000000");
  EXPECT_EQ(pseudo::zero("v2"), "v2.0.0-00010101000000-000000000000");
  EXPECT_TRUE(pseudo::is_pseudo(pseudo::zero("v2")));
}

TEST(Pseudo, refuses_other_versions) {
  for (const auto* v :
       {"", "v1.0.0", "v1.0.0-20191109021931-daa7c04131f5-x", "v0.0.0-2019110902193-daa7c04131f5",
        "v0.0.0-20191109021931", "v0.1.0-20191109021931-daa7c04131f5", "v1.2.3-1.20191109021931-daa7c04131f5",
        "v1.2.3-pre.20191109021931-daa7c04131f5", "v1.2.3-pre-20191109021931-daa7c04131f5",
        "v0.0.0.20191109021931-daa7c04131f5", "0.0.0-20191109021931-daa7c04131f5",
        "v1.2.3-0.20191109021931-"}) {
    SCOPED_TRACE(v);
    EXPECT_FALSE(pseudo::is_pseudo(v));
    const auto time = pseudo::time(v);
    ASSERT_FALSE(time);
    EXPECT_EQ(time.error().message(), std::string("pseudo-version \"") + v + "\" invalid: syntax error");
  }
}

TEST(Pseudo, error_texts) {
  EXPECT_EQ(
      pseudo::time_rfc3339("v0.0.0-20190229000000-daa7c04131f5").error().message(),
      R"(pseudo-version "v0.0.0-20190229000000-daa7c04131f5" invalid: malformed time "20190229000000")");
  EXPECT_TRUE(pseudo::time_rfc3339("v0.0.0-20200229235959-daa7c04131f5"));
  EXPECT_FALSE(pseudo::time_rfc3339("v0.0.0-20200229240000-daa7c04131f5"));
  EXPECT_EQ(
      pseudo::base("v2.0.0-20191109021931-daa7c04131f5+incompatible").error().message(),
      "pseudo-version \"v2.0.0-20191109021931-daa7c04131f5+incompatible\" invalid: lacks base version, but "
      "has build metadata \"+incompatible\"");
  EXPECT_EQ(
      pseudo::base("v1.2.0-0.20191109021931-daa7c04131f5").error().message(),
      "pseudo-version \"v1.2.0-0.20191109021931-daa7c04131f5\" invalid: version before v1.2.0 would have "
      "negative patch number");
}

}  // namespace
}  // namespace larder::gomod

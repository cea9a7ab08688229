// SPDX-License-Identifier: Apache-2.0
#include "app/overlay.hpp"

#include <gtest/gtest.h>

namespace larder::app {
namespace {

TEST(Overlay, files_come_from_elsewhere_or_are_gone) {
  const auto temp = sys::TempDir::create().value();
  const auto& dir = temp.path();
  for (const auto* name : {"go.mod", "other", "go.sum"})
    ASSERT_TRUE(sys::write_file(dir / name, as_bytes(std::string_view(name))));
  const auto overlay =
      Overlay::parse(R"({"Replace": {"go.mod": "other", "go.sum": "", "new/go.mod": "other"}})", dir).value();
  EXPECT_EQ(overlay.read(dir / "go.mod").value(), "other");
  EXPECT_EQ(overlay.read(dir / "other").value(), "other");
  EXPECT_FALSE(overlay.is_file(dir / "go.sum"));
  EXPECT_FALSE(overlay.read_if_exists(dir / "go.sum").value());
  EXPECT_EQ(overlay.read(dir / "go.sum").error().message(),
            "open " + (dir / "go.sum").native() + ": no such file or directory");
  EXPECT_TRUE(overlay.is_file(dir / "new/go.mod"));
  EXPECT_TRUE(overlay.is_dir(dir / "new"));
  EXPECT_TRUE(overlay.replaces(dir / "x/../go.mod"));
  EXPECT_EQ(overlay.replaced_below(dir / "new"), dir / "new/go.mod");
  EXPECT_FALSE(overlay.replaced_below(dir / "ne"));
}

TEST(Overlay, bad_ones_are_refused) {
  const auto reason = [](std::string_view json) {
    const auto overlay = Overlay::parse(json, "/w");
    return overlay ? std::string("fine") : overlay.error().message();
  };
  EXPECT_EQ(reason("{}"), "fine");
  EXPECT_EQ(reason("["), "parsing overlay JSON: not a JSON object");
  EXPECT_EQ(reason(R"({"Replace": {"": "x"}})"), "empty string key in overlay map");
  EXPECT_EQ(reason(R"({"Replace": {"a": "x", "./a": "y"}})"), "duplicate paths /w/a and a in overlay map");
  EXPECT_EQ(reason(R"({"Replace": {"a": "x", "a/b": "y"}})"),
            "inconsistent files /w/a and /w/a/b in overlay map");
  EXPECT_EQ(reason(R"({"Replace": {"a": 1}})"), "parsing overlay JSON: \"a\" is not a path");
}

TEST(Overlay, files_are_shown_the_shorter_way) {
  const auto temp = sys::TempDir::create().value();
  const auto& dir = temp.path();
  EXPECT_EQ(shown_path(dir / "a/go.mod", dir), "a/go.mod");
  EXPECT_EQ(shown_path("/x", "/a/b/c/d/e"), "/x");
}

TEST(Overlay, go_sources_are_found) {
  const auto mods = Overlay::parse(R"({"Replace": {"go.mod": "x.mod", "go.sum": ""}})", "/w");
  ASSERT_TRUE(mods.has_value());
  EXPECT_EQ(mods->replaced_source(), std::nullopt);
  const auto sources = Overlay::parse(R"({"Replace": {"go.mod": "x.mod", "p/a.go": "y"}})", "/w");
  ASSERT_TRUE(sources.has_value());
  EXPECT_EQ(sources->replaced_source(), sys::Path("/w/p/a.go"));
}

}  // namespace
}  // namespace larder::app

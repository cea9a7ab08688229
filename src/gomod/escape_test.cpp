// SPDX-License-Identifier: Apache-2.0
#include "gomod/escape.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace larder::gomod {
namespace {

TEST(Escape, upper_case_letters) {
  EXPECT_EQ(*escape_path("github.com/Azure/GO-x"), "github.com/!azure/!g!o-x");
  EXPECT_EQ(*escape_version("v1.0.0-RC1"), "v1.0.0-!r!c1");
  EXPECT_EQ(*escape_version("main"), "main");
  EXPECT_EQ(*unescape_path("github.com/!azure/!g!o-x"), "github.com/Azure/GO-x");
  EXPECT_EQ(*unescape_version("v1.0.0-!r!c1"), "v1.0.0-RC1");
}

TEST(Escape, refuses) {
  const auto message = [](const Result<std::string>& r) { return r ? "ok: " + *r : r.error().message(); };
  EXPECT_EQ(message(escape_path("m")), "malformed module path \"m\": missing dot in first path element");
  for (const auto* v : {"a/b", "", "..", "v1!x", "a:b", "con", "\xC3\xA9", "a\nb"})
    EXPECT_FALSE(escape_version(v));
  EXPECT_EQ(message(escape_version("feature/x")), "version \"feature/x\" invalid: disallowed version string");
  for (const auto* p : {"github.com/Azure", "github.com/!Azure", "github.com/!!azure", "github.com/azure!",
                        "github.com/!1", "x.y/\xC3\xA9"})
    EXPECT_EQ(message(unescape_path(p)), "invalid escaped module path \"" + std::string(p) + "\"");
  EXPECT_EQ(
      message(unescape_path("x.y/../z")),
      "invalid escaped module path \"x.y/../z\": malformed module path \"x.y/../z\": invalid path element "
      "\"..\"");
  EXPECT_EQ(message(unescape_version("V1")), "invalid escaped version \"V1\"");
  EXPECT_EQ(message(unescape_version("../x")), "invalid escaped version \"../x\": invalid char '/'");
}

std::string assemble(const std::vector<std::string>& pieces) {
  std::string out;
  for (const auto& p : pieces) out += p;
  return out;
}

rc::Gen<std::string> texts() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          "x.y", "/", "A", "b", "Z", "v2", ".", "-", "!", "!a", "1", "+", "\xC3\xA9", "v1.2.3")),
      assemble);
}

RC_GTEST_PROP(EscapeProperty, unescape_undoes_escape, ()) {
  const auto path = "x.y/" + *texts();
  if (const auto escaped = escape_path(path)) RC_ASSERT(*unescape_path(*escaped) == path);
  const auto version = *texts();
  if (const auto escaped = escape_version(version)) RC_ASSERT(*unescape_version(*escaped) == version);
}

RC_GTEST_PROP(EscapeProperty, escape_undoes_unescape, ()) {
  const auto text = *texts();
  if (const auto path = unescape_path("x.y/" + text)) RC_ASSERT(*escape_path(*path) == "x.y/" + text);
  if (const auto version = unescape_version(text)) RC_ASSERT(*escape_version(*version) == text);
}

}  // namespace
}  // namespace larder::gomod

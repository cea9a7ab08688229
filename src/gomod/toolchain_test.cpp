// SPDX-License-Identifier: Apache-2.0
#include "gomod/toolchain.hpp"

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(Toolchain, selection) {
  struct Case {
    const char* setting;
    const char* go_line;
    const char* toolchain_line;
    const char* version;  // or the error
  };
  const Case cases[] = {
      {"", "1.99", "", "1.22.1"},
      {"local", "1.99", "go1.99.1", "1.22.1"},
      {"auto", "1.20", "", "1.22.1"},
      {"auto", "1.22.1", "", "1.22.1"},
      {"auto", "1.23.4", "", "1.23.4"},
      {"auto", "1.23", "", "1.23.0"},
      {"auto", "1.23rc1", "", "1.23rc1"},
      {"auto", "1.21", "go1.23.2", "1.23.2"},
      {"auto", "1.24.0", "go1.23.2", "1.24.0"},
      {"auto", "1.99", "default", "1.22.1"},
      {"auto", "1.21", "tool", "invalid toolchain \"tool\""},
      {"path", "1.23.0", "", "1.23.0"},
      {"go1.20.3", "1.23.0", "", "1.20.3"},
      {"go1.25.3+auto", "1.23.0", "", "1.25.3"},
      {"go1.20.3+auto", "1.21.0", "", "1.21.0"},
      {"local+path", "1.23.0", "", "1.23.0"},
      {"bash", "", "", "invalid GOTOOLCHAIN \"bash\""},
      {"bash+auto", "", "", "invalid GOTOOLCHAIN \"bash+auto\": invalid minimum toolchain \"bash\""},
      {"local+x", "", "", "invalid GOTOOLCHAIN \"local+x\": only version suffixes are +auto and +path"},
  };
  for (const auto& c : cases) {
    const auto setting = parse_gotoolchain(c.setting, "1.22.1");
    const auto version = setting ? select_toolchain(*setting, c.go_line, c.toolchain_line)
                                 : Result<SelectedToolchain>(fail(setting.error()));
    EXPECT_EQ(version ? version->version : version.error().message(), c.version)
        << c.setting << " " << c.go_line;
  }
}

TEST(Toolchain, lines_are_found_without_parsing) {
  constexpr std::string_view k_text =
      "module m\nnew things\n  go\t1.99 // why\ngo 1.20\ntoolchainx y\ntoolchain go1.99.1";
  EXPECT_EQ(look_up_line(k_text, "go"), "1.99");
  EXPECT_EQ(look_up_line(k_text, "toolchain"), "go1.99.1");
  EXPECT_EQ(look_up_line(k_text, "godebug"), "");
  EXPECT_EQ(look_up_line("go\n", "go"), "");
}

TEST(Toolchain, newer_releases) {
  const std::vector<std::string> all = {"1.20.5", "1.21.0", "1.21.9", "1.22.0",
                                        "1.22.3", "1.23.1", "1.24rc1"};
  const auto newer = [&](const char* need) {
    const auto found = newer_release(need, all);
    return found ? *found : found.error().message();
  };
  EXPECT_EQ(newer("1.20"), "1.22.3");  // the newest release is 1.23.1, so the language before it
  EXPECT_EQ(newer("1.22.3"), "1.22.3");
  EXPECT_EQ(newer("1.22.4"), "1.23.1");
  EXPECT_EQ(newer("1.23.2"), "1.24rc1");
  EXPECT_EQ(newer("1.25"), "no releases found for go >= 1.25");
}

TEST(Toolchain, names_are_kept) {
  const auto name = [](const char* setting, const char* go_line, const char* toolchain_line) {
    return select_toolchain(parse_gotoolchain(setting, "1.22.1").value(), go_line, toolchain_line)->name;
  };
  EXPECT_EQ(name("auto", "1.20", ""), "go1.22.1");
  EXPECT_EQ(name("auto", "1.23", ""), "go1.23.0");
  EXPECT_EQ(name("auto", "1.23", "go1.23.4-custom"), "go1.23.4-custom");
  EXPECT_EQ(name("go1.21.3-custom", "1.23", ""), "go1.21.3-custom");
  EXPECT_EQ(name("go1.21.3-custom+auto", "1.23.1", ""), "go1.23.1");
}

TEST(Toolchain, downloads) {
  struct Case {
    const char* name;
    const char* platform;
    const char* module;  // or the error
  };
  const Case cases[] = {
      {"go1.21.3", "linux-amd64", "golang.org/toolchain@v0.0.1-go1.21.3.linux-amd64"},
      {"go1.22rc1", "windows-386", "golang.org/toolchain@v0.0.1-go1.22rc1.windows-386"},
      {"go1.21.3-custom", "linux-arm64", "golang.org/toolchain@v0.0.1-go1.21.3-custom.linux-arm64"},
      {"1.21.3", "linux-amd64", "invalid toolchain \"1.21.3\""},
      {"go1.21.3-/run.sh", "linux-amd64", "invalid toolchain \"go1.21.3-/run.sh\""},
      {"", "linux-amd64", "invalid toolchain \"\""},
      {"go1.21.3", "", "invalid platform \"\""},
      {"go1.21.3", "linux", "invalid platform \"linux\""},
      {"go1.21.3", "linux/amd64", "invalid platform \"linux/amd64\""},
      {"go1.21.3", "linux-amd64-x", "invalid platform \"linux-amd64-x\""},
      {"go1.21.3", "../amd64", "invalid platform \"../amd64\""},
  };
  for (const auto& c : cases) {
    const auto module = toolchain_download(c.name, c.platform);
    EXPECT_EQ(module ? module->str() : module.error().message(), c.module);
    if (module) {
      EXPECT_EQ("go" + std::string(release_of_download(module->version)), c.name);
    }
  }
}

TEST(Toolchain, names_of_downloads) {
  EXPECT_EQ(release_of_download("v0.0.1-go1.21.3.linux-amd64"), "1.21.3");
  EXPECT_EQ(release_of_download("v0.0.1-go1.22rc1.windows-arm64"), "1.22rc1");
  EXPECT_EQ(release_of_download("v0.0.1"), "");
  EXPECT_EQ(release_of_download("v0.0.1-go1.21.3"), "");
}

TEST(TooNew, read_is_the_reverse_of_text) {
  const TooNew about{"module example.com/m@v1.0.0", "1.24rc1"};
  for (const char* note : {"", "; GOTOOLCHAIN=local"}) {
    const auto text = too_new_text(about, "1.21.0", note);
    for (const char* before : {"", "example.com/m@v1.0.0: ", "a@v1 requires\n\tb@v1: "}) {
      const auto read = read_too_new(before + text, "1.21.0", note);
      ASSERT_TRUE(read) << before;
      EXPECT_EQ(read->what, about.what);
      EXPECT_EQ(read->go, about.go);
    }
  }
  for (const char* text : {"", "m requires go >= 1.22", "m requires go >= x (running go 1.21.0)",
                           "m requires go >= 1.22 (running go 1.21.1)"})
    EXPECT_FALSE(read_too_new(text, "1.21.0", "")) << text;
}

}  // namespace
}  // namespace larder::gomod

// SPDX-License-Identifier: Apache-2.0
#include "app/mod_init.hpp"

#include <gtest/gtest.h>

namespace larder::app {
namespace {

TEST(ModInit, go_line_of_each_release) {
  EXPECT_EQ(new_go_mod("m", "1.26.8").value(), "module m\n\ngo 1.26.8\n");
  EXPECT_EQ(new_go_mod("m", "1.26.0").value(), "module m\n\ngo 1.25.0\n");
  EXPECT_EQ(new_go_mod("m", "1.26rc2").value(), "module m\n\ngo 1.24.0\n");
  EXPECT_EQ(new_go_mod("m", "1.27.0").value(), "module m\n\ngo 1.27.0\n");
}

TEST(ModInit, advice_on_paths) {
  struct Case {
    const char* path;
    const char* advice;
  };
  for (const auto& c :
       {Case{"a.b/c/v1", "a.b/c/v2"}, Case{"a.b/c/v0", "a.b/c/v2"}, Case{"a.b/c/v03", "a.b/c/v3"},
        Case{"a.b/c/v2.1", "a.b/c/v2"}, Case{"gopkg.in/yaml", "gopkg.in/yaml.v1"},
        Case{"gopkg.in/yaml/v3", "gopkg.in/yaml.v3"}}) {
    const auto checked = check_new_module_path(c.path);
    ASSERT_FALSE(checked) << c.path;
    EXPECT_TRUE(checked.error().message().ends_with(std::string("\tgo mod init ") + c.advice))
        << checked.error().message();
  }
  EXPECT_EQ(check_new_module_path("./x").error().message(),
            "malformed module path \"./x\": is a local import path");
  EXPECT_TRUE(check_new_module_path("example.com/m/v2"));
}

TEST(ModInit, import_comments) {
  struct Case {
    const char* text;
    const char* path;  // "" where it is none
  };
  const Case cases[] = {
      {"// x\npackage m // import \"a.b/c\"\n", "a.b/c"},
      {"package m // import \"a.b/c\"", ""},
      {"package m // import \"a.b/c\" \r\n", "a.b/c"},
      {"package m //import \"a.b/c\"\n", ""},
      {"package m // import \"a\nb\"\n", ""},
      {"package m // import \"\"\npackage m // import \"x\"\n", "x"},
  };
  for (const auto& c : cases) {
    const auto dir = sys::TempDir::create().value();
    ASSERT_TRUE(sys::write_file(dir.path() / "m.go", as_bytes(c.text)));
    const auto guessed = guess_module_path(dir.path(), {});
    EXPECT_EQ(guessed.value_or(""), c.path) << c.text;
  }
}

}  // namespace
}  // namespace larder::app

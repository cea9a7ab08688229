// SPDX-License-Identifier: Apache-2.0
#include "base/late_library.hpp"

#include <gtest/gtest.h>

namespace larder {
namespace {

TEST(LateLibrary, FindsFunctionsOfALibraryThatIsThere) {
  auto library = LateLibrary::open("libm.so.6");
  ASSERT_TRUE(library.has_value());
  double (*root)(double) = nullptr;
  library->find(root, "cbrt");
  ASSERT_TRUE(library->complete().has_value());
  EXPECT_DOUBLE_EQ(root(27.0), 3.0);
}

TEST(LateLibrary, NamesWhatALibraryDoesNotHave) {
  auto library = LateLibrary::open("libm.so.6");
  ASSERT_TRUE(library.has_value());
  void (*function)() = nullptr;
  library->find(function, "larder_has_no_such_function");
  const auto complete = library->complete();
  ASSERT_FALSE(complete.has_value());
  EXPECT_EQ(complete.error().kind(), Kind::unavailable);
  EXPECT_EQ(complete.error().message(), "libm.so.6 has no larder_has_no_such_function");
  EXPECT_EQ(function, nullptr);
}

TEST(LateLibrary, ALibraryThatIsNotInstalledIsAnError) {
  const auto library = LateLibrary::open("liblarder-does-not-exist.so.9");
  ASSERT_FALSE(library.has_value());
  EXPECT_EQ(library.error().kind(), Kind::unavailable);
  EXPECT_NE(library.error().message().find("liblarder-does-not-exist.so.9"), std::string::npos);
}

}  // namespace
}  // namespace larder

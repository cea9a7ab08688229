// SPDX-License-Identifier: Apache-2.0
#include "resolve/vendor.hpp"

#include <gtest/gtest.h>

#include "gomod/modfile.hpp"

namespace larder::resolve {
namespace {

MainModule main_of(std::string_view text) {
  const auto mod = gomod::parse_mod("go.mod", text);
  LARDER_ASSERT(mod.has_value());
  return MainModule::from(*mod);
}

MainModules mains(std::string_view text) {
  return MainModules::single(main_of(text)).value();
}

struct Case {
  std::string_view name;
  std::string_view mod;
  std::string_view txt;
  std::string_view problems;  // between the first line and the advice
};

class Vendor : public testing::TestWithParam<Case> {};

TEST_P(Vendor, IsComparedAsGoDoes) {
  const auto main = mains(GetParam().mod);
  const auto done =
      check_vendor(main, gomod::parse_modules_txt(GetParam().txt), {"/w", {"go.mod"}, "go.work"});
  const std::string expected =
      GetParam().problems.empty()
          ? ""
          : "inconsistent vendoring in /w:" + std::string(GetParam().problems) +
                "\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor "
                "directory, run:\n\t\tgo mod vendor";
  EXPECT_EQ(done ? "" : done.error().message(), expected);
}

constexpr std::string_view k_a = "module m\ngo 1.21\nrequire example.com/a v1.0.0\n";
constexpr std::string_view k_old = "module m\ngo 1.13\nrequire example.com/a v1.0.0\n";
constexpr Case k_cases[] = {
    {"Agrees", k_a, "# example.com/a v1.0.0\n## explicit\nexample.com/a\n", ""},
    {"NotExplicit", k_a, "# example.com/a v1.0.0\nexample.com/a\n",
     "\n\texample.com/a@v1.0.0: is explicitly required in go.mod, but not marked as explicit in "
     "vendor/modules.txt"},
    {"NotRequired", "module m\ngo 1.21\n", "# example.com/a v1.0.0\n## explicit\nexample.com/a\n",
     "\n\texample.com/a@v1.0.0: is marked as explicit in vendor/modules.txt, but not explicitly required in "
     "go.mod"},
    {"OldOnesSayLess", k_old, "# example.com/a v1.0.0\nexample.com/a\n", ""},
    {"OldOnesDisagree", k_old, "# example.com/a v1.1.0\nexample.com/a\n",
     "\n\texample.com/a@v1.0.0: is explicitly required in go.mod, but vendor/modules.txt indicates "
     "example.com/a@v1.1.0"},
    {"ReplacedHere", "module m\ngo 1.21\nreplace example.com/a => ./a\n", "",
     "\n\texample.com/a: is replaced in go.mod, but not marked as replaced in vendor/modules.txt"},
    {"ReplacedOtherwise", "module m\ngo 1.21\nreplace example.com/a => ./a\n", "# example.com/a => ./b\n",
     "\n\texample.com/a: is replaced by ./a in go.mod, but marked as replaced by ./b in vendor/modules.txt"},
    {"ReplacedThere", "module m\ngo 1.21\n", "# example.com/a => ./b\n",
     "\n\texample.com/a: is marked as replaced in vendor/modules.txt, but not replaced in go.mod"},
};

INSTANTIATE_TEST_SUITE_P(Resolve, Vendor, testing::ValuesIn(k_cases),
                         [](const auto& it) { return std::string(it.param.name); });

TEST(VendoredBuildList, IsWhatIsRequiredAndWhatProvidesPackages) {
  const auto main = mains("module m\ngo 1.13\nrequire example.com/a v1.0.0\n");
  const auto list = vendored_build_list(main, main.initial(),
                                        gomod::parse_modules_txt("# example.com/b v1.0.0\nexample.com/b\n"));
  EXPECT_EQ(list, (std::vector<Module>{
                      {"m", ""}, {"example.com/a", "v1.0.0"}, {"example.com/b", "v1.0.0"}, {"go", "1.13"}}));
}

}  // namespace
}  // namespace larder::resolve

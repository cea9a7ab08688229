// SPDX-License-Identifier: Apache-2.0
#include "resolve/package_loader.hpp"

#include <gtest/gtest.h>

#include "resolve/keep_sums.hpp"
#include "resolve/test_packages.hpp"
#include "resolve/test_universe.hpp"
#include "resolve/vendor_plan.hpp"

namespace larder::resolve {
namespace {

using namespace testing;

// One load of a project, kept together.
struct Load {
  Load(MainModules mains, std::string_view modules, std::string_view packages, PackageLoadOptions options,
       std::string_view latest = {}, std::set<std::string, std::less<>> tools = {})
      : universe(modules),
        source(mains.modules().front().path, packages),
        versions(latest),
        resolver(std::move(mains), universe, {.readonly = options.readonly, .local_go = "1.26"}),
        finder(resolver, source, {.readonly = options.readonly, .must_have_sums = options.readonly}),
        missing(finder, &versions, [this](const std::string& line) { notes += line + "\n"; }),
        loader(finder, &missing, std::move(tools), std::move(options),
               [this](const std::string& line) { notes += line + "\n"; }) {}

  bool run() { return loader.load(*resolver.initial()); }
  std::string roots() { return str(loader.requirements().requirements.roots); }
  std::string why(std::string_view path) {
    const auto* package = loader.packages().find(path);
    return package == nullptr ? "" : package->why();
  }

  Universe universe;
  FakePackages source;
  FakeVersions versions;
  Resolver resolver;
  std::string notes;
  ImportFinder finder;
  MissingImports missing;
  PackageLoader loader;
};

const PackageLoadOptions k_tidy = {
    .tidy = true, .load_tests = true, .resolve_missing = true, .silent_missing_std = true};

struct TidyCase {
  std::string_view name;
  std::string_view main;
  std::string_view modules;
  std::string_view packages;
  std::string_view latest;
  std::string_view roots;
};

TEST(Tidy, Roots) {
  const std::vector<TidyCase> cases = {
      {"unused requirements go", "m 1.21: b.c@v1.0.0 d.e@v1.0.0",
       "b.c@v1.0.0 1.21:\nd.e@v1.0.0 1.21:", "m: b.c/x\nb.c@v1.0.0 b.c/x:", "", "b.c@v1.0.0 go@1.21"},
      {"missing ones are found", "m 1.21:", "b.c@v1.2.0 1.21:", "m: b.c/x\nb.c@v1.2.0 b.c/x:", "b.c@v1.2.0",
       "b.c@v1.2.0 go@1.21"},
      {"modules of indirect packages are roots", "m 1.21: b.c@v1.0.0",
       "b.c@v1.0.0 1.21: d.e@v1.0.0\nd.e@v1.0.0 1.21:",
       "m: b.c/x\nb.c@v1.0.0 b.c/x: d.e/y\nd.e@v1.0.0 d.e/y:", "", "b.c@v1.0.0 d.e@v1.0.0 go@1.21"},
      {"not so without pruning", "m 1.16: b.c@v1.0.0", "b.c@v1.0.0 1.16: d.e@v1.0.0\nd.e@v1.0.0 1.16:",
       "m: b.c/x\nb.c@v1.0.0 b.c/x: d.e/y\nd.e@v1.0.0 d.e/y:", "", "b.c@v1.0.0 go@1.16"},
      {"the go line rises with a dependency", "m 1.17: b.c@v1.0.0",
       "b.c@v1.0.0 1.22:", "m: b.c/x\nb.c@v1.0.0 b.c/x:", "", "b.c@v1.0.0 go@1.22"},
      {"tests of main packages count", "m 1.21: b.c@v1.0.0",
       "b.c@v1.0.0 1.21:", "m: | b.c/x\nb.c@v1.0.0 b.c/x:", "", "b.c@v1.0.0 go@1.21"},
      // d.e is only needed to test b.c: its version comes from b.c's own go.mod, so it is no root.
      {"tests of dependencies are not roots", "m 1.21: b.c@v1.0.0",
       "b.c@v1.0.0 1.21: d.e@v1.0.0\nd.e@v1.0.0 1.21:",
       "m: b.c/x\nb.c@v1.0.0 b.c/x: | d.e/y\nd.e@v1.0.0 d.e/y:", "", "b.c@v1.0.0 go@1.21"},
      // A higher root for such a module is what the test was found in: it stays.
      {"unless they were loaded from a higher version", "m 1.21: b.c@v1.0.0 d.e@v1.1.0",
       "b.c@v1.0.0 1.21: d.e@v1.0.0\nd.e@v1.0.0 1.21:\nd.e@v1.1.0 1.21:",
       "m: b.c/x\nb.c@v1.0.0 b.c/x: | d.e/y\nd.e@v1.0.0 d.e/y:\nd.e@v1.1.0 d.e/y:", "",
       "b.c@v1.0.0 d.e@v1.1.0 go@1.21"},
      {"tests of what only tests need do not count", "m 1.21: b.c@v1.0.0",
       "b.c@v1.0.0 1.21: d.e@v1.0.0\nd.e@v1.0.0 1.21:",
       "m: b.c/x\nb.c@v1.0.0 b.c/x: | d.e/y\nd.e@v1.0.0 d.e/y: | f.g/none", "", "b.c@v1.0.0 go@1.21"},
      {"the standard library adds nothing", "m 1.21:", "", "m: fmt\nstd fmt: io\nstd io:", "", "go@1.21"},
      {"an unknown package of the standard library is silent", "m 1.21:", "", "m: nothing/here", "",
       "go@1.21"},
  };
  for (const auto& c : cases) {
    Load load(single(c.main), c.modules, c.packages, k_tidy, c.latest);
    EXPECT_TRUE(load.run()) << c.name << ": " << load.notes;
    EXPECT_EQ(load.roots(), c.roots) << c.name;
  }
}

TEST(Tidy, TwiceIsOnce) {
  Load first(single("m 1.21: b.c@v1.0.0 z.z@v1.0.0"),
             "b.c@v1.0.0 1.21: d.e@v1.1.0\nd.e@v1.1.0 1.16: f.g@v1.0.0\nf.g@v1.0.0 1.16:\nz.z@v1.0.0 1.21:",
             "m: b.c/x\nb.c@v1.0.0 b.c/x: d.e/y\nd.e@v1.1.0 d.e/y: f.g/z\nf.g@v1.0.0 f.g/z:", k_tidy);
  ASSERT_TRUE(first.run()) << first.notes;
  EXPECT_EQ(first.roots(), "b.c@v1.0.0 d.e@v1.1.0 f.g@v1.0.0 go@1.21");
  Load second(single("m 1.21: b.c@v1.0.0 d.e@v1.1.0 f.g@v1.0.0"),
              "b.c@v1.0.0 1.21: d.e@v1.1.0\nd.e@v1.1.0 1.16: f.g@v1.0.0\nf.g@v1.0.0 1.16:",
              "m: b.c/x\nb.c@v1.0.0 b.c/x: d.e/y\nd.e@v1.1.0 d.e/y: f.g/z\nf.g@v1.0.0 f.g/z:", k_tidy);
  ASSERT_TRUE(second.run()) << second.notes;
  EXPECT_EQ(second.roots(), first.roots());
}

TEST(Tidy, ToolsAreRootsButNotDirect) {
  Load load(single("m 1.24: b.c@v1.0.0"), "b.c@v1.0.0 1.21:", "m:\nb.c@v1.0.0 b.c/x:", k_tidy, "", {"b.c/x"});
  ASSERT_TRUE(load.run()) << load.notes;
  EXPECT_EQ(load.roots(), "b.c@v1.0.0 go@1.24");
  EXPECT_FALSE(load.loader.requirements().requirements.direct.contains("b.c"));
}

TEST(Tidy, SaysWhatItFound) {
  Load load(single("m 1.21:"), "b.c@v1.2.0 1.21:", "m: b.c/x\nb.c@v1.2.0 b.c/x:", k_tidy, "b.c@v1.2.0");
  ASSERT_TRUE(load.run());
  // The first round finds roots quietly; the import is no root package, so it is told.
  EXPECT_EQ(load.notes, "finding module for package b.c/x\nfound b.c/x in b.c v1.2.0\n");
}

struct ErrorCase {
  std::string_view name;
  std::string_view main;
  std::string_view modules;
  std::string_view packages;
  std::string_view latest;
  std::string_view notes;
};

TEST(Tidy, Errors) {
  const std::vector<ErrorCase> cases = {
      {"no module has it", "m 1.21:", "", "m: b.c/x", "",
       "finding module for package b.c/x\n"
       "m imports\n\tb.c/x: cannot find module providing package b.c/x: module b.c/x: not there\n"},
      {"the latest does not have it",
       "m 1.21:", "b.c@v1.2.0 1.21:", "m: b.c/x\nb.c@v1.2.0 b.c/y:", "b.c@v1.2.0",
       "finding module for package b.c/x\n"
       "m imports\n\tb.c/x: module b.c@latest found (v1.2.0), but does not contain package b.c/x\n"},
      {"missing in the test of a dependency", "m 1.21: b.c@v1.0.0",
       "b.c@v1.0.0 1.21:", "m: b.c/x\nb.c@v1.0.0 b.c/x: | d.e/y", "",
       "finding module for package d.e/y\n"
       "m imports\n\tb.c/x tested by\n\tb.c/x.test imports\n\td.e/y: cannot find module providing package "
       "d.e/y: module d.e/y: not there\n"},
      {"below go 1.16 in the test of what a test needs, too", "m 1.15: b.c@v1.0.0",
       "b.c@v1.0.0 1.15: d.e@v1.0.0\nd.e@v1.0.0 1.15:",
       "m: b.c/x\nb.c@v1.0.0 b.c/x: | d.e/y\nd.e@v1.0.0 d.e/y: | f.g/none", "",
       "finding module for package f.g/none\n"
       "m imports\n\tb.c/x tested by\n\tb.c/x.test imports\n\td.e/y tested by\n\td.e/y.test imports\n"
       "\tf.g/none: cannot find module providing package f.g/none: module f.g/none: not there\n"},
      {"version in an import", "m 1.21:", "", "m: b.c/x@v1", "",
       "m imports\n\tb.c/x@v1: import path \"b.c/x@v1\" should not have @version\n"},
      {"relative import", "m 1.21:", "", "m: ./x", "",
       "m imports\n\t./x: \"./x\" is relative, but relative import paths are not supported in module mode\n"},
  };
  for (const auto& c : cases) {
    Load load(single(c.main), c.modules, c.packages, k_tidy, c.latest);
    EXPECT_FALSE(load.run()) << c.name;
    EXPECT_EQ(load.notes, c.notes) << c.name;
    auto lenient = k_tidy;
    lenient.allow_errors = true;
    Load with_e(single(c.main), c.modules, c.packages, lenient, c.latest);
    EXPECT_TRUE(with_e.run()) << c.name;
    EXPECT_EQ(with_e.notes, c.notes) << c.name;
  }
}

TEST(Tidy, OneSourceAnswersForAllPathsOfAPackage) {
  FakeVersions second("b.c@v1.1.0 b.c/x@v1.0.0");
  const auto run = [&](const std::string& imported, std::string_view latest) {
    Load load(single("m 1.21:"), "b.c@v1.0.0 1.21:\nb.c@v1.1.0 1.21:\nb.c/x@v1.0.0 1.21:",
              "m: " + imported + "\nb.c@v1.0.0 b.c/y:\nb.c@v1.1.0 b.c:\nb.c@v1.1.0 b.c/x:\n", k_tidy, latest);
    load.versions.behind = &second;
    load.run();
    return load.roots();
  };
  EXPECT_EQ(run("b.c", ""), "b.c@v1.1.0 go@1.21");
  EXPECT_EQ(run("b.c", "b.c@v1.0.0"), "go@1.21")
      << "it has the module, so it settles that there is no package";
  EXPECT_EQ(run("b.c/y", "b.c@v1.0.0"), "b.c@v1.0.0 go@1.21");
  EXPECT_EQ(run("b.c/x", "b.c@v1.0.0"), "b.c@v1.1.0 go@1.21") << "the module could lie deeper";
}

TEST(Tidy, AModuleThatNeedsANewerGoIsNoAnswer) {
  const auto load = [](std::string_view go, bool allow_errors) {
    auto options = k_tidy;
    options.allow_errors = allow_errors;
    auto out =
        std::make_unique<Load>(single("m " + std::string(go) + ":"),
                               "b.c@v1.0.0 1.99:", "m: b.c/x\nb.c@v1.0.0 b.c/x:", options, "b.c@v1.0.0");
    out->source.faults["b.c@v1.0.0"] = "b.c@v1.0.0 requires go >= 1.99 (running go 1.26)";
    return out;
  };
  const std::string found =
      "finding module for package b.c/x\ntoolchain upgrade needed to resolve b.c/x\n"
      "b.c@v1.0.0 requires go >= 1.99 (running go 1.26)\n";
  for (const auto* go : {"1.16", "1.21"}) {
    const auto strict = load(go, false);
    EXPECT_FALSE(strict->run());
    EXPECT_EQ(strict->notes, found) << go;
    const auto lax = load(go, true);
    EXPECT_TRUE(lax->run());
    EXPECT_EQ(lax->notes, found + "m imports\n\tb.c/x: b.c@v1.0.0 requires go >= 1.99 (running go 1.26)\n")
        << go;
    EXPECT_EQ(lax->roots(), "go@" + std::string(go));
  }
}

TEST(Imports, AmbiguousOnesNameAllModules) {
  Load load(single("m 1.16: b.c@v1.0.0"), "b.c@v1.0.0 1.16:", "m: b.c/x\nm/b:\nb.c@v1.0.0 b.c/x:", k_tidy);
  Snapshot in(*load.resolver.initial());
  const auto found = load.finder.find({"b.c/x", "m/b", "m/nothing"}, in, {});
  EXPECT_EQ(found[0].module.str(), "b.c@v1.0.0");
  EXPECT_EQ(found[0].dir, "/b.c@v1.0.0/x");
  EXPECT_EQ(found[1].module.str(), "m");
  ASSERT_TRUE(found[2].error);
  EXPECT_EQ(found[2].error->fault, ImportFault::missing_std);

  Load clash(single("fmt 1.21:"), "", "fmt: x\nstd fmt:", k_tidy);
  Snapshot roots(*clash.resolver.initial());
  const auto both = clash.finder.find({"fmt"}, roots, {});
  ASSERT_TRUE(both[0].error);
  EXPECT_EQ(both[0].error->error.message(),
            "ambiguous import: found package fmt in multiple modules:\n\tfmt (/main)\n\t (/std/fmt)");
}

TEST(Imports, NestedModulesAreNotPartOfAMainModule) {
  Load load(single("m.n 1.21:"), "", "m.n:\nm.n/a/b:", k_tidy);
  load.source.go_mods = {"/main/a"};
  Snapshot in(*load.resolver.initial());
  const auto found = load.finder.find({"m.n/a/b"}, in, {});
  ASSERT_TRUE(found[0].error);
  EXPECT_EQ(found[0].error->fault, ImportFault::missing);
}

TEST(Why, ShortestWay) {
  Load load(single("m 1.21: b.c@v1.0.0"), "b.c@v1.0.0 1.21:",
            "m: m/a b.c/x\nm/a: b.c/y\nb.c@v1.0.0 b.c/x: b.c/y | b.c/z\nb.c@v1.0.0 b.c/y:\nb.c@v1.0.0 b.c/z:",
            {.load_tests = true, .silent_errors = true});
  ASSERT_TRUE(load.run()) << load.notes;
  EXPECT_EQ(load.why("b.c/y"), "m/a\nb.c/y\n");
  EXPECT_EQ(load.why("b.c/z"), "m\nb.c/x\nb.c/x.test\nb.c/z\n");
  EXPECT_EQ(load.why("m"), "m\n");
  EXPECT_EQ(load.why("b.c/q"), "");
  EXPECT_EQ(load.loader.packages().find("b.c/z")->depth(), 4);
}

TEST(Why, TheStandardLibraryIsReadWhereItMatters) {
  constexpr std::string_view k_packages = "m: fmt\nstd fmt: io\nstd io:\n";
  Load all(single("m 1.21:"), "", k_packages, {.silent_errors = true});
  ASSERT_TRUE(all.run());
  EXPECT_EQ(all.why("io"), "m\nfmt\nio\n");
  Load modules(single("m 1.21:"), "", k_packages, {.silent_errors = true, .skip_std = true});
  ASSERT_TRUE(modules.run());
  EXPECT_EQ(modules.why("fmt"), "m\nfmt\n");
  EXPECT_EQ(modules.why("io"), "");
  Load developed(single("std 1.21:"), "", "std/x: fmt\nstd fmt: io\nstd io:\n",
                 {.silent_errors = true, .skip_std = true});
  ASSERT_TRUE(developed.run());
  EXPECT_NE(developed.why("io"), "");
}

TEST(Why, TestsOfDependenciesDoNotCountForVendor) {
  Load load(single("m 1.21: b.c@v1.0.0"), "b.c@v1.0.0 1.21:",
            "m: b.c/x | b.c/t\nb.c@v1.0.0 b.c/x: | b.c/z\nb.c@v1.0.0 b.c/t:\nb.c@v1.0.0 b.c/z:",
            {.vendor_all = true, .silent_errors = true});
  ASSERT_TRUE(load.run()) << load.notes;
  EXPECT_EQ(load.why("b.c/z"), "");
  EXPECT_EQ(load.why("b.c/t"), "m\nm.test\nb.c/t\n");
}

TEST(Why, AnOldGoLineTakesInTestsOfAll) {
  Load load(single("m 1.15: b.c@v1.0.0"), "b.c@v1.0.0 1.15:",
            "m: b.c/x\nb.c@v1.0.0 b.c/x: | b.c/z\nb.c@v1.0.0 b.c/z: | b.c/q\nb.c@v1.0.0 b.c/q:",
            {.silent_errors = true});
  ASSERT_TRUE(load.run()) << load.notes;
  EXPECT_EQ(load.why("b.c/q"), "m\nb.c/x\nb.c/x.test\nb.c/z\nb.c/z.test\nb.c/q\n");
}

TEST(Vendor, MissingSumsAreNamedWithTheImporter) {
  Load load(single("m 1.21: b.c@v1.0.0"), "b.c@v1.0.0 1.21:", "m: b.c/x\nb.c@v1.0.0 b.c/x:",
            {.readonly = true, .vendor_all = true, .resolve_missing = true});
  load.source.without_sum = {"b.c@v1.0.0"};
  EXPECT_FALSE(load.run());
  EXPECT_EQ(load.notes,
            "m imports\n\tb.c/x: missing go.sum entry for module providing package b.c/x (imported by m); to "
            "add:\n\tgo get m\n");
}

TEST(Vendor, ModulesTxt) {
  auto main = main_module("m 1.21: b.c@v1.0.0 u.v@v1.0.0");
  main.replace = {{{"b.c", ""}, {"r.s", "v1.0.5"}}, {{"not.used", "v1.0.0"}, {"./there", ""}}};
  Load load(*MainModules::single(main), "r.s@v1.0.5 1.18:\nu.v@v1.0.0 -:",
            "m: b.c/y b.c/x\nr.s@v1.0.5 b.c/x:\nr.s@v1.0.5 b.c/y:", {.readonly = true, .vendor_all = true});
  load.universe.add({"r.s", "v1.0.5"}, "1.18", {}, "r.s");
  ASSERT_TRUE(load.run()) << load.notes;
  const auto plan = plan_vendor(load.resolver, load.loader.packages(), load.loader.requirements());
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->modules_txt,
            "# b.c v1.0.0 => r.s v1.0.5\n## explicit; go 1.18\nb.c/x\nb.c/y\n"
            "# u.v v1.0.0\n## explicit\n"
            "# b.c => r.s v1.0.5\n"
            "# not.used v1.0.0 => ./there\n");
  ASSERT_EQ(plan->packages.size(), 2U);
  EXPECT_EQ(plan->packages[0]->dir, "/r.s@v1.0.5/x");
}

TEST(Vendor, ReplacementInsideTheFolderIsRefused) {
  auto main = main_module("m 1.21: b.c@v1.0.0");
  main.replace = {{{"b.c", ""}, {"./vendor/b.c", ""}}};
  Load load(*MainModules::single(main), "", "m:", {.readonly = true, .vendor_all = true});
  ASSERT_TRUE(load.run()) << load.notes;
  const auto plan = plan_vendor(load.resolver, load.loader.packages(), load.loader.requirements());
  ASSERT_TRUE(plan && plan->failure);
  EXPECT_EQ(plan->failure->message(), "replacement path ./vendor/b.c inside vendor directory");
}

TEST(KeepSums, WhatTidyNeeds) {
  Load load(single("m 1.21: b.c@v1.0.0 d.e@v1.0.0"),
            "b.c@v1.0.0 1.21: d.e@v1.1.0\nd.e@v1.0.0 1.21:\nd.e@v1.1.0 1.21: q.r@v1.0.0\nq.r@v1.0.0 1.21:",
            "m: b.c/x\nb.c@v1.0.0 b.c/x: d.e/y\nd.e@v1.1.0 d.e/y:", k_tidy);
  ASSERT_TRUE(load.run()) << load.notes;
  const auto keep = keep_sums(load.resolver, load.loader.packages(), load.loader.requirements(), {});
  EXPECT_TRUE(keep.zip({"b.c", "v1.0.0"}));
  EXPECT_TRUE(keep.go_mod({"b.c", "v1.0.0"}));
  EXPECT_TRUE(keep.zip({"d.e", "v1.1.0"}));
  EXPECT_FALSE(keep.zip({"d.e", "v1.0.0"}));
  EXPECT_FALSE(keep.go_mod({"d.e", "v1.0.0"}));
  // Known by name only: pruning hides its go.mod.
  EXPECT_FALSE(keep.go_mod({"q.r", "v1.0.0"}));
  const auto more =
      keep_sums(load.resolver, load.loader.packages(), load.loader.requirements(), {.build_list_zips = true});
  EXPECT_TRUE(more.zip({"q.r", "v1.0.0"}));
}

}  // namespace
}  // namespace larder::resolve

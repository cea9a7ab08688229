// SPDX-License-Identifier: Apache-2.0
#include "gomod/edit.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace larder::gomod {
namespace {

using Requirements = std::vector<Requirement>;

// `edit`, then what the mod edit command does at the end.
struct ModCase {
  const char* name;
  const char* before;
  void (*edit)(ModFile&);
  const char* after;
};

const ModCase k_mod_cases[] = {
    {"set_module quotes", "module a\n", [](ModFile& f) { set_module(f, "b c"); }, "module \"b c\"\n"},
    {"set_module in a file without", "go 1.20\n", [](ModFile& f) { set_module(f, "m"); },
     "go 1.20\n\nmodule m\n"},
    {"go stands behind module", "module m\n\nrequire a.b/c v1.0.0\n",
     [](ModFile& f) { EXPECT_TRUE(set_go(f, "1.21")); }, "module m\n\ngo 1.21\n\nrequire a.b/c v1.0.0\n"},
    {"toolchain stands behind go", "module m\ngo 1.21\nrequire a.b/c v1.0.0\n",
     [](ModFile& f) { EXPECT_TRUE(set_toolchain(f, "go1.22.1")); },
     "module m\n\ngo 1.21\n\ntoolchain go1.22.1\n\nrequire a.b/c v1.0.0\n"},
    {"toolchain behind module without go", "module m\nrequire a.b/c v1.0.0\n",
     [](ModFile& f) { EXPECT_TRUE(set_toolchain(f, "default")); },
     "module m\n\ntoolchain default\n\nrequire a.b/c v1.0.0\n"},
    {"drop_go takes the comment along", "module m\ngo 1.21 // why\n", [](ModFile& f) { drop_go(f); },
     "module m\n"},
    {"second require makes a block", "module m\nrequire a.b/c v1.0.0 // why\n",
     [](ModFile& f) { add_require(f, {"a.b/a", "v1.1.0"}); },
     "module m\n\nrequire (\n\ta.b/a v1.1.0\n\ta.b/c v1.0.0 // why\n)\n"},
    {"add_require keeps the first line and its comment",
     "module m\nrequire a.b/c v1.0.0 // indirect\nrequire a.b/c v1.2.0\n",
     [](ModFile& f) { add_require(f, {"a.b/c", "v1.3.0"}); },
     "module m\n\nrequire a.b/c v1.3.0 // indirect\n"},
    {"add_new_require adds whatever is there", "module m\nrequire a.b/c v1.0.0\n",
     [](ModFile& f) { add_new_require(f, {"a.b/c", "v1.3.0"}, true); },
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/c v1.3.0 // indirect\n)\n"},
    {"block of one line becomes a line",
     "module m\n// group\nrequire ( // lost\n\t// first\n\ta.b/c v1.0.0 // end\n\tx.y/z v1.0.0\n) // lost\n",
     [](ModFile& f) { drop_require(f, "x.y/z"); },
     "module m\n\n// group\n// first\nrequire a.b/c v1.0.0 // end\n"},
    {"but not with a comment above its end", "module m\nrequire (\n\ta.b/c v1.0.0\n\t// kept\n)\n",
     [](ModFile& f) { drop_require(f, "none"); }, "module m\n\nrequire (\n\ta.b/c v1.0.0\n// kept\n)\n"},
    {"empty blocks vanish", "module m\nrequire ()\nexclude (\n)\n", [](ModFile& f) { drop_go(f); },
     "module m\n"},
    {"exclude joins its path", "module m\nexclude a.b/c v1.0.0\nexclude x.y/z v1.0.0\n",
     [](ModFile& f) { EXPECT_TRUE(add_exclude(f, {"a.b/c", "v1.1.0"})); },
     "module m\n\nexclude (\n\ta.b/c v1.0.0\n\ta.b/c v1.1.0\n)\n\nexclude x.y/z v1.0.0\n"},
    {"exclude of a new path stands alone", "module m\nexclude a.b/c v1.0.0\n",
     [](ModFile& f) { EXPECT_TRUE(add_exclude(f, {"x.y/z", "v1.1.0"})); },
     "module m\n\nexclude a.b/c v1.0.0\n\nexclude x.y/z v1.1.0\n"},
    {"excludes sort by version from go 1.21",
     "module m\ngo 1.21\nexclude (\n\ta.b/c v1.10.0\n\ta.b/c v1.9.0\n\ta.b/a v1.0.0\n\ta.b/a v1.0.0\n)\n",
     [](ModFile& f) { drop_tool(f, "x"); },
     "module m\n\ngo 1.21\n\nexclude (\n\ta.b/a v1.0.0\n\ta.b/c v1.9.0\n\ta.b/c v1.10.0\n)\n"},
    {"and by bytes before", "module m\ngo 1.22rc1\nexclude (\n\ta.b/c v1.9.0\n\ta.b/c v1.10.0\n)\n",
     [](ModFile& f) { drop_tool(f, "x"); },
     "module m\n\ngo 1.22rc1\n\nexclude (\n\ta.b/c v1.10.0\n\ta.b/c v1.9.0\n)\n"},
    {"the last replace stays", "module m\nreplace a.b/c => ../x // first\nreplace a.b/c => ../y // last\n",
     [](ModFile& f) { drop_tool(f, "x"); }, "module m\n\nreplace a.b/c => ../y // last\n"},
    {"add_replace of all versions takes all",
     "module m\nreplace a.b/c v1.0.0 => ../x // first\nreplace a.b/c v1.1.0 => ../y\n",
     [](ModFile& f) { add_replace(f, {"a.b/c", ""}, {"n.o/p", "v1.5.0"}); },
     "module m\n\nreplace a.b/c => n.o/p v1.5.0 // first\n"},
    {"add_replace of another version joins the path", "module m\nreplace a.b/c v1.0.0 => ../x\ngo 1.20\n",
     [](ModFile& f) { add_replace(f, {"a.b/c", "v1.2.0"}, {"../o p", ""}); },
     "module m\n\nreplace (\n\ta.b/c v1.0.0 => ../x\n\ta.b/c v1.2.0 => \"../o p\"\n)\n\ngo 1.20\n"},
    {"add_replace of another path stands at the end", "module m\nreplace a.b/c v1.0.0 => ../x\ngo 1.20\n",
     [](ModFile& f) { add_replace(f, {"a.b/d", ""}, {"../y", ""}); },
     "module m\n\nreplace a.b/c v1.0.0 => ../x\n\ngo 1.20\n\nreplace a.b/d => ../y\n"},
    {"drop_replace is exact", "module m\nreplace a.b/c v1.0.0 => ../x\nreplace a.b/c => ../y\n",
     [](ModFile& f) { drop_replace(f, {"a.b/c", ""}); }, "module m\n\nreplace a.b/c v1.0.0 => ../x\n"},
    {"retractions, newest first", "module m\nretract [v1.0.0, v1.1.0]\nretract v1.0.0\n",
     [](ModFile& f) { EXPECT_TRUE(add_retract(f, "v1.0.0", "v1.10.0", "two\nlines")); },
     "module m\n\nretract [v1.0.0, v1.1.0]\n\nretract (\n\t// two\n\t// lines\n\t[v1.0.0, "
     "v1.10.0]\n\tv1.0.0\n)\n"},
    {"drop_retract", "module m\nretract [v1.0.0, v1.1.0]\nretract v1.0.0\n",
     [](ModFile& f) { drop_retract(f, "v1.0.0", "v1.0.0"); }, "module m\n\nretract [v1.0.0, v1.1.0]\n"},
    {"tools once", "module m\ntool a.b/c\ntool a.b/c\n", [](ModFile& f) { add_tool(f, "a.b/a"); },
     "module m\n\ntool a.b/c\n\ntool a.b/a\n"},
    {"ignore is not quoted", "module m\nignore ./x\n", [](ModFile& f) { add_ignore(f, "./a b"); },
     "module m\n\nignore (\n\t./a b\n\t./x\n)\n"},
    {"godebug keeps the first", "module m\ngodebug a=1 // why\ngodebug a=2\n",
     [](ModFile& f) { add_godebug(f, "a", "3"); }, "module m\n\ngodebug a=3 // why\n"},
    {"comments and blank lines travel when sorted",
     "module m\nrequire (\n\tx.y/z v1.0.0\n\n\t// about a\n\ta.b/c v1.0.0\n)\n",
     [](ModFile& f) { drop_tool(f, "x"); },
     "module m\n\nrequire (\n\n\t// about a\n\ta.b/c v1.0.0\n\tx.y/z v1.0.0\n)\n"},
};

TEST(EditMod, as_go_does) {
  for (const auto& c : k_mod_cases) {
    auto parsed = parse_mod("go.mod", c.before);
    ASSERT_TRUE(parsed) << c.name << ": " << parsed.error().message();
    auto file = *std::move(parsed);
    c.edit(file);
    sort_blocks(file);
    cleanup(file);
    EXPECT_EQ(file.str(), c.after) << c.name;
  }
}

TEST(EditMod, from_nothing) {
  ModFile file;
  set_module(file, "example.com/m");
  EXPECT_TRUE(set_go(file, "1.26.0"));
  EXPECT_EQ(file.str(), "module example.com/m\n\ngo 1.26.0\n");
}

TEST(EditMod, refusals) {
  struct Case {
    const char* module;
    Result<void> (*edit)(ModFile&);
    const char* error;
  };
  const Case cases[] = {
      {"m", [](ModFile& f) { return set_go(f, "1.x"); }, "invalid language version \"1.x\""},
      {"m", [](ModFile& f) { return set_toolchain(f, "gone"); }, "invalid toolchain name \"gone\""},
      {"m", [](ModFile& f) { return add_exclude(f, {"a.b/c", "v1"}); },
       "version \"v1\" invalid: must be of the form v1.2.3"},
      {"m", [](ModFile& f) { return add_exclude(f, {"a.b/c/v2", "v2"}); },
       "version \"v2\" invalid: must be of the form v2.2.3"},
      {"m", [](ModFile& f) { return add_exclude(f, {"a.b/c", "v2.0.0"}); },
       "version \"v2.0.0\" invalid: should be v2.0.0+incompatible (or module a.b/c/v2)"},
      {"m/v3", [](ModFile& f) { return add_retract(f, "v3.0.0", "v2.0.0"); },
       "version \"v2.0.0\" invalid: should be v3, not v2"},
  };
  for (const auto& c : cases) {
    ModFile file;
    set_module(file, c.module);
    const auto before = file.str();
    const auto done = c.edit(file);
    ASSERT_FALSE(done) << c.error;
    EXPECT_EQ(done.error().message(), c.error);
    EXPECT_EQ(file.str(), before);
  }
}

struct RequireCase {
  const char* name;
  RequireLayout layout;
  const char* before;
  Requirements wanted;
  const char* after;
};

const RequireCase k_require_cases[] = {
    {"mixed keeps one block",
     RequireLayout::mixed,
     "module m\nrequire (\n\ta.b/c v1.0.0 // indirect; why\n\ta.b/c v1.2.0\n\tx.y/z v1.0.0\n)\n",
     {{{"a.b/c", "v1.5.0"}, false}, {{"n.o/p", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.5.0 // why\n\tn.o/p v1.0.0 // indirect\n)\n"},
    {"one flat block is split",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n\t// bound\n\tx.y/z v1.0.0\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}, {{"x.y/z", "v1.1.0"}, true}},
     "module m\n\nrequire a.b/c v1.0.0\n\n"
     "require (\n\ta.b/d v1.0.0 // indirect\n\t// bound\n\tx.y/z v1.1.0 // indirect\n)\n"},
    {"a block with a comment is left alone",
     RequireLayout::separate,
     "module m\n// mine\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n)\nrequire x.y/z v1.0.0\n",
     {{{"a.b/c", "v1.0.0"}, true},
      {{"a.b/d", "v1.0.0"}, false},
      {{"x.y/z", "v1.0.0"}, false},
      {{"x.y/a", "v1.0.0"}, false},
      {{"x.y/b", "v1.0.0"}, true}},
     "module m\n\n// mine\nrequire (\n\ta.b/c v1.0.0 // indirect\n\ta.b/d v1.0.0\n)\n\n"
     "require (\n\tx.y/a v1.0.0\n\tx.y/z v1.0.0\n)\n\nrequire x.y/b v1.0.0 // indirect\n"},
    {"between the two blocks lines move",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n)\n"
     "require (\n\tx.y/a v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, true},
      {{"a.b/d", "v1.0.0"}, false},
      {{"x.y/a", "v1.0.0"}, false},
      {{"x.y/z", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/d v1.0.0\n\tx.y/a v1.0.0\n)\n\n"
     "require (\n\ta.b/c v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n"},
    {"the direct block is made before the indirect one",
     RequireLayout::separate,
     "module m\nrequire x.y/z v1.0.0 // indirect\n// other\nrequire a.b/c v1.0.0\n",
     {{{"x.y/z", "v1.0.0"}, true}, {{"a.b/c", "v1.0.0"}, false}, {{"n.o/p", "v1.0.0"}, false}},
     "module m\n\nrequire n.o/p v1.0.0\n\nrequire x.y/z v1.0.0 // indirect\n\n// other\nrequire a.b/c "
     "v1.0.0\n"},
    {"nothing wanted",
     RequireLayout::separate,
     "module m\nrequire x.y/z v1.0.0 // indirect\nrequire (\n\ta.b/c v1.0.0\n)\n",
     {},
     "module m\n"},
    {"a blank line above goes with a new version",
     RequireLayout::separate,
     "module m\n// mine\nrequire (\n\ta.b/c v1.0.0\n\n\ta.b/d v1.0.0\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, false}},
     "module m\n\n// mine\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n)\n"},
    {"at most two: comments gather",
     RequireLayout::at_most_two,
     "module m\n// one\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n)\n"
     "// two\nrequire (\n\tx.y/a v1.0.0\n)\n// line\nrequire x.y/b v1.0.0\n"
     "// three\nrequire x.y/z v1.0.0 // indirect\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"a.b/d", "v1.0.0"}, true},
      {{"x.y/a", "v1.0.0"}, false},
      {{"x.y/b", "v1.0.0"}, false},
      {{"x.y/z", "v1.0.0"}, true}},
     "module m\n\n// one\n//\n// two\nrequire (\n\ta.b/c v1.0.0\n\tx.y/a v1.0.0\n\t// line\n\tx.y/b "
     "v1.0.0\n)\n\n"
     "require (\n\ta.b/d v1.0.0 // indirect\n\t// three\n\tx.y/z v1.0.0 // indirect\n)\n"},
    {"a blank line in the direct block: new lines go elsewhere",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\n\ta.b/d v1.0.0\n)\nrequire (\n"
     "\tx.y/a v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"a.b/d", "v1.0.0"}, false},
      {{"n.o/p", "v1.0.0"}, false},
      {{"x.y/a", "v1.0.0"}, true},
      {{"x.y/z", "v1.0.0"}, true},
      {{"n.o/q", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n)\n\nrequire n.o/p v1.0.0\n\nrequire (\n"
     "\tn.o/q v1.0.0 // indirect\n\tx.y/a v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n"},
    {"a blank line in the indirect block",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n)\nrequire (\n\tx.y/a v1.0.0 // indirect\n"
     "\n\tx.y/z v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"a.b/d", "v1.0.0"}, false},
      {{"n.o/p", "v1.0.0"}, false},
      {{"x.y/a", "v1.0.0"}, true},
      {{"x.y/z", "v1.0.0"}, true},
      {{"n.o/q", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n\tn.o/p v1.0.0\n)\n\n"
     "require n.o/q v1.0.0 // indirect\n\nrequire (\n\tx.y/a v1.0.0 // indirect\n"
     "\tx.y/z v1.0.0 // indirect\n)\n"},
    {"a blank line in either",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\n\ta.b/d v1.0.0\n)\nrequire (\n"
     "\tx.y/a v1.0.0 // indirect\n\n\tx.y/z v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"a.b/d", "v1.0.0"}, false},
      {{"n.o/p", "v1.0.0"}, false},
      {{"x.y/a", "v1.0.0"}, true},
      {{"x.y/z", "v1.0.0"}, true},
      {{"n.o/q", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n)\n\nrequire (\n"
     "\tx.y/a v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n\nrequire n.o/p v1.0.0\n\n"
     "require n.o/q v1.0.0 // indirect\n"},
    {"then no line moves",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\n\ta.b/d v1.0.0\n)\nrequire (\n"
     "\tx.y/a v1.0.0 // indirect\n\n\tx.y/z v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"a.b/d", "v1.0.0"}, true},
      {{"x.y/a", "v1.0.0"}, false},
      {{"x.y/z", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n)\n\nrequire (\n"
     "\tx.y/a v1.0.0\n\tx.y/z v1.0.0 // indirect\n)\n"},
    {"at most two: a blank line is no comment",
     RequireLayout::at_most_two,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\n\ta.b/d v1.0.0\n)\nrequire (\n"
     "\tx.y/a v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"a.b/d", "v1.0.0"}, false},
      {{"n.o/p", "v1.0.0"}, false},
      {{"x.y/a", "v1.0.0"}, true},
      {{"x.y/z", "v1.0.0"}, true},
      {{"n.o/q", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n\tn.o/p v1.0.0\n)\n\nrequire (\n"
     "\tn.o/q v1.0.0 // indirect\n\tx.y/a v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n"},
    {"at most two: every line moves",
     RequireLayout::at_most_two,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\n\ta.b/d v1.0.0\n)\nrequire (\n"
     "\tx.y/a v1.0.0 // indirect\n\n\tx.y/z v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"a.b/d", "v1.0.0"}, true},
      {{"x.y/a", "v1.0.0"}, false},
      {{"x.y/z", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\tx.y/a v1.0.0\n)\n\nrequire (\n"
     "\ta.b/d v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n"},
    {"a comment above the end is lost with its block",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n\t// last\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}},
     "module m\n\nrequire a.b/c v1.0.0\n\nrequire a.b/d v1.0.0 // indirect\n"},
    {"a comment above the end takes no lines away",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n\t// last\n)\n"
     "require x.y/z v1.0.0 // indirect\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"n.o/p", "v1.0.0"}, false},
      {{"x.y/z", "v1.0.0"}, true},
      {{"n.o/q", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\tn.o/p v1.0.0\n// last\n)\n\nrequire (\n"
     "\tn.o/q v1.0.0 // indirect\n\tx.y/z v1.0.0 // indirect\n)\n"},
    {"and keeps the block of one line",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n\t// last\n)\n"
     "require x.y/z v1.0.0 // indirect\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"x.y/z", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n// last\n)\n\nrequire x.y/z v1.0.0 // indirect\n"},
    {"but not an emptied one",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0\n\t// last\n)\nrequire x.y/z v1.0.0 // indirect\n",
     {{{"x.y/z", "v1.0.0"}, true}},
     "module m\n\nrequire x.y/z v1.0.0 // indirect\n"},
    {"at most two: what stands above an end is lost with its block",
     RequireLayout::at_most_two,
     "module m\n// a\nrequire (\n\ta.b/c v1.0.0\n)\n// b\nrequire (\n\ta.b/d v1.0.0 // indirect\n"
     "\t// end of b\n)\n// c\nrequire (\n\tx.y/z v1.0.0 // why\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}, {{"x.y/z", "v1.0.0"}, false}},
     "module m\n\n// a\n//\n// c\nrequire (\n\ta.b/c v1.0.0\n\tx.y/z v1.0.0 // why\n)\n\n// b\n"
     "require a.b/d v1.0.0 // indirect\n"},
    {"an empty block counts as a statement",
     RequireLayout::separate,
     "module m\nrequire ()\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}, {{"n.o/p", "v1.0.0"}, false}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n)\n\nrequire n.o/p v1.0.0\n"},
    {"at most two: it does not",
     RequireLayout::at_most_two,
     "module m\nrequire ()\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}, {{"n.o/p", "v1.0.0"}, false}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\tn.o/p v1.0.0\n)\n\nrequire a.b/d v1.0.0 // indirect\n"},
    {"an empty block with a comment",
     RequireLayout::separate,
     "module m\nrequire (\n\t// none yet\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}},
     "module m\n\nrequire a.b/c v1.0.0\n\nrequire a.b/d v1.0.0 // indirect\n"},
    {"the comment above an empty block is lost",
     RequireLayout::separate,
     "module m\n// mine\nrequire ()\nrequire a.b/c v1.0.0\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}},
     "module m\n\nrequire a.b/c v1.0.0\n\nrequire a.b/d v1.0.0 // indirect\n"},
    {"at most two: it moves on",
     RequireLayout::at_most_two,
     "module m\n// mine\nrequire ()\nrequire a.b/c v1.0.0\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}},
     "module m\n\n// mine\nrequire a.b/c v1.0.0\n\nrequire a.b/d v1.0.0 // indirect\n"},
    {"the only comment of a block is indirect",
     RequireLayout::separate,
     "module m\nrequire ( // indirect\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}, {{"n.o/p", "v1.0.0"}, true}},
     "module m\n\nrequire a.b/c v1.0.0\n\nrequire (\n\ta.b/d v1.0.0 // indirect\n"
     "\tn.o/p v1.0.0 // indirect\n)\n"},
    {"indirect, but above",
     RequireLayout::separate,
     "module m\n// indirect\nrequire (\n\ta.b/c v1.0.0 // indirect\n\ta.b/d v1.0.0 // indirect\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}, {{"n.o/p", "v1.0.0"}, true}},
     "module m\n\n// indirect\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n)\n\n"
     "require n.o/p v1.0.0 // indirect\n"},
    {"all indirect ones turn direct",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0 // indirect\n\ta.b/d v1.0.0 // indirect\n)\n"
     "require x.y/z v1.0.0 // indirect\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, false}, {{"x.y/z", "v1.0.0"}, false}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n)\n\nrequire x.y/z v1.0.0\n"},
    {"a reason behind indirect is a comment",
     RequireLayout::separate,
     "module m\nrequire (\n\ta.b/c v1.0.0 // indirect; why\n\ta.b/d v1.0.0 // indirect\n)\n"
     "require x.y/z v1.0.0\n",
     {{{"a.b/c", "v1.0.0"}, false},
      {{"a.b/d", "v1.0.0"}, true},
      {{"x.y/z", "v1.0.0"}, false},
      {{"n.o/p", "v1.0.0"}, true}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0 // why\n\ta.b/d v1.0.0 // indirect\n)\n\n"
     "require x.y/z v1.0.0\n\nrequire n.o/p v1.0.0 // indirect\n"},
    {"at most two: blank lines travel",
     RequireLayout::at_most_two,
     "module m\nrequire (\n\n\ta.b/c v1.0.0\n\n\ta.b/d v1.0.0 // indirect\n\n\t// about z\n"
     "\tx.y/z v1.0.0\n)\n",
     {{{"a.b/c", "v1.0.0"}, false}, {{"a.b/d", "v1.0.0"}, true}, {{"x.y/z", "v1.0.0"}, false}},
     "module m\n\nrequire (\n\ta.b/c v1.0.0\n\n\t// about z\n\tx.y/z v1.0.0\n)\n\n"
     "require a.b/d v1.0.0 // indirect\n"},
};

TEST(EditRequire, as_go_does) {
  for (const auto& c : k_require_cases) {
    auto parsed = parse_mod("go.mod", c.before);
    ASSERT_TRUE(parsed) << c.name << ": " << parsed.error().message();
    auto file = *std::move(parsed);
    set_requirements(file, c.wanted, c.layout);
    cleanup(file);
    EXPECT_EQ(file.str(), c.after) << c.name;
  }
}

TEST(EditRequire, layout_of_a_go_line) {
  using enum RequireLayout;
  EXPECT_EQ(require_layout("", "1.26.0"), mixed);
  EXPECT_EQ(require_layout("1.16", "1.27.0"), mixed);
  EXPECT_EQ(require_layout("1.17", "1.27.0"), separate);
  EXPECT_EQ(require_layout("1.27", "1.26.8"), separate);
  EXPECT_EQ(require_layout("1.27.0", "1.27.0"), at_most_two);
  EXPECT_EQ(require_layout("1.26.9", "1.28.0"), separate);
}

struct WorkCase {
  const char* name;
  const char* before;
  void (*edit)(WorkFile&);
  const char* after;
};

const WorkCase k_work_cases[] = {
    {"go stands below the comments that open the file", "// about\n\nuse ./a\n",
     [](WorkFile& f) { EXPECT_TRUE(set_go(f, "1.21")); }, "// about\n\ngo 1.21\n\nuse ./a\n"},
    {"toolchain stands behind go", "use ./a\ngo 1.21\n",
     [](WorkFile& f) { EXPECT_TRUE(set_toolchain(f, "go1.22.0")); },
     "use ./a\n\ngo 1.21\n\ntoolchain go1.22.0\n"},
    {"use joins the last use", "go 1.21\nuse ./b\nreplace a.b/c => ./x\n",
     [](WorkFile& f) { add_use(f, "./a c"); },
     "go 1.21\n\nuse (\n\t\"./a c\"\n\t./b\n)\n\nreplace a.b/c => ./x\n"},
    {"add_use keeps the first", "go 1.21\nuse ./b // why\nuse ./b\n", [](WorkFile& f) { add_use(f, "./b"); },
     "go 1.21\n\nuse ./b // why\n"},
    {"drop_use", "go 1.21\nuse (\n\t./b\n\t./a\n)\n", [](WorkFile& f) { drop_use(f, "./b"); },
     "go 1.21\n\nuse ./a\n"},
    {"drops", "go 1.21\ntoolchain go1.22.0\ngodebug a=1\nreplace a.b/c => ./x\n",
     [](WorkFile& f) {
       drop_go(f);
       drop_toolchain(f);
       drop_godebug(f, "a");
       drop_replace(f, {"a.b/c", ""});
     },
     ""},
};

TEST(EditWork, as_go_does) {
  for (const auto& c : k_work_cases) {
    auto parsed = parse_work("go.work", c.before);
    ASSERT_TRUE(parsed) << c.name << ": " << parsed.error().message();
    auto file = *std::move(parsed);
    c.edit(file);
    sort_blocks(file);
    cleanup(file);
    EXPECT_EQ(file.str(), c.after) << c.name;
  }
}

// A go.mod with require statements of all shapes.
rc::Gen<std::string> requires_text() {
  const auto line = rc::gen::element<std::string>(
      "a.b/c v1.0.0", "a.b/d v1.0.0 // indirect", "a.b/e v1.1.0 // indirect; why", "x.y/z v0.1.0 // note",
      "x.y/z v0.2.0", "\n\t// above\n\ta.b/f v1.0.0", "\n\ta.b/g v1.0.0 // indirect");
  const auto single =
      rc::gen::element<std::string>("require a.b/c v1.0.0\n", "require a.b/h v1.0.0 // indirect\n",
                                    "// heading\nrequire a.b/d v1.0.0\n", "exclude x.y/z v1.0.0\n");
  const auto block = rc::gen::map(rc::gen::pair(rc::gen::element<std::string>("", "// heading\n"),
                                                rc::gen::container<std::vector<std::string>>(line)),
                                  [](const std::pair<std::string, std::vector<std::string>>& parts) {
                                    auto text = parts.first + "require (\n";
                                    for (const auto& each : parts.second) text += "\t" + each + "\n";
                                    return text + ")\n";
                                  });
  const auto statements = rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(single, block));
  return rc::gen::map(statements, [](const std::vector<std::string>& all) {
    std::string text = "module m\n";
    for (const auto& each : all) text += each;
    return text;
  });
}

// A blank line that sorting brings to the top of a block is written, as go does, and not read again.
std::string without_blank_lines(std::string text) {
  for (auto at = text.find("\n\n"); at != std::string::npos; at = text.find("\n\n", at)) text.erase(at, 1);
  return text;
}

std::map<std::string, std::pair<std::string, bool>> wanted_map() {
  const auto path =
      rc::gen::element<std::string>("a.b/c", "a.b/d", "a.b/e", "a.b/g", "x.y/z", "n.o/p", "n.o/q");
  const auto version = rc::gen::element<std::string>("v1.0.0", "v1.3.0");
  return *rc::gen::container<std::map<std::string, std::pair<std::string, bool>>>(
      path, rc::gen::pair(version, rc::gen::arbitrary<bool>()));
}

RC_GTEST_PROP(EditRequireProperty, exactly_what_was_wanted, ()) {
  const auto text = *requires_text();
  const auto layout =
      *rc::gen::element(RequireLayout::mixed, RequireLayout::separate, RequireLayout::at_most_two);
  const auto map = wanted_map();
  Requirements wanted;
  for (const auto& [path, rest] : map) wanted.push_back({{path, rest.first}, rest.second});

  auto parsed = parse_mod("go.mod", text);
  RC_ASSERT(parsed.has_value());
  auto file = *std::move(parsed);
  set_requirements(file, wanted, layout);
  cleanup(file);
  const auto once = file.str();

  auto again = parse_mod("go.mod", once);
  RC_ASSERT(again.has_value());
  RC_ASSERT(without_blank_lines(again->str()) == without_blank_lines(once));
  for (const auto* list : {&file.require, &again->require}) {
    std::map<std::string, std::pair<std::string, bool>> got;
    for (const auto& r : *list) got[r.mod.path] = {r.mod.version, r.indirect};
    RC_ASSERT(got == map);
    RC_ASSERT(list->size() == map.size());
  }
  if (layout == RequireLayout::at_most_two) {
    const auto blocks =
        std::count_if(again->syntax.statements.begin(), again->syntax.statements.end(), [](const auto& s) {
          const auto* b = std::get_if<std::unique_ptr<LineBlock>>(&s);
          return b != nullptr && (*b)->tokens[0] == "require";
        });
    RC_ASSERT(blocks <= 2);
  }
}

RC_GTEST_PROP(EditModProperty, any_edits_leave_a_file_that_reads_back, ()) {
  const auto text = *requires_text();
  auto parsed = parse_mod("go.mod", text);
  RC_ASSERT(parsed.has_value());
  auto file = *std::move(parsed);
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12));
  for (const int step : steps) {
    switch (step) {
      case 0:
        add_require(file, {"a.b/c", "v1.9.0"});
        break;
      case 1:
        add_new_require(file, {"n.o/p", "v1.9.0"}, true);
        break;
      case 2:
        drop_require(file, "a.b/d");
        break;
      case 3:
        RC_ASSERT(set_go(file, "1.21").has_value());
        break;
      case 4:
        drop_go(file);
        break;
      case 5:
        RC_ASSERT(add_exclude(file, {"x.y/z", "v1.2.0"}).has_value());
        break;
      case 6:
        add_replace(file, {"a.b/c", ""}, {"../c", ""});
        break;
      case 7:
        drop_replace(file, {"a.b/c", ""});
        break;
      case 8:
        RC_ASSERT(add_retract(file, "v1.0.0", "v1.1.0", "why").has_value());
        break;
      case 9:
        add_tool(file, "a.b/c/cmd");
        break;
      case 10:
        drop_tool(file, "a.b/c/cmd");
        break;
      default:
        add_godebug(file, "k", "v");
        break;
    }
  }
  sort_blocks(file);
  cleanup(file);
  const auto once = file.str();
  auto again = parse_mod("go.mod", once);
  RC_ASSERT(again.has_value());
  RC_ASSERT(without_blank_lines(again->str()) == without_blank_lines(once));
  RC_ASSERT(again->require.size() == file.require.size());
  RC_ASSERT(again->go.has_value() == file.go.has_value());
  std::erase_if(file.tool, [](const Tool& t) { return t.line == nullptr; });
  RC_ASSERT(again->tool.size() == file.tool.size());
}

}  // namespace
}  // namespace larder::gomod

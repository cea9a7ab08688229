// SPDX-License-Identifier: Apache-2.0
#include "gomod/modfile.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

constexpr std::string_view k_full = R"(// Deprecated: use example.com/new
// instead.
module example.com/m

go 1.22.3
toolchain go1.23.0
godebug default=go1.21

require example.com/a v1
require (
	"example.com/b" v1.2.0 // indirect
	example.com/c/v2 v2.0.0 // indirect; why
	example.com/d v2.0.0+incompatible // indirectly
)
exclude example.com/a v1.0.1+meta
replace example.com/a => ../a
replace example.com/b v1.2.0 => "example.com/x" v1.0.0
// all of them
retract (
	v1.0.0
	[ v1.1.0 , v1.2.0 ] // oops
)
tool example.com/a/cmd
ignore (
	./x
	"with space"
)
)";

TEST(ModFile, strict) {
  auto parsed = parse_mod("go.mod", k_full);
  ASSERT_TRUE(parsed) << parsed.error().message();
  const ModFile f = *std::move(parsed);
  EXPECT_EQ(f.module->path, "example.com/m");
  EXPECT_EQ(f.module->deprecated, "use example.com/new\ninstead.");
  EXPECT_EQ(f.go->version, "1.22.3");
  EXPECT_EQ(f.toolchain->name, "go1.23.0");
  EXPECT_EQ(f.godebug.at(0).key, "default");
  EXPECT_EQ(f.godebug.at(0).value, "go1.21");
  ASSERT_EQ(f.require.size(), 4U);
  EXPECT_EQ(f.require[0].mod, (Module{"example.com/a", "v1.0.0"}));
  EXPECT_EQ(f.require[1].mod, (Module{"example.com/b", "v1.2.0"}));
  EXPECT_EQ(f.require[3].mod, (Module{"example.com/d", "v2.0.0+incompatible"}));
  EXPECT_FALSE(f.require[0].indirect);
  EXPECT_TRUE(f.require[1].indirect);
  EXPECT_TRUE(f.require[2].indirect);
  EXPECT_FALSE(f.require[3].indirect);
  EXPECT_EQ(f.require[1].line->tokens.at(0), "example.com/b");
  EXPECT_EQ(f.exclude.at(0).mod, (Module{"example.com/a", "v1.0.1"}));
  EXPECT_EQ(f.replace.at(0).from, (Module{"example.com/a", ""}));
  EXPECT_EQ(f.replace.at(0).to, (Module{"../a", ""}));
  EXPECT_EQ(f.replace.at(1).from, (Module{"example.com/b", "v1.2.0"}));
  EXPECT_EQ(f.replace.at(1).to, (Module{"example.com/x", "v1.0.0"}));
  EXPECT_EQ(f.retract.at(0).low, "v1.0.0");
  EXPECT_EQ(f.retract.at(0).high, "v1.0.0");
  EXPECT_EQ(f.retract.at(0).rationale, "all of them");
  EXPECT_EQ(f.retract.at(1).low, "v1.1.0");
  EXPECT_EQ(f.retract.at(1).high, "v1.2.0");
  EXPECT_EQ(f.retract.at(1).rationale, "oops");
  EXPECT_EQ(f.tool.at(0).path, "example.com/a/cmd");
  EXPECT_EQ(f.ignore.at(1).path, "with space");
  EXPECT_NE(f.str().find("\texample.com/b v1.2.0 // indirect\n"), std::string::npos);
  EXPECT_NE(f.str().find("require example.com/a v1.0.0\n"), std::string::npos);
}

TEST(ModFile, error_texts) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"module m\nmodule n\n", "go.mod:2: repeated module statement"},
      {"module\n", "go.mod:1: usage: module module/path"},
      {"module \"m\\q\"\n", "go.mod:1: invalid quoted string: invalid syntax"},
      {"module `m`\n", "go.mod:1: invalid quoted string: unquoted string cannot contain quote"},
      {"go 1.21\ngo 1.22\n", "go.mod:2: repeated go statement"},
      {"go 1.21 1.22\n", "go.mod:1: go directive expects exactly one argument"},
      {"go 1.x\n", "go.mod:1: invalid go version '1.x': must match format 1.23.0"},
      {"go 01.2\n", "go.mod:1: invalid go version '01.2': must match format 1.23.0"},
      {"go (\n1.21\n)\n", "go.mod:1: unknown block type: go"},
      {"toolchain\n", "go.mod:1: toolchain directive expects exactly one argument"},
      {"toolchain default\ntoolchain go1\n", "go.mod:2: repeated toolchain statement"},
      {"toolchain go2\n", "go.mod:1: invalid toolchain version 'go2': must match format go1.23.0 or default"},
      {"requre a v1\n", "go.mod:1: unknown directive: requre"},
      {"a b (\nc\n)\n", "go.mod:1: unknown block type: a b"},
      {"require a.b/c\n", "go.mod:1: usage: require module/path v1.2.3"},
      {"exclude (\n\ta.b/c\n)\n", "go.mod:2:2: usage: exclude module/path v1.2.3"},
      {"require a.b/c master\n",
       "go.mod:1: require a.b/c: version \"master\" invalid: must be of the form v1.2.3"},
      {"require a.b/c v2.0.0\n",
       "go.mod:1: require a.b/c: version \"v2.0.0\" invalid: should be v0 or v1, not v2"},
      {"require a.b/c/v1 v1.0.0\n", "go.mod:1: invalid module path"},
      {"require a.b/c \"v1.0.0\n", "go.mod:1:22: unexpected newline in string"},
      {"require a.b/c `v1.0.0`\n",
       "go.mod:1: require a.b/c: version \"`v1.0.0`\" invalid: unquoted string cannot contain quote"},
      {"godebug a b\n", "go.mod:1: usage: godebug key=value"},
      {"godebug \"a=b\"\n", "go.mod:1: usage: godebug key=value"},
      {"replace a.b/c\n",
       "go.mod:1: usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path "
       "[v1.2.3] "
       "=> ../local/directory"},
      {"replace a.b/c => d@v1\n",
       "go.mod:1: replacement module must match format 'path version', not 'path@version'"},
      {"replace a.b/c => d\n",
       "go.mod:1: replacement module without version must be directory path (rooted or starting with . or "
       "..)"},
      {"replace a.b/c => ..\\d\n",
       "go.mod:1: replacement directory appears to be Windows path (on a non-windows system)"},
      {"replace a.b/c => ./d v1.0.0\n",
       "go.mod:1: replacement module directory path \"./d\" cannot have version"},
      {"replace a.b/c/v1 => ./d\n", "go.mod:1: replace a.b/c/v1: invalid module path"},
      {"replace a.b/c v2.0.0 => ./d\n",
       "go.mod:1: replace a.b/c: version \"v2.0.0\" invalid: should be v0 or v1, not v2"},
      {"retract\n", "go.mod:1: expected '[' or version"},
      {"retract [\n", "go.mod:1: expected version after '['"},
      {"retract [ v1.0.0\n", "go.mod:1: expected ',' after version"},
      {"retract [ v1.0.0 ,\n", "go.mod:1: expected version after ','"},
      {"retract [ v1.0.0 , v1.1.0\n", "go.mod:1: expected ']' after version"},
      {"retract v1.0.0 v1.1.0\n", "go.mod:1: unexpected token after version: \"v1.1.0\""},
      {"tool\n", "go.mod:1: tool directive expects exactly one argument"},
      {"ignore a b\n", "go.mod:1: ignore directive expects exactly one argument"},
      {"foo\nmodule m\nrequire (\n\tx\n)\n",
       "go.mod:1: unknown directive: foo\ngo.mod:4:2: usage: require module/path v1.2.3"},
  };
  for (const auto& [text, want] : cases) {
    SCOPED_TRACE(text);
    const auto got = parse_mod("go.mod", text);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().message(), want);
    EXPECT_EQ(got.error().kind(), Kind::invalid);
  }
  EXPECT_EQ(parse_mod("go.mod", "requre a v1\n").error().hint(), "did you mean \"require\"?");
}

TEST(ModFile, lax_ignores_what_only_the_main_module_needs) {
  const auto f =
      parse_mod_lax("go.mod",
                    "module m\ngo v1.21.foo\ntoolchain x y\nfuture (\na\n)\nfuture x\na b (\n)\nreplace x\n"
                    "exclude x\ntool\ngodebug\nrequire a.b/c v1.0.0\nretract nonsense [\n"
                    "retract v1.0.0 more\nignore ./x\n");
  ASSERT_TRUE(f) << f.error().message();
  EXPECT_EQ(f->go->version, "1.21");
  EXPECT_FALSE(f->toolchain);
  EXPECT_EQ(f->require.size(), 1U);
  EXPECT_EQ(f->retract.size(), 2U);
  EXPECT_EQ(f->ignore.size(), 1U);
  EXPECT_EQ(parse_mod_lax("go.mod", "go 1.21rc1\n")->go->version, "1.21rc1");
  EXPECT_EQ(parse_mod_lax("go.mod", "go 1.2xyz\n")->go->version, "1.2");
  EXPECT_EQ(parse_mod_lax("x@v1", "go 1\n").error().message(),
            "x@v1:1: invalid go version '1': must match format 1.23.0");
  EXPECT_FALSE(parse_mod_lax("go.mod", "future /*\n"));
  EXPECT_FALSE(parse_mod_lax("go.mod", "require a\n"));
}

Result<std::string> fix(std::string_view path, std::string_view version) {
  if (version == "gone") return fail(Kind::unavailable, path == "m" ? "reading list: 500" : "no network");
  if (version == "main") return std::string(path == "example.com/m" ? "v1.5.0" : "v1.6.0");
  return std::string(version);
}

TEST(ModFile, fixer_resolves_versions) {
  const auto f = parse_mod(
      "go.mod", "retract main\nmodule example.com/m\nrequire a.b/c main\nretract (\n[v1.0.0, main]\n)\n",
      fix);
  ASSERT_TRUE(f) << f.error().message();
  EXPECT_EQ(f->require.at(0).mod.version, "v1.6.0");
  EXPECT_EQ(f->retract.at(0).low, "v1.5.0");
  EXPECT_EQ(f->retract.at(1).high, "v1.5.0");
  EXPECT_NE(f->str().find("require a.b/c v1.6.0\n"), std::string::npos);
}

TEST(ModFile, fixer_failures) {
  const auto f = parse_mod("go.mod", "module m\nrequire a.b/c gone\nretract gone\n", fix);
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().kind(), Kind::unavailable);
  EXPECT_EQ(f.error().message(), "go.mod:2: no network\ngo.mod:3: retract m: reading list: 500");
  EXPECT_EQ(parse_mod("go.mod", "retract v1.0.0\nretract v1.1.0\n", fix).error().message(),
            "go.mod:1: no module directive found, so retract cannot be used");
}

TEST(ModFile, deprecation) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"module m // Deprecated: a b\n", "a b"},
      {"// Deprecated:   x\nmodule m\n", "x"},
      {"// text\n// Deprecated: x\nmodule m\n", ""},
      {"// text\n//\n// Deprecated: x\n// y\n//\n// z\nmodule m\n", "x\ny"},
      {"// Deprecated: x\n\nmodule m\n", ""},
      {"// deprecated: x\nmodule m\n", ""},
      {"// Deprecated: x\nmodule (\n\tm\n)\n", "x"},
      {"// Deprecated: x\nmodule (\n\tm // y\n)\n", ""},
  };
  for (const auto& [text, want] : cases)
    EXPECT_EQ(parse_mod("go.mod", text)->module->deprecated, want) << text;
}

TEST(ModFile, module_path) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"module example.com/m\n", "example.com/m"},
      {"// c\n\n  module\t\"example.com/m\" // d\nbroken (", "example.com/m"},
      {"module `x y`", "x y"},
      {"module \"x\\q\"\n", ""},
      {"modules x\nmodule\nmodule // x\n", ""},
      {"", ""},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(module_path(text), want) << text;
  EXPECT_EQ(synthesize_mod("example.com/m"), "module example.com/m\n");
  EXPECT_EQ(synthesize_mod("a b"), "module \"a b\"\n");
}

TEST(ModFile, directory_paths) {
  for (const auto* dir : {".", "..", "./a", "../a", ".\\a", "..\\a", "/a", "\\a", "C:", "c:x"})
    EXPECT_TRUE(is_directory_path(dir)) << dir;
  for (const auto* path : {"", "a", ".a", "...", "a/./b", "1:", "example.com/m"})
    EXPECT_FALSE(is_directory_path(path)) << path;
}

// Every go.mod of a real module cache must be readable and stay the same when printed twice.
TEST(ModFile, reads_a_real_module_cache) {
  const char* cache = std::getenv("LARDER_TEST_MODCACHE");
  if (cache == nullptr) GTEST_SKIP() << "LARDER_TEST_MODCACHE is not set";
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(cache) / "cache/download")) {
    if (entry.path().extension() != ".mod") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto file = parse_mod_lax(entry.path().string(), text);
    ASSERT_TRUE(file) << file.error().message();
    const auto again = parse_syntax("go.mod", file->str());
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(print_syntax(*again), file->str()) << entry.path();
    EXPECT_EQ(module_path(text), file->module ? file->module->path : "");
    ++count;
  }
  EXPECT_GT(count, 0U);
}

}  // namespace
}  // namespace larder::gomod

// SPDX-License-Identifier: Apache-2.0
#include "app/update_mod.hpp"

#include <gtest/gtest.h>

namespace larder::app {
namespace {

const UpdateOptions k_options{.local_go = "1.26.8"};

struct Case {
  const char* name;
  const char* before;
  WantedMod wanted;
  const char* after;
  ModChange change;
};

TEST(UpdateMod, text_and_what_changed) {
  const Case cases[] = {
      {"nothing but form",
       "module m\ngo 1.20\nrequire (\n  a.b/c v1.0.0\n)\n",
       {{{{"a.b/c", "v1.0.0"}, false}}, "1.20", ""},
       "module m\n\ngo 1.20\n\nrequire a.b/c v1.0.0\n",
       ModChange::none},
      {"a missing go line", "module m\n", {{}, "1.16", ""}, "module m\n\ngo 1.16\n", ModChange::content},
      {"a raised version",
       "module m\n\ngo 1.20\n\nrequire a.b/c v1.0.0\n",
       {{{{"a.b/c", "v1.1.0"}, false}}, "1.20", ""},
       "module m\n\ngo 1.20\n\nrequire a.b/c v1.1.0\n",
       ModChange::content},
      {"markers",
       "module m\n\ngo 1.20\n\nrequire a.b/c v1.0.0\n",
       {{{{"a.b/c", "v1.0.0"}, true}}, "1.20", ""},
       "module m\n\ngo 1.20\n\nrequire a.b/c v1.0.0 // indirect\n",
       ModChange::markers},
      {"a line twice",
       "module m\n\ngo 1.20\n\nrequire a.b/c v1.0.0\nrequire a.b/c v1.1.0\n",
       {{{{"a.b/c", "v1.1.0"}, false}}, "1.20", ""},
       "module m\n\ngo 1.20\n\nrequire a.b/c v1.1.0\n",
       ModChange::content},
      {"an implied toolchain goes",
       "module m\n\ngo 1.22.0\n\ntoolchain go1.22.0\n",
       {{}, "1.22.0", "go1.22.0"},
       "module m\n\ngo 1.22.0\n",
       ModChange::content},
      {"an old one, too",
       "module m\n\ngo 1.18\n\ntoolchain go1.20\n",
       {{}, "1.18", "go1.20"},
       "module m\n\ngo 1.18\n",
       ModChange::content},
      {"a newer one stays",
       "module m\n\ngo 1.22.0\n\ntoolchain go1.23.0\n",
       {{}, "1.22.0", "go1.23.0"},
       "module m\n\ngo 1.22.0\n\ntoolchain go1.23.0\n",
       ModChange::none},
      {"the last of two replaces",
       "module m\n\ngo 1.20\n\nreplace a.b/c => ./x\n\nreplace a.b/c => ./y\n",
       {{}, "1.20", ""},
       "module m\n\ngo 1.20\n\nreplace a.b/c => ./y\n",
       ModChange::none},
  };
  for (const auto& c : cases) {
    const auto done = update_mod("go.mod", c.before, c.wanted, k_options);
    ASSERT_TRUE(done) << c.name << ": " << done.error().message();
    EXPECT_EQ(done->text, c.after) << c.name;
    EXPECT_EQ(done->change, c.change) << c.name;
  }
}

TEST(UpdateMod, readonly_adds_no_go_line_that_says_nothing) {
  auto options = k_options;
  options.always_go_line = false;
  const auto done = update_mod("go.mod", "module m\n", {{}, "1.16", ""}, options);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->text, "module m\n");
  EXPECT_EQ(done->change, ModChange::none);
  EXPECT_EQ(update_mod("go.mod", "module m\n", {{}, "1.17", ""}, options)->change, ModChange::content);
}

TEST(UpdateMod, too_new_to_be_written) {
  auto options = k_options;
  options.local_note = "; GOTOOLCHAIN=local";
  EXPECT_EQ(update_mod("go.mod", "module m\n", {{}, "1.99", ""}, options).error().message(),
            "updating go.mod requires go >= 1.99 (running go 1.26.8; GOTOOLCHAIN=local)");
}

TEST(UpdateMod, a_fixed_version_is_a_change) {
  auto options = k_options;
  options.fixer = [](std::string_view, std::string_view version) -> Result<std::string> {
    return std::string(version == "master" ? "v1.2.3" : version);
  };
  const WantedMod wanted{{{{"a.b/c", "v1.2.3"}, false}}, "1.20", ""};
  const auto done = update_mod("go.mod", "module m\n\ngo 1.20\n\nrequire a.b/c master\n", wanted, options);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->text, "module m\n\ngo 1.20\n\nrequire a.b/c v1.2.3\n");
  EXPECT_EQ(done->change, ModChange::content);
  EXPECT_EQ(update_mod("go.mod", done->text, wanted, options)->change, ModChange::none);
}

TEST(UpdateMod, requirements_become_lines) {
  resolve::Requirements requirements;
  requirements.roots = {{"a.b/c", "v1.0.0"}, {"go", "1.21"}, {"toolchain", "go1.22.0"}, {"x.y/z", "v0.1.0"}};
  requirements.direct = {"a.b/c"};
  const auto wanted = wanted_mod(requirements);
  EXPECT_EQ(wanted.go, "1.21");
  EXPECT_EQ(wanted.toolchain, "go1.22.0");
  ASSERT_EQ(wanted.require.size(), 2U);
  EXPECT_FALSE(wanted.require[0].indirect);
  EXPECT_TRUE(wanted.require[1].indirect);
}

TEST(CommitMod, only_over_what_was_read) {
  const auto dir = sys::TempDir::create().value();
  const auto file = dir.path() / "go.mod";
  ASSERT_TRUE(sys::write_file(file, as_bytes("module m\n")));
  const auto modcache = dir.path() / "modcache";
  EXPECT_TRUE(commit_mod(file, "module m\n", "module m\n\ngo 1.20\n", modcache));
  EXPECT_EQ(sys::read_file(file).value(), "module m\n\ngo 1.20\n");
  EXPECT_EQ(commit_mod(file, "module m\n", "module n\n", modcache).error().message(),
            "updating go.mod: existing contents have changed since last read");
}

// Where it says yes, update_mod has nothing to change; each of these differs from the file in one thing.
TEST(UpdateMod, what_a_file_says_already) {
  const auto file = gomod::parse_mod("go.mod",
                                     "module m\n\ngo 1.20\n\nrequire a.b/c v1.0.0\n\n"
                                     "require a.b/d v1.0.0 // indirect\n")
                        .value();
  const gomod::Requirement c{{"a.b/c", "v1.0.0"}, false};
  const gomod::Requirement d{{"a.b/d", "v1.0.0"}, true};
  EXPECT_TRUE(says_already(file, {{d, c}, "1.20", ""}, k_options));
  EXPECT_FALSE(says_already(file, {{c, d}, "1.21", ""}, k_options));
  EXPECT_FALSE(says_already(file, {{c, d}, "1.20", "go1.22.0"}, k_options));
  EXPECT_FALSE(says_already(file, {{c}, "1.20", ""}, k_options));
  EXPECT_FALSE(says_already(file, {{c, d, d}, "1.20", ""}, k_options));
  EXPECT_FALSE(says_already(file, {{c, {d.mod, false}}, "1.20", ""}, k_options));
  EXPECT_FALSE(says_already(file, {{c, {{"a.b/d", "v1.0.1"}, true}}, "1.20", ""}, k_options));
  EXPECT_FALSE(says_already(file, {{c, d}, "1.20", ""}, {.local_go = "1.19"}));
}

}  // namespace
}  // namespace larder::app

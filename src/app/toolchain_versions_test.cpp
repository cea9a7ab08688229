// SPDX-License-Identifier: Apache-2.0
#include "app/toolchain_versions.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "gomod/toolchain.hpp"

namespace larder::app {
namespace {

constexpr std::string_view k_local = "1.24.2";

// The list of golang.org/toolchain, and times of what is on it.
class Downloads final : public VersionSource {
 public:
  std::vector<std::string> asked;

  Result<std::vector<std::string>> list(const std::string& path) override {
    asked.push_back(path);
    return std::vector<std::string>{"v0.0.1-go1.20.linux-amd64",    "v0.0.1-go1.23.9.linux-amd64",
                                    "v0.0.1-go1.24.10.linux-amd64", "v0.0.1-go1.24.10.windows-arm64",
                                    "v0.0.1-go1.25rc1.linux-amd64", "v0.0.1-odd"};
  }
  Result<fetch::Info> latest(const std::string& path) override { return stat(path, "latest"); }
  Result<fetch::Info> stat(const std::string& path, const std::string& revision) override {
    asked.push_back(path + "@" + revision);
    if (revision == "v0.0.1-go1.24.11.linux-amd64")
      return fail(Kind::not_found, path + "@" + revision + ": 404 Not Found");
    fetch::Info out;
    out.version = revision;
    out.time = "2025-05-01T00:00:00Z";
    return out;
  }
  Result<std::string> go_mod(const gomod::Module& module) override { return "module " + module.path + "\n"; }
};

struct ToolchainVersionsTest : testing::Test {
  Downloads downloads;
  ToolchainVersions source{downloads, k_local};
  VersionQueries queries{source, nullptr};

  // The version, or the error.
  std::string query(const std::string& path, const std::string& text, const std::string& current = "") {
    const auto info = queries.query(path, text, current, Allow::everything);
    return info ? info->version : info.error().error.message();
  }
};

TEST_F(ToolchainVersionsTest, ListsReleasesOnceAndTheLocalOne) {
  EXPECT_EQ(source.list("go"), (std::vector<std::string>{"1.20", "1.23.9", "1.24.2", "1.24.10", "1.25rc1"}));
  EXPECT_EQ(source.list("toolchain"),
            (std::vector<std::string>{"go1.20", "go1.23.9", "go1.24.2", "go1.24.10", "go1.25rc1"}));
}

TEST_F(ToolchainVersionsTest, Queries) {
  const struct {
    std::string path, query, current, answer;
  } cases[] = {
      {"go", "latest", "", "1.24.10"},  // no release candidate while there is a release
      {"toolchain", "latest", "", "go1.24.10"},
      {"go", "1.24", "", "1.24.10"},
      {"go", "patch", "1.23.1", "1.23.9"},
      {"go", "patch", "1.24", "1.24.10"},
      {"toolchain", "patch", "go1.23.1", "go1.23.9"},
      {"go", "upgrade", "1.25rc1", "1.25rc1"},
      {"go", "<1.24", "", "1.23.9"},
      {"go", ">=1.24.3", "", "1.24.10"},
      {"go", "<=1.24", "", R"(ambiguous semantic version "1.24" in range "<=1.24")"},
      {"go", "<x", "", R"(invalid semantic version "x" in range "<x")"},
      {"go", "go1.24.10", "", "1.24.10"},
      {"toolchain", "1.24.10", "", "go1.24.10"},
      {"go", "1.99", "", R"(no matching versions for query "1.99")"},
      {"go", "none", "", "invalid go version none"},
      {"toolchain", "main", "", "invalid toolchain version main"},
      {"go", "1.24.11", "", "golang.org/toolchain@v0.0.1-go1.24.11.linux-amd64: 404 Not Found"},
      {"toolchain", "go1.30", "go1.24", R"(no matching versions for query "go1.30")"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(query(c.path, c.query, c.current), c.answer) << c.path << "@" << c.query;
}

TEST_F(ToolchainVersionsTest, AsksNobodyForWhatTheLocalGoIs) {
  EXPECT_EQ(query("go", "1.24.2"), "1.24.2");
  EXPECT_EQ(query("go", "1.19.1"), "1.19.1");
  EXPECT_EQ(query("toolchain", "go1.24.2"), "go1.24.2");
  EXPECT_TRUE(downloads.asked.empty()) << join(downloads.asked, " ");
}

TEST_F(ToolchainVersionsTest, FailuresNameWhatWasAsked) {
  const auto info = queries.query("go", "1.24.11", "", Allow::everything);
  ASSERT_FALSE(info);
  EXPECT_TRUE(info.error().names_module);
}

TEST_F(ToolchainVersionsTest, OtherPathsAreAskedBehind) {
  EXPECT_EQ(source.list("golang.org/toolchain")->size(), 6U);
  EXPECT_EQ(source.stat("golang.org/toolchain", "v0.0.1-go1.24.10.linux-amd64")->version,
            "v0.0.1-go1.24.10.linux-amd64");
}

}  // namespace
}  // namespace larder::app

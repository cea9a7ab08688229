// SPDX-License-Identifier: Apache-2.0
#include "app/mod_reader.hpp"

#include <set>

#include <gtest/gtest.h>

namespace larder::app {
namespace {

TEST(ParallelReader, answers_every_request_once_in_any_order) {
  ParallelReader reader(
      [](const gomod::Module& m) -> Result<std::string> { return "module " + m.path + "\n"; }, "/",
      {.threads = 4});
  std::vector<resolve::ModRequest> requests;
  for (std::uint32_t i = 0; i < 100; ++i) {
    const gomod::Module m{"example.com/m" + std::to_string(i), "v1.0.0"};
    requests.push_back({i, m, m});
  }
  reader.start(requests);
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto answer = reader.next();
    ASSERT_TRUE(answer.summary);
    EXPECT_EQ((*answer.summary)->module_path, requests[answer.id].actual.path);
    EXPECT_TRUE(seen.insert(answer.id).second);
  }
}

TEST(ParallelReader, folders_are_read_from_disk_and_errors_lose_the_module) {
  const auto temp = sys::TempDir::create().value();
  ASSERT_TRUE(sys::make_dirs(temp.path() / "b"));
  ASSERT_TRUE(sys::write_file(temp.path() / "b/go.mod", as_bytes("module example.com/b\n")));
  const gomod::Module a{"example.com/a", "v1.0.0"};
  ParallelReader reader(
      [&](const gomod::Module& m) -> Result<std::string> {
        return fail(Kind::not_found, m.str() + ": gone");
      },
      temp.path(), {.threads = 1});
  const std::vector<resolve::ModRequest> requests = {{1, a, a}, {2, a, {"./b", ""}}, {3, a, {"./c", ""}}};
  reader.start(requests);
  for (int i = 0; i < 3; ++i) {
    const auto answer = reader.next();
    switch (answer.id) {
      case 1:
        EXPECT_EQ(answer.summary.error().message(), "gone");
        break;
      case 2:
        EXPECT_EQ((*answer.summary)->module_path, "example.com/b");
        break;
      default:
        EXPECT_NE(answer.summary.error().message().find("no such file or directory"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/mod_reader.hpp"

#include <atomic>
#include <climits>
#include <set>

#include <gtest/gtest.h>

namespace larder::app {
namespace {

// is_far: never, always, from the thirtieth read on.
TEST(ParallelReader, answers_every_request_once_in_any_order) {
  for (const int far_from : {INT_MAX, 0, 30}) {
    for (const unsigned threads : {1U, 4U}) {
      SCOPED_TRACE(std::to_string(far_from) + " " + std::to_string(threads));
      std::atomic<int> reads = 0;
      ReaderOptions options{.threads = threads};
      options.is_far = [&] { return reads >= far_from; };
      ParallelReader reader(
          [&](const gomod::Module& m) -> Result<std::string> {
            ++reads;
            return "module " + m.path + "\n";
          },
          "/", std::move(options));
      std::set<std::uint32_t> seen;
      std::uint32_t asked = 0;
      for (const std::uint32_t batch : {1U, 70U, 29U}) {
        std::vector<resolve::ModRequest> requests;
        for (std::uint32_t i = 0; i < batch; ++i, ++asked) {
          const gomod::Module m{"example.com/m" + std::to_string(asked), "v1.0.0"};
          requests.push_back({asked, m, m});
        }
        reader.start(requests);
        for (std::uint32_t i = 0; i < batch; ++i) {
          const auto answer = reader.next();
          ASSERT_TRUE(answer.summary);
          EXPECT_EQ((*answer.summary)->module_path, "example.com/m" + std::to_string(answer.id));
          EXPECT_TRUE(seen.insert(answer.id).second);
        }
      }
      EXPECT_EQ(reads, 100);
    }
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

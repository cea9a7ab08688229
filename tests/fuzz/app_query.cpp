// SPDX-License-Identifier: Apache-2.0
// Version queries: the first line is the query, the second the current version, the others are what the
// module has. An answer to a query among versions is one of these, or the current one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/version_query.hpp"
#include "base/text.hpp"
#include "gomod/semver.hpp"

using namespace larder;

namespace {

class Listed final : public app::VersionSource {
 public:
  std::vector<std::string> versions;
  Result<std::vector<std::string>> list(const std::string&) override { return versions; }
  Result<fetch::Info> latest(const std::string& path) override {
    return fail(Kind::not_found, path + ": no commits");
  }
  Result<fetch::Info> stat(const std::string&, const std::string& revision) override {
    fetch::Info out;
    out.version = revision;
    out.time = "2020-01-01T00:00:00Z";
    return out;
  }
  Result<std::string> go_mod(const gomod::Module& module) override { return "module " + module.path + "\n"; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto words = lines({reinterpret_cast<const char*>(data), size});
  if (words.size() < 2) return 0;
  Listed source;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (gomod::semver::valid(words[i])) source.versions.emplace_back(words[i]);
  }
  std::ranges::sort(source.versions, gomod::semver::less);
  app::VersionQueries queries(source, nullptr);
  const std::string path = "example.com/a";
  const std::string query(words[0]);
  const auto found = queries.query(path, query, std::string(words[1]), app::Allow::not_retracted);
  if (!found || app::is_revision_query(path, query)) return 0;
  const bool listed = std::ranges::find(source.versions, found->version) != source.versions.end();
  if (!listed && found->version != words[1]) std::abort();
  return 0;
}

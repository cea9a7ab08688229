// SPDX-License-Identifier: Apache-2.0
// go.mod files of strangers, cut from the input at NUL bytes: the first is the main module's, the others are
// given out in turn to whatever is asked for. Graphs must stay bounded and agree with themselves.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "base/text.hpp"
#include "resolve/resolver.hpp"

namespace {

using namespace larder;
using namespace larder::resolve;

class Pieces : public ModReader {
 public:
  explicit Pieces(std::vector<std::string_view> files) : files_(std::move(files)) {}

  void start(std::span<const ModRequest> requests) override {
    for (const ModRequest& r : requests) waiting_.push_back({r.id, give()});
  }
  ModAnswer next() override {
    ModAnswer answer = std::move(waiting_.back());
    waiting_.pop_back();
    return answer;
  }

 private:
  Result<SummaryPtr> give() {
    if (files_.empty()) return fail(Kind::not_found, "no such module");
    return std::make_shared<const ModSummary>(TRY(summarize(files_[next_file_++ % files_.size()])));
  }

  std::vector<std::string_view> files_;
  std::size_t next_file_ = 0;
  std::vector<ModAnswer> waiting_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto files = split({reinterpret_cast<const char*>(data), size}, '\0');
  const auto main = gomod::parse_mod("go.mod", files.front());
  if (!main) return 0;
  auto mains = MainModules::single(MainModule::from(*main));
  if (!mains) return 0;
  files.erase(files.begin());
  Pieces reader(std::move(files));
  Resolver resolver(*std::move(mains), reader, {.local_go = "1.27.0", .max_modules = 400, .max_edges = 4000});
  const auto start = resolver.initial();
  if (!start) return 0;
  const auto [requirements, graph, error] = resolver.expand(*start);
  if (!error) LARDER_ASSERT(graph.all_roots_selected());
  for (const LoadFailure& f : graph.failures()) LARDER_ASSERT(!f.chain.empty());
  for (const Module& m : graph.modules()) LARDER_ASSERT(!graph.chain_to(m).empty());
  for (const Module& m : graph.build_list()) LARDER_ASSERT(graph.selected(m.path) == m.version);
  return 0;
}

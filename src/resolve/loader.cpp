// SPDX-License-Identifier: Apache-2.0
#include "resolve/loader.hpp"

#include <algorithm>
#include <utility>

#include "gomod/goproxy.hpp"
#include "gomod/goversion.hpp"
#include "gomod/toolchain.hpp"

namespace larder::resolve {

using gomod::goversion::compare;

namespace {

// A go version brings the toolchain of its name along; nothing else is required by either.
ModSummary toolchain_summary(const Node& node) {
  ModSummary summary;
  summary.module_path = node.path;
  summary.pruning = Pruning::pruned;
  if (node.path == k_go && compare(node.version, k_strict_go) >= 0) {
    summary.require.push_back({std::string(k_toolchain), "go" + std::string(node.version)});
  }
  return summary;
}

ModSummary main_summary(const MainModule& main) {
  ModSummary summary;
  summary.module_path = main.path;
  summary.go_version = main.go_version;
  summary.pruning = pruning_for(main.go_version);
  for (const MainRequire& r : main.require) summary.require.push_back(r.mod);
  if (compare(main.go_version, k_strict_go) >= 0) {
    summary.require.push_back({std::string(k_go), main.go_version});
  }
  return summary;
}

}  // namespace

Loader::Loader(MainModules mains, ModReader& reader, ResolverOptions options)
    : mains_(std::move(mains)),
      reader_(reader),
      options_(std::move(options)),
      table_(std::make_shared<NodeTable>(options_.max_modules, options_.max_edges)) {}

void Loader::set_loaded(NodeId id, SummaryPtr summary) {
  table_->set_loaded(id, std::move(summary), [this](const Module& m) { return !mains_.excluded(m); });
}

bool Loader::too_new(const ModSummary& summary) const {
  return !options_.local_go.empty() && compare(summary.go_version, k_strict_go) >= 0 &&
         compare(summary.go_version, options_.local_go) > 0;
}

bool Loader::settle_without_reader(NodeId id) {
  const Node& node = (*table_)[id];
  if (is_toolchain_path(node.path)) {
    set_loaded(id, std::make_shared<ModSummary>(toolchain_summary(node)));
    return true;
  }
  if (!node.version.empty()) return fail_conflict(id);
  const auto main = std::ranges::find(mains_.modules(), node.path, &MainModule::path);
  if (main == mains_.modules().end()) return false;
  set_loaded(id, std::make_shared<ModSummary>(main_summary(*main)));
  return true;
}

bool Loader::fail_conflict(NodeId id) {
  if (!mains_.is_workspace()) return false;
  const Module required = table_->module(id);
  auto conflict = mains_.replacement_conflict(required);
  if (conflict) table_->set_failed(id, {std::move(conflict->error), mains_.actual(required), false, true});
  return (*table_)[id].state == LoadState::failed;
}

LoadState Loader::want(NodeId id) {
  if ((*table_)[id].state != LoadState::unknown) return (*table_)[id].state;
  if (settle_without_reader(id)) return (*table_)[id].state;
  table_->set_requested(id);
  Module required = table_->module(id);
  Module actual = mains_.actual(required);
  batch_.push_back({id, std::move(required), std::move(actual)});
  return LoadState::requested;
}

// A version of go that is too new comes before anything else that may be wrong with the file.
void Loader::settle(NodeId id, Result<SummaryPtr> answer) {
  const Module required = table_->module(id);
  const Module& actual = mains_.actual(required);
  if (!answer) {
    // As go: of whom nobody was asked about, the replacement is not named.
    const bool was_asked = answer.error().message() != gomod::k_lookup_disabled;
    return table_->set_failed(id, {std::move(answer).error(), actual, was_asked});
  }
  LARDER_ASSERT(*answer != nullptr);
  const ModSummary& summary = **answer;
  if (too_new(summary)) {
    Error error(Kind::invalid, gomod::too_new_text({"module " + actual.str(), summary.go_version},
                                                   options_.local_go, options_.local_go_note));
    return table_->set_failed(id, {std::move(error), actual, false, false, summary.go_version});
  }
  if (auto declared = check_declared_path(required, actual, summary); !declared) {
    return table_->set_failed(id, {std::move(declared).error(), actual, true, false, summary.go_version});
  }
  set_loaded(id, *std::move(answer));
}

NodeId Loader::wait() {
  if (!batch_.empty()) {
    reader_.start(batch_);
    outstanding_ += batch_.size();
    batch_.clear();
  }
  LARDER_ASSERT(outstanding_ > 0);
  ModAnswer answer = reader_.next();
  LARDER_ASSERT(answer.id < table_->size() && (*table_)[answer.id].state == LoadState::requested);
  --outstanding_;
  settle(answer.id, std::move(answer.summary));
  return answer.id;
}

void Loader::fetch(const std::vector<NodeId>& ids) {
  for (const NodeId id : ids) want(id);
  while (waiting() > 0) wait();
}

}  // namespace larder::resolve

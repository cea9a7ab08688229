// SPDX-License-Identifier: Apache-2.0
#include "resolve/mvs.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "resolve/graph_builder.hpp"
#include "resolve/loader.hpp"

namespace larder::resolve {

Graph Mvs::load(std::span<const Module> require, std::span<const Module> upgrades) {
  LARDER_ASSERT(!loader_.mains().is_workspace());
  GraphBuilder builder(loader_);
  builder.upgrade(upgrades);
  return builder.build(Pruning::unpruned, require);
}

std::vector<Module> Mvs::without_main(const Graph& graph) {
  auto list = graph.build_list();
  list.erase(list.begin());
  return list;
}

Result<std::vector<Module>> Mvs::build_list(std::span<const Module> require) {
  const Graph graph = load(require);
  if (auto error = graph.error()) return fail(*std::move(error));
  return without_main(graph);
}

namespace {

using Marks = std::vector<bool>;  // by NodeId

// Marks what is reachable from node, through exact versions; where given, appends it in post-order.
void walk(const NodeTable& table, NodeId node, Marks& marks, std::vector<NodeId>* postorder) {
  if (marks[node]) return;
  marks[node] = true;
  std::vector<std::pair<NodeId, std::size_t>> stack{{node, 0}};  // with the next requirement to look at
  while (!stack.empty()) {
    auto& [at, next] = stack.back();
    const auto required = table.required(at);
    while (next < required.size() && marks[required[next]]) ++next;
    if (next < required.size()) {
      marks[required[next]] = true;
      stack.emplace_back(required[next], 0);
      continue;
    }
    if (postorder != nullptr) postorder->push_back(at);
    stack.pop_back();
  }
}

}  // namespace

Result<std::vector<Module>> Mvs::minimal(std::span<const Module> require, std::span<const std::string> base) {
  const Graph graph = load(require);
  if (auto error = graph.error()) return fail(*std::move(error));
  const NodeTable& table = *graph.table_;

  Marks visited(table.size(), false);
  visited[graph.starts_.front()] = true;  // the main module is given and never listed
  std::vector<NodeId> postorder;
  for (const Module& m : without_main(graph)) walk(table, table.find(m.path, m.version), visited, &postorder);

  Marks implied(table.size(), false);
  std::vector<Module> list;
  const auto emit = [&](NodeId node) {
    list.push_back(table.module(node));
    walk(table, node, implied, nullptr);
  };
  std::vector<bool> based(table.path_count(), false);
  for (const std::string& path : base) {
    const auto id = table.find_path(path);
    if (!id || *id >= graph.selected_.size() || graph.selected_[*id] == k_no_node || based[*id]) continue;
    based[*id] = true;
    emit(graph.selected_[*id]);
  }
  for (auto at = postorder.rbegin(); at != postorder.rend(); ++at) {
    if (graph.selected_[table[*at].path_id] == *at && !implied[*at]) emit(*at);
  }
  std::ranges::sort(list, {}, &Module::path);
  return list;
}

Result<std::vector<Module>> Mvs::upgrade(std::span<const Module> require, std::span<const Module> to) {
  std::vector<Module> all(require.begin(), require.end());
  for (const Module& m : to) {
    if (std::ranges::find(require, m.path, &Module::path) == require.end()) {
      all.push_back({m.path, std::string(k_none)});
    }
  }
  const Graph graph = load(all, to);
  if (auto error = graph.error()) return fail(*std::move(error));
  return without_main(graph);
}

namespace {

// Which module versions stay within the maxima, with everything below them.
class Downgrader {
 public:
  explicit Downgrader(Loader& loader) : loader_(loader), table_(*loader.table()) {}

  // Keeps the lower one of the version known and this one.
  void limit(const Module& m) {
    const auto [at, added] = max_.emplace(m.path, m.version);
    if (!added && compare_versions(m.path, at->second, m.version) > 0) at->second = m.version;
  }

  // The highest version not above m that is allowed; "none" is left out by the caller.
  Result<std::string> lower(Module m, VersionHistory& history) {
    while (!allowed(table_.intern_unbounded(m.path, m.version))) {
      std::string before = TRY(history.previous(m));
      // Versions that no list names, such as pseudo-versions, are still what the maximum may ask for.
      const std::string& max = max_.at(m.path);
      const bool between =
          compare_versions(m.path, m.version, max) > 0 && compare_versions(m.path, max, before) > 0;
      if (between) before = max;
      if (before == k_none) return before;
      if (compare_versions(m.path, before, m.version) >= 0) {
        return fail(Kind::internal, m.str() + ": the version before it is said to be " + before);
      }
      m.version = std::move(before);
    }
    return std::move(m.version);
  }

 private:
  enum : std::uint8_t { k_added = 1, k_excluded = 2 };

  std::uint8_t& flags(NodeId id) {
    if (id >= flags_.size()) flags_.resize(table_.size(), 0);
    return flags_[id];
  }

  bool allowed(NodeId root) {
    add(root);
    return (flags(root) & k_excluded) == 0;
  }

  bool above_max(NodeId id) const {
    const Node& node = table_[id];
    const auto max = max_.find(std::string(node.path));
    return max != max_.end() && compare_versions(node.path, node.version, max->second) > 0;
  }

  void exclude(NodeId id) {
    std::vector<NodeId> stack{id};
    while (!stack.empty()) {
      const NodeId at = stack.back();
      stack.pop_back();
      if ((flags(at) & k_excluded) != 0) continue;
      flags(at) |= k_excluded;
      const auto& up = required_by_[at];
      stack.insert(stack.end(), up.begin(), up.end());
    }
  }

  // First visit: true where its requirements are to be looked at.
  bool enter(NodeId id) {
    if ((flags(id) & k_added) != 0) return false;
    flags(id) |= k_added;
    if (!above_max(id)) {
      if (table_[id].version == k_none) return false;
      loader_.fetch({id});
      if (table_[id].state == LoadState::loaded) return true;
    }
    exclude(id);  // too high, or its requirements cannot be known
    return false;
  }

  void add(NodeId root) {
    struct Frame {
      NodeId node;
      std::size_t next;
    };
    std::vector<Frame> stack;
    if (enter(root)) stack.push_back({root, 0});
    while (!stack.empty()) {
      const auto [node, next] = stack.back();
      const auto required = table_.required(node);
      if (next == required.size()) {
        stack.pop_back();
        continue;
      }
      const NodeId to = required[next];
      if (enter(to)) {
        stack.push_back({to, 0});  // looked at again when it is done
        continue;
      }
      if ((flags(to) & k_excluded) != 0) {
        exclude(node);
        stack.pop_back();
        continue;
      }
      required_by_[to].push_back(node);
      ++stack.back().next;
    }
  }

  Loader& loader_;
  NodeTable& table_;
  std::unordered_map<std::string, std::string> max_;
  std::vector<std::uint8_t> flags_;
  std::unordered_map<NodeId, std::vector<NodeId>> required_by_;
};

}  // namespace

Result<std::vector<Module>> Mvs::downgrade(std::span<const Module> require, std::span<const Module> to,
                                           VersionHistory& history) {
  const auto list = TRY(build_list(require));
  Downgrader downgrader(loader_);
  for (const Module& m : list) downgrader.limit(m);
  for (const Module& m : to) downgrader.limit(m);

  std::vector<Module> lowered;
  for (const Module& m : list) {
    auto version = TRY(downgrader.lower(m, history));
    if (version != k_none) lowered.push_back({m.path, std::move(version)});
  }
  // A lowered module may still require a version that the history does not list and that raises another one;
  // what only the version given up for it required must not stay. So once more, with what is selected now.
  std::unordered_map<std::string, std::string> selected;
  auto actual = TRY(build_list(lowered));
  for (Module& m : actual) selected.emplace(std::move(m.path), std::move(m.version));
  lowered.clear();
  for (const Module& m : list) {
    if (const auto at = selected.find(m.path); at != selected.end()) lowered.push_back({m.path, at->second});
  }
  return build_list(lowered);
}

}  // namespace larder::resolve

// SPDX-License-Identifier: Apache-2.0
#include "resolve/graph.hpp"

#include <algorithm>
#include <utility>

#include "resolve/graph_builder.hpp"
#include "resolve/node_table.hpp"

namespace larder::resolve {

bool Graph::expanded(NodeId node) const {
  return node < state_.size() && (state_[node] & k_expanded) != 0;
}

template <class F>
void Graph::each_required(NodeId node, const F& f) const {
  if (!upgrades_.empty()) {
    const auto up = upgrades_.find((*table_)[node].path_id);
    if (up != upgrades_.end() && up->second != node) f(up->second);
  }
  if (!is_workspace_ && node == starts_.front()) {
    for (const NodeId to : roots_) f(to);
  } else if (expanded(node)) {
    for (const NodeId to : table_->required(node)) f(to);
  }
}

void Graph::finish() {
  const NodeTable& table = *table_;
  selected_.assign(table.path_count(), k_no_node);
  first_required_by_.assign(table.size(), k_no_node);
  order_.clear();
  failed_.clear();
  std::vector<bool> reached(table.size(), false);
  const auto reach = [&](NodeId node, NodeId from) {
    if (reached[node]) return;
    reached[node] = true;
    first_required_by_[node] = from;
    order_.push_back(node);
    const std::string_view path = table[node].path;
    NodeId& selected = selected_[table[node].path_id];
    const auto current = selected == k_no_node ? k_none : table[selected].version;
    if (compare_versions(path, current, table[node].version) < 0) selected = node;
  };
  for (const NodeId start : starts_) reach(start, k_no_node);
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const NodeId node = order_[i];
    each_required(node, [&](NodeId to) { reach(to, node); });
    if ((state_[node] & k_mode_bits) != 0 && table[node].state == LoadState::failed) failed_.push_back(node);
  }
}

std::optional<std::string_view> Graph::selected(std::string_view path) const {
  const auto id = table_->find_path(path);
  if (!id || *id >= selected_.size() || selected_[*id] == k_no_node) return std::nullopt;
  return (*table_)[selected_[*id]].version;
}

bool Graph::all_roots_selected() const {
  const auto is_selected = [this](NodeId node) { return selected_[(*table_)[node].path_id] == node; };
  if (!is_workspace_) return std::ranges::all_of(roots_, is_selected);
  return std::ranges::all_of(
      starts_, [&](NodeId node) { return !(*table_)[node].version.empty() || is_selected(node); });
}

std::vector<Module> Graph::build_list() const {
  std::vector<Module> list;
  std::vector<bool> started(selected_.size(), false);
  for (const NodeId start : starts_) {
    const PathId path = (*table_)[start].path_id;
    if (!started[path] && selected_[path] != k_no_node) list.push_back(table_->module(selected_[path]));
    started[path] = true;
  }
  const auto starts = static_cast<std::ptrdiff_t>(list.size());
  for (PathId path = 0; path < selected_.size(); ++path) {
    if (!started[path] && selected_[path] != k_no_node) list.push_back(table_->module(selected_[path]));
  }
  std::sort(list.begin() + starts, list.end(), module_before);
  return list;
}

bool Graph::loaded(const Module& m) const {
  const NodeId node = table_->find(m.path, m.version);
  return node != k_no_node && (expanded(node) || (!is_workspace_ && node == starts_.front()));
}

std::vector<Module> Graph::required_by(const Module& m) const {
  std::vector<Module> list;
  const NodeId node = table_->find(m.path, m.version);
  if (node != k_no_node) each_required(node, [&](NodeId to) { list.push_back(table_->module(to)); });
  return list;
}

std::vector<Module> Graph::modules() const {
  std::vector<Module> list;
  list.reserve(order_.size());
  for (const NodeId node : order_) list.push_back(table_->module(node));
  return list;
}

std::vector<Module> Graph::loaded_modules() const {
  std::vector<Module> list;
  for (const NodeId node : order_) {
    const Node& n = (*table_)[node];
    if (expanded(node) && !n.version.empty() && !is_toolchain_path(n.path))
      list.push_back(table_->module(node));
  }
  return list;
}

std::vector<NodeId> Graph::chain_ids(NodeId node) const {
  std::vector<NodeId> chain;
  for (; node != k_no_node; node = first_required_by_[node]) chain.push_back(node);
  std::ranges::reverse(chain);
  return chain;
}

std::vector<Module> Graph::chain_to(const Module& m) const {
  const NodeId node = table_->find(m.path, m.version);
  if (node == k_no_node || node >= first_required_by_.size()) return {};
  const bool is_start = std::ranges::find(starts_, node) != starts_.end();
  if (!is_start && first_required_by_[node] == k_no_node) return {};
  std::vector<Module> chain;
  for (const NodeId id : chain_ids(node)) chain.push_back(table_->module(id));
  return chain;
}

void Graph::for_each_edge(const EdgeSink& sink) const {
  const NodeTable& table = *table_;
  for (const NodeId node : order_) {
    each_required(node, [&](NodeId to) {
      sink(table[node].path, table[node].version, table[to].path, table[to].version);
    });
  }
}

std::string Graph::text() const {
  std::string out;
  const auto append = [&](std::string_view path, std::string_view version, char end) {
    out += path;
    if (!version.empty()) (out += '@') += version;
    out += end;
  };
  for_each_edge([&](auto from_path, auto from_version, auto to_path, auto to_version) {
    append(from_path, from_version, ' ');
    append(to_path, to_version, '\n');
  });
  return out;
}

std::size_t Graph::edge_count() const {
  std::size_t count = 0;
  for (const NodeId node : order_) each_required(node, [&](NodeId) { ++count; });
  return count;
}

// All but the last of the chain, main modules at its start left out.
std::string Graph::chain_text(const std::vector<NodeId>& chain) const {
  const NodeTable& table = *table_;
  std::string text;
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (text.empty() && table[chain[i]].version.empty()) continue;
    const auto up = upgrades_.find(table[chain[i]].path_id);
    const bool updates = up != upgrades_.end() && up->second == chain[i + 1];
    text += table.module(chain[i]).str() + (updates ? " updating to\n\t" : " requires\n\t");
  }
  return text;
}

LoadFailure Graph::failure_of(NodeId node) const {
  const NodeFailure& failure = table_->failure(node);
  const auto chain = chain_ids(node);
  const Module required = table_->module(node);
  std::string text = chain_text(chain) + required.str();
  if (failure.about_actual && failure.actual != required)
    text += " (replaced by " + failure.actual.str() + ")";
  text += ": " + failure.cause.message();
  const auto& cause = failure.cause;
  if (failure.whole) text = cause.message();
  LoadFailure out{.chain = {},
                  .actual = failure.actual,
                  .cause = cause,
                  .error = Error(cause.kind(), text, cause.hint()),
                  .is_conflict = failure.whole,
                  .go_version = failure.go_version,
                  .alone = cause.message()};
  if (failure.about_actual) {
    const auto& m = failure.actual;
    out.alone = (m.version.empty() ? "module " + m.path : m.str()) + ": " + out.alone;
  }
  for (const NodeId id : chain) {
    if (out.chain.empty() && (*table_)[id].version.empty()) continue;
    out.chain.push_back(table_->module(id));
  }
  return out;
}

std::vector<LoadFailure> Graph::failures() const {
  std::vector<LoadFailure> out;
  out.reserve(failed_.size());
  for (const NodeId node : failed_) out.push_back(failure_of(node));
  return out;
}

std::optional<Error> Graph::error() const {
  if (failed_.empty()) return std::nullopt;
  return failure_of(failed_.front()).error;
}

}  // namespace larder::resolve

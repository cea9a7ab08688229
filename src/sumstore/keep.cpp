// SPDX-License-Identifier: Apache-2.0
#include "sumstore/keep.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "sumdb/note.hpp"
#include "sumdb/record.hpp"
#include "sumstore/head.hpp"
#include "sumstore/layout.hpp"
#include "sumstore/memory.hpp"
#include "sumstore/unfinished.hpp"
#include "sys/parallel.hpp"

namespace larder::sumstore {

namespace {

constexpr unsigned k_readers = 16;  // each waits for the disk

// The same record under another head, which is on the line: compare_with_memory saw it.
bool is_same_lookup(std::string_view there, std::string_view wanted) {
  const auto a = sumdb::parse_lookup(there);
  const auto b = sumdb::parse_lookup(wanted);
  return a && b && a->id == b->id && a->record == b->record;
}

// What is there with the same bytes stays. Returns how many were written. cannot: why nothing can be written;
// then all of it has to be there. is_first: nothing is there.
Result<std::uint64_t> write_all(store::Store& store, const std::vector<store::Object>& objects,
                                const std::optional<Error>& cannot, bool is_first,
                                const std::stop_token& stop) {
  std::vector<char> stays(objects.size());
  sys::parallel_for(is_first ? 0 : objects.size(), k_readers, stop, [&](std::size_t i) {
    const auto there = store::read_or_empty(store, objects[i].key, k_max_object);
    const auto wanted = as_text(objects[i].data);
    stays[i] = there && *there && (**there == wanted || (cannot && is_same_lookup(**there, wanted))) ? 1 : 0;
  });
  if (stop.stop_requested()) return fail(Kind::cancelled, "interrupted; run it again to go on");
  std::vector<store::Object> changed;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (stays[i] == 0) changed.push_back(objects[i]);
  }
  if (cannot && !changed.empty()) return fail(*cannot);
  TRY(store.put_all(changed));
  return changed.size();
}

// The head of a lookup that somebody damaged must not stand in the way of the others.
std::vector<std::uint64_t> up_to(std::vector<std::uint64_t> sizes, std::uint64_t limit) {
  std::erase_if(sizes, [&](auto size) { return size == 0 || size > limit; });
  return sizes;
}

struct Needs {
  std::vector<std::uint64_t> ids;
  std::vector<std::uint64_t> older;
  std::vector<sumdb::Node> nodes = {};
};

// For what comes in, and for what is there; but what cannot be proven any more, since a tile was lost that
// nobody here has, must not keep out what can.
Result<sumdb::Evidence> evidence_of(sumdb::Client& client, Needs needs, const Needs& known,
                                    const std::stop_token& stop) {
  auto all = needs;
  all.ids.insert(all.ids.end(), known.ids.begin(), known.ids.end());
  all.older.insert(all.older.end(), known.older.begin(), known.older.end());
  auto found = client.evidence(all.ids, all.older, stop, known.nodes);
  const bool is_lost =
      !found && (found.error().kind() == Kind::not_found || found.error().kind() == Kind::unverified);
  if (!is_lost || client.forked()) return found;
  for (const auto id : known.ids) {
    if (client.evidence({&id, 1}, {}, stop)) needs.ids.push_back(id);
  }
  for (const auto size : known.older) {
    if (client.evidence({}, {&size, 1}, stop)) needs.older.push_back(size);
  }
  for (const auto& node : known.nodes) {
    if (client.evidence({}, {}, stop, {&node, 1})) needs.nodes.push_back(node);
  }
  return client.evidence(needs.ids, needs.older, stop, needs.nodes);
}

// A node of each full tile that lies in a tree of this size.
std::vector<sumdb::Node> nodes_of(std::span<const sumdb::Tile> tiles, std::uint64_t size) {
  std::vector<sumdb::Node> out;
  for (const auto& tile : tiles) {
    const auto level = tile.level * tile.height;
    if (!tile.full() || tile.data || tile.height != k_tile_height || level + k_tile_height >= 63) continue;
    if (tile.number < size >> (level + k_tile_height)) out.push_back({level, tile.first()});
  }
  return out;
}

}  // namespace

Result<std::vector<Shelved>> shelved(store::Store& store, std::string_view name) {
  std::vector<Shelved> out;
  for (const auto& file : TRY(shelf_of(store, name)).lookups) {
    const auto text = TRY(store::read_or_empty(store, prefix_of(name) + "/" + file, k_max_object));
    const auto parsed = text ? sumdb::parse_lookup(*text) : Result<sumdb::Lookup>(fail(Kind::not_found, ""));
    if (!parsed) continue;
    const auto head = sumdb::parse_tree_head(parsed->tree_note);
    if (!head) continue;
    out.push_back({*module_of(file), parsed->id, std::string(parsed->record), head->size});
  }
  std::ranges::sort(out, [](const auto& a, const auto& b) { return gomod::module_less(a.module, b.module); });
  return out;
}

std::vector<std::uint64_t> head_sizes(std::span<const Shelved> lookups) {
  std::set<std::uint64_t> out;
  for (const auto& lookup : lookups) out.insert(lookup.tree_size);
  return {out.begin(), out.end()};
}

Result<Kept> keep(store::Store& store, const std::string& name, sumdb::Client& client,
                  const std::map<gomod::Module, sumdb::Proven>& records, const std::stop_token& stop,
                  std::span<const sumdb::Tile> tiles) {
  const auto prefix = prefix_of(name);
  const auto lock = store.lock(prefix + "/latest");
  const auto cannot = lock ? std::nullopt : std::optional(lock.error());
  if (lock) remove_unfinished(store, name);
  const auto before = TRY(remembered_head(store, name, &client.key())).note;
  TRY(client.see(before, stop));
  TRY(compare_with_memory(store, name, client, stop));
  const auto there = TRY(shelved(store, name));
  const auto limit = TRY(client.evidence({}, {}, stop)).tree.size;

  const bool is_first = !cannot && there.empty() && before.empty();
  Needs needs;
  for (const auto& [module, record] : records) needs.ids.push_back(record.id);
  Needs known;
  for (const auto& lookup : there) {
    if (lookup.id < limit) known.ids.push_back(lookup.id);
  }
  known.older = up_to(head_sizes(there), limit);
  if (const auto head = sumdb::parse_tree_head(before); head) known.older.push_back(head->size);
  known.nodes = nodes_of(tiles, limit);
  const auto evidence = TRY(evidence_of(client, std::move(needs), known, stop));

  std::vector<store::Object> proofs;
  for (const auto& [tile, bytes] : evidence.tiles)
    proofs.push_back({prefix + "/" + tile.path(), as_bytes(*bytes)});
  Kept out{evidence.tree, TRY(write_all(store, proofs, cannot, is_first, stop))};
  static_cast<void>(
      TRY(write_all(store, {{prefix + "/latest", as_bytes(evidence.note)}}, cannot, is_first, stop)));
  std::vector<std::string> texts;
  std::vector<store::Object> lookups;
  texts.reserve(records.size());
  for (const auto& [module, record] : records) {
    texts.push_back(lookup_text(record.id, record.record, evidence.note));
    lookups.push_back({prefix + "/" + TRY(lookup_file(module)), as_bytes(texts.back())});
  }
  static_cast<void>(TRY(write_all(store, lookups, cannot, is_first, stop)));
  static_cast<void>(TRY(write_all(store, {{prefix + "/supported", {}}}, cannot, is_first, stop)));
  return out;
}

}  // namespace larder::sumstore

// SPDX-License-Identifier: Apache-2.0
#include "sumstore/head.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sumdb/record.hpp"
#include "sumstore/layout.hpp"

namespace larder::sumstore {

std::string how_to_begin_anew(std::string_view prefix) {
  return fmt::format(
      "put {0}/latest back from a copy of the store; to begin anew and trust what is seen next, remove the "
      "store's folder {0}",
      prefix);
}

namespace {

// Tiles are written before the head that needs them.
bool lies_beyond(const sumdb::Tile& tile, const sumdb::TreeHead& head) {
  return tile.first() + tile.width > head.size >> (k_tile_height * tile.level);
}

Failure damaged(const std::string& file, std::string_view why) {
  return fail(Kind::unverified, fmt::format("{} is damaged: {}", file, why),
              "`larder cache verify` mends it");
}

Result<bool> is_folder(store::Store& store, const std::string& prefix, std::string_view name) {
  const auto children = TRY(store.list(prefix));
  return std::ranges::any_of(children,
                             [&](const auto& child) { return child.is_prefix && child.name == name; });
}

}  // namespace

Result<sumdb::TreeHead> open_head(std::string_view note, const sumdb::VerifierKey* key) {
  if (key == nullptr) return sumdb::parse_tree_head(note);
  return sumdb::parse_tree_head(TRY(sumdb::open_note(note, *key)));
}

Result<Remembered> head_in_lookups(store::Store& store, std::string_view name,
                                   const sumdb::VerifierKey* key) {
  const auto prefix = prefix_of(name);
  const auto shelf = TRY(shelf_of(store, name));
  // Tiles alone are what a writer leaves that was cut off before its first head: nobody saw anything of it.
  if (shelf.lookups.empty()) return Remembered{};
  Remembered out{.note = "", .tree = {}, .is_lost = true};
  std::set<std::string> seen;
  for (const auto& file : shelf.lookups) {
    const auto text = TRY(store::read_or_empty(store, prefix + "/" + file, k_max_object)).value_or("");
    const auto lookup = sumdb::parse_lookup(text);  // refers to the text
    if (!lookup || !seen.emplace(lookup->tree_note).second) continue;
    const auto head = open_head(lookup->tree_note, key);
    if (!head || head->size == 0 || head->size < out.tree.size) continue;
    if (head->size == out.tree.size && head->root != out.tree.root) {
      return fail(Kind::unverified, fmt::format("{}: two signed heads of size {} differ:\n{}\n{}", prefix,
                                                head->size, out.note, lookup->tree_note));
    }
    out.note = lookup->tree_note;
    out.tree = *head;
  }
  if (out.note.empty()) {
    return fail(Kind::unverified, fmt::format("{}: no signed head is left that tells what was seen", prefix),
                how_to_begin_anew(prefix));
  }
  if (std::ranges::any_of(shelf.tiles, [&](const auto& tile) { return lies_beyond(tile, out.tree); })) {
    return fail(
        Kind::unverified,
        fmt::format("{}: its signed head (latest) is gone, and its tiles tell of a later one than any "
                    "lookup does",
                    prefix),
        how_to_begin_anew(prefix));
  }
  return out;
}

Result<Remembered> remembered_head(store::Store& store, std::string_view name,
                                   const sumdb::VerifierKey* key) {
  const auto file = prefix_of(name) + "/latest";
  auto found = store::read_if_exists(store, file, k_max_object);
  if (!found && found.error().kind() == Kind::unverified) return damaged(file, found.error().message());
  auto note = TRY(std::move(found));
  if (!note && TRY(is_folder(store, prefix_of(name), "latest"))) return damaged(file, "it is a folder");
  // A writer that was cut off may have left an empty one.
  if (!note || note->empty()) return head_in_lookups(store, name, key);
  const auto head = open_head(*note, key);
  if (!head) return damaged(file, head.error().message());
  return Remembered{*std::move(note), *head, false};
}

}  // namespace larder::sumstore

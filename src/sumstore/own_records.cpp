// SPDX-License-Identifier: Apache-2.0
#include "sumstore/own_records.hpp"

#include <utility>

#include "sumdb/merkle.hpp"
#include "sumdb/record.hpp"
#include "sumstore/keep.hpp"
#include "sumstore/layout.hpp"

namespace larder::sumstore {

namespace {

class OwnRecords {
 public:
  explicit OwnRecords(std::span<const Digest> leaves) : leaves_(leaves) {}

  void add(std::uint64_t id, std::string_view text) {
    if (id < leaves_.size() && sumdb::leaf_hash(text) == leaves_[id]) texts_.emplace(id, text);
  }
  bool is_whole() const { return texts_.size() == leaves_.size(); }
  std::map<std::uint64_t, std::string> take() { return std::move(texts_); }

 private:
  std::span<const Digest> leaves_;
  std::map<std::uint64_t, std::string> texts_;
};

}  // namespace

Result<std::map<std::uint64_t, std::string>> own_records(store::Store& store, std::string_view name,
                                                         std::span<const Digest> leaves) {
  OwnRecords out(leaves);
  for (const auto& tile : TRY(shelf_of(store, name)).tiles) {
    if (!tile.data) continue;
    const auto text = store::read(store, prefix_of(name) + "/" + tile.path(), k_max_object);
    if (!text) continue;
    const auto records = sumdb::parse_data_tile(*text, tile.width);
    if (!records) continue;
    for (std::size_t i = 0; i < records->size(); ++i) out.add(tile.first() + i, (*records)[i]);
  }
  if (out.is_whole()) return out.take();
  for (const auto& lookup : TRY(shelved(store, name))) out.add(lookup.id, lookup.record);
  return out.take();
}

}  // namespace larder::sumstore

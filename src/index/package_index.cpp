// SPDX-License-Identifier: Apache-2.0
#include "index/package_index.hpp"

namespace larder::index {

namespace {

constexpr std::size_t k_package_place = 2 * k_number_size + 1;
constexpr std::uint8_t k_has_go_files = 1;
constexpr std::uint8_t k_scanned = 2;
constexpr std::uint8_t k_no_go = 4;

std::uint8_t flags_of(const FolderRecord& folder) {
  unsigned out = 0;
  if (folder.has_go_files) out |= k_has_go_files;
  if (folder.scanned) out |= k_scanned;
  if (folder.no_go) out |= k_no_go;
  return static_cast<std::uint8_t>(out);
}

void write_list(RecordWriter& out, StringsWriter& strings, const std::vector<std::string>& list) {
  out.u32(static_cast<std::uint32_t>(list.size()));
  for (const auto& text : list) out.u32(strings.add(text));
}

// False: a string that is not there.
bool read_list(RecordReader& in, const Strings& strings, std::vector<std::string>& list) {
  const auto count = in.count(k_number_size);
  list.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto text = strings.at(in.u32());
    if (!text) return false;
    list.emplace_back(*text);
  }
  return in.ok();
}

}  // namespace

PackageIndex PackageIndex::parse(std::string file, std::string_view key) {
  PackageIndex out;
  out.file_ = std::make_unique<const std::string>(std::move(file));
  const auto payload = open_sealed(FileKind::packages, *out.file_);
  if (!payload) return {};
  RecordReader in(*payload);
  if (in.raw(in.count(1)) != key) return {};
  const auto table = Table::read(in, *payload, k_package_place);
  if (!table) return {};
  out.table_ = *table;
  return out;
}

std::optional<PackageIndex::Place> PackageIndex::place(std::uint32_t number) const {
  RecordReader in(table_.places.substr(std::size_t{number} * k_package_place, k_package_place));
  const auto folder = table_.strings.at(in.u32());
  if (!folder) return std::nullopt;
  const auto flags = in.u8();
  return Place{*folder, flags, in.u32()};
}

std::optional<PackageIndex::Place> PackageIndex::find_place(std::string_view folder) const {
  std::uint32_t low = 0;
  std::uint32_t high = table_.count;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto here = place(middle);
    if (!here) return std::nullopt;
    const int order = folder.compare(here->folder);
    if (order == 0) return here;
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return std::nullopt;
}

std::optional<bool> PackageIndex::has_go_files(std::string_view folder) const {
  const auto here = find_place(folder);
  if (!here) return std::nullopt;
  return (here->flags & k_has_go_files) != 0;
}

std::optional<FolderRecord> PackageIndex::find(std::string_view folder) const {
  const auto here = find_place(folder);
  return here ? read(*here) : std::nullopt;
}

std::optional<FolderRecord> PackageIndex::read(const Place& place) const {
  FolderRecord out;
  out.has_go_files = (place.flags & k_has_go_files) != 0;
  out.scanned = (place.flags & k_scanned) != 0;
  out.no_go = (place.flags & k_no_go) != 0;
  if (!out.scanned) return out;
  if (place.offset > table_.bodies.size()) return std::nullopt;
  RecordReader in(table_.bodies.substr(place.offset));
  if (!read_list(in, table_.strings, out.imports) || !read_list(in, table_.strings, out.test_imports))
    return std::nullopt;
  return out;
}

FolderRecords PackageIndex::all() const {
  FolderRecords out;
  for (std::uint32_t i = 0; i < table_.count; ++i) {
    const auto here = place(i);
    if (!here) continue;
    if (auto record = read(*here)) out.try_emplace(std::string(here->folder), *std::move(record));
  }
  return out;
}

std::string PackageIndex::encode(std::string_view key, const FolderRecords& folders) {
  StringsWriter strings;
  RecordWriter places;
  RecordWriter bodies;
  places.u32(static_cast<std::uint32_t>(folders.size()));
  for (const auto& [path, folder] : folders) {
    places.u32(strings.add(path));
    places.u8(flags_of(folder));
    places.u32(static_cast<std::uint32_t>(bodies.size()));
    if (!folder.scanned) continue;
    write_list(bodies, strings, folder.imports);
    write_list(bodies, strings, folder.test_imports);
  }
  RecordWriter out;
  out.u32(static_cast<std::uint32_t>(key.size()));
  out.raw(key);
  strings.write(out);
  out.raw(places.bytes());
  out.raw(bodies.bytes());
  return seal(FileKind::packages, out.bytes());
}

}  // namespace larder::index

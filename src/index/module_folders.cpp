// SPDX-License-Identifier: Apache-2.0
#include "index/module_folders.hpp"

namespace larder::index {

namespace {

constexpr std::size_t k_fan_out = 2;  // hexadecimal digits: 256 folders

std::string name_of(const gomod::H1& content) {
  const auto hex = content.digest.hex();
  return "packages/" + hex.substr(0, k_fan_out) + "/" + hex.substr(k_fan_out) + ".idx";
}

}  // namespace

ModuleFolders::ModuleFolders(const Shelf& shelf, const gomod::H1& content)
    : shelf_(shelf), key_(content.digest.hex()), name_(name_of(content)) {
  if (auto file = shelf.read(name_)) known_ = PackageIndex::parse(*std::move(file), key_);
}

std::optional<bool> ModuleFolders::has_go_files(std::string_view folder) {
  if (const auto known = known_.has_go_files(folder)) return known;
  auto learned = learned_.lock();
  const auto it = learned->find(folder);
  if (it == learned->end()) return std::nullopt;
  return it->second.has_go_files;
}

std::optional<FolderRecord> ModuleFolders::scanned(std::string_view folder) {
  if (auto known = known_.find(folder); known && known->scanned) return known;
  auto learned = learned_.lock();
  const auto it = learned->find(folder);
  if (it == learned->end() || !it->second.scanned) return std::nullopt;
  return it->second;
}

void ModuleFolders::learn(std::string_view folder, FolderRecord record) {
  auto learned = learned_.lock();
  auto& mine = (*learned)[std::string(folder)];
  if (!mine.scanned) mine = std::move(record);
}

bool ModuleFolders::save() {
  auto learned = learned_.lock();
  if (learned->empty()) return false;
  auto all = known_.all();
  for (auto& [folder, record] : *learned) all.insert_or_assign(folder, std::move(record));
  learned->clear();
  shelf_.write(name_, PackageIndex::encode(key_, all));
  return true;
}

}  // namespace larder::index

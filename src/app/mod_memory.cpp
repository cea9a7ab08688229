// SPDX-License-Identifier: Apache-2.0
#include "app/mod_memory.hpp"

namespace larder::app {

namespace {

constexpr std::size_t k_most_mods = 20'000;  // entries; the largest graphs have some 5,000

}  // namespace

ModMemory::ModMemory(const index::Shelf& shelf, std::string name, CachedModules& modules, std::int64_t now_ns)
    : shelf_(shelf), name_(std::move(name)), modules_(modules), opened_(now_ns) {
  if (auto file = shelf_.read(name_)) known_ = index::ModMemo::parse(*std::move(file));
}

std::optional<index::Stamp> ModMemory::stamp(const gomod::Module& module) const {
  const auto& cache = modules_.cache();
  const auto paths = cache.paths(module);
  return paths ? index::stamp_of(cache.folder(), paths->name(".mod")) : std::nullopt;
}

Result<resolve::SummaryPtr> ModMemory::recall(const gomod::Module& module,
                                              const std::stop_token& stop) const {
  const auto known = known_.find(module);
  if (!known || known->stamp != stamp(module)) return resolve::SummaryPtr();
  TRY(modules_.check_mod(module, gomod::H1{known->hash}, stop));
  return known->summary;
}

// A file that changed since shortly before all this began may not be the one that was read.
void ModMemory::remember(const gomod::Module& module, std::string_view text,
                         const resolve::SummaryPtr& summary) {
  const auto now = stamp(module);
  if (!now || now->size != text.size() || !index::is_settled(*now, opened_)) return;
  index::RememberedMod mod{*now, gomod::hash_go_mod(text).digest, summary};
  learned_.lock()->insert_or_assign(module, std::move(mod));
}

void ModMemory::save() {
  auto learned = learned_.lock();
  if (learned->empty()) return;
  if (known_.size() + learned->size() <= k_most_mods) {
    for (auto& [module, mod] : known_.all()) learned->try_emplace(module, mod);
  }
  if (learned->size() <= k_most_mods) shelf_.write(name_, index::ModMemo::encode(*learned));
  learned->clear();
  shelf_.tidy();
}

}  // namespace larder::app

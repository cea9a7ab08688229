// SPDX-License-Identifier: Apache-2.0
#include "bundle/pack_sources.hpp"

#include <algorithm>

#include "modzip/extract.hpp"
#include "store/truth.hpp"

namespace larder::bundle {
namespace {
constexpr std::size_t k_max_open = 20;             // above Planner's versions together
constexpr std::size_t k_keep_scratch = 4U << 20U;  // bytes
}  // namespace

Result<PackSources::Open*> PackSources::open(std::uint32_t module) {
  const auto at = std::ranges::find(open_, module, &Open::module);
  if (at != open_.end()) {
    open_.splice(open_.begin(), open_, at);
    return &open_.front();
  }
  Open fresh;
  fresh.module = module;
  fresh.blob = TRY(from_.zip(plan_.modules[module].module));
  fresh.zip = TRY(fresh.blob->bytes());
  if (plan_.modules[module].form == Form::files) fresh.archive = TRY(modzip::Archive::open(fresh.zip));
  if (open_.size() >= k_max_open) open_.pop_back();
  open_.push_front(std::move(fresh));
  return &open_.front();
}

Result<Bytes> PackSources::read(const Item& item) {
  const SourceModule& source = plan_.modules[item.module];
  if (item.part == k_part_info) {
    text_ = TRY(from_.info(source.module));
    TRY(store::check_info(source.module, text_));
    return as_bytes(text_);
  }
  if (item.part == k_part_mod) {
    text_ = TRY(from_.mod(source.module));
    TRY(check_mod(item.module));
    return as_bytes(text_);
  }
  Open& zip = *TRY(open(item.module));
  if (item.part == k_part_zip) {
    const auto checked = modzip::check_and_hash(source.module, zip.zip);
    if (!checked) return store::zip_failure(checked.error());
    TRY(store::check_h1(checked->h1, source.h1));
    return zip.zip;
  }
  const PlannedFile& file = source.files[item.part];
  const auto entries = zip.archive->entries();
  const bool same = file.entry < entries.size() && entries[file.entry].name.ends_with(file.name) &&
                    entries[file.entry].size == file.size;
  if (!same) return fail(Kind::unavailable, "the zip was replaced while it was being packed");
  scratch_.shrink(k_keep_scratch);
  auto bytes = zip.archive->read(entries[file.entry], scratch_);
  if (!bytes) return fail(Error(Kind::unverified, bytes.error().message()).with(file.name));
  return bytes;
}

// text_ against the zip that goes into the bundle, or what was recorded when it came in without one.
Result<void> PackSources::check_mod(std::uint32_t module) {
  const SourceModule& source = plan_.modules[module];
  if (source.form == Form::requirement) {
    return store::check_required_mod(text_, TRY(from_.modhash(source.module)));
  }
  Open& zip = *TRY(open(module));
  if (zip.archive) return store::check_mod(source.module, text_, *zip.archive);
  return store::check_mod(source.module, text_, TRY(modzip::Archive::open(zip.zip)));
}

}  // namespace larder::bundle

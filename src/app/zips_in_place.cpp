// SPDX-License-Identifier: Apache-2.0
#include "app/zips_in_place.hpp"

#include <fmt/format.h>

#include "modzip/extract.hpp"
#include "store/truth.hpp"

namespace larder::app {

namespace {

constexpr std::size_t k_most_zips = 20'000;  // entries; the largest graphs have some 5,000

index::Stamp stamp_of(const store::ObjectInfo& info) {
  return {.size = info.size, .mtime_ns = info.mtime_ns, .ctime_ns = info.ctime_ns, .inode = info.identity};
}

// A mapping needs no open file; a thousand open ones are too many.
Result<ZipBytes> bytes_of(std::unique_ptr<store::Blob> blob, const gomod::Module& module) {
  ZipBytes out;
  if (const auto fd = blob->fd()) {
    out.mapping = TRY(sys::Mapping::of(*fd, module.str() + ".zip"));
    out.bytes = out.mapping->bytes();
  } else {
    out.bytes = TRY(blob->bytes());
    out.blob = std::move(blob);
  }
  return out;
}

}  // namespace

ZipsInPlace::ZipsInPlace(CachedModules& modules, Options options)
    : modules_(modules), options_(std::move(options)) {
  recall(cached_, modules_.cache().root().native());
  if (options_.held != nullptr) recall(held_, options_.store_name);
}

void ZipsInPlace::recall(Memory& memory, const std::string& place) const {
  memory.name = fmt::format("zips-{:016x}.idx", index::fingerprint(place));
  if (options_.shelf == nullptr) return;
  if (const auto file = options_.shelf->read(memory.name)) {
    *memory.zips.lock() = index::parse_hashed_zips(*file);
  }
}

bool ZipsInPlace::knows(Memory& memory, const gomod::Module& module, const index::HashedZip& zip) {
  memory.asked.lock()->insert(module);
  auto zips = memory.zips.lock();
  const auto it = zips->find(module);
  return it != zips->end() && it->second == zip;
}

void ZipsInPlace::learn(Memory& memory, const gomod::Module& module, const index::HashedZip& zip) {
  auto zips = memory.zips.lock();
  zips->insert_or_assign(module, zip);
  memory.is_new = true;
}

Result<void> ZipsInPlace::check(Memory& memory, const gomod::Module& module, Bytes bytes,
                                const index::HashedZip& zip) {
  if (knows(memory, module, zip)) return {};
  const auto got =
      TRY(modzip::check_and_hash(module, bytes, {.threads = sys::cpu_count(), .stop = options_.stop}));
  TRY(store::check_h1(got.h1, zip.h1));
  learn(memory, module, zip);
  return {};
}

Result<ZipsInPlace::Found> ZipsInPlace::find(const gomod::Module& module) {
  auto found = find_sound(module);
  if (!found && found.error().kind() == Kind::unverified) modules_.note_damage(module, found.error());
  return found;
}

Result<ZipsInPlace::Found> ZipsInPlace::find_sound(const gomod::Module& module) {
  if (options_.held == nullptr)
    return in_cache(module, TRY(modules_.install(module, CachedModules::Need::zip, options_.stop)));
  if (!TRY(modules_.cache().has_zip(module))) return in_store(module);
  const auto h1 = TRY(modules_.cache().ziphash(module));
  if (!h1) return in_store(module);
  TRY(modules_.check_zip(module, *h1, options_.stop));
  return in_cache(module, {.h1 = *h1, .zip = TRY(modules_.cache().paths(module)).zip(), .dir = {}});
}

ZipsInPlace::Found ZipsInPlace::found(const gomod::Module& module, const gomod::H1& h1, std::string root,
                                      ModuleZip::Open open) const {
  return {std::make_shared<ModuleZip>(module, std::move(root), std::move(open)), h1};
}

// A zip that was just fetched was hashed on its way.
Result<ZipsInPlace::Found> ZipsInPlace::in_cache(const gomod::Module& module,
                                                 const modcache::Installed& installed) {
  const auto stamp = index::stamp_of(installed.zip);
  if (installed.fetched && stamp) learn(cached_, module, {*stamp, installed.h1});
  const auto open = [this, module, file = installed.zip, h1 = installed.h1] {
    return open_cached(module, file, h1);
  };
  if (!stamp || !knows(cached_, module, {*stamp, installed.h1})) TRY(open());
  const auto root = TRY(modules_.cache().paths(module)).dir().native();
  return found(module, installed.h1, root, open);
}

Result<ZipBytes> ZipsInPlace::open_cached(const gomod::Module& module, const sys::Path& file,
                                          const gomod::H1& h1) {
  const auto fd = TRY(sys::open_read(file));
  ZipBytes out;
  out.mapping = TRY(sys::Mapping::of(fd.get(), file));
  out.bytes = out.mapping->bytes();
  const auto stamp = index::stamp_of(fd.get()).value_or(index::Stamp());
  auto checked = check(cached_, module, out.bytes, {stamp, h1});
  if (checked) return out;
  const auto kind = checked.error().kind();
  if (kind != Kind::unverified && kind != Kind::invalid) return fail(std::move(checked).error());
  // What is no zip of the module, or no readable one, is damage too.
  const auto what = kind == Kind::invalid ? checked.error().message() : "zip has been modified";
  return fail(Kind::unverified, fmt::format("{}: {} ({})", module.str(), what, file.native()),
              "remove that file and its .ziphash to have it fetched again");
}

Result<ZipsInPlace::Found> ZipsInPlace::in_store(const gomod::Module& module) {
  const auto blob = TRY(options_.held->open_zip(module));
  const auto h1 = TRY(options_.held->store().ziphash(module));
  TRY(modules_.check_zip(module, h1, options_.stop));
  const auto open = [this, module, h1] { return open_held(module, h1); };
  if (!knows(held_, module, {stamp_of(blob->info()), h1})) TRY(open());
  return found(module, h1, TRY(modules_.cache().paths(module)).dir().native(), open);
}

Result<ZipBytes> ZipsInPlace::open_held(const gomod::Module& module, const gomod::H1& h1) {
  auto blob = TRY(options_.held->open_zip(module));
  const auto stamp = stamp_of(blob->info());
  auto out = TRY(bytes_of(std::move(blob), module));
  auto checked = check(held_, module, out.bytes, {stamp, h1});
  if (checked) return out;
  // What is no zip of the module, or no readable one, is damage too.
  const auto kind = checked.error().kind() == Kind::invalid ? Kind::unverified : checked.error().kind();
  if (kind == Kind::unverified) static_cast<void>(options_.held->want(module, true));
  return fail(kind, module.str() + ": " + checked.error().message(),
              kind == Kind::unverified ? std::string(store::k_how_to_mend) : std::string());
}

void ZipsInPlace::save() {
  if (options_.shelf == nullptr) return;
  for (auto* memory : {&cached_, &held_}) {
    if (!memory->is_new) continue;
    auto zips = memory->zips.lock();
    // A file that changed since shortly before all this began may not be the one that was read.
    std::erase_if(*zips,
                  [&](const auto& entry) { return !index::is_settled(entry.second.stamp, options_.now_ns); });
    if (zips->size() > k_most_zips) {
      auto asked = memory->asked.lock();
      std::erase_if(*zips, [&](const auto& entry) { return !asked->contains(entry.first); });
    }
    options_.shelf->write(memory->name, index::encode_hashed_zips(*zips));
    memory->is_new = false;
  }
}

}  // namespace larder::app

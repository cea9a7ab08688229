// SPDX-License-Identifier: Apache-2.0
#include "bundle/pack_plan.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "modzip/archive.hpp"
#include "modzip/check.hpp"
#include "sys/parallel.hpp"

namespace larder::bundle {
namespace {

// Versions of one path that are interleaved by name: near enough for the window, few enough to have all their
// zips open.
constexpr std::uint32_t k_versions_together = 16;
// Bytes that one job inflates at most; repeats take no room in the block, but time.
constexpr std::uint64_t k_max_job = 256U << 20U;

Result<void> scan_whole(const store::GoModules& from, SourceModule& source, bool verbatim) {
  if (TRY(from.held(source.module)) != store::Held::whole) {
    return fail(Kind::not_found, "not held by the store");
  }
  source.h1 = TRY(from.ziphash(source.module));
  source.info_size = TRY(from.info(source.module)).size();
  source.mod_size = TRY(from.mod(source.module)).size();
  const auto blob = TRY(from.zip(source.module));
  const Bytes zip = TRY(blob->bytes());
  source.zip_size = zip.size();
  const modzip::Archive archive = TRY(modzip::Archive::open(zip));
  const modzip::Listing listing = TRY(modzip::check_zip(source.module, archive));
  // Entries for folders are part of h1, but not of a zip made anew.
  if (verbatim || listing.files.size() != archive.entries().size()) {
    source.form = Form::zip;
    return {};
  }
  std::size_t length = 0;
  for (const modzip::ListedFile& file : listing.files) length += file.name.size();
  source.names.reserve(length);
  source.files.reserve(listing.files.size());
  for (const modzip::ListedFile& file : listing.files) {
    const modzip::Entry& entry = archive.entries()[file.entry];
    const std::size_t at = source.names.size();
    source.names += file.name;  // within the reserve: earlier views stay valid
    source.files.push_back({.name = std::string_view(source.names).substr(at),
                            .entry = file.entry,
                            .crc32 = entry.crc32,
                            .size = entry.size});
  }
  std::ranges::sort(source.files, {}, &PlannedFile::name);
  return {};
}

Result<void> scan(const store::GoModules& from, SourceModule& source, bool verbatim) {
  Result<void> done;
  if (source.form == Form::requirement) {
    auto mod = from.mod(source.module);
    if (mod) {
      source.mod_size = mod->size();
    } else {
      done = fail(std::move(mod).error());
    }
  } else {
    done = scan_whole(from, source, verbatim);
  }
  if (done && std::max(source.info_size, source.mod_size) > k_max_small_file) {
    done = fail(Kind::invalid, ".info or .mod is too large");
  }
  // It was good when it came in: what is malformed now is damage.
  if (!done && done.error().kind() == Kind::invalid) return fail(Kind::unverified, done.error().message());
  return done;
}

// Whole beats requirement where a module is named twice.
std::vector<SourceModule> unique_modules(std::span<const PackModule> modules) {
  std::map<gomod::Module, bool> whole;
  for (const PackModule& m : modules) whole[m.module] |= m.whole;
  std::vector<SourceModule> out(whole.size());
  std::size_t at = 0;
  for (const auto& [module, is_whole] : whole) {
    out[at].module = module;
    out[at++].form = is_whole ? Form::files : Form::requirement;
  }
  return out;
}

// Everything that orders an item; one a file, so kept small.
struct Place {
  std::uint32_t path = 0;   // number of the module path
  std::uint32_t group = 0;  // of versions
  std::uint32_t item = 0;
  bool shared = false;
  std::string_view name;
};

class Planner {
 public:
  explicit Planner(Plan& plan) : plan_(plan) {}

  void run() {
    list_items();
    order_items();
    mark_repeats();
    cut_jobs();
  }

 private:
  void list_items() {
    std::uint32_t path = 0;
    std::uint32_t version = 0;
    for (std::uint32_t m = 0; m < plan_.modules.size(); ++m) {
      const SourceModule& source = plan_.modules[m];
      const bool same_path = m > 0 && plan_.modules[m - 1].module.path == source.module.path;
      version = same_path ? version + 1 : 0;
      if (!same_path) ++path;
      if (source.error) continue;
      const Place place{
          .path = path, .group = version / k_versions_together, .item = 0, .shared = false, .name = {}};
      for (std::uint32_t f = 0; f < source.files.size(); ++f) add(place, {m, f}, source.files[f].name);
      if (source.form == Form::zip) add(place, {m, k_part_zip}, "");
      if (source.form != Form::requirement) add(place, {m, k_part_info}, ".info");
      add(place, {m, k_part_mod}, "go.mod");
    }
  }

  void add(Place place, Item item, std::string_view name) {
    place.item = static_cast<std::uint32_t>(plan_.items.size());
    place.name = name;
    places_.push_back(place);
    plan_.items.push_back(item);
    plan_.total_bytes += plan_.size_of(item);
  }

  // Size and CRC-32 of a file; nullopt where the CRC is not known.
  std::optional<std::uint64_t> key(const Item& item) const {
    if (item.part >= k_part_zip) return std::nullopt;
    const PlannedFile& file = plan_.modules[item.module].files[item.part];
    return file.size << 32U ^ file.crc32;
  }

  // The first of those that several paths share goes to the front: a reader that takes modules in order
  // would otherwise come back to every block for a licence text.
  void mark_shared() {
    struct Seen {
      std::uint32_t path;
      std::size_t place;
    };
    std::unordered_map<std::uint64_t, Seen> first;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto k = key(plan_.items[places_[i].item]);
      if (!k) continue;
      const auto [at, fresh] = first.try_emplace(*k, Seen{places_[i].path, i});
      if (!fresh && at->second.path != places_[i].path) places_[at->second.place].shared = true;
    }
  }

  void order_items() {
    mark_shared();
    std::ranges::sort(places_, {}, [](const Place& p) {
      // Items are listed by version: the last key keeps versions in order, and .mod after the file go.mod.
      return std::tuple(!p.shared, p.path, p.group, p.name, p.item);
    });
    std::vector<Item> ordered;
    ordered.reserve(plan_.items.size());
    for (const Place& p : places_) ordered.push_back(plan_.items[p.item]);
    plan_.items = std::move(ordered);
    places_ = {};
  }

  void mark_repeats() {
    std::unordered_map<std::uint64_t, bool> seen;
    for (Item& item : plan_.items) {
      if (const auto k = key(item)) {
        item.repeat = !seen.try_emplace(*k, true).second;
      } else if (item.part == k_part_mod) {
        const SourceModule& source = plan_.modules[item.module];
        const auto at =
            std::ranges::lower_bound(source.files, std::string_view("go.mod"), {}, &PlannedFile::name);
        item.repeat = at != source.files.end() && at->name == "go.mod" && at->size == source.mod_size;
      }
    }
  }

  void cut_jobs() {
    Job job;
    std::uint64_t fresh = 0;
    std::uint64_t all = 0;
    bool was_big = false;  // such have a job, and blocks, of their own
    for (std::size_t i = 0; i < plan_.items.size(); ++i) {
      const std::uint64_t size = plan_.size_of(plan_.items[i]);
      const std::uint64_t adds = plan_.items[i].repeat ? 0 : size;
      const bool big = adds > k_max_blob;
      if (job.count > 0 && (big || was_big || fresh + adds > k_max_block || all + size > k_max_job)) {
        plan_.jobs.push_back(job);
        job = {.first = i, .count = 0};
        fresh = all = 0;
      }
      was_big = big;
      ++job.count;
      fresh += adds;
      all += size;
    }
    if (job.count > 0) plan_.jobs.push_back(job);
  }

  Plan& plan_;
  std::vector<Place> places_;
};

}  // namespace

std::uint64_t Plan::size_of(const Item& item) const {
  const SourceModule& source = modules[item.module];
  switch (item.part) {
    case k_part_info:
      return source.info_size;
    case k_part_mod:
      return source.mod_size;
    case k_part_zip:
      return source.zip_size;
    default:
      return source.files[item.part].size;
  }
}

Plan make_plan(const store::GoModules& from, std::span<const PackModule> modules, const PackOptions& options,
               unsigned threads, const std::stop_token& stop) {
  Plan plan;
  plan.modules = unique_modules(modules);
  sys::parallel_for(plan.modules.size(), threads, stop, [&](std::size_t i) {
    SourceModule& source = plan.modules[i];
    auto done = scan(from, source, options.verbatim);
    if (!done) source.error = std::move(done).error().with(source.module.str());
  });
  Planner(plan).run();
  return plan;
}

}  // namespace larder::bundle

// SPDX-License-Identifier: Apache-2.0
#include "app/carry_bundle.hpp"

#include <functional>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "app/carried_truth.hpp"
#include "bundle/sumdb_member.hpp"
#include "fetch/checksum_database.hpp"
#include "fetch/gosumdb.hpp"
#include "fetch/sumdb_ports.hpp"
#include "sumdb/record.hpp"
#include "sumstore/carried.hpp"
#include "sumstore/keep.hpp"
#include "sumstore/layout.hpp"
#include "sumstore/memory.hpp"

namespace larder::app {

namespace {

using fetch::Of;

constexpr std::string_view k_no_key = "its key is not known here; give it in GOSUMDB";
constexpr std::string_view k_no_line =
    "the bundle does not show that its head and the store's lie on one line; "
    "pack it from the store that the earlier bundles came from";

using OnRecord =
    std::function<Result<void>(const Want& want, const std::string& database, const std::string& record)>;

struct Records {
  std::map<gomod::Module, sumdb::Proven> of;
  std::vector<std::uint64_t> ids() const {
    std::vector<std::uint64_t> out;
    for (const auto& [module, record] : of) out.push_back(record.id);
    return out;
  }
};

// Without those that have none.
Result<Records> records_of(sumstore::Carried& carried, const std::vector<Want>& wants,
                           const OnRecord& on_record, const std::stop_token& stop) {
  Records out;
  for (const auto& want : wants) {
    auto found = carried.find(want.module, stop);
    if (found) {
      if (on_record) TRY(on_record(want, carried.name(), found->record));
      out.of.emplace(want.module, *std::move(found));
    } else if (found.error().kind() != Kind::not_found) {
      return fail(std::move(found).error());
    }
  }
  return out;
}

Result<bundle::SumDbPart> part_of(store::Store& store, sumstore::Carried& carried, const Records& records,
                                  const std::stop_token& stop) {
  const auto sizes = sumstore::head_sizes(TRY(sumstore::shelved(store, carried.name())));
  const auto limit = TRY(carried.client().evidence({}, {}, stop)).tree.size;
  std::vector<std::uint64_t> older;
  for (const auto size : sizes) {
    if (size <= limit) older.push_back(size);
  }
  const auto evidence = TRY(carried.client().evidence(records.ids(), older, stop));
  bundle::SumDbPart out{carried.name(), evidence.note, {}, {}};
  for (const auto& [module, record] : records.of) out.records.push_back({module, record.id, record.record});
  for (const auto& [tile, bytes] : evidence.tiles) out.tiles.push_back({tile, *bytes});
  return out;
}

// What the member has, and behind it what the store has.
class MemberTransport final : public sumdb::Transport {
 public:
  MemberTransport(const bundle::SumDbPart& part, store::Store& store) : store_(store, part.name) {
    for (const auto& [tile, bytes] : part.tiles) known_.emplace("/" + tile.path(), bytes);
  }
  void add(const std::string& file, std::string text) { known_.emplace("/" + file, std::move(text)); }

  std::vector<Result<std::string>> read(const std::vector<std::string>& paths, std::uint64_t limit,
                                        std::stop_token stop) override {
    std::vector<Result<std::string>> out;
    for (const auto& path : paths) {
      const auto known = known_.find(path);
      if (known != known_.end() && known->second.size() <= limit) {
        out.emplace_back(known->second);
      } else {
        out.push_back(std::move(store_.read({path}, limit, stop).front()));
      }
    }
    return out;
  }

 private:
  std::map<std::string, std::string> known_;
  sumstore::StoreTransport store_;
};

// Of each database that the store carries, what these modules need; `take` gets it.
Result<void> each_part(store::Store& store, const std::vector<Want>& wants, const fetch::Settings& settings,
                       std::vector<CarriedPart>& report, const OnRecord& on_record,
                       const std::function<Result<void>(const bundle::SumDbPart&)>& take,
                       const std::stop_token& stop) {
  for (const auto& name : TRY(sumstore::databases(store))) {
    const auto key = fetch::database_key(settings.gosumdb, name);
    if (!key) {
      report.push_back({name, 0, 0, std::string(k_no_key)});
      continue;
    }
    sumstore::Carried carried(store, *key);
    const auto records = TRY(records_of(carried, wants, on_record, stop));
    if (records.of.empty()) continue;
    const auto part = TRY(part_of(store, carried, records, stop));
    TRY(take(part));
    const auto head = TRY(carried.client().evidence({}, {}, stop)).tree;
    report.push_back({name, part.records.size(), head.size, ""});
  }
  return {};
}

struct Hashes {
  gomod::H1 mod;
  std::optional<gomod::H1> zip;
};

Result<std::map<gomod::Module, Hashes>> hashes_of(const bundle::Bundle& bundle) {
  bundle::BlobReader reader(bundle);
  std::map<gomod::Module, Hashes> out;
  for (const auto& entry : bundle.entries().modules) {
    gomod::H1Builder mod;
    mod.add("go.mod", TRY(reader.digest(entry.mod)));
    Hashes hashes{TRY(mod.finish()), std::nullopt};
    if (entry.form != bundle::Form::requirement) hashes.zip = entry.h1;
    out.emplace(entry.module, hashes);
  }
  return out;
}

Result<void> compare(const std::map<gomod::Module, Hashes>& brought, const std::string& name,
                     const bundle::SumDbRecord& record) {
  const auto found = brought.find(record.module);
  if (found == brought.end()) return {};
  TRY(fetch::compare_with_record(record.text, name, record.module, Of::go_mod, found->second.mod));
  if (!found->second.zip) return {};
  return fetch::compare_with_record(record.text, name, record.module, Of::zip, *found->second.zip);
}

}  // namespace

Result<std::vector<CarriedPart>> restore_databases(store::Store& store, const std::vector<Want>& wants,
                                                   const fetch::Settings& settings,
                                                   const std::filesystem::path& cache,
                                                   const std::stop_token& stop) {
  std::vector<CarriedPart> out;
  const auto put = [&](const bundle::SumDbPart& part) -> Result<void> {
    fetch::DatabaseState state(part.name, {.heads = {}, .cache = cache});
    const auto write = [&](const std::string& file, const std::string& text) -> Result<void> {
      return state.cached(file) == text ? Result<void>() : state.keep(file, text);
    };
    for (const auto& [tile, bytes] : part.tiles) TRY(write(tile.path(), bytes));
    for (const auto& record : part.records) {
      TRY(write(TRY(sumstore::lookup_file(record.module)),
                sumstore::lookup_text(record.id, record.text, part.note)));
    }
    return {};
  };
  TRY(each_part(store, wants, settings, out, nullptr, put, stop));
  return out;
}

Result<PackedDatabases> pack_databases(store::Store& store, const std::vector<Want>& wants,
                                       const fetch::Settings& settings, const std::stop_token& stop) {
  PackedDatabases out;
  const auto put = [&](const bundle::SumDbPart& part) -> Result<void> {
    out.members.push_back(bundle::print_sumdb(part));
    if (out.members.back().size() <= bundle::k_max_sumdb) return {};
    return fail(Kind::invalid, part.name + ": more than one bundle can carry",
                "pack fewer modules into one bundle");
  };
  const store::GoModules modules(store);
  const auto compare = [&](const Want& want, const std::string& name, const std::string& record) {
    return compare_held(modules, want.module, want.whole, name, record);
  };
  TRY(each_part(store, wants, settings, out.parts, compare, put, stop));
  return out;
}

namespace {

// Remembers nothing.
class NoState final : public sumdb::State {
 public:
  Result<std::string> latest() override { return std::string(); }
  Result<bool> replace_latest(std::string_view /*seen*/, std::string_view /*next*/) override { return true; }
  std::optional<std::string> cached(const std::string& /*file*/) override { return std::nullopt; }
  void cache(const std::string& /*file*/, std::string_view /*data*/) override {}
};

}  // namespace

// One database of the bundle. The client refers to its neighbours, so it stays where it is.
struct DatabaseImport::One {
  One(bundle::SumDbPart the_part, const sumdb::VerifierKey& key, store::Store& into)
      : store(into),
        part(std::move(the_part)),
        transport(part, into),
        state(into, key),
        client(key, transport, state) {}

  // false: the bundle and the store do not have what it takes to compare the two heads.
  Result<bool> see(const std::stop_token& stop) {
    const auto seen = client.see(part.note, stop);
    if (client.forked()) return fail(seen.error());
    if (seen) {
      TRY(sumstore::compare_with_memory(store, part.name, client, stop));
      return true;
    }
    TRY(see_apart(stop));
    if (seen.error().kind() == Kind::not_found) return false;
    return fail(seen.error());
  }

  // The bundle's head on its own, and then what is held against it.
  Result<void> see_apart(const std::stop_token& stop) {
    NoState none;
    sumdb::Client apart(client.key(), transport, none);
    if (!apart.see(part.note, stop)) return {};  // as the other client says
    return sumstore::compare_with_memory(store, part.name, apart, stop);
  }

  Result<void> prove(const bundle::SumDbRecord& record, const std::stop_token& stop) {
    const auto file = TRY(sumstore::lookup_file(record.module));
    transport.add(file, sumstore::lookup_text(record.id, record.text, part.note));
    auto found = client.find(record.module, stop);
    if (!found) {
      const auto kind = found.error().kind();
      return fail(
          Error(kind == Kind::not_found || kind == Kind::invalid ? Kind::unverified : kind,
                found.error().message())
              .with(fmt::format("{}: no proof in the {} of the bundle", record.module.str(), part.name)));
    }
    records.emplace(record.module, *std::move(found));
    return {};
  }

  store::Store& store;
  bundle::SumDbPart part;
  MemberTransport transport;
  sumstore::StoreState state;
  sumdb::Client client;
  std::map<gomod::Module, sumdb::Proven> records;
};

DatabaseImport::DatabaseImport() = default;
DatabaseImport::~DatabaseImport() = default;
DatabaseImport::DatabaseImport(DatabaseImport&&) noexcept = default;

Result<DatabaseImport> DatabaseImport::prove(const bundle::Bundle& bundle, store::Store& into,
                                             const fetch::Settings& settings, const std::stop_token& stop) {
  DatabaseImport out;
  const auto members = TRY(bundle.read_members(bundle::k_sumdb_role, bundle::k_max_sumdb));
  if (members.empty()) return out;
  const auto brought = TRY(hashes_of(bundle));
  for (const auto& member : members) {
    auto part = bundle::parse_sumdb(member);
    if (!part) return fail(Kind::unverified, part.error().message());
    const auto name = part->name;
    const auto key = fetch::database_key(settings.gosumdb, name);
    if (!key) {
      out.parts_.push_back({name, 0, 0, std::string(k_no_key)});
      continue;
    }
    auto one = std::make_unique<One>(*std::move(part), *key, into);
    if (!TRY(one->see(stop).context("nothing was imported: " + name))) {
      out.parts_.push_back({name, 0, 0, std::string(k_no_line)});
      continue;
    }
    for (const auto& record : one->part.records) {
      TRY(one->prove(record, stop).context("nothing was imported"));
      TRY(compare(brought, name, record).context("nothing was imported"));
    }
    const auto head = TRY(one->client.evidence({}, {}, stop)).tree;
    out.parts_.push_back({name, one->records.size(), head.size, ""});
    out.proven_.push_back(std::move(one));
  }
  return out;
}

Result<void> DatabaseImport::keep(const std::stop_token& stop) {
  for (const auto& one : proven_) {
    std::vector<sumdb::Tile> tiles;
    for (const auto& [tile, bytes] : one->part.tiles) tiles.push_back(tile);
    TRY(sumstore::keep(one->store, one->part.name, one->client, one->records, stop, tiles));
  }
  return {};
}

}  // namespace larder::app

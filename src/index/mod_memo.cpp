// SPDX-License-Identifier: Apache-2.0
#include "index/mod_memo.hpp"

#include <utility>

namespace larder::index {

namespace {

constexpr std::size_t k_memo_place = 3 * sizeof(std::uint32_t);
constexpr std::size_t k_requirement = 2 * sizeof(std::uint32_t);
constexpr std::size_t k_retraction = 3 * sizeof(std::uint32_t);

// Reads numbers of strings; remembers whether all of them were there.
class Texts {
 public:
  Texts(RecordReader& in, const Strings& strings) : in_(in), strings_(strings) {}
  std::string next() {
    const auto text = strings_.at(in_.u32());
    ok_ = ok_ && text;
    return std::string(text.value_or(""));
  }
  bool ok() const { return ok_ && in_.ok(); }

 private:
  RecordReader& in_;
  const Strings& strings_;
  bool ok_ = true;
};

void write_body(RecordWriter& out, StringsWriter& strings, const RememberedMod& mod) {
  write_stamp(out, mod.stamp);
  out.raw({reinterpret_cast<const char*>(mod.hash.bytes.data()), mod.hash.bytes.size()});
  const auto& summary = *mod.summary;
  out.u8(static_cast<std::uint8_t>(summary.pruning));
  for (const auto* text : {&summary.module_path, &summary.go_version, &summary.deprecated}) {
    out.u32(strings.add(*text));
  }
  out.u32(static_cast<std::uint32_t>(summary.require.size()));
  for (const auto& m : summary.require) {
    out.u32(strings.add(m.path));
    out.u32(strings.add(m.version));
  }
  out.u32(static_cast<std::uint32_t>(summary.retract.size()));
  for (const auto& r : summary.retract) {
    for (const auto* text : {&r.low, &r.high, &r.rationale}) out.u32(strings.add(*text));
  }
}

std::optional<RememberedMod> read_body(RecordReader in, const Strings& strings) {
  RememberedMod out;
  out.stamp = read_stamp(in);
  const auto hash = in.raw(out.hash.bytes.size());
  for (std::size_t i = 0; i < hash.size(); ++i) out.hash.bytes.at(i) = static_cast<std::uint8_t>(hash[i]);
  resolve::ModSummary summary;
  const auto pruning = in.u8();
  if (pruning > static_cast<std::uint8_t>(resolve::Pruning::unpruned)) return std::nullopt;
  summary.pruning = static_cast<resolve::Pruning>(pruning);
  Texts texts(in, strings);
  for (auto* text : {&summary.module_path, &summary.go_version, &summary.deprecated}) *text = texts.next();
  const auto requirements = in.count(k_requirement);
  summary.require.reserve(requirements);
  for (std::uint32_t i = 0; i < requirements; ++i) {
    auto& m = summary.require.emplace_back();
    m.path = texts.next();
    m.version = texts.next();
  }
  const auto retractions = in.count(k_retraction);
  for (std::uint32_t i = 0; i < retractions; ++i) {
    auto& r = summary.retract.emplace_back();
    for (auto* text : {&r.low, &r.high, &r.rationale}) *text = texts.next();
  }
  if (!texts.ok()) return std::nullopt;
  out.summary = std::make_shared<const resolve::ModSummary>(std::move(summary));
  return out;
}

}  // namespace

ModMemo ModMemo::parse(std::string file) {
  ModMemo out;
  out.file_ = std::make_unique<const std::string>(std::move(file));
  const auto payload = open_sealed(FileKind::go_mods, *out.file_);
  if (!payload) return {};
  RecordReader in(*payload);
  const auto table = Table::read(in, *payload, k_memo_place);
  if (!table) return {};
  out.table_ = *table;
  return out;
}

std::optional<ModMemo::Place> ModMemo::place(std::uint32_t number) const {
  RecordReader in(table_.places.substr(std::size_t{number} * k_memo_place, k_memo_place));
  const auto path = table_.strings.at(in.u32());
  const auto version = table_.strings.at(in.u32());
  if (!path || !version) return std::nullopt;
  return Place{*path, *version, in.u32()};
}

std::optional<RememberedMod> ModMemo::read(const Place& place) const {
  if (place.offset > table_.bodies.size()) return std::nullopt;
  return read_body(RecordReader(table_.bodies.substr(place.offset)), table_.strings);
}

std::optional<RememberedMod> ModMemo::find(const gomod::Module& module) const {
  std::uint32_t low = 0;
  std::uint32_t high = table_.count;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto here = place(middle);
    if (!here) return std::nullopt;
    const auto order = std::pair<std::string_view, std::string_view>(module.path, module.version) <=>
                       std::pair(here->path, here->version);
    if (order == 0) return read(*here);
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return std::nullopt;
}

RememberedMods ModMemo::all() const {
  RememberedMods out;
  for (std::uint32_t i = 0; i < table_.count; ++i) {
    const auto here = place(i);
    if (!here) continue;
    if (auto mod = read(*here)) {
      out.try_emplace({std::string(here->path), std::string(here->version)}, *std::move(mod));
    }
  }
  return out;
}

std::string ModMemo::encode(const RememberedMods& mods) {
  StringsWriter strings;
  RecordWriter places;
  RecordWriter bodies;
  places.u32(static_cast<std::uint32_t>(mods.size()));
  for (const auto& [module, mod] : mods) {
    places.u32(strings.add(module.path));
    places.u32(strings.add(module.version));
    places.u32(static_cast<std::uint32_t>(bodies.size()));
    write_body(bodies, strings, mod);
  }
  RecordWriter out;
  strings.write(out);
  out.raw(places.bytes());
  out.raw(bodies.bytes());
  return seal(FileKind::go_mods, out.bytes());
}

}  // namespace larder::index

// SPDX-License-Identifier: Apache-2.0
#include "bundle/manifest.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/random.h>

#include "base/text.hpp"
#include "bundle/tar.hpp"

namespace larder::bundle {
namespace {

using Json = nlohmann::json;  // objects are std::map: dump() sorts keys by bytes

constexpr int k_max_depth = 8;
constexpr std::size_t k_max_text = 200;
constexpr std::string_view k_crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t k_id_size = 26;

struct CountRow {
  const char* key;
  std::uint64_t Counts::* value;
};
constexpr std::array<CountRow, 8> k_counts{{{"blobs", &Counts::blobs},
                                            {"blocks", &Counts::blocks},
                                            {"files", &Counts::files},
                                            {"module_bytes", &Counts::module_bytes},
                                            {"modules", &Counts::modules},
                                            {"raw_bytes", &Counts::raw_bytes},
                                            {"requirements", &Counts::requirements},
                                            {"zip_bytes", &Counts::zip_bytes}}};

struct TextRow {
  const char* key;
  std::string Manifest::* value;
};
constexpr std::array<TextRow, 6> k_texts{{{"base_root", &Manifest::base_root},
                                          {"created", &Manifest::created},
                                          {"id", &Manifest::id},
                                          {"root", &Manifest::root},
                                          {"source", &Manifest::source},
                                          {"tool", &Manifest::tool}}};

Failure bad(std::string_view what) {
  return fail(Kind::invalid, fmt::format("manifest.json: {}", what));
}

// Brackets nest at most k_max_depth deep: the printer recurses, so this comes first.
bool shallow(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > k_max_depth) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

bool has_float(const Json& json) {  // as deep as shallow() allows
  if (json.is_number_float()) return true;
  if (!json.is_structured()) return false;
  return std::ranges::any_of(json, has_float);
}

// nullopt unless canonical.
std::optional<Json> parse_canonical(std::string_view text) {
  if (!shallow(text)) return std::nullopt;
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || has_float(json)) return std::nullopt;
  if (json.dump(-1, ' ', false, Json::error_handler_t::replace) != text) return std::nullopt;
  return json;
}

Result<std::string> text_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) return bad(fmt::format("{} is not a string", key));
  return at->get<std::string>();
}

Result<std::uint64_t> number_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  const bool natural = at != object.end() && at->is_number_unsigned();
  if (!natural || at->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    return bad(fmt::format("{} is not a number from 0 to 2^63-1", key));
  }
  return at->get<std::uint64_t>();
}

Result<Member> parse_member(const Json& json) {
  if (!json.is_object()) return bad("a member is not an object");
  Member member{
      .name = TRY(text_of(json, "name")), .role = TRY(text_of(json, "role")), .sha256 = {}, .size = 0};
  const auto digest = Digest::from_hex(TRY(text_of(json, "sha256")));
  if (!digest) return bad("a sha256 is not 64 hex digits");
  member.sha256 = *digest;
  member.size = TRY(number_of(json, "size"));
  if (!valid_member_name(member.name)) return bad(fmt::format("bad member name {}", quote(member.name)));
  if (member.size > k_max_tar_size) return bad(fmt::format("{} is too large", member.name));
  return member;
}

Result<void> parse_members(const Json& json, Manifest& out) {
  const auto at = json.find("members");
  if (at == json.end() || !at->is_array() || at->size() > k_max_members) return bad("bad list of members");
  std::set<std::string> names{"manifest.json"};
  for (const Json& item : *at) {
    out.members.push_back(TRY(parse_member(item)));
    const std::string& name = out.members.back().name;
    if (!names.insert(name).second || name.starts_with("manifest.json.")) {
      return bad(fmt::format("bad member name {}", quote(name)));
    }
  }
  const auto tables = std::ranges::count(out.members, "entries", &Member::role);
  if (tables != 1) return bad(fmt::format("{} members of role \"entries\"", tables));
  return {};
}

Result<void> parse_needs(const Json& json, Manifest& out) {
  const auto at = json.find("needs");
  if (at == json.end() || !at->is_array()) return bad("needs is not a list");
  for (const Json& item : *at) {
    if (!item.is_string()) return bad("needs is not a list of words");
    out.needs.push_back(item.get<std::string>());
  }
  if (std::ranges::adjacent_find(out.needs, std::ranges::greater_equal{}) != out.needs.end()) {
    return bad("needs is not sorted");
  }
  return {};
}

Result<void> parse_kind(const Json& json, Manifest& out) {
  const std::string kind = TRY(text_of(json, "kind"));
  if (kind != "base" && kind != "delta") {
    return bad(fmt::format("unknown kind {}, made by {}", quote(kind), quote(out.tool)));
  }
  out.kind = kind == "base" ? BundleKind::base : BundleKind::delta;
  return {};
}

bool valid_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00Z";
  return text.size() == shape.size() &&
         std::ranges::equal(text, shape, [](char c, char s) { return s == '0' ? is_digit(c) : c == s; });
}

Result<void> check_texts(const Manifest& m) {
  if (!valid_bundle_id(m.id)) return bad("bad id");
  if (!valid_time(m.created)) return bad("bad time of creation");
  if (m.source.size() > k_max_text || m.tool.size() > k_max_text) return bad("source or tool too long");
  if (!Digest::from_hex(m.root)) return bad("bad root");
  const bool base = m.kind == BundleKind::base;
  if (base != m.base_root.empty() || (!base && !Digest::from_hex(m.base_root))) return bad("bad base_root");
  return {};
}

}  // namespace

std::string print_manifest(const Manifest& m) {
  Json json;
  for (const TextRow& row : k_texts) json[row.key] = m.*row.value;
  json["format"] = m.format;
  json["kind"] = m.kind == BundleKind::base ? "base" : "delta";
  json["needs"] = m.needs;
  json["entries_size"] = m.entries_size;
  for (const CountRow& row : k_counts) json["counts"][row.key] = m.counts.*row.value;
  json["members"] = Json::array();
  for (const Member& member : m.members) {
    json["members"].push_back({{"name", member.name},
                               {"role", member.role},
                               {"sha256", member.sha256.hex()},
                               {"size", member.size}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Manifest> parse_manifest(std::string_view text) {
  if (text.size() > k_max_manifest) return bad("too large");
  const auto json = parse_canonical(text);
  if (!json) return bad("not canonical JSON");
  Manifest out;
  out.format = TRY(number_of(*json, "format"));
  if (out.format != k_format) {
    return fail(Kind::invalid,
                fmt::format("manifest.json: format {} is not one this larder reads", out.format),
                "use a newer larder");
  }
  for (const TextRow& row : k_texts) out.*row.value = TRY(text_of(*json, row.key));
  TRY(parse_kind(*json, out));
  TRY(parse_needs(*json, out));
  out.entries_size = TRY(number_of(*json, "entries_size"));
  const auto counts = json->find("counts");
  if (counts == json->end() || !counts->is_object()) return bad("counts is not an object");
  for (const CountRow& row : k_counts) out.counts.*row.value = TRY(number_of(*counts, row.key));
  TRY(check_texts(out));
  TRY(parse_members(*json, out));
  return out;
}

Result<std::string> make_bundle_id(std::int64_t unix_ms) {
  std::array<unsigned char, 16> random{};
  if (::getentropy(random.data(), random.size()) != 0) {
    return fail(Kind::internal, "no random numbers");
  }
  std::string id;
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ms, 0)) & 0xffff'ffff'ffffU;
  for (int shift = 45; shift >= 0; shift -= 5) id += k_crockford[ms >> static_cast<unsigned>(shift) & 31U];
  for (const unsigned char byte : random) id += k_crockford[byte & 31U];
  return id;
}

bool valid_bundle_id(std::string_view id) {
  return id.size() == k_id_size && id.find_first_not_of(k_crockford) == id.npos;
}

std::string format_time(std::int64_t unix_seconds) {
  constexpr std::int64_t end_of_9999 = 253402300799;
  const auto time = static_cast<std::time_t>(std::clamp(unix_seconds, std::int64_t{0}, end_of_9999));
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace larder::bundle

// SPDX-License-Identifier: Apache-2.0
#include "gomod/info.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "gomod/flat_json.hpp"
#include "gomod/json_text.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/rfc3339.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {

constexpr std::size_t k_max_depth = 64;  // real ones have 2

struct OriginField {
  std::string_view name;  // as in JSON
  std::string Origin::* member;
};
constexpr std::array k_origin_fields = {
    OriginField{"VCS", &Origin::vcs},
    OriginField{"URL", &Origin::url},
    OriginField{"Subdir", &Origin::subdir},
    OriginField{"Hash", &Origin::hash},
    OriginField{"TagPrefix", &Origin::tag_prefix},
    OriginField{"TagSum", &Origin::tag_sum},
    OriginField{"Ref", &Origin::ref},
    OriginField{"RepoSum", &Origin::repo_sum},
};

// As go has it: a byte is shown as the character of that number.
std::string printable(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80 && (byte <= 0xA0 || byte == 0xAD)) return fmt::format("\\u{:04x}", byte);
  if (byte > 0xA0)
    return {static_cast<char>(0xC0U | (byte >> 6U)), static_cast<char>(0x80U | (byte & 0x3FU))};
  const std::string quoted = quote(std::string_view(&c, 1));
  return quoted == R"("\"")" ? "\"" : quoted.substr(1, quoted.size() - 2);
}

std::string invalid_character(char c, std::string_view where) {
  return fmt::format("invalid character {} {}", c == '\'' ? R"('\'')" : fmt::format("'{}'", printable(c)),
                     where);
}

// Follows the parser's events and keeps what an Info has; nothing is built for
// the rest. Names are compared without case and the last of two wins, as Go's
// decoder has it.
class Handler {
 public:
  using Json = nlohmann::json;

  bool null() { return scalar("null", nullptr); }
  bool boolean(bool) { return scalar("bool", nullptr); }
  bool number_integer(Json::number_integer_t) { return scalar("number", nullptr); }
  bool number_unsigned(Json::number_unsigned_t) { return scalar("number", nullptr); }
  bool number_float(Json::number_float_t, const std::string&) { return scalar("number", nullptr); }
  bool string(std::string& text) { return scalar("string", &text); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) {
    if (depth_ == 0) return open();
    if (depth_ == 1 && key_ == "origin") {
      if (!info_.origin) info_.origin.emplace();
      in_origin_ = true;
    } else if (is_text()) {
      complain("object");
    }
    return open();
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t) {
    if (depth_ == 0 || is_text() || (depth_ == 1 && key_ == "origin")) complain("array");
    return open();
  }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    if (depth_ == 1 || (depth_ == 2 && in_origin_)) key_ = lower_ascii(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
    error_at_ = position;
    return false;
  }

  Result<Info> finish(std::string_view json) && {
    if (error_at_) return fail(Kind::invalid, syntax_problem(json, *error_at_));
    if (too_deep_) return fail(Kind::invalid, "exceeded max depth");
    if (!time_problem_.empty()) return fail(Kind::invalid, time_problem_);
    info_.time = TRY(Instant::parse(has_time_ ? info_.time : k_no_time)).str();
    if (!problem_.empty()) return fail(Kind::invalid, problem_);
    return std::move(info_);
  }

 private:
  bool open() {
    begun_ = true;
    too_deep_ = ++depth_ > k_max_depth;
    return !too_deep_;
  }
  bool close() {
    --depth_;
    if (depth_ == 1) in_origin_ = false;
    return true;
  }

  // The place where the value that comes now belongs; nullptr where it is of no
  // interest.
  std::string* place() {
    if (depth_ == 1 && key_ == "version") return &info_.version;
    if (depth_ == 1 && key_ == "time") return &info_.time;
    if (depth_ != 2 || !in_origin_) return nullptr;
    for (const auto& field : k_origin_fields) {
      if (key_ == lower_ascii(field.name)) return &((*info_.origin).*field.member);
    }
    return nullptr;
  }
  bool is_text() { return place() != nullptr; }

  bool scalar(std::string_view type, std::string* text) {
    begun_ = true;
    if (type == "null") {
      if (depth_ == 1 && key_ == "origin") info_.origin.reset();
      return true;
    }
    std::string* target = place();
    const bool misplaced = depth_ == 0 || (depth_ == 1 && key_ == "origin") || (target && !text);
    if (misplaced) {
      complain(type);
    } else if (target) {
      *target = *text;
      if (target == &info_.time) has_time_ = true;
    }
    return true;
  }

  // What Go says of the first misfit, and of a time before all others.
  void complain(std::string_view type) {
    if (depth_ == 1 && key_ == "time") {
      time_problem_ = "Time.UnmarshalJSON: input is not a JSON string";
    } else if (problem_.empty()) {
      problem_ = fmt::format("json: cannot unmarshal {} into Go {}", type, go_place());
    }
  }

  std::string go_place() const {
    if (depth_ == 0) return "value of type modfetch.RevInfo";
    if (depth_ == 1 && key_ == "origin") return "struct field RevInfo.Origin of type codehost.Origin";
    if (depth_ == 1) return "struct field RevInfo.Version of type string";
    std::string_view name;
    for (const auto& field : k_origin_fields) {
      if (key_ == lower_ascii(field.name)) name = field.name;
    }
    return fmt::format("struct field Origin.Origin.{} of type string", name);
  }

  std::string syntax_problem(std::string_view json, std::size_t position) const {
    if (position == 0 || position > json.size()) return "unexpected end of JSON input";
    const char c = json[position - 1];
    const std::string_view where = !begun_       ? "looking for beginning of value"
                                   : depth_ == 0 ? "after top-level value"
                                                 : "in an object or array";
    return invalid_character(c, where);
  }

  Info info_;
  std::size_t depth_ = 0;
  bool begun_ = false;
  bool in_origin_ = false;
  bool too_deep_ = false;
  std::string key_;
  bool has_time_ = false;
  std::string problem_;
  std::string time_problem_;
  std::optional<std::size_t> error_at_;
};

void append_origin(std::string& out, const Origin& origin) {
  out += ",\"Origin\":{";
  bool first = true;
  for (const auto& field : k_origin_fields) {
    const std::string& value = origin.*field.member;
    if (value.empty()) continue;
    if (!std::exchange(first, false)) out += ',';
    out += fmt::format("\"{}\":", field.name);
    append_json_text(out, value);
  }
  out += '}';
}

// The usual form, without the parser's machinery: lists ask for hundreds of them.
bool read_flat(std::string_view json, Handler& handler) {
  const auto fields = read_flat_json(json);
  if (!fields) return false;
  std::string_view object;
  std::string text;
  const auto enter = [&](std::string_view next) {
    if (next == object) return;
    if (!object.empty()) handler.end_object();
    if (!next.empty()) {
      handler.key(text = next);
      handler.start_object(0);
    }
    object = next;
  };
  handler.start_object(0);
  for (const auto& field : *fields) {
    enter(field.object);
    handler.key(text = field.name);
    handler.string(text = field.value);
  }
  enter("");
  handler.end_object();
  return true;
}

}  // namespace

Result<Info> parse_info(std::string_view json) {
  if (json.size() > k_max_info) return fail(Kind::invalid, "too large");
  // No value begins so, and the parser would pass a byte order mark over.
  if (!json.empty() && static_cast<unsigned char>(json.front()) >= 0x80)
    return fail(Kind::invalid, invalid_character(json.front(), "looking for beginning of value"));
  std::string mended;
  if (!valid_utf8(json)) json = mended = as_valid_utf8(json);
  Handler handler;
  const bool whole = read_flat(json, handler) || nlohmann::json::sax_parse(json, &handler);
  auto info = std::move(handler).finish(json);
  // Where the parser sees the end.
  if (info && json.find('\0') != json.npos)
    return fail(Kind::invalid, R"(invalid character '\x00' after top-level value)");
  if (info && !whole) return fail(Kind::invalid, "malformed JSON");
  return info;
}

std::string print_info(const Info& info) {
  std::string out = "{\"Version\":";
  append_json_text(out, info.version);
  out += ",\"Time\":";
  append_json_text(out, info.time);
  if (info.origin) append_origin(out, *info.origin);
  return out + "}";
}

std::string cached_info(const Info& info) {
  Info kept = info;
  if (kept.origin) {
    kept.origin->tag_prefix.clear();
    kept.origin->tag_sum.clear();
    kept.origin->repo_sum.clear();
    if (gomod::pseudo::is_pseudo(info.version)) kept.origin->ref.clear();
  }
  return print_info(kept);
}

std::optional<std::string> normal_time(std::string_view rfc3339) {
  const auto instant = Instant::of(rfc3339);
  return instant ? std::optional(instant->str()) : std::nullopt;
}

}  // namespace larder::gomod

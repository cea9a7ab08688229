// SPDX-License-Identifier: Apache-2.0
#include "app/go_value.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gomod/json_text.hpp"

namespace larder::app {

namespace {

// Which part of "2006-01-02T15:04:05Z" each element of a layout is.
struct LayoutPart {
  std::string_view name;
  std::size_t at;
  std::size_t size;
};
constexpr std::array<LayoutPart, 6> k_layout_parts = {
    {{"2006", 0, 4}, {"01", 5, 2}, {"02", 8, 2}, {"15", 11, 2}, {"04", 14, 2}, {"05", 17, 2}}};
constexpr std::size_t k_seconds_end = 19;

std::string_view zone_of(std::string_view rfc3339) {
  const auto at = rfc3339.find_first_of("Z+-", std::min(k_seconds_end, rfc3339.size()));
  return at == std::string_view::npos ? std::string_view() : rfc3339.substr(at);
}

// "2019-11-09 02:19:31 +0000 UTC"
std::string time_text(const std::string& rfc3339) {
  if (rfc3339.size() < k_seconds_end) return rfc3339;
  const auto zone = zone_of(rfc3339);
  const std::string fraction = rfc3339.substr(k_seconds_end, rfc3339.size() - zone.size() - k_seconds_end);
  std::string offset = "+0000 UTC";
  if (zone.size() == 6) {
    const auto digits = fmt::format("{}{}", zone.substr(0, 3), zone.substr(4));
    offset = digits + " " + digits;
  }
  return fmt::format("{} {}{} {}", rfc3339.substr(0, 10), rfc3339.substr(11, 8), fraction, offset);
}

std::string object_text(const GoObject& object) {
  if (!object.text.empty()) return object.text;
  std::string out = "{";
  for (const auto& [name, value] : object.fields) {
    if (out.size() > 1) out += ' ';
    out += go_text(value);
  }
  return out + "}";
}

void write_json(const GoValue& value, std::size_t depth, std::string& out);

// The items between two brackets, each on a line of its own.
class JsonItems {
 public:
  JsonItems(std::string_view brackets, std::size_t depth, std::string& out)
      : close_(brackets[1]), depth_(depth), out_(out) {
    out_ += brackets[0];
  }
  void next() {
    out_ += any_ ? ",\n" : "\n";
    out_.append(depth_ + 1, '\t');
    any_ = true;
  }
  void end() {
    if (any_) out_.append(1, '\n').append(depth_, '\t');
    out_ += close_;
  }

 private:
  char close_;
  std::size_t depth_;
  std::string& out_;
  bool any_ = false;
};

void write_object(const GoObject& object, std::size_t depth, std::string& out) {
  JsonItems items("{}", depth, out);
  for (const auto& [name, value] : object.fields) {
    if (!go_truth(value)) continue;
    items.next();
    out.append(1, '"').append(name).append("\": ");
    write_json(value, depth + 1, out);
  }
  items.end();
}

void write_list(const GoList& list, std::size_t depth, std::string& out) {
  JsonItems items("[]", depth, out);
  for (const auto& item : list) {
    items.next();
    write_json(item, depth + 1, out);
  }
  items.end();
}

// Values are made by this program and nest three deep at most.
void write_json(const GoValue& value, std::size_t depth, std::string& out) {
  if (const auto* object = value.object()) return write_object(*object, depth, out);
  if (const auto* list = value.list()) return write_list(*list, depth, out);
  if (const auto* text = value.as<std::string>()) {
    gomod::append_json_text(out, *text);
  } else if (const auto* time = value.as<GoTime>()) {
    gomod::append_json_text(out, time->rfc3339);
  } else if (const auto* flag = value.as<bool>()) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = value.as<std::int64_t>()) {
    out += std::to_string(*number);
  } else {
    out += "null";
  }
}

}  // namespace

const GoObject* GoValue::object() const {
  const auto* held = as<std::shared_ptr<const GoObject>>();
  return held == nullptr ? nullptr : held->get();
}

const GoList* GoValue::list() const {
  const auto* held = as<std::shared_ptr<const GoList>>();
  return held == nullptr ? nullptr : held->get();
}

const GoValue* GoObject::field(std::string_view name) const {
  const auto it = std::ranges::find(fields, name, [](const auto& f) { return f.first; });
  return it == fields.end() ? nullptr : &it->second;
}

GoValue go_list(const std::vector<std::string>& texts) {
  auto list = std::make_shared<GoList>();
  for (const auto& text : texts) list->push_back(GoValue{text});
  return GoValue{std::shared_ptr<const GoList>(std::move(list))};
}

bool go_truth(const GoValue& value) {
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* number = value.as<std::int64_t>()) return *number != 0;
  if (const auto* text = value.as<std::string>()) return !text->empty();
  if (const auto* list = value.list()) return !list->empty();
  return value.as<GoTime>() != nullptr || value.object() != nullptr;
}

std::string go_text(const GoValue& value) {
  if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
  if (const auto* number = value.as<std::int64_t>()) return std::to_string(*number);
  if (const auto* text = value.as<std::string>()) return *text;
  if (const auto* time = value.as<GoTime>()) return time_text(time->rfc3339);
  if (const auto* object = value.object()) return object_text(*object);
  if (const auto* list = value.list()) {
    std::string out = "[";
    for (const auto& item : *list) out += (out.size() > 1 ? " " : "") + go_text(item);
    return out + "]";
  }
  return "<nil>";
}

std::string_view go_type(const GoValue& value) {
  if (const auto* object = value.object()) return object->type;
  if (const auto* nil = value.as<GoNil>()) return nil->type;
  constexpr std::array<std::string_view, 7> k_names = {"",           "bool",     "int", "string",
                                                       "*time.Time", "[]string", ""};
  return k_names.at(value.is.index());
}

std::string format_go_time(const GoTime& time, std::string_view layout) {
  std::string out;
  while (!layout.empty()) {
    const auto part =
        std::ranges::find_if(k_layout_parts, [&](const auto& p) { return layout.starts_with(p.name); });
    if (part != k_layout_parts.end() && time.rfc3339.size() >= part->at + part->size) {
      out += time.rfc3339.substr(part->at, part->size);
      layout.remove_prefix(part->name.size());
    } else if (layout.starts_with("Z07:00")) {
      out += zone_of(time.rfc3339);
      layout.remove_prefix(6);
    } else {
      out += layout.front();
      layout.remove_prefix(1);
    }
  }
  return out;
}

std::string go_json(const GoValue& value) {
  std::string out;
  write_json(value, 0, out);
  return out;
}

}  // namespace larder::app

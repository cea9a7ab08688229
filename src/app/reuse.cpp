// SPDX-License-Identifier: Apache-2.0
#include "app/reuse.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/version_query.hpp"
#include "gomod/semver.hpp"

namespace larder::app {

namespace {

using Json = nlohmann::json;

constexpr int k_max_nested = 16;  // a module, its replacement, the update of that

// The end of the value that text begins with: behind the bracket that closes the first one; what is no object
// or array ends with the line.
std::size_t end_of_value(std::string_view text) {
  if (text[0] != '{' && text[0] != '[') return std::min(text.find_first_of(" \t\r\n{["), text.size());
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

// Reads the fields that are there; go takes null for a field that is not. The first of a wrong type is the
// error.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  void read(const char* name, std::string& into) { get(name, "a string", &Json::is_string, into); }
  void read(const char* name, bool& into) { get(name, "a bool", &Json::is_boolean, into); }
  void read(const char* name, std::vector<std::string>& into) {
    const Json* list = find(name, "a list", &Json::is_array);
    if (list == nullptr) return;
    into.clear();
    for (const auto& item : *list) {
      if (!item.is_string() && !item.is_null()) return refuse(name, item, "a string");
      into.push_back(item.is_null() ? std::string() : item.get<std::string>());
    }
  }
  const Json* object(const char* name) { return find(name, "an object", &Json::is_object); }
  // Of any type.
  const Json* find(const char* name) const {
    const auto at = object_.find(name);
    return at == object_.end() || at->is_null() ? nullptr : &*at;
  }
  void refuse(std::string_view name, const Json& value, std::string_view wanted) {
    if (!error_) error_ = fmt::format("{}: {} in place of {}", name, value.type_name(), wanted);
  }
  void refuse(std::string why) {
    if (!error_) error_ = std::move(why);
  }
  const std::optional<std::string>& error() const { return error_; }

 private:
  using IsType = bool (Json::*)() const noexcept;

  const Json* find(const char* name, std::string_view wanted, IsType is_wanted) {
    const Json* value = find(name);
    if (value == nullptr || (value->*is_wanted)()) return value;
    refuse(name, *value, wanted);
    return nullptr;
  }
  template <class T>
  void get(const char* name, std::string_view wanted, IsType is_wanted, T& into) {
    if (const Json* value = find(name, wanted, is_wanted)) into = value->get<T>();
  }

  const Json& object_;
  std::optional<std::string> error_;
};

void read_origin(Fields& fields, std::optional<fetch::Origin>& into) {
  const Json* value = fields.object("Origin");
  if (value == nullptr) return;
  Fields parts(*value);
  auto& origin = into.emplace();
  for (const auto& [name, field] :
       std::initializer_list<std::pair<const char*, std::string*>>{{"VCS", &origin.vcs},
                                                                   {"URL", &origin.url},
                                                                   {"Subdir", &origin.subdir},
                                                                   {"Hash", &origin.hash},
                                                                   {"TagPrefix", &origin.tag_prefix},
                                                                   {"TagSum", &origin.tag_sum},
                                                                   {"Ref", &origin.ref},
                                                                   {"RepoSum", &origin.repo_sum}}) {
    parts.read(name, *field);
  }
  if (parts.error()) fields.refuse("Origin." + *parts.error());
}

// `mod download` prints it as a text, `list -m` as an object.
void read_error(Fields& fields, std::optional<std::string>& into) {
  const Json* value = fields.find("Error");
  if (value == nullptr) return;
  if (!value->is_object()) return fields.read("Error", into.emplace());
  Fields parts(*value);
  parts.read("Err", into.emplace());
  if (parts.error()) fields.refuse("Error." + *parts.error());
}

void read_time(Fields& fields, std::optional<std::string>& into) {
  std::string text;
  fields.read("Time", text);
  if (text.empty()) return;
  into = gomod::normal_time(text);
  if (!into) fields.refuse("Time: not a time");
}

Result<ModuleFacts> read_module(const Json& value, int depth) {
  if (value.is_discarded()) return fail(Kind::invalid, "not JSON");
  ModuleFacts out;
  if (value.is_null()) return out;
  if (!value.is_object())
    return fail(Kind::invalid, fmt::format("{} in place of a module", value.type_name()));
  if (depth == 0) return fail(Kind::invalid, "modules in modules in modules");
  Fields fields(value);
  for (const auto& [name, field] :
       std::initializer_list<std::pair<const char*, std::string*>>{{"Path", &out.path},
                                                                   {"Version", &out.version},
                                                                   {"Query", &out.query},
                                                                   {"Dir", &out.dir},
                                                                   {"GoMod", &out.go_mod},
                                                                   {"GoVersion", &out.go_version},
                                                                   {"Deprecated", &out.deprecated},
                                                                   {"Sum", &out.sum},
                                                                   {"GoModSum", &out.go_mod_sum}}) {
    fields.read(name, *field);
  }
  fields.read("Versions", out.versions);
  fields.read("Retracted", out.retracted);
  fields.read("Main", out.is_main);
  fields.read("Indirect", out.indirect);
  fields.read("Reuse", out.reuse);
  read_time(fields, out.time);
  read_error(fields, out.error);
  read_origin(fields, out.origin);
  const Json* replace = fields.object("Replace");
  const Json* update = fields.object("Update");
  if (fields.error()) return fail(Kind::invalid, *fields.error());
  if (replace != nullptr) out.replace = std::make_unique<ModuleFacts>(TRY(read_module(*replace, depth - 1)));
  if (update != nullptr) out.update = std::make_unique<ModuleFacts>(TRY(read_module(*update, depth - 1)));
  return out;
}

// false: they contradict each other.
bool merge(std::string& into, const std::string& other) {
  if (into.empty()) into = other;
  return other.empty() || into == other;
}

}  // namespace

Result<Reuse> Reuse::parse(const std::string& file, std::string_view text) {
  constexpr std::string_view k_space = " \t\r\n";
  Reuse out;
  for (auto begin = text.find_first_not_of(k_space); begin != std::string_view::npos;
       begin = text.find_first_not_of(k_space)) {
    text.remove_prefix(begin);
    const auto end = end_of_value(text);
    const auto value = Json::parse(text.substr(0, end), nullptr, false);
    auto facts = TRY(read_module(value, k_max_nested).context("parsing " + file));
    text.remove_prefix(end);
    if (!facts.origin) continue;
    facts.reuse = true;
    const auto& held = out.entries_.emplace_back(std::move(facts));
    out.by_query_[{held.path, held.version}] = &held;
    if (!held.query.empty()) out.by_query_[{held.path, held.query}] = &held;
  }
  return out;
}

const ModuleFacts* Reuse::find(const std::string& path, const std::string& query) const {
  const auto found = by_query_.find({path, query});
  return found == by_query_.end() ? nullptr : found->second;
}

bool can_answer(const fetch::Origin& origin, std::string_view query) {
  if (!origin.repo_sum.empty()) return true;  // everything is as it was
  const bool has_commit = !origin.hash.empty() || !origin.ref.empty();
  // A version that was there once is kept, whatever becomes of the tags around it.
  if (query == gomod::semver::canonical_version(query)) return has_commit || !origin.tag_sum.empty();
  // What a commit is called, and what is the newest, the tags decide.
  return !origin.tag_sum.empty() && (has_commit || !is_revision_query("", query));
}

std::optional<fetch::Origin> merge_origins(const std::optional<fetch::Origin>& a,
                                           const std::optional<fetch::Origin>& b) {
  if (!a || !b || a->vcs != b->vcs || a->url != b->url || a->subdir != b->subdir) return std::nullopt;
  fetch::Origin out = *a;
  const bool same_tags = a->tag_sum.empty() || b->tag_sum.empty() ||
                         (a->tag_sum == b->tag_sum && a->tag_prefix == b->tag_prefix);
  if (!same_tags || !merge(out.hash, b->hash) || !merge(out.repo_sum, b->repo_sum) || !merge(out.ref, b->ref))
    return std::nullopt;
  if (!b->tag_sum.empty()) {
    out.tag_sum = b->tag_sum;
    out.tag_prefix = b->tag_prefix;
  }
  return out;
}

}  // namespace larder::app

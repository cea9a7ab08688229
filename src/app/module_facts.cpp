// SPDX-License-Identifier: Apache-2.0
#include "app/module_facts.hpp"

#include <algorithm>
#include <utility>

namespace larder::app {

namespace {

constexpr std::string_view k_module_type = "*modinfo.ModulePublic";
constexpr std::string_view k_error_type = "*modinfo.ModuleError";
constexpr std::string_view k_origin_type = "*codehost.Origin";
constexpr std::string_view k_time_type = "*time.Time";

std::string version_text(const ModuleFacts& m) {
  return m.retracted.empty() ? m.version : m.version + " (retracted)";
}

std::string versions_text(const ModuleFacts& m) {
  std::string out = " " + version_text(m);
  if (m.update) out += " [" + version_text(*m.update) + "]";
  return out;
}

GoValue object(std::shared_ptr<GoObject> made) {
  return GoValue{std::shared_ptr<const GoObject>(std::move(made))};
}

GoValue error_value(const std::optional<std::string>& error) {
  if (!error) return GoValue{GoNil{k_error_type}};
  auto out = std::make_shared<GoObject>();
  out->type = k_error_type;
  out->fields.emplace_back("Err", GoValue{*error});
  return object(std::move(out));
}

GoValue module_value(const OtherFacts& facts) {
  return facts ? to_value(*facts) : GoValue{GoNil{k_module_type}};
}

}  // namespace

OtherFacts::OtherFacts(std::unique_ptr<ModuleFacts> facts) : facts_(std::move(facts)) {}
OtherFacts::OtherFacts(const OtherFacts& other)
    : facts_(other ? std::make_unique<ModuleFacts>(*other) : nullptr) {}
OtherFacts::OtherFacts(OtherFacts&& other) noexcept = default;
OtherFacts& OtherFacts::operator=(OtherFacts other) noexcept {
  facts_ = std::move(other.facts_);
  return *this;
}
OtherFacts::~OtherFacts() = default;

std::string ModuleFacts::text() const {
  std::string out = path;
  if (!version.empty()) out += versions_text(*this);
  if (!deprecated.empty()) out += " (deprecated)";
  if (!replace) return out;
  out += " => " + replace->path;
  if (!replace->version.empty()) out += versions_text(*replace);
  if (!replace->deprecated.empty()) out += " (deprecated)";
  return out;
}

GoValue origin_value(const std::optional<fetch::Origin>& origin) {
  if (!origin) return GoValue{GoNil{k_origin_type}};
  auto out = std::make_shared<GoObject>();
  out->type = k_origin_type;
  out->fields = {{"VCS", GoValue{origin->vcs}},
                 {"URL", GoValue{origin->url}},
                 {"Subdir", GoValue{origin->subdir}},
                 {"Hash", GoValue{origin->hash}},
                 {"TagPrefix", GoValue{origin->tag_prefix}},
                 {"TagSum", GoValue{origin->tag_sum}},
                 {"Ref", GoValue{origin->ref}},
                 {"RepoSum", GoValue{origin->repo_sum}}};
  return object(std::move(out));
}

GoValue to_value(const ModuleFacts& m) {
  auto out = std::make_shared<GoObject>();
  out->type = k_module_type;
  out->text = m.text();
  out->fields = {{"Path", GoValue{m.path}},
                 {"Version", GoValue{m.version}},
                 {"Query", GoValue{m.query}},
                 {"Versions", go_list(m.versions)},
                 {"Replace", module_value(m.replace)},
                 {"Time", m.time ? GoValue{GoTime{*m.time}} : GoValue{GoNil{k_time_type}}},
                 {"Update", module_value(m.update)},
                 {"Main", GoValue{m.is_main}},
                 {"Indirect", GoValue{m.indirect}},
                 {"Dir", GoValue{m.dir}},
                 {"GoMod", GoValue{m.go_mod}},
                 {"GoVersion", GoValue{m.go_version}},
                 {"Retracted", go_list(m.retracted)},
                 {"Deprecated", GoValue{m.deprecated}},
                 {"Error", error_value(m.error)},
                 {"Sum", GoValue{m.sum}},
                 {"GoModSum", GoValue{m.go_mod_sum}},
                 {"Origin", origin_value(m.origin)},
                 {"Reuse", GoValue{m.reuse}}};
  return object(std::move(out));
}

GoValue with_fields(const GoValue& value, const std::vector<std::string>& names) {
  if (value.object() == nullptr) return value;
  auto out = std::make_shared<GoObject>();
  out->type = value.object()->type;
  for (const auto& field : value.object()->fields) {
    if (std::ranges::find(names, field.first) != names.end()) out->fields.push_back(field);
  }
  return object(std::move(out));
}

}  // namespace larder::app

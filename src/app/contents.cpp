// SPDX-License-Identifier: Apache-2.0
#include "app/contents.hpp"

#include <map>
#include <optional>

#include "app/check.hpp"
#include "base/text.hpp"

namespace larder::app {

namespace {

// All of it, damage first: that is what decides the kind.
Failure missing_error(const CheckReport& report) {
  std::vector<std::string> texts;
  std::optional<Kind> kind;
  for (const auto& error : report.errors) {
    texts.push_back(error.message());
    if (!kind || error.kind() == Kind::unverified) kind = error.kind();
  }
  if (!report.missing.empty()) {
    std::string text =
        "the store lacks " + std::to_string(report.missing.size()) + " of what the project needs:";
    for (const auto& want : report.missing)
      text += "\n\t" + want.module.str() + "  (needed by " + want.needed_by + ")";
    texts.push_back(std::move(text));
  }
  const auto hint = report.errors.empty() ? "bring them in with `larder stock` or `larder unpack` first"
                                          : report.errors.front().hint();
  return fail(kind.value_or(Kind::not_found), join(texts, "\n"), hint);
}

}  // namespace

Result<std::vector<Want>> contents_for(const store::GoModules& modules, const std::vector<Project>& projects,
                                       const fetch::Settings& settings) {
  std::map<gomod::Module, Want> wants;
  for (const auto& project : projects) {
    const auto report = TRY(check(modules, project, settings));
    if (!report.complete()) return missing_error(report);
    for (const auto& want : report.wants) {
      auto& entry = wants.try_emplace(want.module, want).first->second;
      entry.whole = entry.whole || want.whole;
    }
  }
  std::vector<Want> out;
  for (auto& [module, want] : wants) out.push_back(std::move(want));
  return out;
}

Result<std::vector<Want>> all_contents(const store::GoModules& modules,
                                       const store::GoModules::OnIncomplete& incomplete) {
  std::vector<Want> out;
  for (auto& [module, held] : TRY(modules.all(nullptr, incomplete))) {
    out.push_back({std::move(module), held == store::Held::whole, "the store"});
  }
  return out;
}

}  // namespace larder::app

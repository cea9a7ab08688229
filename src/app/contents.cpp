// SPDX-License-Identifier: Apache-2.0
#include "app/contents.hpp"

#include <map>
#include <optional>

#include "app/check.hpp"
#include "base/text.hpp"

namespace larder::app {

namespace {

using ByModule = std::map<gomod::Module, Want>;

void add(ByModule& all, const std::vector<Want>& wants) {
  for (const auto& want : wants) {
    auto& entry = all.try_emplace(want.module, want).first->second;
    entry.whole = entry.whole || want.whole;
  }
}

Error missing_error(const ByModule& missing) {
  std::string text = "the store lacks " + std::to_string(missing.size()) + " of what the project needs:";
  for (const auto& [module, want] : missing)
    text += "\n\t" + module.str() + "  (needed by " + want.needed_by + ")";
  return {Kind::not_found, text, "bring them in with `larder stock` or `larder unpack` first"};
}

}  // namespace

Contents contents_for(const store::GoModules& modules, const std::vector<Project>& projects,
                      const fetch::Settings& settings) {
  Contents out;
  ByModule held;
  ByModule missing;
  for (const auto& project : projects) {
    const auto report = check(modules, project, settings);
    if (!report) {
      out.failures.push_back(report.error());
      continue;
    }
    add(held, report->held);
    add(missing, report->missing);
    out.failures.insert(out.failures.end(), report->errors.begin(), report->errors.end());
  }
  out.missing = missing.size();
  if (!missing.empty()) out.failures.push_back(missing_error(missing));
  for (auto& [module, want] : held) out.wants.push_back(std::move(want));
  return out;
}

Contents all_contents(const store::GoModules& modules, const store::GoModules::OnIncomplete& incomplete) {
  Contents out;
  auto all = modules.all(nullptr, incomplete, [&](Error error) { out.failures.push_back(std::move(error)); });
  if (!all) {
    out.failures.push_back(std::move(all).error());
    return out;
  }
  for (auto& [module, held] : *all) {
    out.wants.push_back({std::move(module), held == store::Held::whole, "the store"});
  }
  return out;
}

}  // namespace larder::app

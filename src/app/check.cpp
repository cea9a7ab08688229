// SPDX-License-Identifier: Apache-2.0
#include "app/check.hpp"

#include "app/stock.hpp"
#include "fetch/verify.hpp"

namespace larder::app {

namespace {

bool enough(store::Held held, const Want& want) {
  return held == store::Held::whole || (!want.whole && held == store::Held::requirement);
}

Result<void> compare(const store::GoModules& modules, const fetch::Verifier& verifier, const Want& want) {
  const auto mod = TRY(modules.mod(want.module));
  TRY(verifier.recheck(want.module, fetch::Of::go_mod, gomod::hash_go_mod(mod)));
  if (want.whole) TRY(verifier.recheck(want.module, fetch::Of::zip, TRY(modules.ziphash(want.module))));
  return {};
}

}  // namespace

Result<CheckReport> check(const store::GoModules& modules, const Project& project,
                          const fetch::Settings& settings) {
  const fetch::Verifier verifier(
      {.sums = {{&project.sum, "go.sum"}, {&project.work_sum, "go.work.sum"}}, .settings = settings});
  const ReadMod read = [&](const gomod::Module& module) { return modules.mod(module); };
  auto plan =
      TRY(make_plan(project, read,
                    {.vouched_without_sum = [&](const auto& m) { return vouched_without_sum(settings, m); },
                     .threads = 2}));
  CheckReport report;
  for (const auto& want : plan.wants) {
    const auto held = modules.held(want.module);
    if (!held) {
      report.errors.push_back(held.error());
    } else if (!enough(*held, want)) {
      report.missing.push_back(want);
    } else if (const auto same = compare(modules, verifier, want); !same) {
      report.errors.push_back(same.error());
    }
  }
  for (const auto& failure : plan.failures) {
    if (failure.kind() != Kind::not_found) report.errors.push_back(failure);
  }
  report.wants = std::move(plan.wants);
  return report;
}

}  // namespace larder::app

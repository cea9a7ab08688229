// SPDX-License-Identifier: Apache-2.0
#include "app/check.hpp"

#include <optional>

#include "app/stock.hpp"
#include "fetch/verify.hpp"
#include "store/truth.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

bool enough(store::Held held, const Want& want) {
  return held == store::Held::whole || (!want.whole && held == store::Held::requirement);
}

Result<void> compare(const store::GoModules& modules, const fetch::Verifier& verifier, const Want& want,
                     store::Held held, const CheckOptions& options) {
  const auto sound = [&]() -> Result<void> {
    if (options.verify && want.whole) {
      TRY(store::check_version(modules, want.module, held, options.stop));
      return {};
    }
    const bool cheap = held == store::Held::requirement;  // otherwise the zip is the witness
    if (cheap || options.verify) TRY(store::check_part(modules, want.module, store::Part::mod));
    if (!want.whole) return {};
    TRY(store::check_part(modules, want.module, store::Part::info));
    return store::check_zip_form(modules, want.module);
  };
  if (const auto done = sound(); !done) {
    const bool is_damage = done.error().kind() == Kind::unverified;
    return fail(Error(done.error().kind(), want.module.str() + ": " + done.error().message(),
                      is_damage ? std::string(store::k_how_to_mend) : ""));
  }
  const auto mod = TRY(modules.mod(want.module));
  TRY(verifier.recheck(want.module, fetch::Of::go_mod, gomod::hash_go_mod(mod)));
  if (want.whole) TRY(verifier.recheck(want.module, fetch::Of::zip, TRY(modules.ziphash(want.module))));
  return {};
}

// One want: missing, held and good, or an error.
struct Finding {
  bool missing = false;
  std::optional<Error> error;
};

Finding look_at(const store::GoModules& modules, const fetch::Verifier& verifier, const Want& want,
                const CheckOptions& options) {
  const auto held = modules.held(want.module);
  if (!held) return {.missing = false, .error = held.error()};
  if (!enough(*held, want)) return {.missing = true, .error = std::nullopt};
  auto same = compare(modules, verifier, want, *held, options);
  if (!same) return {.missing = false, .error = std::move(same).error()};
  return {};
}

}  // namespace

Result<CheckReport> check(const store::GoModules& modules, const Project& project,
                          const fetch::Settings& settings, const CheckOptions& options) {
  const fetch::Verifier verifier({.sums = sums_of(project), .settings = settings});
  const ReadMod read = [&](const gomod::Module& module) { return modules.mod(module); };
  auto plan = TRY(make_plan(
      project, read,
      {.vouched_without_sum = [&](const auto& m) { return usable_without_sum(settings, m); }, .threads = 2}));
  std::vector<Finding> findings(plan.wants.size());
  sys::parallel_for(findings.size(), options.threads, options.stop,
                    [&](std::size_t i) { findings[i] = look_at(modules, verifier, plan.wants[i], options); });
  if (options.stop.stop_requested()) return fail(Kind::cancelled, "interrupted");
  CheckReport report;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (findings[i].missing) {
      report.missing.push_back(plan.wants[i]);
    } else if (!findings[i].error) {
      report.held.push_back(plan.wants[i]);
    }
    if (findings[i].error) report.errors.push_back(*std::move(findings[i].error));
  }
  for (const auto& failure : plan.failures) {
    if (failure.kind() != Kind::not_found) report.errors.push_back(failure);
  }
  report.unsummed = std::move(plan.unsummed);
  report.wants = std::move(plan.wants);
  return report;
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
// Finds out what a Policy has to know about a version, and judges: the .info for its age, the go.mod of the
// module's latest version, verified, for retractions and deprecation.
//
// Invariants: nothing is stored; nothing is asked that the policy does not need, and nobody about a module
// whose name is refused; what cannot be found out lets nothing through that could be refused for it.
// Thread rule: any number of threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "app/plan.hpp"
#include "app/policy.hpp"
#include "app/version_query.hpp"
#include "fetch/source.hpp"
#include "fetch/verify.hpp"
#include "store/go_modules.hpp"

namespace larder::app {

class PolicyGate {
 public:
  struct Ports {
    const fetch::ModuleSource& source;
    const fetch::Verifier& verifier;
    const store::GoModules& modules;
  };
  // All outlive it. now: seconds since the epoch.
  PolicyGate(const Policy& policy, const Ports& ports, std::int64_t now, std::stop_token stop);
  ~PolicyGate();

  // One that refuses comes last, and is the only one that does. Of a go.mod alone only the name counts.
  Result<std::vector<Decision>> judge(const Want& want);

 private:
  class Source;

  Result<std::optional<Decision>> judge_time(const gomod::Module& module) const;
  Result<std::optional<Decision>> judge_retraction(const gomod::Module& module);
  Result<std::optional<Decision>> judge_deprecation(const gomod::Module& module);

  const Policy& policy_;
  Ports ports_;
  std::int64_t now_;
  std::stop_token stop_;
  std::unique_ptr<Source> versions_;
  VersionQueries queries_;
};

}  // namespace larder::app

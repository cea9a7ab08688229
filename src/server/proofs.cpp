// SPDX-License-Identifier: Apache-2.0
#include "server/proofs.hpp"

#include <utility>

namespace larder::server {

std::optional<Proofs::Verdict> Proofs::find(const store::ObjectInfo& object, Clock::time_point now) {
  auto known = known_.lock();
  const auto at = known->find({object.device, object.identity});
  if (at == known->end() || at->second.object != object) return std::nullopt;
  const Known& found = at->second;
  if (found.verdict.error && now - found.at >= k_bad_time) return std::nullopt;
  return found.verdict;
}

void Proofs::put(const store::ObjectInfo& object, Verdict verdict, Clock::time_point now) {
  auto known = known_.lock();
  const Key key{object.device, object.identity};
  if (known->size() >= most_ && !known->contains(key)) known->erase(known->begin());
  known->insert_or_assign(key, Known{object, std::move(verdict), now});
}

std::size_t Proofs::count() {
  return known_.lock()->size();
}

}  // namespace larder::server

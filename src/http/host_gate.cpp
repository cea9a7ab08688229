// SPDX-License-Identifier: Apache-2.0
#include "http/host_gate.hpp"

namespace larder::http {

Result<HostGate::Pass> HostGate::pass(const std::string& host, Clock::time_point now, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  State& state = hosts_[host];  // entries stay: a process meets few hosts
  // `now` is the time of asking: who waited in the queue while the host went silent is turned away, too.
  const auto closed = [&] { return state.silent >= k_silent_limit && now < state.closed_until; };
  ++state.waiting;
  const bool free = state.changed.wait(lock, stop, [&] { return closed() || state.active < per_host_; });
  --state.waiting;
  // A place that was offered and is not taken goes to the next.
  if ((!free || closed()) && state.waiting > 0) state.changed.notify_one();
  if (!free) return fail(Kind::cancelled, "cancelled");
  if (closed()) {
    return fail(Kind::unavailable, "not asked: " + host + " gave no answer to the last " +
                                       std::to_string(k_silent_limit) + " requests");
  }
  ++state.active;
  return Pass(this, host);
}

std::vector<HostGate::Pass> HostGate::more(const std::string& host, std::size_t most) {
  std::vector<Pass> out;
  const std::lock_guard lock(mutex_);
  State& state = hosts_[host];
  while (out.size() < most && out.size() + 1 < per_host_ / 2 && state.active < per_host_) {
    ++state.active;
    out.emplace_back(this, host);
  }
  return out;
}

void HostGate::report(const std::string& host, bool silent, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  State& state = hosts_[host];
  if (!silent) {
    state.silent = 0;
    return;
  }
  if (++state.silent >= k_silent_limit) state.closed_until = now + cool_down_;
  state.changed.notify_all();
}

void HostGate::leave(const std::string& host) {
  const std::lock_guard lock(mutex_);
  State& state = hosts_[host];
  --state.active;
  if (state.waiting > 0) state.changed.notify_one();
}

}  // namespace larder::http

// SPDX-License-Identifier: Apache-2.0
#include "server/connections.hpp"

#include <utility>

#include <sys/socket.h>

namespace larder::server {

Connection& Connections::add(int fd, std::string host, Clock::time_point deadline) {
  auto state = state_.lock();
  auto& connection = state->open.emplace_front();
  connection.self = state->open.begin();
  connection.fd = fd;
  connection.host = std::move(host);
  connection.set_deadline(deadline);
  ++state->by_host[connection.host];
  if (ending_idle_) end_reading(connection);
  return connection;
}

void Connections::remove(Connection& connection) {
  auto state = state_.lock();
  const auto host = state->by_host.find(connection.host);
  if (--host->second == 0) state->by_host.erase(host);
  state->open.erase(connection.self);
  if (state->open.empty()) empty_.notify_all();
}

std::size_t Connections::count() {
  return state_.lock()->open.size();
}

std::size_t Connections::count_of(const std::string& host) {
  auto state = state_.lock();
  const auto found = state->by_host.find(host);
  return found == state->by_host.end() ? 0 : found->second;
}

void Connections::end_overdue(Clock::time_point now) {
  auto state = state_.lock();
  for (const auto& connection : state->open) {
    if (connection.deadline < now.time_since_epoch().count()) ::shutdown(connection.fd, SHUT_RDWR);
  }
}

// A request that ends at this moment either is still busy here, and then its thread sees ending_idle, or it
// is not, and then it is ended here: both sides write before they read.
void Connections::end_idle() {
  auto state = state_.lock();
  ending_idle_ = true;
  for (const auto& connection : state->open) {
    if (!connection.busy) end_reading(connection);
  }
}

bool Connections::wait_until_empty(std::chrono::milliseconds timeout) {
  auto state = state_.lock();
  return empty_.wait_for(state.lock(), timeout, [&] { return state->open.empty(); });
}

void end_reading(const Connection& connection) {
  ::shutdown(connection.fd, SHUT_RD);
}

}  // namespace larder::server

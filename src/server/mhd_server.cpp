// SPDX-License-Identifier: Apache-2.0
#include "server/mhd_server.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

#include "sys/parallel.hpp"
#include "sys/socket_address.hpp"

namespace larder::server {

namespace {

using std::chrono::milliseconds;

constexpr unsigned k_thread_limit = 8;
constexpr std::size_t k_header_room = 4U << 10U;  // for the answer's headers, from the same pool
constexpr std::chrono::seconds k_hot_time{10};
constexpr milliseconds k_shortest_watch{5};
constexpr milliseconds k_longest_watch{1000};

const sockaddr* peer_of(MHD_Connection* connection) {
  const auto* info = mhd().get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == nullptr ? nullptr : info->client_addr;
}

}  // namespace

// --- life of a connection ---

MHD_Result MhdServer::on_connect(void* self, const sockaddr* address, socklen_t /*length*/) {
  auto& server = *static_cast<MhdServer*>(self);
  const auto limit = server.options_.limits.connections_per_address;
  return limit == 0 || server.connections_.count_of(sys::host_text(address)) < limit ? MHD_YES : MHD_NO;
}

void MhdServer::on_connection(void* self, MHD_Connection* connection, void** context,
                              MHD_ConnectionNotificationCode code) {
  auto& server = *static_cast<MhdServer*>(self);
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    if (*context != nullptr) server.connections_.remove(*static_cast<Connection*>(*context));
    *context = nullptr;
    return;
  }
  const auto* info = mhd().get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  const auto* peer = peer_of(connection);
  auto& state = server.connections_.add(info->connect_fd, sys::host_text(peer),
                                        Clock::now() + server.options_.limits.request_time);
  state.record.remote = sys::address_text(peer);
  *context = &state;
}

// --- start and stop ---

MHD_Daemon* MhdServer::start_daemon(int fd, unsigned connections) {
  return mhd().start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, &on_connect, this,
      &on_request, this, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, options_.limits.request_bytes + k_header_room,
      MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK,
      &keep_escapes, this, MHD_OPTION_URI_LOG_CALLBACK, &on_request_line, this, MHD_OPTION_NOTIFY_CONNECTION,
      &on_connection, this, MHD_OPTION_NOTIFY_COMPLETED, &on_completed, this, MHD_OPTION_END);
}

Result<void> MhdServer::start_daemons() {
  const auto wanted = options_.threads != 0 ? options_.threads : std::min(sys::cpu_count(), k_thread_limit);
  const auto each = (std::max(options_.limits.connections, 1U) + wanted - 1) / wanted;
  for (unsigned i = 0; i < wanted; ++i) {
    sys::Fd fd(::fcntl(listener_.fd.get(), F_DUPFD_CLOEXEC, 0));
    if (!fd) return fail_errno("listening socket");
    auto* daemon = start_daemon(fd.get(), each);
    if (daemon == nullptr) return fail_errno("start the HTTP server");
    fd.release();
    daemons_.push_back(daemon);
  }
  listener_.fd.reset();
  accepting_ = true;
  watcher_ = std::jthread([this](std::stop_token stop) { watch(stop); });
  return {};
}

// Wakes often enough that a deadline is missed by a quarter of itself at most.
void MhdServer::watch(std::stop_token stop) {
  const auto& limits = options_.limits;
  const auto shortest = std::min({limits.request_time, limits.idle_time, limits.answer_time});
  const auto pause = std::clamp(shortest / 4, k_shortest_watch, k_longest_watch);
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  while (!woken.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) {
    const auto now = Clock::now();
    connections_.end_overdue(now);
    hot_.drop_unused_since(now - k_hot_time);
  }
}

void MhdServer::stop_accepting() {
  if (!std::exchange(accepting_, false)) return;
  for (auto* daemon : daemons_) {
    sys::Fd fd(mhd().quiesce_daemon(daemon));
    // Its thread may use it a little longer, so it stays open to the end. A socket that was handed in is
    // somebody else's, too: who connects to it waits for the next server.
    if (!options_.listen_fd) ::shutdown(fd.get(), SHUT_RDWR);
    quiesced_.push_back(std::move(fd));
  }
}

bool MhdServer::drain(milliseconds timeout) {
  begin_drain();
  std::this_thread::sleep_for(options_.drain_notice);
  stop_accepting();
  connections_.end_idle();
  const bool complete = connections_.wait_until_empty(timeout);
  stop();
  return complete;
}

void MhdServer::stop() {
  watcher_.request_stop();
  inspector_.stop();  // before the daemons: they cannot end while a connection is set aside
  for (auto* daemon : std::exchange(daemons_, {})) mhd().stop_daemon(daemon);
  quiesced_.clear();
}

Result<std::unique_ptr<Server>> Server::start(store::Store& store, Options options) {
  TRY(open_mhd());
  auto listener = options.listen_fd ? TRY(take_listener(*options.listen_fd)) : TRY(listen_on(options.listen));
  auto server = std::make_unique<MhdServer>(store, std::move(options), std::move(listener));
  TRY(server->start_daemons());
  return server;
}

bool Server::run(std::stop_token stop, milliseconds drain_timeout) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait(lock, stop, [] { return false; });
  return drain(drain_timeout);
}

}  // namespace larder::server

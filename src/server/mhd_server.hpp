// SPDX-License-Identifier: Apache-2.0
// `larder serve` over libmicrohttpd: one daemon a thread, each with its own epoll set and its own descriptor
// of the listening socket. The library's own thread pool aborts the process when it is quiesced while a
// worker is at its connection limit.
//
// mhd_server.cpp has the server's life and that of its connections, mhd_requests.cpp that of a request.
// Thread rule: as Server; the callbacks run on the daemons' threads.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/answer.hpp"
#include "server/connections.hpp"
#include "server/hot_answers.hpp"
#include "server/inspector.hpp"
#include "server/listener.hpp"
#include "server/mhd_library.hpp"
#include "server/proofs.hpp"
#include "server/response.hpp"
#include "server/route.hpp"
#include "server/server.hpp"

namespace larder::server {

inline constexpr std::size_t k_hot_answers = 128;  // each may hold a descriptor

struct Delivery {
  MHD_Response* response = nullptr;
  unsigned status = 0;
  std::uint64_t count = 0;  // bytes of the body
  bool from_file = false;
};

class MhdServer final : public Server {
 public:
  MhdServer(store::Store& store, Options options, Listener listener)
      : store_(store), options_(std::move(options)), listener_(std::move(listener)) {}
  ~MhdServer() override { stop(); }

  Result<void> start_daemons();

  std::string url() const override { return listener_.url; }
  std::uint16_t port() const override { return listener_.port; }
  std::size_t active() const override { return active_; }
  void begin_drain() override { draining_ = true; }
  bool drain(std::chrono::milliseconds timeout) override;

 private:
  static MHD_Result on_connect(void* self, const sockaddr* address, socklen_t length);
  static void on_connection(void* self, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode code);
  static void* on_request_line(void* self, const char* target, MHD_Connection* connection);
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                               const char* version, const char* data, std::size_t* size, void** context);
  static void on_completed(void* self, MHD_Connection* connection, void** context,
                           MHD_RequestTerminationCode code);
  static std::size_t keep_escapes(void* self, MHD_Connection* connection, char* text);

  MHD_Daemon* start_daemon(int fd, unsigned connections);
  MHD_Result respond(MHD_Connection* connection, Connection& state, std::string_view method);
  std::shared_ptr<const HotAnswer> fresh_hot_answer(MHD_Connection* connection, const Connection& state);
  void keep_hot(const Connection& state, Answer& answer, const Built& built);
  Route route_of(std::string_view path) const;
  Answer answer_to(const Route& route) const;
  MHD_Result wait_for_proof(MHD_Connection* connection, Connection& state, const Route& route);
  MHD_Result queue(MHD_Connection* connection, Connection& state, Answer answer);
  MHD_Result deliver(MHD_Connection* connection, Connection& state, const Delivery& delivery);
  void watch(std::stop_token stop);
  void stop_accepting();
  void stop();
  std::chrono::milliseconds time_for(std::uint64_t bytes) const;

  store::Store& store_;
  const Options options_;
  Listener listener_;
  Connections connections_;
  HotAnswers hot_{k_hot_answers};
  mutable Proofs proofs_;
  Inspector inspector_{store_, proofs_, options_.database_key};
  std::atomic<bool> draining_{false};
  std::atomic<std::size_t> active_{0};
  std::vector<MHD_Daemon*> daemons_;
  std::vector<sys::Fd> quiesced_;  // the sockets at which they listened
  bool accepting_ = false;
  std::jthread watcher_;
};

}  // namespace larder::server

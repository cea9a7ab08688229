// SPDX-License-Identifier: Apache-2.0
// The only file that knows libmicrohttpd. One daemon a thread, each with its own epoll set and its own
// descriptor of the listening socket: the library's own thread pool aborts the process when it is quiesced
// while a worker is at its connection limit.
#include "server/server.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/answer.hpp"
#include "server/conditions.hpp"
#include "server/connections.hpp"
#include "server/hot_answers.hpp"
#include "server/inspector.hpp"
#include "server/listener.hpp"
#include "server/mhd_library.hpp"
#include "server/proofs.hpp"
#include "server/route.hpp"
#include "sys/parallel.hpp"

namespace larder::server {

namespace {

using std::chrono::milliseconds;

constexpr unsigned k_thread_limit = 8;
// Up to here an object is read and leaves with its headers in one segment; above, sendfile is cheaper.
constexpr std::uint64_t k_copy_limit = 8U << 10U;
constexpr std::size_t k_read_block = 64U << 10U;
constexpr std::size_t k_header_room = 4U << 10U;  // for the answer's headers, from the same pool
constexpr std::size_t k_hot_answers = 128;        // each may hold a descriptor
constexpr std::chrono::seconds k_hot_time{10};
constexpr unsigned k_most_proofs = 3;             // of one request: what keeps changing is not waited for
constexpr std::chrono::minutes k_proof_time{10};  // it is our time, and bounded by the size of a zip
constexpr milliseconds k_shortest_watch{5};
constexpr milliseconds k_longest_watch{1000};

struct ResponseDeleter {
  void operator()(MHD_Response* response) const { mhd().destroy_response(response); }
};
// Shared: the library counts its own uses, and the hot answers keep theirs.
using Response = std::shared_ptr<MHD_Response>;

Response owned(MHD_Response* response) {
  return response == nullptr ? nullptr : Response(response, ResponseDeleter());
}

std::optional<std::string_view> header(MHD_Connection* connection, const char* name) {
  const char* value = nullptr;
  std::size_t size = 0;
  const auto found =
      mhd().lookup_connection_value_n(connection, MHD_HEADER_KIND, name, std::strlen(name), &value, &size);
  if (found == MHD_NO || value == nullptr) return std::nullopt;
  return std::string_view(value, size);
}

Conditions conditions_of(MHD_Connection* connection) {
  return {.if_none_match = header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH),
          .range = header(connection, MHD_HTTP_HEADER_RANGE),
          .if_range = header(connection, MHD_HTTP_HEADER_IF_RANGE)};
}

bool announces_body(MHD_Connection* connection) {
  const auto length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
  return (length && *length != "0") || header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

Response copied(std::string_view body) {
  // The library copies the bytes; its parameter lacks the const.
  return owned(
      mhd().create_response_from_buffer(body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY));
}

// A part of an object, given to the library from a small file's bytes.
Response from_small_file(int fd, std::uint64_t first, std::size_t count) {
  std::unique_ptr<void, decltype(&std::free)> buffer(std::malloc(count), &std::free);
  auto* data = static_cast<char*>(buffer.get());
  if (data == nullptr) return nullptr;
  for (std::size_t done = 0; done < count;) {
    const auto got = ::pread(fd, data + done, count - done, static_cast<off_t>(first + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return nullptr;
    done += static_cast<std::size_t>(got);
  }
  auto response = owned(mhd().create_response_from_buffer(count, data, MHD_RESPMEM_MUST_FREE));
  if (response) std::ignore = buffer.release();  // the answer frees it
  return response;
}

// The library pushes the headers of a file's answer out at once, in a segment of their own, which wakes the
// client twice; corked, they wait for the first bytes of the file.
void cork(const Connection& state, bool on) {
  const int value = on ? 1 : 0;
  ::setsockopt(state.fd, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

Response from_large_file(int fd, std::uint64_t first, std::uint64_t count) {
  sys::Fd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own) return nullptr;
  auto response = owned(mhd().create_response_from_fd_at_offset64(count, own.get(), first));
  if (response) own.release();
  return response;
}

struct BlobReader {
  std::unique_ptr<store::Blob> blob;
  Bytes bytes;
};

ssize_t read_blob(void* context, std::uint64_t position, char* buffer, std::size_t size) {
  const auto rest = static_cast<BlobReader*>(context)->bytes.subspan(position);
  const auto count = std::min(rest.size(), size);
  std::memcpy(buffer, rest.data(), count);
  return static_cast<ssize_t>(count);
}

void free_blob(void* context) {
  delete static_cast<BlobReader*>(context);
}

// Where there is no file behind the object.
Response from_bytes(std::unique_ptr<store::Blob> blob, std::uint64_t first, std::uint64_t count) {
  const auto bytes = blob->bytes();
  if (!bytes || bytes->size() < first + count) return nullptr;
  auto reader = std::make_unique<BlobReader>(BlobReader{std::move(blob), bytes->subspan(first, count)});
  auto response =
      owned(mhd().create_response_from_callback(count, k_read_block, read_blob, reader.get(), free_blob));
  if (response) std::ignore = reader.release();  // the answer frees it
  return response;
}

Response body_of(Answer& answer, std::uint64_t first, std::uint64_t count) {
  if (!answer.blob) return copied(answer.body);
  if (count == 0) return copied("");
  const auto fd = answer.blob->fd();
  if (!fd) return from_bytes(std::move(answer.blob), first, count);
  if (count <= k_copy_limit) return from_small_file(*fd, first, static_cast<std::size_t>(count));
  return from_large_file(*fd, first, count);
}

void add_header(const Response& response, const char* name, std::string_view value) {
  mhd().add_response_header(response.get(), name, std::string(value).c_str());
}

// What of an answer's body is sent.
struct Part {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::string content_range;  // empty: no such header
};

struct Built {
  Response response;
  bool from_file = false;  // leaves by sendfile
};

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
  bool drain(milliseconds timeout) override;

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
  milliseconds time_for(std::uint64_t bytes) const;

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
  bool accepting_ = false;
  std::jthread watcher_;
};

Connection* state_of(MHD_Connection* connection) {
  const auto* info = mhd().get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
}

const sockaddr* peer_of(MHD_Connection* connection) {
  const auto* info = mhd().get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == nullptr ? nullptr : info->client_addr;
}

// --- life of a connection ---

MHD_Result MhdServer::on_connect(void* self, const sockaddr* address, socklen_t /*length*/) {
  auto& server = *static_cast<MhdServer*>(self);
  const auto limit = server.options_.limits.connections_per_address;
  return limit == 0 || server.connections_.count_of(host_text(address)) < limit ? MHD_YES : MHD_NO;
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
  auto& state = server.connections_.add(info->connect_fd, host_text(peer),
                                        Clock::now() + server.options_.limits.request_time);
  state.record.remote = address_text(peer);
  *context = &state;
}

// --- life of a request ---

void* MhdServer::on_request_line(void* self, const char* target, MHD_Connection* connection) {
  auto& server = *static_cast<MhdServer*>(self);
  auto* state = state_of(connection);
  if (state == nullptr) return nullptr;
  state->busy = true;
  ++server.active_;
  state->started = Clock::now();
  state->proofs = 0;
  state->set_deadline(state->started + server.options_.limits.request_time);
  auto& record = state->record;
  record.target = target == nullptr ? "" : target;
  record.method.clear();
  record.route = row_of(RouteKind::unknown).name;
  record.status = 0;
  record.bytes = 0;
  record.error.clear();
  return nullptr;
}

MHD_Result MhdServer::on_request(void* self, MHD_Connection* connection, const char* /*url*/,
                                 const char* method, const char* /*version*/, const char* /*data*/,
                                 std::size_t* size, void** context) {
  static constexpr char k_seen = 0;
  auto* state = state_of(connection);
  if (state == nullptr) return MHD_NO;
  // An answer given at the first call makes the library close the connection, which is right only where a
  // body would have to be read.
  const bool first = *context == nullptr;
  *context = const_cast<char*>(&k_seen);
  if (first && !announces_body(connection)) return MHD_YES;
  if (*size != 0) return MHD_NO;
  try {
    return static_cast<MhdServer*>(self)->respond(connection, *state, method);
  } catch (...) {
    return MHD_NO;  // out of memory: the connection is closed
  }
}

MHD_Result MhdServer::respond(MHD_Connection* connection, Connection& state, std::string_view method) {
  state.record.method = method;
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
    return queue(connection, state,
                 text_answer(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are answered here"));
  }
  if (const auto hot = fresh_hot_answer(connection, state)) {
    state.record.route = row_of(hot->kind).name;
    return deliver(connection, state, {hot->response.get(), MHD_HTTP_OK, hot->info.size, hot->from_file});
  }
  const auto path = decode_target(state.record.target);
  if (!path) return queue(connection, state, text_answer(MHD_HTTP_BAD_REQUEST, path.error().message()));
  const auto route = route_of(*path);
  state.record.route = row_of(route.kind).name;
  auto answer = answer_to(route);
  if (answer.needs_proof) return wait_for_proof(connection, state, route);
  return queue(connection, state, std::move(answer));
}

// Sets the connection aside until the object was inspected; then the library asks for an answer again.
MHD_Result MhdServer::wait_for_proof(MHD_Connection* connection, Connection& state, const Route& route) {
  // A request with a body has to be answered now.
  if (++state.proofs > k_most_proofs || announces_body(connection)) {
    return queue(connection, state,
                 text_answer(MHD_HTTP_SERVICE_UNAVAILABLE, "it is being read and compared; ask again"));
  }
  state.set_deadline(Clock::now() + k_proof_time);
  mhd().suspend_connection(connection);
  Inspector::Object object{
      .key = route.key, .module = route.module, .part = part_of(route.kind), .database = {}};
  if (route.kind == RouteKind::sumdb) object.database = route.database;
  inspector_.ask(object, [connection] { mhd().resume_connection(connection); });
  return MHD_YES;
}

// The answer to this very target, if it is still what the store holds.
std::shared_ptr<const HotAnswer> MhdServer::fresh_hot_answer(MHD_Connection* connection,
                                                             const Connection& state) {
  if (connections_.ending_idle()) return nullptr;
  auto hot = hot_.find(state.record.target, state.started);
  if (!hot) return nullptr;
  const auto conditions = conditions_of(connection);
  if (conditions.if_none_match || conditions.range) return nullptr;
  const auto now = store_.stat(hot->key);
  if (now && *now && **now == hot->info) return hot;
  hot_.drop(state.record.target);
  return nullptr;
}

void MhdServer::keep_hot(const Connection& state, Answer& answer, const Built& built) {
  const auto route = decode_target(state.record.target).map([&](const auto& path) { return route_of(path); });
  auto hot = std::make_shared<HotAnswer>();
  hot->key = route->key;
  hot->kind = route->kind;
  hot->info = answer.blob->info();
  hot->from_file = built.from_file;
  if (!built.from_file) hot->pin = std::move(answer.blob);
  hot->response = built.response;
  hot->used = state.started.time_since_epoch().count();
  hot_.put(state.record.target, std::move(hot));
}

Route MhdServer::route_of(std::string_view path) const {
  return options_.database.empty() ? find_route(path) : find_database_route(options_.database, path);
}

Answer MhdServer::answer_to(const Route& route) const {
  return make_answer(
      store_, route,
      {.draining = draining_, .url = listener_.url, .database = options_.database, .proofs = &proofs_});
}

void add_headers(const Response& response, const Answer& answer) {
  add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type);
  add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, answer.cache_control);
  if (!answer.etag.empty()) add_header(response, MHD_HTTP_HEADER_ETAG, answer.etag);
  if (answer.status == MHD_HTTP_METHOD_NOT_ALLOWED) add_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  // A name from the URL may stand in a text: no browser is to take it for a page.
  if (answer.content_type == k_text) add_header(response, "X-Content-Type-Options", "nosniff");
}

// Makes the answer what the selection says, and names the part that is sent.
Part take_part(Answer& answer, const Selection& selection, std::uint64_t size) {
  switch (selection.what) {
    case Selection::What::whole:
      break;
    case Selection::What::part:
      answer.status = MHD_HTTP_PARTIAL_CONTENT;
      return {selection.first, selection.count,
              fmt::format("bytes {}-{}/{}", selection.first, selection.first + selection.count - 1, size)};
    case Selection::What::unchanged:
      answer.status = MHD_HTTP_NOT_MODIFIED;
      answer.blob.reset();
      answer.body.clear();
      return {0, 0, {}};
    case Selection::What::unsatisfiable:
      answer = text_answer(MHD_HTTP_RANGE_NOT_SATISFIABLE, "the range begins after the end");
      return {0, answer.body.size(), fmt::format("bytes */{}", size)};
  }
  return {0, size, {}};
}

Built build(Answer& answer, const Part& part) {
  Built built;
  const bool is_object = answer.blob != nullptr;
  built.from_file = is_object && answer.blob->fd() && part.count > k_copy_limit;
  built.response = body_of(answer, part.first, part.count);
  if (!built.response) return built;
  add_headers(built.response, answer);
  if (is_object) add_header(built.response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
  if (!part.content_range.empty())
    add_header(built.response, MHD_HTTP_HEADER_CONTENT_RANGE, part.content_range);
  return built;
}

MHD_Result MhdServer::queue(MHD_Connection* connection, Connection& state, Answer answer) {
  state.record.error = answer.error;
  const bool is_object = answer.blob != nullptr;
  const auto size = is_object ? answer.blob->info().size : answer.body.size();
  Selection selection;
  if (answer.status == MHD_HTTP_OK && !answer.etag.empty()) {
    const bool ranges = is_object && state.record.method == MHD_HTTP_METHOD_GET;
    selection = select(conditions_of(connection), answer.etag, size, ranges);
  }
  auto part = take_part(answer, selection, size);
  auto built = build(answer, part);
  if (!built.response) {
    answer =
        text_answer(MHD_HTTP_INTERNAL_SERVER_ERROR, "the object cannot be read; the server's log says why");
    state.record.error = "the object's bytes cannot be read";
    part = {0, answer.body.size(), {}};
    built = build(answer, part);
    if (!built.response) return MHD_NO;
  }
  if (connections_.ending_idle()) {
    add_header(built.response, MHD_HTTP_HEADER_CONNECTION, "close");
  } else if (answer.status == MHD_HTTP_OK && answer.blob && answer.blob->fd()) {
    keep_hot(state, answer, built);
  }
  return deliver(connection, state, {built.response.get(), answer.status, part.count, built.from_file});
}

MHD_Result MhdServer::deliver(MHD_Connection* connection, Connection& state, const Delivery& delivery) {
  const bool head = state.record.method == MHD_HTTP_METHOD_HEAD;
  state.record.status = delivery.status;
  state.record.bytes = head ? 0 : delivery.count;
  state.corked = delivery.from_file && !head;
  if (state.corked) cork(state, true);
  // The client's time begins when there is something to take.
  const auto from = state.proofs > 0 ? Clock::now() : state.started;
  state.set_deadline(from + time_for(delivery.count));
  return mhd().queue_response(connection, delivery.status, delivery.response);
}

milliseconds MhdServer::time_for(std::uint64_t bytes) const {
  const auto rate = std::max<std::uint64_t>(options_.limits.min_bytes_per_second, 1);
  const auto seconds = std::min<std::uint64_t>(bytes / rate, 1U << 30U);
  return options_.limits.answer_time + std::chrono::seconds(seconds);
}

void MhdServer::on_completed(void* self, MHD_Connection* connection, void** /*context*/,
                             MHD_RequestTerminationCode code) {
  auto& server = *static_cast<MhdServer*>(self);
  auto* state = state_of(connection);
  if (state == nullptr || !state->busy) return;
  if (std::exchange(state->corked, false)) cork(*state, false);
  const auto now = Clock::now();
  auto& record = state->record;
  record.duration = std::chrono::duration_cast<std::chrono::microseconds>(now - state->started);
  record.complete = code == MHD_REQUEST_TERMINATED_COMPLETED_OK && record.status != 0;
  if (server.options_.on_access) server.options_.on_access(record);
  state->set_deadline(now + server.options_.limits.idle_time);
  --server.active_;
  state->busy = false;
  if (server.connections_.ending_idle()) end_reading(*state);
}

// Targets are decoded by decode_target, once.
std::size_t MhdServer::keep_escapes(void* /*self*/, MHD_Connection* /*connection*/, char* text) {
  return std::strlen(text);
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
  for (auto* daemon : daemons_) sys::Fd(mhd().quiesce_daemon(daemon)).reset();
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
}

}  // namespace

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

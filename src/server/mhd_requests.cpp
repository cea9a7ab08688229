// SPDX-License-Identifier: Apache-2.0
// Life of a request: from its line to the last byte of the answer.
#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "server/conditions.hpp"
#include "server/mhd_server.hpp"

namespace larder::server {

namespace {

using std::chrono::milliseconds;

constexpr unsigned k_most_proofs = 3;             // of one request: what keeps changing is not waited for
constexpr std::chrono::minutes k_proof_time{10};  // it is our time, and bounded by the size of a zip

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

// nullptr: nothing belongs to the connection yet.
Connection* state_of(MHD_Connection* connection) {
  const auto* info = mhd().get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
}

// The library takes the target to end at a NUL. In its buffer the version follows the target's end.
bool is_cut(const Connection& state, const char* version) {
  return state.target_end != nullptr && *version != '\0' && version != state.target_end + 1;
}

// The library pushes the headers of a file's answer out at once, in a segment of their own, which wakes the
// client twice; corked, they wait for the first bytes of the file.
void cork(const Connection& state, bool on) {
  const int value = on ? 1 : 0;
  ::setsockopt(state.fd, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

}  // namespace

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
  state->target_end = target == nullptr ? nullptr : target + record.target.size();
  record.method.clear();
  record.route = row_of(RouteKind::unknown).name;
  record.status = 0;
  record.bytes = 0;
  record.error.clear();
  return nullptr;
}

MHD_Result MhdServer::on_request(void* self, MHD_Connection* connection, const char* /*url*/,
                                 const char* method, const char* version, const char* /*data*/,
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
  auto& server = *static_cast<MhdServer*>(self);
  try {
    if (is_cut(*state, version)) {
      state->record.method = method;
      return server.queue(connection, *state, text_answer(MHD_HTTP_BAD_REQUEST, "NUL in the request line"));
    }
    return server.respond(connection, *state, method);
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

}  // namespace larder::server

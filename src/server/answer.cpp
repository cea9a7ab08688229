// SPDX-License-Identifier: Apache-2.0
#include "server/answer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "gomod/pseudo.hpp"
#include "store/go_modules.hpp"
#include "store/truth.hpp"
#include "sumstore/examiner.hpp"

namespace larder::server {

namespace {

// The go command shows at most 8 lines and 648 bytes of an error text: names are cut to leave room.
constexpr std::size_t k_shown_name = 200;
constexpr std::string_view k_how_to_get_it =
    "stock it where there is a network, then pack it there and unpack it here: larder stock ";

std::string shortened(std::string_view name) {
  if (name.size() <= k_shown_name) return std::string(name);
  return std::string(name.substr(0, k_shown_name)) + "...";
}

// The message may name folders of this machine: it goes to the log, the client learns the kind only.
Answer error_answer(const Error& error) {
  auto answer = text_answer(
      http_status(error.kind()),
      "the store cannot answer: " + std::string(kind_name(error.kind())) + "; the server's log says why");
  answer.error = error.message();
  return answer;
}

// Not a 404: go would take that for "ask the next proxy" and never be told.
Answer damaged(const std::string& what, const Error& error) {
  if (error.kind() != Kind::unverified) return error_answer(error);
  const auto text = what + ": damaged in the store: " + error.message();
  auto answer = text_answer(
      500,
      shortened(text) + "\nnot given out; on the server: larder cache verify, then stock or unpack it again");
  answer.error = text;
  return answer;
}

Answer generated(RouteKind kind, std::string body) {
  Answer answer;
  answer.content_type = row_of(kind).content_type;
  answer.cache_control = row_of(kind).cache_control;
  if (answer.cache_control != k_uncached) answer.etag = '"' + sha256(body).hex().substr(0, 32) + '"';
  answer.body = std::move(body);
  return answer;
}

Answer home(store::Store& /*store*/, const Route& route, const Situation& situation) {
  if (!situation.database.empty()) {
    return generated(route.kind, fmt::format("This is larder: it serves the checksum database {}.\n"
                                             "For the go command, with the key of the database:\n\n"
                                             "    export GOSUMDB='{}+... {}'\n\n"
                                             "Health: /livez, /readyz\n",
                                             situation.database, situation.database, situation.url));
  }
  return generated(route.kind, fmt::format("This is larder: it serves the Go modules held in its store.\n"
                                           "For the go command:\n\n"
                                           "    export GOPROXY={}\n\n"
                                           "Health: /livez, /readyz\n",
                                           situation.url));
}

Answer livez(store::Store& /*store*/, const Route& route, const Situation& /*situation*/) {
  return generated(route.kind, "ok\n");
}

// As opening a store has it: a format, or a copied tree of modules.
Result<bool> is_there(store::Store& store) {
  if (TRY(store.stat("larder/format"))) return true;
  const auto children = TRY(store.list(""));
  return std::any_of(children.begin(), children.end(),
                     [](const store::Child& child) { return child.is_prefix && child.name == "go"; });
}

Answer readyz(store::Store& store, const Route& route, const Situation& situation) {
  if (situation.draining) return text_answer(503, "draining");
  const auto there = is_there(store);
  if (there && *there) return generated(route.kind, "ok\n");
  auto answer = text_answer(503, there ? "the store is gone" : "the store cannot be read");
  answer.error = there ? "the store has neither larder/format nor go/" : there.error().message();
  return answer;
}

Answer unknown(store::Store& /*store*/, const Route& /*route*/, const Situation& /*situation*/) {
  return text_answer(404,
                     "no such page; a Go module is asked for as /MODULE/@v/list, /MODULE/@latest or "
                     "/MODULE/@v/VERSION.{info,mod,zip}");
}

constexpr std::string_view k_no_database =
    "no such checksum database is carried here; stock with GOSUMDB on, or unpack a bundle that has it";

std::string_view not_carried(const Route& route) {
  if (route.key.empty()) return k_no_database;
  if (route.database.object == sumstore::Object::lookup) return "not found: no record of it is carried here";
  if (route.database.object == sumstore::Object::tile) {
    return "not found: no such tile is carried here; a go that remembers a newer tree of the database than "
           "this store carries needs a newer bundle";
  }
  return k_no_database;
}

std::optional<Error> check_now(store::Store& store, const Route& route) {
  auto good = sumstore::Examiner(store, nullptr).check(route.database);
  if (good) return std::nullopt;
  return std::move(good).error();
}

// Lookups and heads may be written anew, under a later head; a tile never changes.
Answer database_file(store::Store& store, const Route& route, const Situation& situation) {
  if (route.key.empty()) return text_answer(404, std::string(not_carried(route)));
  auto blob = store.open(route.key);
  if (!blob && blob.error().kind() == Kind::not_found) {
    return text_answer(404, std::string(not_carried(route)));
  }
  if (!blob) return error_answer(blob.error());
  Answer answer;
  const auto verdict = situation.proofs == nullptr ? std::optional(Proofs::Verdict{check_now(store, route)})
                                                   : situation.proofs->find((*blob)->info(), Clock::now());
  if (!verdict) {
    answer.needs_proof = true;
    return answer;
  }
  if (verdict->error) return damaged(route.key, *verdict->error);
  const bool is_tile = route.database.object == sumstore::Object::tile;
  const bool is_text = !is_tile || route.key.find("/data/") != std::string::npos;  // records, not hashes
  answer.content_type = is_text ? k_text : k_binary;
  answer.cache_control = is_tile ? k_forever : k_short;
  answer.etag = object_etag((*blob)->info());
  answer.blob = *std::move(blob);
  return answer;
}

Answer nothing_held(const Route& route) {
  const auto path = shortened(route.module.path);
  return text_answer(404,
                     fmt::format("no version of {0} is held here\n{1}{0}@latest", path, k_how_to_get_it));
}

Answer list(store::Store& store, const Route& route, const Situation& /*situation*/) {
  auto versions = store::GoModules(store).versions(route.module.path);
  if (!versions) return error_answer(versions.error());
  if (versions->empty()) return nothing_held(route);
  std::string body;
  for (const auto& version : *versions) {
    if (!gomod::pseudo::is_pseudo(version)) body += version + '\n';
  }
  return generated(route.kind, std::move(body));
}

Answer latest(store::Store& store, const Route& route, const Situation& /*situation*/) {
  const store::GoModules modules(store);
  auto version = modules.latest(route.module.path);
  if (!version) return error_answer(version.error());
  if (!*version) return nothing_held(route);
  const gomod::Module module{route.module.path, **version};
  auto info = modules.info(module);
  if (!info) return error_answer(info.error());
  if (const auto good = store::check_info(module, *info); !good) return damaged(module.str(), good.error());
  return generated(route.kind, *std::move(info));
}

std::string_view what_is_held(store::Held held) {
  switch (held) {
    case store::Held::nothing:
      return "";
    case store::Held::requirement:
      return ": only its go.mod is, as a requirement of other modules";
    case store::Held::whole:
      break;
  }
  return " any more: the store changed during the request";
}

Answer version_not_held(store::Store& store, const Route& route) {
  const auto held = store::GoModules(store).held(route.module);
  const auto name = shortened(route.module.str());
  const auto note = held ? what_is_held(*held) : std::string_view();
  return text_answer(404, fmt::format("the {} of {} is not held here{}\n{}{}", row_of(route.kind).text, name,
                                      note, k_how_to_get_it, name));
}

// nullopt: not known yet.
std::optional<Proofs::Verdict> verdict_on(store::Store& store, const Route& route,
                                          const store::ObjectInfo& object, const Situation& situation) {
  if (situation.proofs != nullptr) return situation.proofs->find(object, Clock::now());
  auto checked = store::check_part(store::GoModules(store), route.module, part_of(route.kind));
  if (checked) return Proofs::Verdict{};
  return Proofs::Verdict{std::move(checked).error()};
}

Answer version_file(store::Store& store, const Route& route, const Situation& situation) {
  auto blob = store.open(route.key);
  if (!blob && blob.error().kind() == Kind::not_found) return version_not_held(store, route);
  if (!blob) return error_answer(blob.error());
  Answer answer;
  const auto verdict = verdict_on(store, route, (*blob)->info(), situation);
  if (!verdict) {
    answer.needs_proof = true;
    return answer;
  }
  if (verdict->error) {
    // Without the hash beside it, nothing vouches for it.
    const bool unknown = verdict->error->kind() == Kind::not_found;
    return unknown ? version_not_held(store, route) : damaged(route.module.str(), *verdict->error);
  }
  answer.content_type = row_of(route.kind).content_type;
  answer.cache_control = row_of(route.kind).cache_control;
  answer.etag = object_etag((*blob)->info());
  answer.blob = *std::move(blob);
  return answer;
}

using Handler = Answer (*)(store::Store&, const Route&, const Situation&);

struct HandlerRow {
  RouteKind kind;
  Handler handler;
};
constexpr std::array k_handlers = {
    HandlerRow{RouteKind::home, home},         HandlerRow{RouteKind::livez, livez},
    HandlerRow{RouteKind::readyz, readyz},     HandlerRow{RouteKind::sumdb, database_file},
    HandlerRow{RouteKind::list, list},         HandlerRow{RouteKind::latest, latest},
    HandlerRow{RouteKind::info, version_file}, HandlerRow{RouteKind::mod, version_file},
    HandlerRow{RouteKind::zip, version_file},  HandlerRow{RouteKind::unknown, unknown},
};
static_assert(k_handlers.size() == k_routes.size());

constexpr bool handlers_are_in_order() {
  for (std::size_t i = 0; i < k_handlers.size(); ++i) {
    if (k_handlers[i].kind != static_cast<RouteKind>(i)) return false;
  }
  return true;
}
static_assert(handlers_are_in_order());

}  // namespace

store::Part part_of(RouteKind kind) {
  switch (kind) {
    case RouteKind::info:
      return store::Part::info;
    case RouteKind::mod:
      return store::Part::mod;
    default:
      return store::Part::zip;
  }
}

Answer make_answer(store::Store& store, const Route& route, const Situation& situation) {
  if (!route.problem.empty() && route.kind == RouteKind::sumdb) return text_answer(400, route.problem);
  if (!route.problem.empty()) return text_answer(404, "no such module: " + shortened(quote(route.problem)));
  return k_handlers[static_cast<std::size_t>(route.kind)].handler(store, route, situation);
}

Answer text_answer(unsigned status, std::string text) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(text) + '\n';
  return answer;
}

unsigned http_status(Kind kind) {
  switch (kind) {
    case Kind::not_found:
      return 404;
    case Kind::invalid:
      return 400;
    case Kind::forbidden:
      return 403;
    case Kind::unavailable:
    case Kind::cancelled:
      return 503;
    case Kind::unverified:
    case Kind::io:
    case Kind::internal:
      break;
  }
  return 500;
}

std::string object_etag(const store::ObjectInfo& info) {
  return fmt::format("\"{:x}-{:x}-{:x}\"", info.size, info.mtime_ns, info.identity);
}

}  // namespace larder::server

// SPDX-License-Identifier: Apache-2.0
// What a request is answered with, before it becomes HTTP. Independent of the HTTP library, so that every
// answer can be tested without a socket.
//
// Invariants: `body` and `blob` are never both used; a blob is only given out with a proof (proofs.hpp).
// Thread rule: an Answer belongs to one request; make_answer may run on any thread (the store is shared).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "server/proofs.hpp"
#include "server/route.hpp"
#include "store/go_modules.hpp"
#include "store/store.hpp"

namespace larder::server {

struct Answer {
  unsigned status = 200;
  std::string_view content_type = k_text;
  std::string_view cache_control = k_uncached;
  std::string etag;  // with its quotes; empty: none
  std::string body;
  std::unique_ptr<store::Blob> blob;
  std::string error;  // for the log; see AccessRecord
  // Nothing can be said before the object at Route::key was inspected; the rest is empty.
  bool needs_proof = false;
};

// What the answers depend on besides the store.
struct Situation {
  bool draining = false;
  std::string_view url;            // how this server is reached, for the page at "/"
  std::string_view database = {};  // not empty: all that is served
  // Objects that were found good or bad. Without it, make_answer reads and compares each object itself.
  Proofs* proofs = nullptr;
};

// The part of a version that a route of kind info, mod or zip asks for.
store::Part part_of(RouteKind kind);

// For a GET or HEAD of this route.
Answer make_answer(store::Store& store, const Route& route, const Situation& situation);

// text/plain, with a line end added. What a client sent must be quoted by the caller.
Answer text_answer(unsigned status, std::string text);

// The one map from failure to status.
unsigned http_status(Kind kind);

// Strong: changes whenever the object is replaced.
std::string object_etag(const store::ObjectInfo& info);

}  // namespace larder::server

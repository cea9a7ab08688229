// SPDX-License-Identifier: Apache-2.0
// An answer as libmicrohttpd takes it: small objects are copied with their headers, larger ones leave by
// sendfile. Which part of the object is sent is decided before. Thread rule: a response may be queued on any
// number of connections at once; building one belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/answer.hpp"
#include "server/conditions.hpp"
#include "server/mhd_library.hpp"

namespace larder::server {

// Shared: the library counts its own uses, and the hot answers keep theirs.
using Response = std::shared_ptr<MHD_Response>;

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

// Makes the answer what the selection says, and names the part that is sent. size: of the whole body.
Part take_part(Answer& answer, const Selection& selection, std::uint64_t size);

// Without a response where the object's bytes cannot be read.
Built build(Answer& answer, const Part& part);

void add_header(const Response& response, const char* name, std::string_view value);

}  // namespace larder::server

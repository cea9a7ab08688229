// SPDX-License-Identifier: Apache-2.0
// What is asked of a database below /sumdb/: what is accepted is a clean store key of one of its objects.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/store.hpp"
#include "sumstore/layout.hpp"

using namespace larder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  if (size > 4096) return 0;
  const auto request = sumstore::parse_request(path);
  if (!request) return 0;
  if (request->key != "go/sumdb/" + std::string(path)) std::abort();
  if (!request->key.starts_with(sumstore::prefix_of(request->name) + "/")) std::abort();
  if (request->key.ends_with(".lock") || request->key.ends_with(".tmp")) std::abort();
  // A key may only be refused for what a URL cannot have or a disk cannot hold.
  const auto key = store::check_key(request->key);
  if (!key && path.find("/../") != path.npos) std::abort();
  return 0;
}

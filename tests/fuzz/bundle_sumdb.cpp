// SPDX-License-Identifier: Apache-2.0
// What a bundle carries of a checksum database: what is accepted prints as it was read, and its objects have
// names of their own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bundle/sumdb_member.hpp"
#include "sumstore/layout.hpp"

using namespace larder;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto part = bundle::parse_sumdb(text);
  if (!part) return 0;
  require(bundle::print_sumdb(*part) == text);
  require(sumstore::valid_name(part->name));
  for (const auto& record : part->records) {
    const auto file = sumstore::lookup_file(record.module);
    require(file.has_value() && sumstore::module_of(*file) == record.module);
  }
  for (const auto& [tile, bytes] : part->tiles) require(bytes.size() == tile.bytes());
  return 0;
}

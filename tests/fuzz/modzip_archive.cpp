// SPDX-License-Identifier: Apache-2.0
// Any bytes as a zip: opened, checked as a module zip, every entry read, hashed. Limits keep a run small.
#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "modzip/archive.hpp"
#include "modzip/check.hpp"
#include "modzip/hash.hpp"

using larder::Bytes;
namespace modzip = larder::modzip;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes zip(reinterpret_cast<const std::byte*>(data), size);
  const modzip::Limits limits{.zip_size = 1U << 20U, .entry_size = 1U << 22U, .entries = 1000};
  const auto archive = modzip::Archive::open(zip, limits);
  if (!archive) return 0;
  modzip::Scratch scratch;
  bool all_read = true;
  for (const modzip::Entry& entry : archive->entries()) {
    const auto content = archive->read(entry, scratch);
    all_read = all_read && content.has_value();
    if (content) LARDER_ASSERT(content->size() == entry.size);
  }
  const auto listing = modzip::check_zip({"example.com/m", "v1.0.0"}, *archive);
  const auto h1 = modzip::hash_archive(*archive, scratch);
  LARDER_ASSERT(all_read || !h1);  // what cannot be read has no hash
  // A zip that passes the check has distinct names without newlines: then only its content can be at fault.
  if (listing && all_read) LARDER_ASSERT(h1.has_value());
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Which module zips were read whole and found to have which h1, so that a zip that is read in place is hashed
// once. An entry counts only while its file has the same stamp.
// Invariant: bytes that are not a whole memo of this version are an empty one.
// Thread rule: free functions. Format: docs/formats/index.md.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gomod/h1.hpp"
#include "gomod/module.hpp"
#include "index/stamp.hpp"

namespace larder::index {

struct HashedZip {
  Stamp stamp;
  gomod::H1 h1;

  friend bool operator==(const HashedZip&, const HashedZip&) = default;
};
using HashedZips = std::map<gomod::Module, HashedZip>;

HashedZips parse_hashed_zips(std::string_view file);
std::string encode_hashed_zips(const HashedZips& zips);

}  // namespace larder::index

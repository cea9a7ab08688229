// SPDX-License-Identifier: Apache-2.0
// Names that a case-insensitive file system may take for the same one: each rune is replaced by the smallest
// member of its Unicode simple-fold cycle, then A-Z by a-z. Pure functions over valid UTF-8.
// Spec: go-modules.md 4.3.
#pragma once

#include <cstddef>
#include <string_view>

namespace larder::modzip {

// The folded runes of a text, one after the other.
class FoldedRunes {
 public:
  explicit FoldedRunes(std::string_view text) : text_(text) {}
  bool done() const { return at_ >= text_.size(); }
  char32_t next();  // only while !done()

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool equal_folded(std::string_view a, std::string_view b);

}  // namespace larder::modzip

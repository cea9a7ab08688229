// SPDX-License-Identifier: Apache-2.0
#include "modzip/h1_stream.hpp"

namespace larder::modzip {

Result<void> H1Stream::add(std::string_view name, const Digest& content) {
  if (name.find('\n') != std::string_view::npos) {
    return fail(Kind::invalid, "dirhash: filenames with newlines are not supported");
  }
  constexpr std::string_view k_digits = "0123456789abcdef";
  line_.clear();
  for (const auto byte : content.bytes) {
    line_ += k_digits[byte >> 4U];
    line_ += k_digits[byte & 15U];
  }
  line_ += "  ";
  line_ += name;
  line_ += '\n';
  hash_.update(line_);
  return {};
}

}  // namespace larder::modzip

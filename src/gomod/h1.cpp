// SPDX-License-Identifier: Apache-2.0
#include "gomod/h1.hpp"

#include <algorithm>
#include <utility>

namespace larder::gomod {

namespace {
constexpr std::string_view k_prefix = "h1:";

void add_line(Sha256& hash, std::string_view name, const Digest& content) {
  hash.update(content.hex());
  hash.update("  ");
  hash.update(name);
  hash.update("\n");
}
}  // namespace

std::string H1::str() const {
  return std::string(k_prefix) + digest.base64();
}

std::optional<H1> H1::parse(std::string_view text) {
  if (!text.starts_with(k_prefix)) return std::nullopt;
  const auto digest = Digest::from_base64(text.substr(k_prefix.size()));
  if (!digest) return std::nullopt;
  return H1{*digest};
}

Result<H1> H1Builder::finish() {
  auto files = std::exchange(files_, {});
  std::sort(files.begin(), files.end());
  Sha256 hash;
  for (const auto& [name, content] : files) {
    if (name.find('\n') != std::string::npos)
      return fail(Kind::invalid, "dirhash: filenames with newlines are not supported");
    add_line(hash, name, content);
  }
  return H1{hash.finish()};
}

H1 hash_go_mod(std::string_view bytes) {
  Sha256 hash;
  add_line(hash, "go.mod", sha256(bytes));
  return H1{hash.finish()};
}

}  // namespace larder::gomod

// SPDX-License-Identifier: Apache-2.0
#include "store/store.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace larder::store {

Result<void> check_key(std::string_view key) {
  const auto bad = [&](std::string_view reason) {
    return fail(Kind::invalid, "store key " + quote(key) + ": " + std::string(reason));
  };
  if (key.empty()) return bad("empty");
  if (key.size() > 4000) return bad("too long");
  for (const auto element : split(key, '/')) {
    if (element.empty()) return bad("empty element");
    if (element == "." || element == "..") return bad("element \"" + std::string(element) + "\"");
    if (element.size() > 255) return bad("element too long");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(key.begin(), key.end(), is_control)) return bad("control character");
  return {};
}

Result<void> Store::put_all(std::span<const Object> objects) {
  for (const auto& object : objects) TRY(put(object.key, object.data));
  return {};
}

Result<std::string> read(Store& store, std::string_view key, std::uint64_t limit) {
  const auto blob = TRY(store.open(key));
  if (blob->info().size > limit) {
    return fail(Kind::unverified, std::string(key) + ": larger than " + std::to_string(limit) + " bytes");
  }
  return std::string(as_text(TRY(blob->bytes())));
}

Result<std::optional<std::string>> read_if_exists(Store& store, std::string_view key, std::uint64_t limit) {
  auto content = read(store, key, limit);
  if (content) return std::optional(*std::move(content));
  if (content.error().kind() == Kind::not_found) return std::nullopt;
  return fail(std::move(content).error());
}

Result<std::optional<std::string>> read_or_empty(Store& store, std::string_view key, std::uint64_t limit) {
  auto content = read_if_exists(store, key, limit);
  if (!content && content.error().kind() == Kind::unverified) return std::string();
  return content;
}

}  // namespace larder::store

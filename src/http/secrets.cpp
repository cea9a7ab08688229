// SPDX-License-Identifier: Apache-2.0
#include "http/secrets.hpp"

#include <algorithm>
#include <functional>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace larder::http {

namespace {

constexpr std::string_view k_hidden = "xxxxx";
constexpr std::size_t k_least = 3;  // bytes; shorter ones tell nothing and would tear every text apart

std::vector<std::string> tidied(std::vector<std::string> secrets) {
  std::erase_if(secrets, [](const auto& secret) { return secret.size() < k_least; });
  std::ranges::sort(secrets, std::greater<>(), &std::string::size);
  return secrets;
}

}  // namespace

std::vector<std::string> secrets_of(const Headers& sent) {
  std::vector<std::string> out;
  for (const auto& [name, value] : sent) {
    out.push_back(value);
    const auto parts = cut(value, " ");
    if (!parts) continue;
    out.emplace_back(parts->second);
    if (lower_ascii(parts->first) != "basic") continue;
    const auto decoded = base64_decode(trim(parts->second));
    const auto user = decoded ? cut(*decoded, ":") : std::nullopt;
    if (user) out.emplace_back(user->second);
  }
  return tidied(std::move(out));
}

std::vector<std::string> secrets_of(std::string_view user, std::string_view password) {
  std::string pair(user);
  pair.append(":").append(password);
  return tidied({std::string(password), base64_encode(as_bytes(pair))});
}

void hide(std::string& text, const std::vector<std::string>& secrets) {
  for (const auto& secret : secrets) {
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + k_hidden.size()))
      text.replace(at, secret.size(), k_hidden);
  }
}

}  // namespace larder::http

// SPDX-License-Identifier: Apache-2.0
// Values by URL prefix: of the prefixes stored, the longest that ends where a path element ends is found.
// Thread rule: a value. Spec: go-modules.md 5.8.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace larder::creds {

// "https://Host/Path/" -> "host/Path"
std::string prefix_key(std::string_view url);

template <class T>
class PrefixMap {
 public:
  // prefix: "https://host/path" or "host/path"; a '/' at its end counts for nothing.
  void store(std::string_view prefix, T value) {
    by_prefix_.insert_or_assign(prefix_key(prefix), std::move(value));
  }
  void remove(std::string_view prefix) { by_prefix_.erase(prefix_key(prefix)); }
  // url: https; its query is part of the last element. nullptr where no prefix fits.
  const T* find(std::string_view url) const {
    const auto key = prefix_key(url);
    std::string_view prefix = key;
    while (true) {
      if (const auto it = by_prefix_.find(prefix); it != by_prefix_.end()) return &it->second;
      const auto slash = prefix.rfind('/');
      if (slash == std::string_view::npos) return nullptr;
      prefix = prefix.substr(0, slash);
    }
  }

 private:
  std::map<std::string, T, std::less<>> by_prefix_;
};

}  // namespace larder::creds

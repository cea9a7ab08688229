// SPDX-License-Identifier: Apache-2.0
#include "cli/index_folder.hpp"

namespace larder::cli {

Setting index_folder(const sys::Environment& environment) {
  const auto value = [&](const std::string& name) {
    const auto it = environment.find(name);
    return it == environment.end() ? std::string() : it->second;
  };
  if (const auto own = value("LARDER_INDEX"); !own.empty()) {
    return {own.starts_with('/') ? own : std::string(), "LARDER_INDEX"};
  }
  if (const auto cache = value("XDG_CACHE_HOME"); cache.starts_with('/')) {
    return {cache + "/larder/index", "default"};
  }
  if (const auto home = value("HOME"); home.starts_with('/')) {
    return {home + "/.cache/larder/index", "default"};
  }
  return {"", "default"};
}

}  // namespace larder::cli

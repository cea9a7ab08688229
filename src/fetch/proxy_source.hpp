// SPDX-License-Identifier: Apache-2.0
// Modules from a GOPROXY server over http or https. Thread rule: as ModuleSource. Spec:
// go-modules.md 5.2, 5.8.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "fetch/layout.hpp"
#include "fetch/source.hpp"
#include "http/client.hpp"

namespace larder::fetch {

// base: http or https; credentials in it only ever travel over https. client must outlive the source.
Result<std::unique_ptr<ModuleSource>> open_proxy_source(std::string_view base, const http::Client& client);
// Files below base by name, whatever they are.
Result<std::unique_ptr<Transport>> open_proxy_transport(std::string_view base, const http::Client& client);

}  // namespace larder::fetch

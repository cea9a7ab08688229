// SPDX-License-Identifier: Apache-2.0
// Modules from a folder with the shape of a GOPROXY (a store's go/, a module cache's cache/download).
// Thread rule: as ModuleSource. Spec: go-modules.md 1.1, 5.2 (file://).
#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "fetch/layout.hpp"
#include "fetch/source.hpp"

namespace larder::fetch {

// base: file:///folder, percent-encoded.
Result<std::unique_ptr<ModuleSource>> open_file_source(std::string_view base);
Result<std::unique_ptr<Transport>> open_file_transport(std::string_view base);

}  // namespace larder::fetch

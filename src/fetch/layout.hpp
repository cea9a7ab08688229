// SPDX-License-Identifier: Apache-2.0
// The GOPROXY layout over anything that gives files by name: what a server (proxy_source.hpp) and a folder
// (file_source.hpp) have in common. Thread rule: as ModuleSource. Spec: go-modules.md 5.2, 5.4.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fetch/source.hpp"

namespace larder::fetch {

class Transport {
 public:
  virtual ~Transport() = default;
  // name: percent-encoded, "example.com/%21up/@v/list". too_large: the message above `limit` bytes. Errors
  // name the URL, not the module.
  virtual Result<void> read(std::string_view name, std::uint64_t limit, std::string_view too_large,
                            ByteSink& sink, std::stop_token stop) const = 0;
  // The same for many small ones: one answer a name, in the same order, side by side where that is quicker.
  virtual std::vector<Result<std::string>> read_all(const std::vector<std::string>& names,
                                                    std::uint64_t limit, std::stop_token stop) const;
  virtual std::string base() const = 0;  // redacted
};

std::unique_ptr<ModuleSource> make_layout_source(std::unique_ptr<Transport> transport);

// Names the module in an error, as the go command does: "M@V: …", "M@main: invalid version: …", "module M:
// …".
Error name_module(const gomod::Module& module, Error error);

}  // namespace larder::fetch

// SPDX-License-Identifier: Apache-2.0
// The GOPROXY list as one source: each operation walks it anew. After ',' the next entry is asked only when
// this one answered "not found", after '|' on any error. The error shown is the most telling: direct before
// proxy before not found.
//
// `direct`, and a module that matches GONOPROXY, come from version control (direct_source.hpp). GOPROXY=off
// opens no socket. Thread rule: as ModuleSource. Spec: go-modules.md 5.1, 5.5.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "fetch/settings.hpp"
#include "fetch/source.hpp"
#include "http/client.hpp"

namespace larder::fetch {

// client must outlive the source; it is not used where the list names no http or https entry.
// Kind::invalid for a malformed list.
Result<std::unique_ptr<ModuleSource>> open_source(const Settings& settings, const http::Client& client);

// Is every answer a file away, so that more threads than processors gain nothing?
bool is_near(const Settings& settings);

// Answers everything with this error.
std::unique_ptr<ModuleSource> no_source(Error why);

// Did nobody get asked, or nobody any more, because of "off" in GOPROXY? Then the reason alone, without the
// module: "module lookup disabled by GOPROXY=off". The go command takes it for "not found" where a query may
// do without an answer.
std::optional<std::string_view> lookup_disabled(const Error& error);

}  // namespace larder::fetch

// SPDX-License-Identifier: Apache-2.0
// Modules straight from where they are developed: `direct` in GOPROXY, and what GONOPROXY matches. Of the
// version control systems git is built; another one is an error that names it. A go-import tag of kind "mod"
// leads to a proxy instead.
//
// A repository is looked up once and its refs are read once in the life of the source. Nothing is fetched
// before a module is asked for. Thread rule: as ModuleSource; modules of one repository wait for each other.
// Spec: go-modules.md 4.5, 4.8, 5.6, 5.7.
#pragma once

#include <memory>

#include "fetch/settings.hpp"
#include "fetch/source.hpp"
#include "http/client.hpp"

namespace larder::fetch {

// client must outlive the source.
std::shared_ptr<ModuleSource> make_direct_source(const Settings& settings, const http::Client& client);

}  // namespace larder::fetch

// SPDX-License-Identifier: Apache-2.0
// The checksum database as somebody who vouches for hashes: fetch::Authority over sumdb::Client.
// Thread rule: any number of threads at once. Spec: go-modules.md 6.5 to 6.8.
#pragma once

#include <memory>

#include "fetch/settings.hpp"
#include "fetch/sumdb_ports.hpp"
#include "fetch/verify.hpp"
#include "http/client.hpp"

namespace larder::fetch {

// settings: gosumdb, goproxy, netrc; a GOSUMDB that makes no sense is an error of every confirm(), as with
// go. client must outlive it. Nothing is read or asked before the first confirm().
//
// Errors of confirm() have go's texts. Kind::unverified: another hash, no hash, a module that the database
// does not know, an answer that cannot be proven, a database that shows two histories, a GOSUMDB that makes
// no sense; else as sumdb::Client.
std::unique_ptr<Authority> open_checksum_database(const Settings& settings, const DatabasePaths& paths,
                                                  const http::Client& client);

}  // namespace larder::fetch

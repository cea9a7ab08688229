// SPDX-License-Identifier: Apache-2.0
// The checksum database as somebody who vouches for hashes: fetch::Authority over sumdb::Client.
// Thread rule: any number of threads at once. Spec: go-modules.md 6.5 to 6.8.
#pragma once

#include <memory>
#include <string_view>

#include "fetch/settings.hpp"
#include "fetch/sumdb_ports.hpp"
#include "fetch/verify.hpp"
#include "http/client.hpp"
#include "sumdb/client.hpp"

namespace larder::fetch {

class ChecksumDatabase : public Authority {
 public:
  // What proves; nullptr where GOSUMDB makes no sense.
  virtual sumdb::Client* client() const = 0;
};

// Has this record, of the database of this name, the hash? Kind::unverified with go's text otherwise.
Result<void> compare_with_record(std::string_view record, std::string_view name, const gomod::Module& module,
                                 Of of, const gomod::H1& hash);

// settings: gosumdb, goproxy; a GOSUMDB that makes no sense is an error of every confirm(), as with
// go. client must outlive it. Nothing is read or asked before the first confirm().
//
// Errors of confirm() have go's texts. Kind::unverified: another hash, no hash, a module that the database
// does not know, an answer that cannot be proven, a database that shows two histories, a GOSUMDB that makes
// no sense; else as sumdb::Client.
std::unique_ptr<ChecksumDatabase> open_checksum_database(const Settings& settings, const DatabasePaths& paths,
                                                         const http::Client& client);

}  // namespace larder::fetch

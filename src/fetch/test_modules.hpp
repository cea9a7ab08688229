// SPDX-License-Identifier: Apache-2.0
// For tests only: a module's four files and a server that has them. Thread rule: as http::TestServer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gomod/h1.hpp"
#include "gomod/module.hpp"
#include "http/client.hpp"
#include "http/test_server.hpp"

namespace larder::fetch {

// A zip of stored entries, by hand: what the module needs and nothing that modzip's own writer could hide.
std::string stored_zip(const std::vector<std::pair<std::string, std::string>>& files);

struct TestModule {
  gomod::Module module;
  std::string mod;
  std::string zip;
  gomod::H1 mod_hash;
  gomod::H1 zip_hash;

  explicit TestModule(gomod::Module m, std::string extra = "package m\n");
};

// URL path (as on the wire) -> body, for TestServer; 404 for the rest.
using Files = std::map<std::string, std::string>;
Files files_of(const TestModule& m);
http::TestServer::Handler serving(Files files);
http::Options quick_options();

}  // namespace larder::fetch

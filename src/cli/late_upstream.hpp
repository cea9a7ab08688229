// SPDX-License-Identifier: Apache-2.0
// The upstream of a go command, opened when it is first asked: most commands find all they need in the module
// cache. Thread rule: as its source and database, any number of threads at once. Spec: go-modules.md 5.
#pragma once

#include <memory>

#include "cli/wiring.hpp"

namespace larder::cli {

class LateUpstream {
 public:
  // trace: requests and git commands are printed as go's -x prints them.
  LateUpstream(const Session& session, fetch::Settings settings, bool trace);
  ~LateUpstream();
  LateUpstream(const LateUpstream&) = delete;
  LateUpstream& operator=(const LateUpstream&) = delete;

  // Where it cannot be opened (a GOPROXY that makes no sense), that error is every answer.
  const fetch::ModuleSource& source() const;
  const fetch::Authority& database() const;

 private:
  class Opener;
  class Source;
  class Database;
  std::unique_ptr<Opener> opener_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Database> database_;
};

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
// Reads the items of a plan from the store's zips, keeping the last used zips open. Bounded: some items of a
// job come from many versions in turn, but descriptors are few. One thread at a time.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "base/result.hpp"
#include "bundle/pack_plan.hpp"
#include "modzip/archive.hpp"
#include "store/go_modules.hpp"

namespace larder::bundle {

class PackSources {
 public:
  PackSources(const store::GoModules& from, const Plan& plan) : from_(from), plan_(plan) {}

  // The bytes of an item, valid until the next call. `.info` and `.mod` are checked here; of files the caller
  // compares the h1 of all.
  Result<Bytes> read(const Item& item);

 private:
  struct Open {
    std::uint32_t module = 0;
    std::unique_ptr<store::Blob> blob;
    Bytes zip;
    std::optional<modzip::Archive> archive;
  };
  Result<Open*> open(std::uint32_t module);
  Result<void> check_mod(std::uint32_t module);

  const store::GoModules& from_;
  const Plan& plan_;
  std::list<Open> open_;  // last used first
  modzip::Scratch scratch_;
  std::string text_;
};

}  // namespace larder::bundle

// SPDX-License-Identifier: Apache-2.0
// Go modules in a store: the keys of one module version, what is held, and the order of writing that keeps
// the store correct at any crash point: ziphash, mod, zip, info (product.md, "The store"). Thread rule: as
// Store; one GoModules may be shared.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"
#include "store/store.hpp"

namespace larder::store {

enum class Part { info, mod, zip, ziphash };
std::string_view part_suffix(Part part);  // ".info", …

// "go/<escaped path>/@v/<escaped version>.<part>". Kind::invalid for a malformed path or version.
Result<std::string> module_key(const gomod::Module& module, Part part);
Result<std::string> list_key(std::string_view module_path);

enum class Held {
  nothing,
  requirement,  // .mod only
  whole,        // .info, .mod, .zip, .ziphash
};

// A verified module version on its way into the store. The caller has checked that every byte matches its
// hash.
struct ModuleContent {
  gomod::Module module;
  std::string info;
  std::string mod;
  gomod::H1 h1;
};

class GoModules {
 public:
  explicit GoModules(Store& store) : store_(store) {}

  Result<Held> held(const gomod::Module& module) const;
  Result<std::string> info(const gomod::Module& module) const;  // Kind::not_found when absent
  Result<std::string> mod(const gomod::Module& module) const;
  Result<gomod::H1> ziphash(const gomod::Module& module) const;
  Result<std::unique_ptr<Blob>> zip(const gomod::Module& module) const;

  // Versions held whole, in semver order.
  Result<std::vector<std::string>> versions(std::string_view module_path) const;
  // The version `@latest` stands for among held ones: highest release, else prerelease, else pseudo-version.
  Result<std::optional<std::string>> latest(std::string_view module_path) const;

  // Writers. lock() first; one version at a time per thread.
  Result<std::unique_ptr<WriteLock>> lock(const gomod::Module& module) const;
  Result<void> put_requirement(const gomod::Module& module, std::string_view mod) const;
  Result<std::unique_ptr<Upload>> create_zip(const gomod::Module& module) const;
  // ziphash, mod, zip (committing the upload), info; then the derived list.
  Result<void> put(const ModuleContent& content, Upload& zip) const;
  Result<void> refresh_list(std::string_view module_path) const;

  // Every (module, held) of the store, sorted by path, then version in semver order. Names that are not
  // modules are passed over; `foreign`, if given, is told their keys.
  using Foreign = std::function<void(const std::string& key)>;
  Result<std::vector<std::pair<gomod::Module, Held>>> all(const Foreign& foreign = nullptr) const;

  Store& store() const { return store_; }

 private:
  Store& store_;
};

}  // namespace larder::store

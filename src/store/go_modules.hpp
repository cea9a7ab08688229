// SPDX-License-Identifier: Apache-2.0
// Go modules in a store: the keys of one module version, what is held, and the order of writing that keeps
// the store correct at any crash point: ziphash, mod, zip, info (product.md, "The store"). What is read here
// is what lies there: truth.hpp says whether it may be believed. Thread rule: as Store; one GoModules may be
// shared.
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

// modhash: the h1 of a .mod that came in without a zip, as go.sum's "/go.mod" lines have it. Where the zip is
// there, its go.mod is the witness.
enum class Part { info, mod, zip, ziphash, modhash };
inline constexpr std::size_t k_parts = 5;
std::string_view part_suffix(Part part);  // ".info", …

// "go/<escaped path>/@v/<escaped version>.<part>". Kind::invalid for a malformed path or version.
Result<std::string> module_key(const gomod::Module& module, Part part);
Result<std::string> list_key(std::string_view module_path);

enum class Held {
  nothing,
  requirement,  // .mod and .modhash
  whole,        // .info, .mod, .zip, .ziphash
};

// Some files of a version, but not all that would make it whole: left by a crash, or lost.
struct Incomplete {
  gomod::Module module;
  Held held = Held::nothing;  // what the files are good for nevertheless
  std::vector<Part> lacks;    // to be whole, or where there is nothing of an archive, to be a requirement
};
std::string lacks_text(const Incomplete& version);  // "lacks .ziphash and .info"

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
  Result<gomod::H1> ziphash(const gomod::Module& module) const;  // Kind::unverified when it is none
  Result<gomod::H1> modhash(const gomod::Module& module) const;  // likewise
  Result<std::unique_ptr<Blob>> zip(const gomod::Module& module) const;

  // Versions held whole, in semver order.
  Result<std::vector<std::string>> versions(std::string_view module_path) const;
  // The version `@latest` stands for among held ones: highest release, else prerelease, else pseudo-version.
  Result<std::optional<std::string>> latest(std::string_view module_path) const;

  // Writers. lock() first; one version at a time per thread.
  Result<std::unique_ptr<WriteLock>> lock(const gomod::Module& module) const;
  Result<void> put_requirement(const gomod::Module& module, std::string_view mod) const;  // modhash, mod
  Result<std::unique_ptr<Upload>> create_zip(const gomod::Module& module) const;
  // ziphash, mod, zip (committing the upload), info; then the derived list.
  Result<void> put(const ModuleContent& content, Upload& zip) const;
  // Writes only where the list is not what it has to be.
  Result<void> refresh_list(std::string_view module_path) const;
  // Moves all files of the version below larder/damaged, so that it is not held; the caller holds its lock.
  Result<void> set_aside(const gomod::Module& module) const;

  // Every (module, held) of the store, sorted by path, then version in semver order. Names that are not
  // modules are passed over; `foreign`, if given, is told their keys.
  // `incomplete` of versions that have more than a crash before the first visible byte leaves. A folder that
  // cannot be read is an error, unless `unreadable` is given: then it is told, and the rest is answered.
  using Foreign = std::function<void(const std::string& key)>;
  using OnIncomplete = std::function<void(const Incomplete& version)>;
  using Unreadable = std::function<void(Error error)>;
  Result<std::vector<std::pair<gomod::Module, Held>>> all(const Foreign& foreign = nullptr,
                                                          const OnIncomplete& incomplete = nullptr,
                                                          const Unreadable& unreadable = nullptr) const;

  Store& store() const { return store_; }

 private:
  // What `list` has to say, unless it does.
  Result<std::optional<std::string>> stale_list(std::string_view module_path) const;

  Store& store_;
};

}  // namespace larder::store

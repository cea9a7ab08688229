// SPDX-License-Identifier: Apache-2.0
// What `go list -m` says about one module: as a line, as a value for -f and -json.
// Thread rule: a value. Spec: go-resolution.md 7 (list -m).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/go_value.hpp"
#include "fetch/info.hpp"

namespace larder::app {

struct ModuleFacts;

// Owns the facts about another module, or none. A copy owns a copy.
class OtherFacts {
 public:
  OtherFacts() = default;
  OtherFacts(std::unique_ptr<ModuleFacts> facts);
  OtherFacts(const OtherFacts& other);
  OtherFacts(OtherFacts&& other) noexcept;
  OtherFacts& operator=(OtherFacts other) noexcept;
  ~OtherFacts();

  explicit operator bool() const { return facts_ != nullptr; }
  ModuleFacts& operator*() { return *facts_; }
  const ModuleFacts& operator*() const { return *facts_; }
  ModuleFacts* operator->() { return facts_.get(); }
  const ModuleFacts* operator->() const { return facts_.get(); }

 private:
  std::unique_ptr<ModuleFacts> facts_;
};

struct ModuleFacts {
  std::string path;
  std::string version;
  std::string query;
  std::vector<std::string> versions;
  OtherFacts replace;
  std::optional<std::string> time;  // RFC 3339
  OtherFacts update;
  bool is_main = false;
  bool indirect = false;
  std::string dir;
  std::string go_mod;
  std::string go_version;
  std::vector<std::string> retracted;
  std::string deprecated;
  std::optional<std::string> error;
  std::string sum;
  std::string go_mod_sum;
  std::optional<fetch::Origin> origin;
  bool reuse = false;  // all of this is what -reuse gave

  // "PATH VERSION [UPDATE] => REPLACEMENT", as without -f.
  std::string text() const;
};

GoValue to_value(const ModuleFacts& facts);

// The same with only these fields, in the order of the struct, for -json=Path,Version.
GoValue with_fields(const GoValue& value, const std::vector<std::string>& names);

GoValue origin_value(const std::optional<fetch::Origin>& origin);

}  // namespace larder::app

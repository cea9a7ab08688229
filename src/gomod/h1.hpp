// SPDX-License-Identifier: Apache-2.0
// The "h1:" hash: SHA-256 over the sorted lines "<hex sha256>  <name>\n" of a set of files. It names the
// content of a module zip, a module folder, or a go.mod file.
// Thread rule: H1 is a value; an H1Builder belongs to one thread. Spec: go-modules.md 3.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::gomod {

struct H1 {
  Digest digest;

  std::string str() const;                           // "h1:" + 44 characters of base64
  static std::optional<H1> parse(std::string_view);  // exactly that form, canonical base64
  friend auto operator<=>(const H1&, const H1&) = default;
};

// Collects files in any order: content hashed elsewhere, one pass.
class H1Builder {
 public:
  // name as it stands in the zip: "<path>@<version>/<file>".
  void add(std::string name, const Digest& content) { files_.emplace_back(std::move(name), content); }
  void reserve(std::size_t files) { files_.reserve(files); }
  // Sorts and hashes; the builder is empty afterwards. Error where a name contains a newline.
  Result<H1> finish();

 private:
  std::vector<std::pair<std::string, Digest>> files_;
};

// The hash of a go.mod file, as go.sum's "/go.mod" lines have it.
H1 hash_go_mod(std::string_view bytes);

}  // namespace larder::gomod

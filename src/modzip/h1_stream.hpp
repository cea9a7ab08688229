// SPDX-License-Identifier: Apache-2.0
// The h1 of files whose names are already sorted: no copies of names, nothing kept. The general case is
// gomod::H1Builder. One thread. Spec: go-modules.md section 3.
#pragma once

#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "gomod/h1.hpp"

namespace larder::modzip {

class H1Stream {
 public:
  // In ascending order of names, compared as bytes.
  Result<void> add(std::string_view name, const Digest& content);
  gomod::H1 finish() { return {hash_.finish()}; }

 private:
  Sha256 hash_;
  std::string line_;
};

}  // namespace larder::modzip

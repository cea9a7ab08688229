// SPDX-License-Identifier: Apache-2.0
// A shared library that is opened when it is needed rather than when the program starts.
// Invariant: never closed again, since its functions are kept. Thread rule: one thread an object.
#pragma once

#include <bit>
#include <string>

#include "base/result.hpp"

namespace larder {

class LateLibrary {
 public:
  // soname: "libcurl.so.4", looked for where the dynamic linker looks. Kind::unavailable where it is not.
  static Result<LateLibrary> open(std::string soname);

  // What is not found stays as it is, and complete() says so.
  template <class Function>
  void find(Function*& function, const char* name) {
    void* const address = look_up(name);
    if (address != nullptr) function = std::bit_cast<Function*>(address);
  }
  // Was everything found?
  Result<void> complete() const;

 private:
  LateLibrary(std::string soname, void* handle) : soname_(std::move(soname)), handle_(handle) {}
  void* look_up(const char* name);

  std::string soname_;
  void* handle_;
  std::string missing_;
};

}  // namespace larder

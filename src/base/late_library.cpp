// SPDX-License-Identifier: Apache-2.0
#include "base/late_library.hpp"

#include <dlfcn.h>

namespace larder {

Result<LateLibrary> LateLibrary::open(std::string soname) {
  void* const handle = ::dlopen(soname.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const why = ::dlerror();  // NOLINT(concurrency-mt-unsafe): the thread's own
    return fail(Kind::unavailable, why == nullptr ? soname + " cannot be opened" : why,
                "install the package that has " + soname);
  }
  return LateLibrary(std::move(soname), handle);
}

void* LateLibrary::look_up(const char* name) {
  void* const found = ::dlsym(handle_, name);
  if (found == nullptr && missing_.empty()) missing_ = name;
  return found;
}

Result<void> LateLibrary::complete() const {
  if (missing_.empty()) return {};
  return fail(Kind::unavailable, soname_ + " has no " + missing_, "a newer one is needed");
}

}  // namespace larder

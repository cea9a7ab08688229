// SPDX-License-Identifier: Apache-2.0
// For what a build is: which tags hold, as `go list` and patterns like ./... see files (`mod tidy` and what
// it shares with others reads all of them, Tags::any()). Thread rule: values. Spec: go-resolution.md 6.2.
#pragma once

#include <string>
#include <string_view>

namespace larder::goscan {

struct BuildContext {
  std::string goos;
  std::string goarch;
  std::string go;  // "1.26.8": go1.1 to go1.26 hold
  bool cgo = false;

  bool holds(std::string_view tag) const;
};

}  // namespace larder::goscan

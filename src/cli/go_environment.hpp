// SPDX-License-Identifier: Apache-2.0
// The Go settings as the go command would see them, each with the place it came from. Order: non-empty
// operating system variable, the user's `go env -w` file, $GOROOT/go.env, built-in. Larder has no upstream of
// its own: GOPROXY and GOSUMDB are empty unless one of these names them. Thread rule: a value; share it
// read-only. Spec: go-modules.md 9.1.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sys/process.hpp"

namespace larder::cli {

struct GoSetting {
  std::string value;
  std::string source;  // "environment", "FILE", "default", "go command"
};

struct GoRefusal {
  std::string name;
  Error error;  // Kind::invalid, with go's words
};

class GoEnvironment {
 public:
  // Settings that the go command would refuse (relative GOMODCACHE, malformed GOFLAGS) are in refused().
  static Result<GoEnvironment> load(const sys::Environment& environment);

  const std::vector<GoRefusal>& refused() const { return refused_; }

  const std::string& get(const std::string& name) const;
  // In the order of the table of names; every name that Larder looks at.
  std::vector<std::pair<std::string, GoSetting>> all() const;

  // "1.26.8": of the go command on PATH, LARDER_GOVERSION, or the newest this program knows.
  const std::string& go_version() const { return go_version_.value; }
  // From here on the rules of another version are followed (see cli/toolchain.hpp).
  void go_on_as(std::string version) { go_version_ = {std::move(version), "GOTOOLCHAIN"}; }
  const GoSetting& go_version_setting() const { return go_version_; }
  const sys::Path& goroot() const { return goroot_; }        // empty: no go command found
  bool goflags_has(const std::string& flag) const;           // GOFLAGS=-modcacherw
  std::string goflags_value(const std::string& flag) const;  // "" where absent

 private:
  std::map<std::string, GoSetting> settings_;
  std::vector<GoRefusal> refused_;
  sys::Path goroot_;
  GoSetting go_version_;
};

}  // namespace larder::cli

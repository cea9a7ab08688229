// SPDX-License-Identifier: Apache-2.0
// Build constraints of a Go file: `//go:build` and `// +build` lines in its header.
// Expressions are evaluated while they are parsed: no tree, no allocation. Their size is bounded as in go
// (1000 tokens in a //go:build line, 100 in a +build line), which also bounds the recursion.
// Thread rule: pure functions. Spec: go-resolution.md 6.2.
#pragma once

#include <optional>
#include <string_view>

#include "goscan/build_context.hpp"

namespace larder::goscan {

// How a tag counts. `any`: as `go mod tidy` reads files: every tag holds, and so does its negation, except
// for `ignore`, which never holds.
class Tags {
 public:
  using Holds = bool (*)(std::string_view tag);
  static Tags any() { return Tags(nullptr); }
  // `holds` is asked for each tag.
  static Tags of(Holds holds) { return Tags(holds); }
  // The context outlives them.
  static Tags of(const BuildContext& context) {
    Tags out(nullptr);
    out.context_ = &context;
    return out;
  }

  // want: the value that would make the whole expression true.
  bool value(std::string_view tag, bool want) const {
    if (context_ != nullptr) return context_->holds(tag);
    if (holds_ != nullptr) return holds_(tag);
    return tag != "ignore" && want;
  }

 private:
  explicit Tags(Holds holds) : holds_(holds) {}
  Holds holds_;
  const BuildContext* context_ = nullptr;
};

// The expression of a "//go:build" line (that word included or not); nullopt for a syntax error.
std::optional<bool> evaluate_go_build(std::string_view line, Tags tags);
// The rest of a "// +build" line: alternatives apart by space, each of literals apart by comma. nullopt for
// one that is too large.
std::optional<bool> evaluate_plus_build(std::string_view line, Tags tags);

// What the header of a file says about building it.
enum class Constraint {
  allowed,   // also where there is no constraint
  excluded,  // or the expression has a syntax error
  repeated,  // two //go:build lines: go's direct reader leaves the file out, its index takes it as empty
};
Constraint check_constraints(std::string_view text, Tags tags);

// Does a system's name hold on another: linux on android.
bool system_holds(std::string_view wanted, std::string_view goos);

// Does the file's name exclude it from a build for the system (name_windows_arm64.go)? Not asked with
// Tags::any().
bool name_matches(std::string_view file_name, std::string_view goos, std::string_view goarch);

}  // namespace larder::goscan

// SPDX-License-Identifier: Apache-2.0
// The part of Go's text/template that `go list -m -f` has use for: text, {{- trimming -}}, comments, fields
// (`.Replace.Path`), `$`, literals, pipelines, parentheses, if/else, with/else, range/else, and the functions
// and, eq, join, len, ne, not, or, print, printf, println. Variables, nested templates and other functions
// are refused by name when parsing, never passed over. Bounds: 1 MiB of text, 100 levels. Thread rule:
// immutable after parse(). Spec: go-resolution.md 7 (list -m).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/go_value.hpp"
#include "base/result.hpp"

namespace larder::app {

struct TemplateNode;

class GoTemplate {
 public:
  // Errors have the form of Go's: "template: main:1: unclosed action".
  static Result<GoTemplate> parse(std::string_view text);

  // Appends to out; after an error out holds what was made before it.
  Result<void> run(const GoValue& dot, std::string& out) const;

  ~GoTemplate();
  GoTemplate(GoTemplate&& other) noexcept;
  GoTemplate& operator=(GoTemplate&& other) noexcept;

 private:
  explicit GoTemplate(std::unique_ptr<const TemplateNode> root);
  std::unique_ptr<const TemplateNode> root_;
};

}  // namespace larder::app

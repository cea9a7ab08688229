// SPDX-License-Identifier: Apache-2.0
// The syntax tree of a GoTemplate, between its parser and its runner. Thread rule: values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/go_value.hpp"
#include "base/result.hpp"

namespace larder::app {

struct TemplateCommand;

// Where something stands: "1:10", the column counted from 0 in bytes, as Go counts.
struct TemplatePlace {
  std::size_t line = 1;
  std::size_t column = 0;
};

struct TemplateOperand {
  enum class Is { dot, root, literal, function, pipeline };
  Is is = Is::dot;
  GoValue literal;                      // literal
  std::string function;                 // function: its name
  std::vector<TemplateCommand> inside;  // pipeline: "(a | b)"
  std::vector<std::string> fields;      // behind it: ".Replace.Path"
  std::string text;                     // as written, for errors
  TemplatePlace place;                  // of its last field but for the first
};

struct TemplateCommand {
  std::vector<TemplateOperand> operands;
};

struct TemplateNode {
  enum class Is { list, text, action, if_, with, range };
  Is is = Is::list;
  std::string text;
  std::vector<TemplateCommand> pipeline;
  std::vector<TemplateNode> body;
  std::vector<TemplateNode> otherwise;  // behind {{else}}
};

Result<TemplateNode> parse_template(std::string_view text);

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/go_template.hpp"

#include <array>

#include <fmt/format.h>

#include "app/go_template_nodes.hpp"
#include "base/text.hpp"

namespace larder::app {

namespace {

constexpr std::size_t k_max_output = 64U << 20U;  // bytes of one run

// Recursion follows the nesting of the template, which the parser bounds.
class Runner {
 public:
  Runner(const GoValue& root, std::string& out) : root_(root), out_(out) {}

  Result<void> list(const std::vector<TemplateNode>& nodes, const GoValue& dot) {
    for (const auto& node : nodes) TRY(run(node, dot));
    return {};
  }

 private:
  Result<void> run(const TemplateNode& node, const GoValue& dot) {
    using Is = TemplateNode::Is;
    if (out_.size() > k_max_output) return fail(Kind::invalid, "template: main: too much output");
    if (node.is == Is::text) {
      out_ += node.text;
      return {};
    }
    const auto value = TRY(pipeline(node.pipeline, dot));
    if (node.is == Is::action) {
      out_ += go_text(value);
      return {};
    }
    if (node.is == Is::range) return range(node, value, dot);
    if (!go_truth(value)) return list(node.otherwise, dot);
    return list(node.body, node.is == Is::with ? value : dot);
  }

  Result<void> range(const TemplateNode& node, const GoValue& value, const GoValue& dot) {
    if (value.list() == nullptr && value.as<GoNil>() == nullptr) {
      return error(node.pipeline.back().operands.front(), "range can't iterate over " + go_text(value));
    }
    if (!go_truth(value)) return list(node.otherwise, dot);
    for (const auto& item : *value.list()) TRY(list(node.body, item));
    return {};
  }

  Result<GoValue> pipeline(const std::vector<TemplateCommand>& commands, const GoValue& dot) {
    GoValue value;
    bool first = true;
    for (const auto& command : commands) {
      value = TRY(run(command, dot, first ? nullptr : &value));
      first = false;
    }
    return value;
  }

  // piped: what stands before the "|", the last argument.
  Result<GoValue> run(const TemplateCommand& command, const GoValue& dot, const GoValue* piped) {
    const auto& head = command.operands.front();
    std::vector<GoValue> arguments;
    for (std::size_t i = 1; i < command.operands.size(); ++i)
      arguments.push_back(TRY(operand(command.operands[i], dot)));
    if (piped != nullptr) arguments.push_back(*piped);
    if (head.is == TemplateOperand::Is::function)
      return fields(head, TRY(call(head, arguments)), arguments, false);
    return fields(head, TRY(base(head, dot)), arguments, true);
  }

  Result<GoValue> operand(const TemplateOperand& operand, const GoValue& dot) {
    if (operand.is == TemplateOperand::Is::function)
      return fields(operand, TRY(call(operand, {})), {}, false);
    return fields(operand, TRY(base(operand, dot)), {}, true);
  }

  Result<GoValue> base(const TemplateOperand& operand, const GoValue& dot) {
    switch (operand.is) {
      case TemplateOperand::Is::root:
        return root_;
      case TemplateOperand::Is::literal:
        return operand.literal;
      case TemplateOperand::Is::pipeline:
        return pipeline(operand.inside, dot);
      default:
        return dot;
    }
  }

  static Failure error(const TemplateOperand& at, const std::string& message) {
    return fail(Kind::invalid, fmt::format("template: main:{}:{}: executing \"main\" at <{}>: {}",
                                           at.place.line, at.place.column, at.text, message));
  }

  // Follows ".A.B". Arguments belong to the last one, which then must be a method.
  static Result<GoValue> fields(const TemplateOperand& at, GoValue value,
                                const std::vector<GoValue>& arguments, bool take_arguments) {
    for (std::size_t i = 0; i < at.fields.size(); ++i) {
      const bool last = i + 1 == at.fields.size() && take_arguments;
      value = TRY(field(at, value, at.fields[i], last ? arguments : std::vector<GoValue>{}));
    }
    if (at.fields.empty() && take_arguments && !arguments.empty()) {
      return error(at, fmt::format("can't give argument to non-function {}", at.text));
    }
    return value;
  }

  static Result<GoValue> field(const TemplateOperand& at, const GoValue& value, const std::string& name,
                               const std::vector<GoValue>& arguments) {
    if (const auto* time = value.as<GoTime>(); time != nullptr && name == "Format") {
      if (arguments.size() != 1 || arguments[0].as<std::string>() == nullptr) {
        return error(at, fmt::format("wrong number of args for Format: want 1 got {}", arguments.size()));
      }
      return GoValue{format_go_time(*time, *arguments[0].as<std::string>())};
    }
    const bool has_text = value.object() != nullptr && !value.object()->text.empty();
    if (name == "String" && (has_text || value.as<GoTime>() != nullptr)) return GoValue{go_text(value)};
    if (value.as<GoNil>() != nullptr) {
      return error(at, fmt::format("nil pointer evaluating {}.{}", go_type(value), name));
    }
    if (value.as<GoTime>() != nullptr)
      return error(at, fmt::format("{} of a time is not supported, only Format and String are", name));
    const auto* found = value.object() == nullptr ? nullptr : value.object()->field(name);
    if (found == nullptr)
      return error(at, fmt::format("can't evaluate field {} in type {}", name, go_type(value)));
    if (!arguments.empty()) {
      return error(at, fmt::format("{} has arguments but cannot be invoked as function", name));
    }
    return *found;
  }

  // ---- functions

  using Arguments = std::vector<GoValue>;
  using Function = Result<GoValue> (*)(const Arguments&);
  struct Row {
    std::string_view name;
    std::size_t least;
    std::size_t most;
    Function function;
  };

  static Result<GoValue> call(const TemplateOperand& at, const Arguments& arguments) {
    static constexpr std::size_t k_any = 1000;
    static constexpr std::array<Row, 10> k_rows = {{{"and", 1, k_any, and_},
                                                    {"or", 1, k_any, or_},
                                                    {"not", 1, 1, not_},
                                                    {"eq", 2, k_any, eq},
                                                    {"ne", 2, 2, ne},
                                                    {"len", 1, 1, len},
                                                    {"join", 2, 2, join_},
                                                    {"print", 0, k_any, print},
                                                    {"println", 0, k_any, println},
                                                    {"printf", 1, k_any, printf_}}};
    for (const auto& row : k_rows) {
      if (row.name != at.function) continue;
      if (arguments.size() < row.least || arguments.size() > row.most) {
        return error(at, fmt::format("wrong number of args for {}: want {}{} got {}", row.name,
                                     row.most == k_any ? "at least " : "", row.least, arguments.size()));
      }
      auto value = row.function(arguments);
      if (!value) return error(at, fmt::format("error calling {}: {}", row.name, value.error().message()));
      return value;
    }
    return error(at, fmt::format("function {} not defined", quote(at.function)));
  }

  static Result<GoValue> and_(const Arguments& a) {
    for (const auto& value : a) {
      if (!go_truth(value)) return value;
    }
    return a.back();
  }
  static Result<GoValue> or_(const Arguments& a) {
    for (const auto& value : a) {
      if (go_truth(value)) return value;
    }
    return a.back();
  }
  static Result<GoValue> not_(const Arguments& a) { return GoValue{!go_truth(a[0])}; }

  static bool comparable(const GoValue& v) {
    return v.as<bool>() != nullptr || v.as<std::int64_t>() != nullptr || v.as<std::string>() != nullptr;
  }
  static Result<GoValue> eq(const Arguments& a) {
    bool found = false;
    for (std::size_t i = 1; i < a.size(); ++i) {
      if (!comparable(a[0]) || a[0].is.index() != a[i].is.index())
        return fail(Kind::invalid, "incompatible types for comparison");
      found = found || go_text(a[0]) == go_text(a[i]);
    }
    return GoValue{found};
  }
  static Result<GoValue> ne(const Arguments& a) { return GoValue{!go_truth(TRY(eq(a)))}; }

  static Result<GoValue> len(const Arguments& a) {
    if (const auto* text = a[0].as<std::string>()) return GoValue{static_cast<std::int64_t>(text->size())};
    if (const auto* list = a[0].list()) return GoValue{static_cast<std::int64_t>(list->size())};
    return fail(Kind::invalid, fmt::format("len of type {}", go_type(a[0])));
  }
  static Result<GoValue> join_(const Arguments& a) {
    if (a[0].list() == nullptr || a[1].as<std::string>() == nullptr) {
      return fail(Kind::invalid, "wrong type of argument: join wants a list and a text");
    }
    std::vector<std::string> parts;
    for (const auto& item : *a[0].list()) parts.push_back(go_text(item));
    return GoValue{join(parts, *a[1].as<std::string>())};
  }
  // As fmt.Sprint: a blank between two that are both no text.
  static Result<GoValue> print(const Arguments& a) {
    std::string out;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (i > 0 && a[i].as<std::string>() == nullptr && a[i - 1].as<std::string>() == nullptr) out += ' ';
      out += go_text(a[i]);
    }
    return GoValue{std::move(out)};
  }
  static Result<GoValue> println(const Arguments& a) {
    std::vector<std::string> parts;
    for (const auto& value : a) parts.push_back(go_text(value));
    return GoValue{join(parts, " ") + "\n"};
  }

  // %v, %s, %q, %d, %t and %%, with "-" and a width.
  static Result<GoValue> printf_(const Arguments& a) {
    if (a[0].as<std::string>() == nullptr) return fail(Kind::invalid, "the format is no text");
    const std::string_view format = *a[0].as<std::string>();
    std::string out;
    std::size_t next = 1;
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] != '%') {
        out += format[i];
        continue;
      }
      const auto verb = format.find_first_not_of("-0123456789", i + 1);
      if (verb == std::string_view::npos) return fail(Kind::invalid, "the format ends inside a verb");
      if (format[verb] == '%') {
        out += '%';
      } else {
        if (next == a.size()) return fail(Kind::invalid, "too few arguments for the format");
        out += padded(TRY(formatted(format[verb], a[next++])), format.substr(i + 1, verb - i - 1));
      }
      i = verb;
    }
    if (next != a.size()) return fail(Kind::invalid, "too many arguments for the format");
    return GoValue{std::move(out)};
  }
  static Result<std::string> formatted(char verb, const GoValue& value) {
    if (verb == 'v' || verb == 's') return go_text(value);
    if (verb == 'q' && value.as<std::string>() != nullptr) return quote(*value.as<std::string>());
    if (verb == 'd' && value.as<std::int64_t>() != nullptr) return go_text(value);
    if (verb == 't' && value.as<bool>() != nullptr) return go_text(value);
    return fail(Kind::invalid, fmt::format("%{} of {} is not supported in -f", verb, go_type(value)));
  }
  static std::string padded(std::string text, std::string_view flags) {
    const bool left = flags.starts_with('-');
    const auto width = parse_uint(left ? flags.substr(1) : flags, 10'000).value_or(0);
    if (text.size() < width) text.insert(left ? text.size() : 0, width - text.size(), ' ');
    return text;
  }

  const GoValue& root_;
  std::string& out_;
};

}  // namespace

GoTemplate::GoTemplate(std::unique_ptr<const TemplateNode> root) : root_(std::move(root)) {}
GoTemplate::~GoTemplate() = default;
GoTemplate::GoTemplate(GoTemplate&& other) noexcept = default;
GoTemplate& GoTemplate::operator=(GoTemplate&& other) noexcept = default;

Result<GoTemplate> GoTemplate::parse(std::string_view text) {
  return GoTemplate(std::make_unique<const TemplateNode>(TRY(parse_template(text))));
}

Result<void> GoTemplate::run(const GoValue& dot, std::string& out) const {
  return Runner(dot, out).list(root_->body, dot);
}

}  // namespace larder::app

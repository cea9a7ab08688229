// SPDX-License-Identifier: Apache-2.0
#include "gomod/workfile.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "gomod/directives.hpp"

namespace larder::gomod {

namespace {
class WorkReader {
 public:
  WorkReader(WorkFile& file, const VersionFixer& fixer)
      : file_(file), reader_(file.syntax, fixer), errors_(file.syntax.name) {}

  Result<void> run();

 private:
  struct Row {
    std::string_view verb;
    bool block;
    Result<void> (WorkReader::*read)(const Directive&);
  };
  static const std::array<Row, 5> k_rows;

  static const Row* row(std::string_view verb);
  void line(const Directive& d);

  Result<void> go(const Directive& d) { return reader_.go(d, true, file_.go); }
  Result<void> toolchain(const Directive& d) { return reader_.toolchain(d, file_.toolchain); }
  Result<void> godebug(const Directive& d) { return reader_.godebug(d, file_.godebug); }
  Result<void> use(const Directive& d);
  Result<void> replace(const Directive& d) { return reader_.replace(d, file_.replace); }

  WorkFile& file_;
  DirectiveReader reader_;
  FileErrors errors_;
};

const std::array<WorkReader::Row, 5> WorkReader::k_rows = {{
    {"go", false, &WorkReader::go},
    {"toolchain", false, &WorkReader::toolchain},
    {"godebug", true, &WorkReader::godebug},
    {"use", true, &WorkReader::use},
    {"replace", true, &WorkReader::replace},
}};

const WorkReader::Row* WorkReader::row(std::string_view verb) {
  const auto* found =
      std::find_if(k_rows.begin(), k_rows.end(), [&](const Row& r) { return r.verb == verb; });
  return found == k_rows.end() ? nullptr : found;
}

Result<void> WorkReader::use(const Directive& d) {
  if (d.args.size() != 1) return fail(Kind::invalid, "usage: use local/dir");
  file_.use.push_back({TRY(reader_.text(d.args[0]).context("invalid quoted string")), d.line});
  return {};
}

void WorkReader::line(const Directive& d) {
  if (const auto* known = row(d.verb)) {
    if (auto ok = (this->*known->read)(d); !ok) errors_.add(d.line->start, ok.error());
    return;
  }
  std::vector<std::string> verbs;
  verbs.reserve(k_rows.size());
  for (const auto& r : k_rows) verbs.emplace_back(r.verb);
  errors_.add(d.line->start, unknown_directive(d.verb, verbs));
}

Result<void> WorkReader::run() {
  for_each_directive(
      file_.syntax,
      [](std::string_view verb) {
        const auto* known = row(verb);
        return known != nullptr && known->block;
      },
      [&](const Directive& d) { line(d); },
      [&](const LineBlock& block) { errors_.add(block.start, unknown_block(block)); });
  if (errors_.empty()) return {};
  return fail(std::move(errors_).take());
}
}  // namespace

Result<WorkFile> parse_work(std::string_view name, std::string_view text, const VersionFixer& fixer) {
  WorkFile file;
  file.syntax = TRY(parse_syntax(name, text, k_max_own_tokens));
  TRY(WorkReader(file, fixer).run());
  return file;
}

}  // namespace larder::gomod

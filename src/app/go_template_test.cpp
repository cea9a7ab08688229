// SPDX-License-Identifier: Apache-2.0
#include "app/go_template.hpp"

#include <gtest/gtest.h>

#include "app/module_facts.hpp"

namespace larder::app {
namespace {

GoValue sample() {
  ModuleFacts m;
  m.path = "example.com/a";
  m.version = "v1.0.0";
  m.versions = {"v1.0.0", "v1.1.0"};
  m.time = "2018-02-14T00:45:20Z";
  m.indirect = true;
  m.error = "broken";
  m.replace = std::make_unique<ModuleFacts>();
  m.replace->path = "./b";
  m.replace->dir = "/w/b";
  return to_value(m);
}

struct Case {
  std::string_view name;
  std::string_view text;
  std::string_view expected;
};

class Runs : public testing::TestWithParam<Case> {};

TEST_P(Runs, AsGo) {
  const auto parsed = GoTemplate::parse(GetParam().text);
  ASSERT_TRUE(parsed) << parsed.error().message();
  std::string out;
  const auto done = parsed->run(sample(), out);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(out, GetParam().expected);
}

// The expected texts are those of the go command for the same values.
constexpr Case k_runs[] = {
    {"Field", "{{.Path}}@{{.Version}}", "example.com/a@v1.0.0"},
    {"String", "{{.String}}", "example.com/a v1.0.0 => ./b"},
    {"Dot", "{{.}}", "example.com/a v1.0.0 => ./b"},
    {"Chain", "{{.Replace.Path}}", "./b"},
    {"Nil", "{{.Update}} {{.Origin}}", "<nil> <nil>"},
    {"EmptyList", "{{.Retracted}}", "[]"},
    {"List", "{{.Versions}}", "[v1.0.0 v1.1.0]"},
    {"Struct", "{{.Error}}", "{broken}"},
    {"StructField", "{{.Error.Err}}", "broken"},
    {"If", "{{if .Indirect}}yes{{else}}no{{end}}", "yes"},
    {"Else", "{{if .Main}}yes{{else}}no{{end}}", "no"},
    {"ElseIf", "{{if .Main}}a{{else if .Indirect}}b{{else}}c{{end}}", "b"},
    {"ElseIfElse", "{{if .Main}}a{{else if .Main}}b{{else}}c{{end}}", "c"},
    {"With", "{{with .Replace}}{{.Path}}:{{$.Path}}{{end}}", "./b:example.com/a"},
    {"WithElse", "{{with .Update}}u{{else}}{{.Path}}{{end}}", "example.com/a"},
    {"Range", "{{range .Versions}}<{{.}}>{{end}}", "<v1.0.0><v1.1.0>"},
    {"RangeElse", "{{range .Retracted}}x{{else}}none{{end}}", "none"},
    {"Join", "{{join .Versions \", \"}}", "v1.0.0, v1.1.0"},
    {"Pipe", "{{.Path | printf \"%-15s|%q\" .Version}}", "v1.0.0         |\"example.com/a\""},
    {"Parens", "{{if and (not .Main) (eq .Version \"v1.0.0\")}}x{{end}}", "x"},
    {"ParenField", "{{(.Replace).Dir}}", "/w/b"},
    {"Len", "{{len .Versions}} {{len .Path}}", "2 13"},
    {"Trim", "a {{- .Version -}} b", "av1.0.0b"},
    {"Comment", "a{{/* no }} end */}}b", "ab"},
    {"Time", "{{.Time}}", "2018-02-14 00:45:20 +0000 UTC"},
    {"Format", "{{.Time.Format \"2006-01-02\"}}", "2018-02-14"},
    {"BraceInText", "{{\"}}\"}}", "}}"},
    {"Raw", "{{`a\\n`}}", "a\\n"},
    {"Print", "{{print 1 2 \"a\" true}}", "1 2atrue"},
    {"Or", "{{or .Query .Path}}", "example.com/a"},
};

INSTANTIATE_TEST_SUITE_P(GoTemplate, Runs, testing::ValuesIn(k_runs),
                         [](const auto& it) { return std::string(it.param.name); });

class Fails : public testing::TestWithParam<Case> {};

TEST_P(Fails, WithReason) {
  const auto parsed = GoTemplate::parse(GetParam().text);
  std::string out;
  const auto done = parsed ? parsed->run(sample(), out) : Result<void>(fail(parsed.error()));
  ASSERT_FALSE(done) << out;
  EXPECT_EQ(done.error().message(), GetParam().expected);
}

constexpr Case k_fails[] = {
    {"Unclosed", "{{.Path", "template: main:1: unclosed action"},
    {"NoEnd", "{{if .Path}}", "template: main:1: unexpected EOF"},
    {"StrayEnd", "a\n{{end}}", "template: main:2: unexpected {{end}}"},
    {"NoFunction", "{{foo}}", "template: main:1: function \"foo\" not defined"},
    {"Unbuilt", "{{index .Versions 0}}", "template: main:1: \"index\" is not supported in -f"},
    {"Variable", "{{$x := .Path}}", "template: main:1: variables are not supported in -f"},
    {"NoField", "{{.Foo}}",
     "template: main:1:2: executing \"main\" at <.Foo>: can't evaluate field Foo in type "
     "*modinfo.ModulePublic"},
    {"NilPointer", "{{.Update.Path}}",
     "template: main:1:9: executing \"main\" at <.Update.Path>: nil pointer evaluating "
     "*modinfo.ModulePublic.Path"},
    {"Range", "{{range .Path}}{{end}}",
     "template: main:1:8: executing \"main\" at <.Path>: range can't iterate over example.com/a"},
    {"Empty", "{{}}", "template: main:1: missing value for command"},
};

INSTANTIATE_TEST_SUITE_P(GoTemplate, Fails, testing::ValuesIn(k_fails),
                         [](const auto& it) { return std::string(it.param.name); });

TEST(GoTemplate, RefusesDeepNesting) {
  std::string text = "{{";
  for (int i = 0; i < 100'000; ++i) text += "(";
  EXPECT_FALSE(GoTemplate::parse(text + "}}"));
  std::string ifs;
  for (int i = 0; i < 1000; ++i) ifs += "{{if .}}";
  EXPECT_FALSE(GoTemplate::parse(ifs));
}

TEST(GoTemplate, BrokenTextIsAnErrorOrAResult) {
  const std::string whole =
      "{{with .Replace}}{{join .Versions \"a\\\"\"}}{{else}}{{printf \"%q\" (.A).B}}{{- end -}}";
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char c : {'{', '}', '"', '(', '|', '\0', '-'}) {
      auto text = whole;
      text[i] = c;
      std::string out;
      if (const auto parsed = GoTemplate::parse(text))
        static_cast<void>(parsed->run(sample(), out).has_value());
    }
    static_cast<void>(GoTemplate::parse(whole.substr(0, i)).has_value());
  }
}

TEST(GoValue, Json) {
  EXPECT_EQ(go_json(with_fields(sample(), {"Version", "Path", "Error", "Retracted"})),
            "{\n\t\"Path\": \"example.com/a\",\n\t\"Version\": \"v1.0.0\",\n\t\"Error\": {\n\t\t\"Err\": "
            "\"broken\"\n\t}\n}");
  EXPECT_EQ(go_json(GoValue{std::string("<a&b>\xe2\x80\xa8")}), R"("\u003ca\u0026b\u003e\u2028")");
  EXPECT_EQ(go_json(with_fields(sample(), {})), "{}");
}

}  // namespace
}  // namespace larder::app

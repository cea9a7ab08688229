// SPDX-License-Identifier: Apache-2.0
#include "vcs/meta.hpp"

#include <gtest/gtest.h>

namespace larder::vcs {
namespace {

const MetaImport k_git{"a.test/m", "git", "https://g.test/m", ""};

struct PageCase {
  const char* name;
  std::string page;
  std::vector<MetaImport> imports;
  const char* error;  // nullptr: none
};
class MetaPage : public testing::TestWithParam<PageCase> {};
TEST_P(MetaPage, imports) {
  const auto& row = GetParam();
  const auto got = parse_meta_imports(row.page);
  if (row.error) {
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().message(), row.error);
    return;
  }
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(*got, row.imports);
}

const std::string k_tag = R"(<meta name="go-import" content="a.test/m git https://g.test/m">)";

INSTANTIATE_TEST_SUITE_P(
    All, MetaPage,
    testing::Values(
        PageCase{"plain", "<html><head>" + k_tag + "</head></html>", {k_git}, nullptr},
        PageCase{"nothing", "", {}, nullptr}, PageCase{"text_only", "hello", {}, nullptr},
        PageCase{"upper_case",
                 "<META NAME='go-import' CONTENT='a.test/m git https://g.test/m'/>",
                 {k_git},
                 nullptr},
        PageCase{"unquoted_name",
                 "<meta name=go-import content=\"a.test/m git https://g.test/m\">",
                 {k_git},
                 nullptr},
        PageCase{"other_meta", "<meta name=\"description\" content=\"a b c\">" + k_tag, {k_git}, nullptr},
        PageCase{"name_space",
                 "<meta x:name=\"go-import\" y:content=\"a.test/m git https://g.test/m\">",
                 {k_git},
                 nullptr},
        PageCase{"white_space",
                 "<meta name=\"go-import\"\n content=\"a.test/m\n\tgit  https://g.test/m \">",
                 {k_git},
                 nullptr},
        PageCase{"entities",
                 "<meta name=\"go&#45;import\" content=\"a.test/m git https://g.test/m?a&amp;b&x;&#x41;\">",
                 {{"a.test/m", "git", "https://g.test/m?a&b&x;A", ""}},
                 nullptr},
        PageCase{"subdir",
                 "<meta name=\"go-import\" content=\"a.test/m git https://g.test/m sub/dir\">",
                 {{"a.test/m", "git", "https://g.test/m", "sub/dir"}},
                 nullptr},
        PageCase{"two_words", "<meta name=\"go-import\" content=\"a.test/m git\">", {}, nullptr},
        PageCase{"five_words", "<meta name=\"go-import\" content=\"a b c d e\">", {}, nullptr},
        PageCase{"after_the_head", "<head></head>" + k_tag, {}, nullptr},
        PageCase{"in_the_body", "<body>" + k_tag, {}, nullptr},
        PageCase{"in_a_comment", "<!-- " + k_tag + " -->", {}, nullptr},
        PageCase{"in_cdata", "<![CDATA[" + k_tag + "]]>", {}, nullptr},
        PageCase{
            "doctype", "<!DOCTYPE html PUBLIC \"-//W3C//DTD > x\" [<!ELEMENT a>]>" + k_tag, {k_git}, nullptr},
        PageCase{"doctype_with_comment", "<!DOCTYPE <!-- ' --> html>" + k_tag, {k_git}, nullptr},
        PageCase{"attribute_without_value", "<script async>x</script>" + k_tag, {k_git}, nullptr},
        PageCase{"mod_first",
                 k_tag + "<meta name=\"go-import\" content=\"b.test/x mod https://p.test\">",
                 {{"b.test/x", "mod", "https://p.test", ""}, k_git},
                 nullptr},
        PageCase{"mod_replaces",
                 k_tag + "<meta name=\"go-import\" content=\"a.test/m mod https://p.test\">",
                 {{"a.test/m", "mod", "https://p.test", ""}},
                 nullptr},
        PageCase{"fault_after_a_tag", k_tag + "<a <b>", {k_git}, nullptr},
        PageCase{"utf8_declared", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + k_tag, {k_git}, nullptr},
        PageCase{
            "latin1_declared",
            "<?xml version='1.0' encoding='ISO-8859-1'?>" + k_tag,
            {},
            "xml: opening charset \"ISO-8859-1\": can't decode XML document using charset \"ISO-8859-1\""},
        PageCase{"xml_2",
                 "<?xml version='2.0'?>" + k_tag,
                 {},
                 "xml: unsupported version \"2.0\"; only version 1.0 is supported"},
        PageCase{"latin1_text",
                 "<html>\n<title>\xe9</title>" + k_tag,
                 {},
                 "XML syntax error on line 2: invalid UTF-8"},
        PageCase{"script",
                 "<script>if (a < b) {}</script>" + k_tag,
                 {},
                 "XML syntax error on line 1: expected element name after <"},
        PageCase{"cut_tag", "<html><meta name=\"go-imp", {}, "XML syntax error on line 1: unexpected EOF"},
        PageCase{"quote_over_tag",
                 "<a b=\"<\">",
                 {},
                 "XML syntax error on line 1: unescaped < inside quoted string"},
        PageCase{"control_character",
                 std::string("<html>\x01"),
                 {},
                 "XML syntax error on line 1: illegal character code U+0001"},
        PageCase{"bad_comment",
                 "<!-- a -- b -->",
                 {},
                 "XML syntax error on line 1: invalid sequence \"--\" not allowed in comments"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(MetaPageLimit, what_stands_beyond_it_does_not_exist) {
  const std::string filler(k_max_page, ' ');
  EXPECT_TRUE(parse_meta_imports(filler + k_tag).value().empty());
}

TEST(MatchImport, by_whole_elements) {
  const std::vector<MetaImport> imports = {k_git, {"a.test/n", "mod", "https://p.test", ""}};
  EXPECT_EQ(match_import(imports, "a.test/m").value(), k_git);
  EXPECT_EQ(match_import(imports, "a.test/m/x").value(), k_git);
  EXPECT_EQ(
      match_import(imports, "a.test/mm").error().message(),
      "meta tag a.test/m did not match import path a.test/mm, meta tag a.test/n did not match import path "
      "a.test/mm");
  EXPECT_EQ(match_import({k_git, k_git}, "a.test/m").error().message(),
            "multiple meta tags match import path \"a.test/m\"");
  EXPECT_EQ(match_import({}, "a.test/m").error().kind(), Kind::not_found);
}

}  // namespace
}  // namespace larder::vcs

// SPDX-License-Identifier: Apache-2.0
#include "fetch/verify.hpp"

#include <gtest/gtest.h>

namespace larder::fetch {
namespace {

const gomod::Module k_m{"example.com/m", "v1.0.0"};
const gomod::Module k_toolchain{"golang.org/toolchain", "v0.0.1-go1.26.8.linux-amd64"};

gomod::H1 hash_of(std::string_view text) {
  return {sha256(text)};
}

gomod::GoSum sums_of(const gomod::Module& module, std::string_view zip, std::string_view mod) {
  gomod::GoSum sums;
  if (!zip.empty()) sums.add(module, Of::zip, hash_of(zip).str());
  if (!mod.empty()) sums.add(module, Of::go_mod, hash_of(mod).str());
  return sums;
}

TEST(Verifier, a_line_of_go_sum_decides) {
  const auto sums = sums_of(k_m, "zip", "mod");
  Settings off;
  off.gosumdb = "off";
  const Verifier verifier({{{&sums, "go.sum"}}, off, nullptr});
  EXPECT_EQ(verifier.verify(k_m, Of::zip, hash_of("zip")), Proof::go_sum);
  EXPECT_EQ(verifier.verify(k_m, Of::go_mod, hash_of("mod")), Proof::go_sum);
  const auto wrong = verifier.verify(k_m, Of::zip, hash_of("other"));
  ASSERT_FALSE(wrong) << "GOSUMDB=off does not switch go.sum off";
  EXPECT_EQ(wrong.error().kind(), Kind::unverified);
  EXPECT_EQ(wrong.error().message(), "verifying example.com/m@v1.0.0: checksum mismatch\n\tdownloaded: " +
                                         hash_of("other").str() + "\n\tgo.sum:     " + hash_of("zip").str() +
                                         "\n\nSECURITY ERROR\nThis download does NOT match an earlier "
                                         "download recorded in go.sum.\n"
                                         "The bits may have been replaced on the origin server, or an "
                                         "attacker may\n"
                                         "have intercepted the download attempt.\n\n"
                                         "For more information, see 'go help module-auth'.\n");
  const auto wrong_mod = verifier.verify(k_m, Of::go_mod, hash_of("zip"));
  ASSERT_FALSE(wrong_mod);
  EXPECT_TRUE(
      wrong_mod.error().message().starts_with("verifying example.com/m@v1.0.0/go.mod: checksum mismatch\n"));
}

TEST(Verifier, names_the_file_with_the_other_hash) {
  const auto own = sums_of(k_m, "", "mod");
  const auto work = sums_of(k_m, "zip", "");
  const Verifier verifier({{{&own, "go.sum"}, {&work, "go.work.sum"}}, {}, nullptr});
  EXPECT_EQ(verifier.verify(k_m, Of::zip, hash_of("zip")), Proof::go_sum);
  const auto wrong = verifier.verify(k_m, Of::zip, hash_of("x"));
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("\n\tgo.work.sum:     h1:"), std::string::npos);
}

TEST(Verifier, hashes_of_other_algorithms_prove_nothing) {
  gomod::GoSum sums;
  sums.add(k_m, Of::zip, "h2:abc");
  const Verifier verifier({{{&sums, "go.sum"}}, {}, nullptr});
  const auto result = verifier.verify(k_m, Of::zip, hash_of("zip"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(),
            "example.com/m@v1.0.0: verifying module: no line in go.sum, and no checksum database");
}

struct ExemptCase {
  const char* name;
  gomod::Module module;
  Settings settings;
  std::optional<Proof> proof;
};
Settings settings(std::string gosumdb, std::string gonosumdb, std::string goprivate,
                  std::string goproxy = "") {
  Settings out;
  out.gosumdb = std::move(gosumdb);
  out.gonosumdb = std::move(gonosumdb);
  out.goprivate = std::move(goprivate);
  out.goproxy = std::move(goproxy);
  return out;
}
class Exempt : public testing::TestWithParam<ExemptCase> {};
TEST_P(Exempt, table) {
  const Verifier verifier({{}, GetParam().settings, nullptr});
  for (const auto of : {Of::zip, Of::go_mod}) {
    const auto result = verifier.verify(GetParam().module, of, hash_of("x"));
    if (GetParam().proof) {
      EXPECT_EQ(result, *GetParam().proof);
    } else {
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().kind(), Kind::unverified);
      EXPECT_FALSE(result.error().hint().empty());
    }
  }
}
INSTANTIATE_TEST_SUITE_P(
    Verifier, Exempt,
    testing::Values(
        ExemptCase{"default", k_m, settings("", "", ""), {}},
        ExemptCase{"named_database", k_m, settings("sum.test", "", ""), {}},
        ExemptCase{"off", k_m, settings("off", "", ""), Proof::sumdb_off},
        ExemptCase{"gonosumdb", k_m, settings("", "example.com", ""), Proof::exempt},
        ExemptCase{"goprivate", k_m, settings("", "", "*.com/m"), Proof::exempt},
        ExemptCase{"gonosumdb_overrides_goprivate", k_m, settings("", "none", "example.com"), {}},
        ExemptCase{"other_module", k_m, settings("", "example.org", ""), {}},
        ExemptCase{"toolchain_off", k_toolchain, settings("off", "", ""), {}},
        ExemptCase{"toolchain_private", k_toolchain, settings("", "*", ""), {}},
        ExemptCase{"toolchain_file", k_toolchain, settings("off", "", "", "file:///x"),
                   Proof::local_toolchain},
        ExemptCase{"toolchain_file_private", k_toolchain, settings("", "golang.org", "", "file:///x"),
                   Proof::local_toolchain},
        ExemptCase{"toolchain_file_and_database", k_toolchain, settings("", "", "", "file:///x"), {}},
        ExemptCase{"toolchain_files", k_toolchain, settings("off", "", "", "file:///x,file:///y"), {}},
        ExemptCase{"toolchain_http", k_toolchain, settings("off", "", "", "http://p.test"), {}}),
    [](const auto& row) { return std::string(row.param.name); });

class FakeDatabase final : public Authority {
 public:
  Result<void> confirm(const gomod::Module&, Of, const gomod::H1& hash, std::stop_token) const override {
    ++asked;
    if (hash == hash_of("good")) return {};
    return fail(Kind::unverified, "database says no");
  }
  mutable int asked = 0;
};

TEST(Verifier, asks_the_database_last) {
  const auto sums = sums_of(k_m, "line", "");
  const FakeDatabase database;
  const Verifier verifier({{{&sums, "go.sum"}}, settings("", "private.test", ""), &database});
  EXPECT_EQ(verifier.verify(k_m, Of::zip, hash_of("line")), Proof::go_sum);
  EXPECT_EQ(verifier.verify({"private.test/m", "v1.0.0"}, Of::zip, hash_of("x")), Proof::exempt);
  EXPECT_EQ(database.asked, 0);
  EXPECT_EQ(verifier.verify(k_m, Of::go_mod, hash_of("good")), Proof::checksum_database);
  EXPECT_EQ(verifier.verify(k_toolchain, Of::zip, hash_of("good")), Proof::checksum_database);
  EXPECT_FALSE(verifier.verify(k_m, Of::go_mod, hash_of("bad")));
  EXPECT_EQ(database.asked, 3);
}

TEST(Verifier, recheck_only_looks_for_a_contradiction) {
  const auto sums = sums_of(k_m, "zip", "");
  const Verifier verifier({{{&sums, "go.sum"}}, {}, nullptr});
  EXPECT_EQ(verifier.recheck(k_m, Of::zip, hash_of("zip")), Proof::go_sum);
  EXPECT_EQ(verifier.recheck(k_m, Of::go_mod, hash_of("mod")), Proof::held);
  EXPECT_FALSE(verifier.recheck(k_m, Of::zip, hash_of("other")));
}

TEST(Proof, has_a_name) {
  EXPECT_EQ(proof_name(Proof::go_sum), "go.sum");
  EXPECT_EQ(proof_name(Proof::held), "held");
}

}  // namespace
}  // namespace larder::fetch

// SPDX-License-Identifier: Apache-2.0
#include "fetch/download.hpp"

#include <atomic>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "fetch/test_modules.hpp"
#include "store/memory/memory_store.hpp"

namespace larder::fetch {
namespace {

const gomod::Module k_m{"example.com/Up/m", "v1.0.0"};

// A source that counts, and gives what it is told to.
class FakeSource final : public ModuleSource {
 public:
  explicit FakeSource(const TestModule& m) : mod_(m.mod), zip_(m.zip) {}

  Result<std::vector<std::string>> list(std::string_view, std::stop_token) const override {
    return missing();
  }
  Result<Info> latest(std::string_view, std::stop_token) const override { return missing(); }
  Result<Info> info(std::string_view, std::string_view query, std::stop_token) const override {
    ++requests;
    return Info{std::string(query), "2024-01-02T03:04:05Z", std::nullopt};
  }
  Result<std::string> mod(const gomod::Module&, std::stop_token) const override {
    ++requests;
    return mod_;
  }
  Result<void> zip(const gomod::Module&, ByteSink& sink, std::stop_token) const override {
    ++requests;
    if (restarts) {
      TRY(sink.write(as_bytes("a false start")));
      TRY(sink.restart());
    }
    TRY(sink.write(as_bytes(std::string_view(zip_).substr(0, 10))));
    TRY(sink.write(as_bytes(std::string_view(zip_).substr(10))));
    if (cut) return fail(Kind::unavailable, "unexpected EOF");
    return {};
  }

  std::string mod_;
  std::string zip_;
  bool restarts = false;
  bool cut = false;
  mutable std::atomic<int> requests = 0;

 private:
  static Failure missing() { return fail(Kind::not_found, "nothing here"); }
};

class Stock : public testing::Test {
 protected:
  Stock() {
    sums_.add(k_m, Of::zip, m_.zip_hash.str());
    sums_.add(k_m, Of::go_mod, m_.mod_hash.str());
  }
  Result<Downloaded> stock() { return stock_module(source_, verifier_, modules_, k_m, {}); }
  Result<Downloaded> require() { return stock_requirement(source_, verifier_, modules_, k_m, {}); }
  // Every object that is not a lock.
  std::vector<std::string> keys(const std::string& prefix = "") {
    std::vector<std::string> out;
    const auto children = store_->list(prefix).value();
    for (const auto& child : children) {
      const std::string key = prefix.empty() ? child.name : prefix + "/" + child.name;
      if (child.is_prefix) {
        for (auto& below : keys(key)) out.push_back(std::move(below));
      } else if (!key.ends_with(".lock")) {
        out.push_back(key);
      }
    }
    return out;
  }

  TestModule m_{k_m};
  FakeSource source_{m_};
  gomod::GoSum sums_;
  Verifier verifier_{{{{&sums_, "go.sum"}}, {}, nullptr}};
  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  store::GoModules modules_{*store_};
};

TEST_F(Stock, brings_a_module_in) {
  const auto done = stock();
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_FALSE(done->already_held);
  EXPECT_EQ(done->zip_hash, m_.zip_hash);
  EXPECT_EQ(done->mod_hash, m_.mod_hash);
  EXPECT_EQ(done->zip_proof, Proof::go_sum);
  EXPECT_EQ(done->mod_proof, Proof::go_sum);
  EXPECT_EQ(modules_.held(k_m), store::Held::whole);
  EXPECT_EQ(modules_.info(k_m), R"({"Version":"v1.0.0","Time":"2024-01-02T03:04:05Z"})");
  EXPECT_EQ(modules_.mod(k_m), m_.mod);
  EXPECT_EQ(modules_.ziphash(k_m), m_.zip_hash);
  EXPECT_EQ(as_text((*modules_.zip(k_m))->bytes().value()), m_.zip);
  EXPECT_EQ(done->bytes, modules_.info(k_m)->size() + m_.mod.size() + m_.zip.size());
}

TEST_F(Stock, what_is_held_costs_no_request) {
  ASSERT_TRUE(stock());
  EXPECT_EQ(source_.requests, 3);
  const auto again = stock();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->already_held);
  EXPECT_EQ(again->bytes, 0U);
  EXPECT_EQ(again->zip_hash, m_.zip_hash);
  EXPECT_TRUE(require()->already_held);
  EXPECT_EQ(source_.requests, 3);
}

TEST_F(Stock, a_requirement_is_the_mod_alone_and_can_grow) {
  const auto requirement = require();
  ASSERT_TRUE(requirement) << requirement.error().message();
  EXPECT_FALSE(requirement->zip_hash);
  EXPECT_EQ(modules_.held(k_m), store::Held::requirement);
  EXPECT_EQ(source_.requests, 1);
  ASSERT_TRUE(stock());
  EXPECT_EQ(source_.requests, 3) << "the .mod is not fetched twice";
  EXPECT_EQ(modules_.held(k_m), store::Held::whole);
}

TEST_F(Stock, a_restarted_zip_is_whole) {
  source_.restarts = true;
  const auto done = stock();
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(as_text((*modules_.zip(k_m))->bytes().value()), m_.zip);
}

class Mending : public Stock {
 protected:
  std::string key(store::Part part) { return store::module_key(k_m, part).value(); }
  std::map<std::string, std::string> everything() {
    std::map<std::string, std::string> out;
    for (const auto& k : keys()) out[k] = store::read(*store_, k).value();
    return out;
  }
  void damage(store::Part part) {
    auto text = store::read(*store_, key(part)).value();
    // Of a zip the content of the first file: how it ends is looked at each time.
    const std::size_t at = part == store::Part::zip ? text.find("@v") + 20 : text.size() / 2;
    text[at] = static_cast<char>(text[at] ^ 1);
    ASSERT_TRUE(store_->put(key(part), as_bytes(part == store::Part::info ? "rot" : text)));
  }
};

TEST_F(Mending, of_small_files_needs_no_word) {
  ASSERT_TRUE(stock());
  const auto good = everything();
  for (const auto part : {store::Part::info, store::Part::mod, store::Part::ziphash}) {
    SCOPED_TRACE(store::part_suffix(part));
    damage(part);
    const auto done = stock();
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_TRUE(done->repaired);
    EXPECT_FALSE(done->already_held);
    EXPECT_EQ(everything(), good);
    EXPECT_FALSE(stock()->repaired);
  }
}

TEST_F(Mending, of_a_zip_takes_a_look_at_all) {
  ASSERT_TRUE(stock());
  const auto good = everything();
  damage(store::Part::zip);
  EXPECT_TRUE(stock()->already_held);
  const auto done = stock_module(source_, verifier_, modules_, k_m, {}, Look::whole);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->repaired);
  EXPECT_EQ(everything(), good);
  const int requests = source_.requests;
  EXPECT_TRUE(stock_module(source_, verifier_, modules_, k_m, {}, Look::whole)->already_held);
  EXPECT_EQ(source_.requests, requests);
}

TEST_F(Mending, of_a_cut_zip_needs_no_word) {
  ASSERT_TRUE(stock());
  const auto good = everything();
  for (const std::size_t left : {0U, 10U, 100U}) {
    const auto text = store::read(*store_, key(store::Part::zip)).value();
    ASSERT_TRUE(store_->put(key(store::Part::zip), as_bytes(std::string_view(text).substr(0, left))));
    const auto done = stock();
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_TRUE(done->repaired) << left;
    EXPECT_EQ(everything(), good);
  }
}

TEST_F(Mending, of_a_requirement) {
  ASSERT_TRUE(require());
  const auto good = everything();
  for (const auto part : {store::Part::mod, store::Part::modhash}) {
    damage(part);
    const auto done = require();
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_TRUE(done->repaired);
    EXPECT_EQ(everything(), good);
  }
  damage(store::Part::mod);
  ASSERT_TRUE(stock());
  EXPECT_EQ(modules_.mod(k_m), m_.mod) << "the damaged .mod is not taken over";
}

TEST_F(Mending, a_requirement_of_a_damaged_whole_version_brings_all_of_it) {
  ASSERT_TRUE(stock());
  const auto good = everything();
  damage(store::Part::mod);
  EXPECT_TRUE(require()->repaired);
  EXPECT_EQ(everything(), good);
}

TEST_F(Mending, what_upstream_says_otherwise_leaves_the_damage) {
  ASSERT_TRUE(stock());
  damage(store::Part::mod);
  const auto before = everything();
  source_.mod_ = "module example.com/evil\n";
  EXPECT_EQ(stock().error().kind(), Kind::unverified);
  EXPECT_EQ(everything(), before);
}

// Nobody vouches, so nobody objects; but what would be damage tomorrow does not get in today.
TEST_F(Mending, a_mod_that_is_not_the_zips_does_not_get_in) {
  source_.mod_ = m_.mod + "\n// more\n";
  const Verifier verifier{{{}, {.gosumdb = "off"}, nullptr}};
  const auto done = stock_module(source_, verifier, modules_, k_m, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::unverified);
  EXPECT_EQ(done.error().message(), "example.com/Up/m@v1.0.0: .mod is not the go.mod of the zip");
  EXPECT_TRUE(keys().empty());
}

// Sound, but not what go.sum says: an alarm, and nothing is replaced.
TEST_F(Mending, a_contradiction_is_no_damage) {
  ASSERT_TRUE(stock());
  const auto before = everything();
  gomod::GoSum other;
  other.add(k_m, Of::zip, gomod::hash_go_mod("other").str());
  const Verifier verifier{{{{&other, "go.sum"}}, {}, nullptr}};
  const auto done = stock_module(source_, verifier, modules_, k_m, {}, Look::whole);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::unverified);
  EXPECT_EQ(everything(), before);
}

struct DamageCase {
  const char* name;
  void (*damage)(FakeSource&);
  Kind kind;
  const char* message;  // the beginning
};
class Damage : public Stock, public testing::WithParamInterface<DamageCase> {};
TEST_P(Damage, leaves_nothing) {
  GetParam().damage(source_);
  const auto done = stock();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), GetParam().kind) << done.error().message();
  EXPECT_TRUE(done.error().message().starts_with(GetParam().message)) << done.error().message();
  EXPECT_EQ(keys(), std::vector<std::string>{});
}
INSTANTIATE_TEST_SUITE_P(
    Fetch, Damage,
    testing::Values(
        DamageCase{"wrong_zip", [](FakeSource& s) { s.zip_ = TestModule(k_m, "package evil\n").zip; },
                   Kind::unverified, "verifying example.com/Up/m@v1.0.0: checksum mismatch"},
        DamageCase{"wrong_mod", [](FakeSource& s) { s.mod_ += "// more\n"; }, Kind::unverified,
                   "verifying example.com/Up/m@v1.0.0/go.mod: checksum mismatch"},
        DamageCase{"flipped_bit", [](FakeSource& s) { s.zip_[80] = static_cast<char>(s.zip_[80] ^ 1); },
                   Kind::unverified, "example.com/Up/m@v1.0.0: "},
        DamageCase{"truncated", [](FakeSource& s) { s.zip_.resize(s.zip_.size() - 30); }, Kind::unverified,
                   "example.com/Up/m@v1.0.0: "},
        DamageCase{"no_zip", [](FakeSource& s) { s.zip_ = "<html>sign in</html>"; }, Kind::unverified,
                   "example.com/Up/m@v1.0.0: "},
        DamageCase{"other_module",
                   [](FakeSource& s) { s.zip_ = TestModule({"example.com/n", "v1.0.0"}).zip; },
                   Kind::unverified, "example.com/Up/m@v1.0.0: "},
        DamageCase{"cut", [](FakeSource& s) { s.cut = true; }, Kind::unavailable, "unexpected EOF"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(Stock, without_a_line_nothing_comes_in) {
  sums_.remove(k_m, Of::zip);
  const auto done = stock();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::unverified);
  EXPECT_EQ(keys(), std::vector<std::string>{});
}

TEST_F(Stock, a_go_sum_that_contradicts_what_is_held_is_an_alarm) {
  ASSERT_TRUE(stock());
  sums_.remove(k_m, Of::zip);
  EXPECT_EQ(stock()->zip_proof, Proof::held);
  sums_.add(k_m, Of::zip, m_.mod_hash.str());
  const auto done = stock();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::unverified);
}

TEST_F(Stock, refuses_what_is_no_version) {
  for (const auto* version : {"", "main", "v1", "v1.0.0+meta", "v2.0.0"}) {
    const auto done = stock_module(source_, verifier_, modules_, {k_m.path, version}, {});
    ASSERT_FALSE(done) << version;
    EXPECT_EQ(done.error().kind(), Kind::invalid) << version;
  }
  EXPECT_EQ(source_.requests, 0);
}

TEST_F(Stock, many_at_once_fetch_once) {
  std::atomic<int> fetched = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto done = stock();
      if (done && !done->already_held) ++fetched;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(source_.requests, 3);
}

TEST_F(Stock, a_stop_is_obeyed) {
  std::stop_source stop;
  stop.request_stop();
  const auto done = stock_module(source_, verifier_, modules_, k_m, stop.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::cancelled);
}

}  // namespace
}  // namespace larder::fetch

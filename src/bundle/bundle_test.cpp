// SPDX-License-Identifier: Apache-2.0
// Pack and unpack, end to end on stores in memory.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "bundle/bundle_testing.hpp"

namespace larder::bundle {
namespace {

const gomod::Module k_a1{"example.com/a", "v1.0.0"};
const gomod::Module k_a2{"example.com/a", "v1.1.0"};
const gomod::Module k_b{"example.com/Upper/b", "v0.0.0-20260102030405-0123456789ab"};
const gomod::Module k_c{"example.com/c/v2", "v2.0.0"};

// Shared files, versions, empty and large ones, odd names.
TestStore sample() {
  TestStore s;
  const std::string licence(4000, 'L');
  s.add(k_a1,
        {{"go.mod", "module example.com/a\n"}, {"LICENSE", licence}, {"a.go", "package a\n"}, {"empty", ""}});
  s.add(k_a2, {{"go.mod", "module example.com/a\n"}, {"LICENSE", licence}, {"a.go", "package a // 2\n"}});
  static const std::string big = noise(7, 9'000'000);
  const Files b{{"LICENSE", licence}, {"sub dir/ä é.go", "package b\n"}, {"big.bin", big}};
  static const std::string zip = make_zip(k_b, b, modzip::Method::stored);
  static const gomod::H1 h1 = h1_of(k_b, zip);
  s.add_zip(k_b, zip, h1, "module example.com/Upper/b\n");
  s.add(k_c, {{"go.mod", "module example.com/c/v2\n"}, {"c.go", "package c\n"}});
  must(s.modules.put_requirement({"example.com/d", "v1.2.3"}, "module example.com/d\n"));
  return s;
}

// Without what takes long to pack.
TestStore small_sample() {
  TestStore s;
  s.add(k_a1, {{"go.mod", "module example.com/a\n"}, {"a.go", "package a\n"}});
  s.add(k_c, {{"go.mod", "module example.com/c/v2\n"}, {"c.go", "package c\n"}});
  must(s.modules.put_requirement({"example.com/d", "v1.2.3"}, "module example.com/d\n"));
  return s;
}

void expect_same_modules(const TestStore& from, const TestStore& to) {
  EXPECT_EQ(must(to.modules.all()), must(from.modules.all()));
  for (const auto& [module, held] : must(from.modules.all())) {
    SCOPED_TRACE(module.str());
    EXPECT_EQ(must(to.modules.mod(module)), must(from.modules.mod(module)));
    if (held != store::Held::whole) continue;
    EXPECT_EQ(must(to.modules.info(module)), must(from.modules.info(module)));
    const gomod::H1 h1 = must(from.modules.ziphash(module));
    EXPECT_EQ(must(to.modules.ziphash(module)), h1);
    const auto zip = must(to.modules.zip(module));
    EXPECT_EQ(h1_of(module, as_text(must(zip->bytes()))), h1);
  }
  const auto source = from.snapshot();
  for (const auto& [key, bytes] : to.snapshot()) {
    EXPECT_FALSE(key.starts_with("larder/tmp/")) << key;
    if (key.ends_with("/list")) {
      EXPECT_EQ(source.at(key), bytes) << key;
    }
  }
}

TEST(Bundle, CarriesAStore) {
  const TestStore from = sample();
  const TestBundle b;
  const PackReport packed = b.pack_all(from);
  EXPECT_EQ(packed.bundle_bytes, b.bytes().size());
  EXPECT_EQ(packed.manifest.counts.modules, 4U);
  EXPECT_EQ(packed.manifest.counts.requirements, 1U);

  const TestStore to;
  const UnpackReport report = must(b.unpack_into(to));
  EXPECT_EQ(report.imported, 4U);
  EXPECT_EQ(report.requirements, 1U);
  EXPECT_EQ(report.held, 0U);
  EXPECT_EQ(report.files, packed.manifest.counts.files);
  expect_same_modules(from, to);
}

TEST(Bundle, SecondUnpackChangesNothing) {
  const TestStore from = sample();
  const TestBundle b;
  b.pack_all(from);
  const TestStore to;
  must(b.unpack_into(to));
  const auto before = to.snapshot();
  const UnpackReport again = must(b.unpack_into(to));
  EXPECT_EQ(again.imported + again.requirements, 0U);
  EXPECT_EQ(again.held, 5U);
  EXPECT_EQ(to.snapshot(), before);
}

TEST(Bundle, EqualContentIsCarriedOnce) {
  const TestStore from = sample();
  const TestBundle b;
  const Counts counts = b.pack_all(from).manifest.counts;
  const Bundle open = must(Bundle::open(b.path, b.trust));
  std::uint64_t licences = 0;
  for (const Blob& blob : open.entries().blobs) licences += blob.size == 4000 ? 1 : 0;
  EXPECT_EQ(licences, 1U);
  EXPECT_LT(counts.raw_bytes, counts.module_bytes);
}

struct Way {
  const char* name;
  PackOptions pack;
  UnpackOptions unpack;
};

PackOptions pack_options(bool verbatim, unsigned threads, std::uint64_t volume) {
  PackOptions o;
  o.verbatim = verbatim;
  o.threads = threads;
  o.volume_size = volume;
  return o;
}
UnpackOptions unpack_options(modzip::Method method, unsigned threads) {
  UnpackOptions o;
  o.zip_method = method;
  o.threads = threads;
  return o;
}

TEST(Bundle, EveryFormCarriesTheSame) {
  const std::vector<Way> ways{
      {"one thread", pack_options(false, 1, 1U << 30U), unpack_options(modzip::Method::stored, 1)},
      {"threads", pack_options(false, 4, 1U << 30U), unpack_options(modzip::Method::stored, 4)},
      {"small volumes", pack_options(false, 3, 1), unpack_options(modzip::Method::stored, 2)},
      {"deflated", pack_options(false, 2, 1U << 30U), unpack_options(modzip::Method::deflated, 2)},
      {"verbatim", pack_options(true, 2, 1U << 30U), unpack_options(modzip::Method::stored, 2)},
  };
  const TestStore from = sample();
  std::string root;
  for (const Way& way : ways) {
    SCOPED_TRACE(way.name);
    const TestBundle b;
    const PackReport packed = b.pack_all(from, way.pack);
    if (root.empty()) root = packed.manifest.root;
    EXPECT_EQ(packed.manifest.root, root);
    EXPECT_TRUE(verify(must(Bundle::open(b.path, b.trust)), {}));
    const TestStore to;
    must(b.unpack_into(to, way.unpack));
    expect_same_modules(from, to);
    if (way.pack.verbatim) {
      EXPECT_EQ(to.snapshot(), from.snapshot());
    }
  }
}

TEST(Bundle, SmallVolumesAreSeveral) {
  TestStore from;
  from.add(k_a1, {{"go.mod", "module example.com/a\n"},
                  {"1", noise(1, 7'000'000)},
                  {"2", noise(2, 7'000'000)},
                  {"3", noise(3, 7'000'000)},
                  {"4", noise(4, 7'000'000)},
                  {"5", noise(5, 7'000'000)}});
  const TestBundle b;
  b.pack_all(from, pack_options(false, 2, 1));
  EXPECT_GE(must(Bundle::open(b.path, b.trust)).entries().volumes.size(), 2U);
}

TEST(Bundle, ThreadsDoNotChangeTheBytes) {
  const TestStore from = sample();
  const TestBundle b;
  PackOptions options = pack_options(false, 1, 1U << 30U);
  options.id = must(make_bundle_id(1));
  b.pack_all(from, options);
  const std::string one = b.bytes();
  options.threads = 4;
  b.pack_all(from, options);
  EXPECT_EQ(b.bytes(), one);
}

TEST(Bundle, ZipWithFolderEntryIsCarriedAsItIs) {
  TestStore from;
  const gomod::Module m{"example.com/folders", "v1.0.0"};
  // The zip writer refuses no name: an entry "dir/" is part of h1, as in zips of other tools.
  const std::string zip = make_zip(m, {{"dir/", ""}, {"dir/a.go", "package dir\n"}});
  from.add_zip(m, zip, h1_of(m, zip), "module example.com/folders\n");
  const TestBundle b;
  b.pack_all(from);
  EXPECT_EQ(must(Bundle::open(b.path, b.trust)).entries().modules.front().form, Form::zip);
  const TestStore to;
  must(b.unpack_into(to));
  expect_same_modules(from, to);
}

TEST(Bundle, EmptyStoreAndEmptyModule) {
  TestStore from;
  const TestBundle b;
  b.pack_all(from);
  EXPECT_EQ(must(b.unpack_into(TestStore())).imported, 0U);
  from.add({"example.com/none", "v1.0.0"}, {});
  b.pack_all(from);
  const TestStore to;
  EXPECT_EQ(must(b.unpack_into(to)).imported, 1U);
  expect_same_modules(from, to);
}

TEST(Pack, NamesEverythingThatFails) {
  const TestStore from = sample();
  const std::string zip =
      make_zip(k_c, {{"go.mod", "module example.com/c/v2\n"}, {"c.go", "package c // bit rot\n"}});
  must(from.store->put(must(store::module_key(k_c, store::Part::zip)), as_bytes(zip)));
  const std::vector<PackModule> wanted{{k_a1, true}, {k_c, true}, {{"example.com/absent", "v1.0.0"}, true}};
  const TestBundle b;
  const auto packed = b.try_pack(from, wanted);
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().kind(), Kind::unverified);
  EXPECT_NE(packed.error().message().find("example.com/absent@v1.0.0: not held"), std::string::npos);
  EXPECT_NE(packed.error().message().find("example.com/c/v2@v2.0.0: zip has been modified: hash h1:"),
            std::string::npos);
  EXPECT_EQ(packed.error().message().find("example.com/a@"), std::string::npos);
  EXPECT_FALSE(sys::is_file(b.path));
  EXPECT_TRUE(must(sys::list_dir(b.folder.path())).empty());
}

TEST(Pack, RottenVerbatimZipIsRefused) {
  const TestStore from = sample();
  const std::string zip = make_zip(k_c, {{"c.go", "package other\n"}});
  must(from.store->put(must(store::module_key(k_c, store::Part::zip)), as_bytes(zip)));
  const TestBundle b;
  const auto packed = b.try_pack(from, from.everything(), pack_options(true, 2, 1U << 30U));
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().kind(), Kind::unverified);
}

// The store's small files have no hash of their own in go.sum's sense; they are no less checked.
TEST(Pack, DamageOfAnyFileIsNamedAndNothingWritten) {
  struct Row {
    gomod::Module module;
    store::Part part;
    const char* text;
  };
  const Row rows[] = {{k_a1, store::Part::mod, "module example.com/a\n// bit rot\n"},
                      {k_a1, store::Part::info, "rot"},
                      {k_a1, store::Part::info, R"({"Version":"v1.1.0"})"},
                      {k_a1, store::Part::zip, "rot"},
                      {k_a1, store::Part::ziphash, "rot"},
                      {{"example.com/d", "v1.2.3"}, store::Part::mod, "module example.com/e\n"},
                      {{"example.com/d", "v1.2.3"}, store::Part::modhash, "rot"}};
  for (const bool verbatim : {false, true}) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.module.str() + std::string(store::part_suffix(row.part)) + " = " + row.text);
      const TestStore from = small_sample();
      must(from.store->put(must(store::module_key(row.module, row.part)), as_bytes(row.text)));
      const TestBundle b;
      const auto packed = b.try_pack(from, from.everything(), pack_options(verbatim, 2, 1U << 30U));
      ASSERT_FALSE(packed);
      EXPECT_EQ(packed.error().kind(), Kind::unverified) << packed.error().message();
      EXPECT_TRUE(packed.error().message().starts_with(row.module.str() + ": ")) << packed.error().message();
      EXPECT_TRUE(must(sys::list_dir(b.folder.path())).empty());
    }
  }
}

// Two contents with one size and one CRC-32 are likely duplicates for the plan, and must not become one.
TEST(Pack, EqualCrcIsNotEqualContent) {
  // "plumless" and "buckeroo" are a known collision of CRC-32.
  TestStore from;
  from.add(k_a1, {{"x", "plumless"}});
  from.add(k_a2, {{"x", "buckeroo"}});
  from.add(k_c, {{"x", "buckeroo"}, {"y", "plumless"}});
  const TestBundle b;
  b.pack_all(from);
  const TestStore to;
  must(b.unpack_into(to));
  expect_same_modules(from, to);
}

TEST(Pack, StopLeavesNothing) {
  const TestStore from = sample();
  const TestBundle b;
  std::stop_source stop;
  stop.request_stop();
  const auto packed = pack(from.modules, from.everything(), b.key, b.path, {}, stop.get_token());
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().kind(), Kind::cancelled);
  EXPECT_TRUE(must(sys::list_dir(b.folder.path())).empty());
}

TEST(Pack, ProgressEndsAtTheTotal) {
  const TestBundle b;
  PackOptions options;
  Progress last;
  options.progress = [&](const Progress& p) { last = p; };
  b.pack_all(sample(), options);
  EXPECT_GT(last.total, 9'000'000U);
  EXPECT_EQ(last.done, last.total);
}

TEST(Unpack, ConflictIsNamedAndNothingImported) {
  const TestBundle b;
  b.pack_all(sample());
  const TestStore to;
  to.add(k_c, {{"c.go", "package other\n"}});
  must(to.modules.put_requirement(k_a2, "module example.com/other\n"));
  const auto before = to.snapshot();
  const auto done = b.unpack_into(to);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::unverified);
  EXPECT_NE(done.error().message().find("example.com/c/v2@v2.0.0: the store holds h1:"), std::string::npos);
  EXPECT_NE(done.error().message().find("example.com/a@v1.1.0: the store holds another .mod"),
            std::string::npos);
  EXPECT_EQ(to.snapshot(), before);
}

TEST(Unpack, RequirementBecomesWhole) {
  const TestStore from = sample();
  const TestBundle b;
  b.pack_all(from);
  const TestStore to;
  must(to.modules.put_requirement(k_a1, "module example.com/a\n"));
  EXPECT_EQ(must(b.unpack_into(to)).imported, 4U);
  expect_same_modules(from, to);
}

// Bringing it in again mends what is damaged, and says so; what is sound stays the very same object.
TEST(Unpack, DamageOfAnyFileIsMended) {
  const TestStore from = small_sample();
  const TestBundle b;
  b.pack_all(from);
  struct Row {
    gomod::Module module;
    store::Part part;
  };
  const gomod::Module required{"example.com/d", "v1.2.3"};
  for (const Row& row : {Row{k_c, store::Part::mod}, Row{k_c, store::Part::info}, Row{k_c, store::Part::zip},
                         Row{k_c, store::Part::ziphash}, Row{required, store::Part::mod},
                         Row{required, store::Part::modhash}}) {
    SCOPED_TRACE(row.module.str() + std::string(store::part_suffix(row.part)));
    const TestStore to;
    must(b.unpack_into(to));
    const auto good = to.snapshot();
    const auto sound = must(to.store->stat(must(store::module_key(k_a1, store::Part::zip))));
    const std::string key = must(store::module_key(row.module, row.part));
    must(to.store->put(key, as_bytes(good.at(key) + " ")));
    if (row.part == store::Part::info) must(to.store->put(key, as_bytes("rot")));
    const auto report = must(b.unpack_into(to));
    EXPECT_EQ(report.repaired, 1U);
    EXPECT_EQ(report.imported + report.requirements, 0U);
    EXPECT_EQ(to.snapshot(), good);
    EXPECT_EQ(must(to.store->stat(must(store::module_key(k_a1, store::Part::zip)))), sound);
  }
}

// The bundle has only the .mod of a version that is held whole, and damaged: better a requirement than a lie.
TEST(Unpack, ADamagedWholeVersionGivesWayToARequirement) {
  const gomod::Module d{"example.com/d", "v1.2.3"};
  const TestBundle b;
  b.pack_all(small_sample());
  const TestStore to;
  to.add(d, {{"d.go", "package d\n"}});
  EXPECT_EQ(must(b.unpack_into(to)).held, 1U);
  EXPECT_EQ(must(to.modules.held(d)), store::Held::whole);
  must(to.store->put(must(store::module_key(d, store::Part::mod)), as_bytes("rot")));
  EXPECT_EQ(must(b.unpack_into(to)).repaired, 1U);
  EXPECT_EQ(must(to.modules.held(d)), store::Held::requirement);
}

TEST(Unpack, StopImportsNothing) {
  const TestBundle b;
  b.pack_all(sample());
  const TestStore to;
  std::stop_source stop;
  stop.request_stop();
  const Bundle open = must(Bundle::open(b.path, b.trust));
  const auto done = unpack(open, to.modules, {}, stop.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::cancelled);
  EXPECT_TRUE(must(to.modules.all()).empty());
}

// A store whose calls fail from the n-th on, as after a crash: what a run left behind is what the next finds.
class DyingStore final : public store::Store {
 public:
  DyingStore(store::Store& below, int calls) : below_(below), left_(calls) {}
  bool died() const { return left_ < 0; }

  Result<std::optional<store::ObjectInfo>> stat(std::string_view key) override { return below_.stat(key); }
  Result<std::unique_ptr<store::Blob>> open(std::string_view key) override { return below_.open(key); }
  Result<std::vector<store::Child>> list(std::string_view prefix) override { return below_.list(prefix); }
  Result<std::unique_ptr<store::WriteLock>> lock(std::string_view key) override { return below_.lock(key); }
  Result<std::unique_ptr<store::Upload>> create(std::string_view key) override {
    TRY(spend());
    return below_.create(key);
  }
  Result<void> put(std::string_view key, Bytes data) override {
    TRY(spend());
    return below_.put(key, data);
  }
  Result<void> remove(std::string_view key) override {
    TRY(spend());
    return below_.remove(key);
  }
  Result<void> move(std::string_view from, std::string_view to) override {
    TRY(spend());
    return below_.move(from, to);
  }

 private:
  Result<void> spend() {
    if (--left_ < 0) return fail(Kind::io, "the disk is gone");
    return {};
  }
  store::Store& below_;
  std::atomic<int> left_;
};

TEST(Unpack, DeathAtAnyCallLosesNothing) {
  TestStore from;
  from.add(k_a1, {{"go.mod", "module example.com/a\n"}, {"a.go", "package a\n"}});
  from.add(k_c, {{"c.go", "package c\n"}});
  must(from.modules.put_requirement({"example.com/d", "v1.2.3"}, "module example.com/d\n"));
  const TestBundle b;
  b.pack_all(from);
  const Bundle open = must(Bundle::open(b.path, b.trust));
  bool died = true;
  int rounds = 0;
  for (int calls = 0; died; ++calls, ++rounds) {
    SCOPED_TRACE(calls);
    const TestStore to;
    DyingStore dying(*to.store, calls);
    const auto done = unpack(open, store::GoModules(dying), {.threads = 1});
    died = dying.died();
    EXPECT_EQ(done.has_value(), !died);
    for (const auto& [module, held] : must(to.modules.all())) {
      if (held != store::Held::whole) continue;
      const auto zip = must(to.modules.zip(module));
      EXPECT_EQ(h1_of(module, as_text(must(zip->bytes()))), must(from.modules.ziphash(module)));
    }
    ASSERT_TRUE(b.unpack_into(to));
    expect_same_modules(from, to);
  }
  EXPECT_GT(rounds, 20);
}

}  // namespace
}  // namespace larder::bundle

// SPDX-License-Identifier: Apache-2.0
// Bundles that are damaged, unsigned, or lie although a trusted key has signed them.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "bundle/bundle_testing.hpp"
#include "bundle/tar.hpp"
#include "bundle/zstd_block.hpp"
#include "sys/process.hpp"

namespace larder::bundle {
namespace {

const gomod::Module k_m{"example.com/m", "v1.0.0"};

TestStore sample() {
  TestStore s;
  s.add(k_m, {{"go.mod", "module example.com/m\n"}, {"m.go", "package m\n"}, {"data", noise(3, 3000)}});
  s.add({"example.com/n", "v1.0.0"}, {{"n.go", "package n\n"}});
  return s;
}

void expect_refused(const TestBundle& b, const char* what) {
  const TestStore to;
  const auto done = b.unpack_into(to);
  EXPECT_FALSE(done) << what;
  EXPECT_TRUE(to.snapshot().empty()) << what;
}

TEST(Damage, EveryFlippedBitIsRefusedOrHarmless) {
  const TestStore from = sample();
  const TestBundle b;
  b.pack_all(from);
  const std::string good = b.bytes();
  int refused = 0;
  int imported = 0;
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    b.set_bytes(bad);
    const TestStore to;
    const auto done = b.unpack_into(to);
    if (done) {
      // Only the comment of the signature is free text that nothing covers.
      EXPECT_EQ(must(to.modules.all()), must(from.modules.all())) << i;
      ++imported;
    } else {
      EXPECT_EQ(done.error().kind(), Kind::unverified) << i << ": " << done.error().message();
      EXPECT_TRUE(to.snapshot().empty()) << i;
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(imported, 20);
}

TEST(Damage, CutAtAnyPlaceIsRefused) {
  const TestBundle b;
  b.pack_all(sample());
  const std::string good = b.bytes();
  for (std::size_t size = 0; size < good.size(); size += 97) {
    b.set_bytes(std::string_view(good).substr(0, size));
    expect_refused(b, "cut");
  }
}

TEST(Damage, WrongKeyAndNoKey) {
  TestBundle b;
  b.pack_all(sample());
  b.trust.keys = {must(SecretKey::generate()).public_key()};
  expect_refused(b, "wrong key");
  b.trust.keys = {};
  expect_refused(b, "no key");
  b.trust.anyone = true;  // to look is fine, to import is not
  EXPECT_TRUE(Bundle::open(b.path, b.trust));
  expect_refused(b, "anyone");
}

TEST(Damage, SaysWhatAndWhere) {
  const TestBundle b;
  b.pack_all(sample());
  const TarMember volume = [&] {
    const sys::Fd fd = must(sys::open_read(b.path));
    return must(scan_tar(fd.get(), b.bytes().size(), 100)).back();
  }();
  std::string bad = b.bytes();
  bad[volume.offset + 5] = static_cast<char>(bad[volume.offset + 5] ^ 1);
  b.set_bytes(bad);
  const auto done = b.unpack_into(TestStore());
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message().find(b.path.string()), std::string::npos);
  EXPECT_NE(done.error().message().find("vol-0001.zst (bytes " + std::to_string(volume.offset)),
            std::string::npos)
      << done.error().message();
}

// A bundle taken apart, changed and signed again by the trusted key.
struct Forge {
  Manifest manifest;
  std::vector<std::pair<std::string, std::string>> members;  // but the manifest and its signature
  bool sign = true;

  static Forge of(const TestBundle& b) {
    Forge f;
    const Bundle open = must(Bundle::open(b.path, b.trust));
    f.manifest = open.manifest();
    const sys::Fd fd = must(sys::open_read(b.path));
    for (const TarMember& m : must(scan_tar(fd.get(), b.bytes().size(), 100))) {
      if (!m.name.starts_with("manifest.json"))
        f.members.emplace_back(m.name, must(read_at(fd.get(), m.offset, m.size)));
    }
    return f;
  }
  std::string& member(std::string_view name) {
    for (auto& [n, text] : members) {
      if (n == name) return text;
    }
    return members.emplace_back(name, "").second;
  }
  std::string table() {
    std::string out(manifest.entries_size, '\0');
    must(decompress(as_bytes(member("entries.zst")), std::as_writable_bytes(std::span(out))));
    return out;
  }
  void set_table(const std::string& text) {
    Compressor compressor(3);
    member("entries.zst") = as_text(must(compressor.compress(as_bytes(text))));
    manifest.entries_size = text.size();
    if (const auto entries = parse_entries(text)) manifest.counts = count(*entries);
  }
  void rehash() {
    for (Member& m : manifest.members) {
      m.sha256 = sha256(member(m.name));
      m.size = member(m.name).size();
    }
  }
  void write(const TestBundle& b) const {
    std::string out;
    const auto add = [&](const std::string& name, const std::string& text) {
      out += as_text(Bytes(make_tar_header(name, text.size(), 0)));
      out += text + std::string(tar_padding(text.size()), '\0');
    };
    const std::string text = print_manifest(manifest);
    add("manifest.json", text);
    if (sign) add("manifest.json.minisig", must(b.key.sign(as_bytes(text), "")));
    for (const auto& [name, content] : members) add(name, content);
    b.set_bytes(out + std::string(1024, '\0'));
  }
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  LARDER_ASSERT(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(Damage, UnsignedIsRefused) {
  const TestBundle b;
  b.pack_all(sample());
  Forge f = Forge::of(b);
  f.write(b);
  EXPECT_TRUE(b.unpack_into(TestStore()));  // the forge itself is sound
  f.sign = false;
  f.write(b);
  expect_refused(b, "unsigned");
}

TEST(Damage, LiesOfTrustedSignersAreRefused) {
  const TestBundle b;
  b.pack_all(sample());
  const Forge good = Forge::of(b);
  const std::string table = Forge(good).table();
  Compressor compressor(3);
  const std::string bomb(as_text(must(compressor.compress(as_bytes(std::string(8U << 20U, '\0'))))));
  const std::vector<std::pair<const char*, std::function<void(Forge&)>>> cases{
      {"member beside the manifest", [](Forge& f) { f.members.emplace_back("extra.txt", "x"); }},
      {"member missing", [](Forge& f) { f.members.pop_back(); }},
      {"root", [](Forge& f) { f.manifest.root = std::string(64, '0'); }},
      {"counts", [](Forge& f) { ++f.manifest.counts.files; }},
      {"needs", [](Forge& f) { f.manifest.needs = {"teleport"}; }},
      {"delta",
       [](Forge& f) {
         f.manifest.kind = BundleKind::delta;
         f.manifest.base_root = f.manifest.root;
       }},
      {"entries_size too small", [](Forge& f) { --f.manifest.entries_size; }},
      {"entries_size huge", [](Forge& f) { f.manifest.entries_size = 1ULL << 50U; }},
      {"h1 of another",
       [&](Forge& f) {
         f.set_table(std::string(table).replace(table.find("h1:"), 47, "h1:" + sha256("x").base64()));
       }},
      {"a file less",
       [&](Forge& f) {
         const std::size_t at = table.find("file ");
         std::string text = table;
         text.erase(at, text.find('\n', at) + 1 - at);
         f.set_table(text);
       }},
      {"file renamed", [&](Forge& f) { f.set_table(replaced(table, " m.go\n", " n.go\n")); }},
      {"name that escapes", [&](Forge& f) { f.set_table(replaced(table, " m.go\n", " ../m.go\n")); }},
      {"bomb for a volume",
       [&](Forge& f) {
         f.member("vol-0001.zst") = bomb;
         const std::size_t at = table.find("block ");
         const std::size_t end = table.find(' ', at + 6);
         f.set_table(std::string(table).replace(at + 6, end - at - 6, std::to_string(bomb.size())));
       }},
      {"bomb for the table", [&](Forge& f) { f.member("entries.zst") = bomb; }},
      {"another volume of the same size",
       [](Forge& f) {
         std::string& volume = f.member("vol-0001.zst");
         volume = std::string(volume.size(), 'x');
       }},
      {"volume longer than its blocks", [](Forge& f) { f.member("vol-0001.zst") += "x"; }},
      {"volume that nobody lists",
       [](Forge& f) {
         f.members.emplace_back("vol-0002.zst", "x");
         f.manifest.members.push_back({"vol-0002.zst", "volume", {}, 0});
       }},
  };
  for (const auto& [name, change] : cases) {
    SCOPED_TRACE(name);
    Forge f = good;
    change(f);
    f.rehash();
    f.write(b);
    expect_refused(b, name);
    const auto open = Bundle::open(b.path, b.trust);
    EXPECT_FALSE(open && verify(*open, {})) << name;
  }
}

// The root that fits the table, whatever that says.
std::string root_of(const TestBundle& b) {
  const Bundle open = must(Bundle::open(b.path, b.trust));
  BlobReader reader(open);
  std::vector<ContentLine> lines;
  for (const ModuleEntry& m : open.entries().modules) {
    lines.push_back({.module = m.module,
                     .h1 = m.h1,
                     .info = must(reader.digest(m.info)),
                     .mod = must(reader.digest(m.mod))});
  }
  return content_root(lines);
}

// A trusted key has signed a .mod that is not the zip's, or an .info that is none: all hashes fit.
TEST(Damage, SmallFilesThatLieAreRefused) {
  struct Row {
    const char* name;
    bool verbatim;
    bool swap;  // .info and .mod; else .mod is a copy of .info
    const char* message;
  };
  for (const Row& row : {Row{"mod", false, false, ".mod is not the go.mod of the zip"},
                         Row{"info", false, true, ".info: invalid character"},
                         Row{"info beside a zip", true, true, ".info: invalid character"}}) {
    SCOPED_TRACE(row.name);
    const TestBundle b;
    b.pack_all(sample(), {.verbatim = row.verbatim});
    Forge f = Forge::of(b);
    const std::string table = f.table();
    const std::size_t at = table.find(row.verbatim ? "gozip example.com/m " : "go example.com/m ");
    ASSERT_NE(at, std::string::npos);
    const std::string line = table.substr(at, table.find('\n', at) - at);
    auto words = fields(line);
    ASSERT_EQ(words.size(), 7U);
    const auto mod = std::exchange(words[5], words[4]);
    if (row.swap) words[4] = mod;
    f.set_table(replaced(table, line, join(std::vector<std::string>(words.begin(), words.end()), " ")));
    f.rehash();
    f.write(b);
    f.manifest.root = root_of(b);
    f.write(b);
    const auto done = b.unpack_into(TestStore());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind(), Kind::unverified);
    EXPECT_NE(done.error().message().find(row.message), std::string::npos) << done.error().message();
    expect_refused(b, row.name);
    const auto checked = verify(must(Bundle::open(b.path, b.trust)), {});
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().message().find(row.message), std::string::npos) << checked.error().message();
  }
}

TEST(Damage, WrongBlobIsFoundWhenRead) {
  const TestBundle b;
  b.pack_all(sample());
  Forge f = Forge::of(b);
  const std::string table = f.table();
  const std::size_t at = table.find("blob ");
  const std::size_t hex = table.find('\n', at) - 64;
  f.set_table(std::string(table).replace(hex, 64, sha256("something else").hex()));
  f.rehash();
  f.write(b);
  expect_refused(b, "blob");
  const auto checked = verify(must(Bundle::open(b.path, b.trust)), {});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind(), Kind::unverified);
}

TEST(Damage, WhatIsUnknownAndHarmlessIsPassedOver) {
  const TestStore from = sample();
  const TestBundle b;
  b.pack_all(from);
  Forge f = Forge::of(b);
  f.set_table(f.table() + "npm left-pad 1.0.0\n");
  f.members.emplace_back("parity-0001.bin", "parity");
  f.manifest.members.push_back({"parity-0001.bin", "parity", {}, 0});
  f.rehash();
  f.members.emplace_back("manifest.json.sigstore", "{}");
  f.write(b);
  const TestStore to;
  EXPECT_EQ(must(b.unpack_into(to)).passed_over, 1U);
  EXPECT_EQ(must(to.modules.all()), must(from.modules.all()));
}

TEST(Guard, ReadmeCommandsWorkAsTheyStand) {
  const auto environment = sys::current_environment();
  for (const char* program : {"sh", "tar", "sed", "sha256sum", "minisign"}) {
    if (!sys::find_program(program, environment)) GTEST_SKIP() << "no " << program;
  }
  const TestBundle b;
  b.pack_all(sample());
  must(sys::write_file(b.folder.path() / "signer.pub", as_bytes(b.key.public_key().file_text())));
  const auto sh = [&](const std::string& script) {
    return must(
        sys::run_captured({.argv = {"sh", "-c", script}, .environment = {}, .directory = b.folder.path()}));
  };
  const std::string readme = sh("tar xOf test.larder README.txt").out;
  std::string script = "set -e\n";
  bool inside = false;
  for (const std::string_view line : lines(readme)) {
    inside = inside || line.starts_with("  tar tf");
    if (inside && line.starts_with("  ")) script += std::string(line) + "\n";
    if (line.ends_with("sha256sum -c")) break;
  }
  const auto bundle = script.find("BUNDLE");
  ASSERT_NE(bundle, std::string::npos) << readme;
  for (std::size_t at = 0; (at = script.find("BUNDLE")) != std::string::npos;)
    script.replace(at, 6, "test.larder");
  const auto done = sh(script);
  EXPECT_EQ(done.exit_code, 0) << script << done.out << done.err;
  for (const char* word : {"README.txt: OK", "entries.zst: OK", "vol-0001.zst: OK",
                           "Signature and comment signature verified"}) {
    EXPECT_NE(done.out.find(word), std::string::npos) << word << "\n" << done.out;
  }
}

}  // namespace
}  // namespace larder::bundle

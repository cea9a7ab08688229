// SPDX-License-Identifier: Apache-2.0
#include "sumdb/client.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sumdb/record.hpp"
#include "sumdb/test_log.hpp"

namespace larder::sumdb {
namespace {

const gomod::Module k_quote{"example.com/Quote", "v1.5.2"};
const std::string k_quote_path = "/lookup/example.com/!quote@v1.5.2";

struct Database {
  TestLog log;
  TestServer server{log};
  TestState state;

  explicit Database(std::uint64_t before = 5) { log.fill(before); }

  std::uint64_t add(const gomod::Module& module, const std::string& path) {
    return server.lookups[path] = log.add_module(module.path, module.version);
  }
  Client client(unsigned height = 8) { return Client(log.key(), server, state, height); }
};

// A database with one module at record 5.
struct WithQuote : Database {
  std::uint64_t id;
  explicit WithQuote(std::uint64_t before = 5) : Database(before), id(add(k_quote, k_quote_path)) {}
  std::string record() const { return log.record(id); }
};

std::string message(const Result<std::string>& got) {
  return got ? "success: " + *got : got.error().message();
}

TEST(Client, proves_a_record) {
  WithQuote db;
  auto client = db.client();
  EXPECT_EQ(message(client.lookup(k_quote, {})), "success: " + db.record());
  EXPECT_EQ(db.state.latest_text, db.log.note(6));
  EXPECT_EQ(db.state.files.at("lookup/example.com/!quote@v1.5.2"), db.log.lookup(5, 6));
  EXPECT_EQ(db.state.files.at("tile/8/0/000.p/6"), *db.log.tile({.width = 6}));
  EXPECT_FALSE(client.forked());
}

TEST(Client, asks_once) {
  WithQuote db;
  auto client = db.client();
  ASSERT_TRUE(client.lookup(k_quote, {}));
  const auto asked = db.server.asked.size();
  ASSERT_TRUE(client.lookup(k_quote, {}));
  EXPECT_EQ(db.server.asked.size(), asked);
  auto next_run = db.client();
  EXPECT_EQ(message(next_run.lookup(k_quote, {})), "success: " + db.record());
  EXPECT_EQ(db.server.asked.size(), asked);
}

TEST(Client, failures_are_asked_again) {
  WithQuote db;
  auto client = db.client();
  db.server.answer = [](const auto&) { return fail(Kind::unavailable, "down"); };
  EXPECT_EQ(message(client.lookup(k_quote, {})), "down");
  db.server.answer = nullptr;
  EXPECT_TRUE(client.lookup(k_quote, {}));
}

TEST(Client, an_unknown_module) {
  WithQuote db;
  auto client = db.client();
  const auto got = client.lookup({"example.com/none", "v1.0.0"}, {});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind(), Kind::not_found);
  EXPECT_TRUE(db.state.files.empty());
  EXPECT_FALSE(client.lookup({"../up", "v1.0.0"}, {}));
  EXPECT_FALSE(client.lookup({"example.com/a", "v1/../../x"}, {}));
}

// go #79070: the answer is proven, but says nothing of the module. It must not count as a yes: the caller
// finds no hash in it.
TEST(Client, a_record_of_another_module_has_no_hash) {
  WithQuote db;
  db.server.lookups["/lookup/example.com/evil@v1.0.0"] = db.id;
  auto client = db.client();
  const auto record = client.lookup({"example.com/evil", "v1.0.0"}, {});
  ASSERT_TRUE(record);
  EXPECT_TRUE(record_hashes(*record, "example.com/evil", "v1.0.0").empty());
  EXPECT_FALSE(db.state.files.contains("lookup/example.com/evil@v1.0.0"));
  db.state.files["lookup/example.com/evil@v1.0.0"] = db.log.lookup(db.id, 6);
  const auto id = db.server.lookups["/lookup/example.com/evil@v1.0.0"] =
      db.log.add_module("example.com/evil", "v1.0.0");
  auto next_run = db.client();
  EXPECT_EQ(message(next_run.lookup({"example.com/evil", "v1.0.0"}, {})), "success: " + db.log.record(id));
}

// go #80745: lines beside the record, in what a tree note may carry, are not the record's.
TEST(Client, lines_around_the_record_are_not_taken) {
  WithQuote db;
  const std::string evil = "example.com/Quote v1.5.2 h1:evil\n";
  const auto answer = fmt::format("{}\n{}\n{}", db.id, db.record(), db.log.note(6, evil));
  db.server.answer = [&](const auto& path) -> std::optional<Result<std::string>> {
    if (path == k_quote_path) return answer;
    return std::nullopt;
  };
  auto client = db.client();
  const auto record = client.lookup(k_quote, {});
  EXPECT_EQ(message(record), "success: " + db.record());
  EXPECT_EQ(record_hashes(*record, k_quote.path, k_quote.version).size(), 1U);
}

// go #80744, through the client: a forged record with a forged leaf tile that lies between the number of the
// tree's right-edge subtrees and that of its right-edge tiles.
TEST(Client, a_forged_tile_behind_the_edge_is_found) {
  WithQuote db(256 + 2);
  db.log.fill(256 + 7);
  const auto honest = db.log.head(db.log.size());
  db.server.lookups[k_quote_path] = 3;
  const auto forged = TestLog::record_of(k_quote.path, k_quote.version, "evil");
  auto tile = *db.log.tile({.width = 256});
  const auto leaf = leaf_hash(forged);
  for (std::size_t i = 0; i < 32; ++i) tile[std::size_t{3} * 32 + i] = static_cast<char>(leaf.bytes.at(i));
  db.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
    if (path == k_quote_path) return fmt::format("3\n{}\n{}", forged, db.log.note(honest.size));
    if (path == "/tile/8/0/000") return tile;
    return std::nullopt;
  };
  auto client = db.client();
  EXPECT_EQ(message(client.lookup(k_quote, {})), "downloaded inconsistent tile");
  EXPECT_FALSE(db.state.files.contains("tile/8/0/000"));
  EXPECT_FALSE(db.state.files.contains(k_quote_path.substr(1)));
}

struct Forgery {
  const char* name;
  std::string (*answer)(const WithQuote& db);
  const char* error;  // its beginning
};

const Forgery k_forgeries[] = {
    {"other record",
     [](const WithQuote& db) { return "5\nexample.com/Quote v1.5.2 h1:e\n\n" + db.log.note(6); },
     "cannot authenticate record data in server response"},
    {"other number", [](const WithQuote& db) { return "4\n" + db.record() + "\n" + db.log.note(6); },
     "cannot authenticate record data in server response"},
    {"number beyond the tree",
     [](const WithQuote& db) { return "6\n" + db.record() + "\n" + db.log.note(6); },
     "cannot validate record 6 in tree of size 6"},
    {"html", [](const WithQuote&) { return std::string("<html>\n<p>\n\nSign in\n</html>\n"); },
     "malformed record data"},
    {"cut", [](const WithQuote& db) { return db.log.lookup(5, 6).substr(0, 80); }, "malformed record data"},
    {"unsigned",
     [](const WithQuote& db) { return "5\n" + db.record() + "\n" + tree_head_text(db.log.head(6)); },
     "reading tree note: malformed note\nnote:\ngo.sum database tree\n6\n"},
    {"signed by another",
     [](const WithQuote& db) {
       return "5\n" + db.record() + "\n" + TestLog("sumdb.test", 'x').sign(tree_head_text(db.log.head(6)));
     },
     "reading tree note: note has no verifiable signatures\nnote:\ngo.sum database tree\n6\n"},
    {"another head under the signature",
     [](const WithQuote& db) {
       auto note = db.log.note(6);
       note[note.find("\n6\n") + 1] = '7';
       return "5\n" + db.record() + "\n" + note;
     },
     "reading tree note: invalid signature for key sumdb.test+"},
    {"signed, but no tree",
     [](const WithQuote& db) { return "5\n" + db.record() + "\n" + db.log.sign("some text\n"); },
     "reading tree: malformed tree note\ntree:\nsome text\n"},
};

TEST(Client, forgeries) {
  for (const auto& forgery : k_forgeries) {
    WithQuote db;
    const auto answer = forgery.answer(db);
    db.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
      if (path == k_quote_path) return answer;
      return std::nullopt;
    };
    auto client = db.client();
    const auto got = client.lookup(k_quote, {});
    EXPECT_TRUE(message(got).starts_with(forgery.error)) << forgery.name << ": " << message(got);
    EXPECT_FALSE(client.forked()) << forgery.name;
    EXPECT_FALSE(db.state.files.contains(k_quote_path.substr(1))) << forgery.name;
  }
}

// The same forgeries from a damaged cache: the server is asked, and its answer takes their place.
TEST(Client, damaged_lookups_are_fetched_again) {
  for (const auto& forgery : k_forgeries) {
    WithQuote db;
    db.state.files[k_quote_path.substr(1)] = forgery.answer(db);
    auto client = db.client();
    EXPECT_EQ(message(client.lookup(k_quote, {})), "success: " + db.record()) << forgery.name;
    EXPECT_EQ(db.state.files.at(k_quote_path.substr(1)), db.log.lookup(5, 6)) << forgery.name;
  }
}

TEST(Client, damaged_tiles_are_fetched_again) {
  const std::pair<const char*, std::string (*)(const std::string&)> damages[] = {
      {"flipped",
       [](const std::string& s) { return s.substr(0, 40) + static_cast<char>(s[40] ^ 1) + s.substr(41); }},
      {"cut", [](const std::string& s) { return s.substr(0, 100); }},
      {"zeros", [](const std::string& s) { return std::string(s.size(), '\0'); }},
      {"empty", [](const std::string&) { return std::string(); }},
      {"long", [](const std::string& s) { return s + s; }},
  };
  for (const auto& [name, damage] : damages) {
    WithQuote db(700);
    auto first = db.client();
    ASSERT_TRUE(first.lookup(k_quote, {}));
    const auto files = db.state.files;
    for (auto& [file, bytes] : db.state.files) {
      if (file.starts_with("tile/")) bytes = damage(bytes);
    }
    auto client = db.client();
    EXPECT_EQ(message(client.lookup(k_quote, {})), "success: " + db.record()) << name;
    EXPECT_EQ(db.state.files, files) << name;
  }
}

TEST(Client, damaged_tiles_without_a_server) {
  WithQuote db;
  auto first = db.client();
  ASSERT_TRUE(first.lookup(k_quote, {}));
  db.state.files.at("tile/8/0/000.p/6")[3] ^= 1;
  db.server.answer = [](const auto& path) { return fail(Kind::unavailable, "no way to " + path); };
  auto client = db.client();
  EXPECT_EQ(message(client.lookup(k_quote, {})), "no way to /tile/8/0/000.p/6");
}

TEST(Client, a_wrong_tile_from_the_server_is_not_cached) {
  WithQuote db;
  db.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
    if (path != "/tile/8/0/000.p/6") return std::nullopt;
    auto bytes = *db.log.tile({.width = 6});
    bytes[0] = static_cast<char>(bytes[0] ^ 1);
    return bytes;
  };
  auto client = db.client();
  EXPECT_EQ(message(client.lookup(k_quote, {})), "downloaded inconsistent tile");
  EXPECT_TRUE(db.state.files.empty());
  db.server.answer = nullptr;
  EXPECT_TRUE(client.lookup(k_quote, {}));
}

TEST(Client, tiles_of_a_wrong_length) {
  for (const std::size_t size : {0U, 1U, 31U, 5U * 32U, 7U * 32U}) {
    WithQuote db;
    db.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
      if (path.starts_with("/tile/")) return std::string(size, 'x');
      return std::nullopt;
    };
    auto client = db.client();
    EXPECT_EQ(message(client.lookup(k_quote, {})), "downloaded inconsistent tile") << size;
  }
}

// The partial tile is gone from the server, because the tile is full by now.
TEST(Client, a_partial_tile_from_the_full_one) {
  WithQuote db;
  db.log.fill(256);
  db.server.tree_size = 6;
  db.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
    if (path.find(".p/") == path.npos) return std::nullopt;
    return fail(Kind::not_found, "gone");
  };
  auto client = db.client();
  EXPECT_EQ(message(client.lookup(k_quote, {})), "success: " + db.record());
  EXPECT_TRUE(db.state.files.contains("tile/8/0/000.p/6"));
  EXPECT_FALSE(db.state.files.contains("tile/8/0/000"));
}

TEST(Client, a_cached_full_tile_serves_partial_ones) {
  WithQuote db(255);  // 256 records
  auto first = db.client();
  ASSERT_TRUE(first.lookup(k_quote, {}));
  db.state.files["tile/8/0/000"] = *db.log.tile({.width = 256});
  // An older head was remembered by nobody; a lookup with one has to be placed on the line.
  const auto other = gomod::Module{"example.com/7", "v1.0.0"};
  db.server.lookups["/lookup/example.com/7@v1.0.0"] = 7;
  db.server.tree_size = 100;
  db.server.asked.clear();
  auto client = db.client();
  EXPECT_TRUE(client.lookup(other, {}));
  EXPECT_EQ(db.server.count("/tile/8/0"), 0U);
}

TEST(Client, the_tree_moves_forward) {
  for (const unsigned height : {1U, 2U, 8U}) {
    WithQuote db;
    auto client = db.client(height);
    ASSERT_TRUE(client.lookup(k_quote, {}));
    for (int i = 0; i < 12; ++i) {
      db.log.fill(db.log.size() + 97);
      const gomod::Module module{fmt::format("example.com/more{}", i), "v1.0.0"};
      const auto id = db.add(module, fmt::format("/lookup/example.com/more{}@v1.0.0", i));
      EXPECT_EQ(message(client.lookup(module, {})), "success: " + db.log.record(id)) << height << " " << i;
      EXPECT_EQ(db.state.latest_text, db.log.note(db.log.size()));
    }
    EXPECT_TRUE(client.lookup(k_quote, {}));
  }
}

TEST(Client, older_heads_are_checked_and_not_kept) {
  WithQuote db(600);
  db.server.lookups["/lookup/example.com/9@v1.0.0"] = 9;
  auto client = db.client();
  ASSERT_TRUE(client.lookup(k_quote, {}));
  for (const std::uint64_t size : {10U, 256U, 257U, 600U}) {
    db.server.tree_size = size;
    db.state.files.erase("lookup/example.com/9@v1.0.0");
    auto again = db.client();
    EXPECT_TRUE(again.lookup({"example.com/9", "v1.0.0"}, {})) << size;
    EXPECT_EQ(db.state.latest_text, db.log.note(601));
  }
}

TEST(Client, heads_of_an_empty_tree_are_accepted) {
  WithQuote db;
  db.state.latest_text = db.log.sign(tree_head_text({0, Digest()}));  // as old servers wrote it
  auto client = db.client();
  EXPECT_TRUE(client.lookup(k_quote, {}));
}

// --- many at once ---

struct WithMany : Database {
  std::vector<gomod::Module> modules;
  WithMany() : Database(0) {
    for (int i = 0; i < 700; ++i) {
      const gomod::Module module{fmt::format("example.com/m{}", i), "v1.0.0"};
      const auto id = add(module, fmt::format("/lookup/example.com/m{}@v1.0.0", i));
      if (i % 7 == 0) modules.push_back(module);
      EXPECT_EQ(id, static_cast<std::uint64_t>(i));
    }
  }
};

std::vector<std::string> messages(const std::vector<Result<Proven>>& found) {
  std::vector<std::string> out;
  for (const auto& one : found)
    out.push_back(one ? fmt::format("{}: {}", one->id, one->record) : one.error().message());
  return out;
}

TEST(Client, many_are_found_as_one_by_one) {
  WithMany db;
  auto client = db.client();
  const auto found = messages(client.find_all(db.modules, {}));
  ASSERT_EQ(found.size(), 100U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i], fmt::format("{}: {}", i * 7, db.log.record(i * 7)));
  }
  EXPECT_EQ(db.server.rounds, 2U) << "the lookups, and the tiles";
  WithMany other;
  auto one_by_one = other.client();
  for (const auto& module : other.modules) ASSERT_TRUE(one_by_one.find(module, {}));
  EXPECT_EQ(db.state.files, other.state.files);
  db.server.asked.clear();
  EXPECT_EQ(messages(client.find_all(db.modules, {})), found);
  auto next_run = db.client();
  EXPECT_EQ(messages(next_run.find_all(db.modules, {})), found);
  EXPECT_TRUE(db.server.asked.empty());
}

TEST(Client, many_do_not_fail_for_each_other) {
  WithMany db;
  const auto good = db.modules;
  db.modules = {{"../up", "v1.0.0"}, good[3], good[3], {"example.com/none", "v1.0.0"}, good[40], good[99]};
  db.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
    if (path == "/lookup/example.com/m693@v1.0.0")
      return "693\n" + db.log.record(0) + "\n" + db.log.note(700);
    if (path == "/tile/8/0/001") return std::string(256 * 32, 'x');
    return std::nullopt;
  };
  auto client = db.client();
  const auto found = messages(client.find_all(db.modules, {}));
  EXPECT_TRUE(found[0].starts_with("malformed module path")) << found[0];
  EXPECT_EQ(found[1], "21: " + db.log.record(21));
  EXPECT_EQ(found[2], found[1]);
  EXPECT_EQ(found[3], "reading /lookup/example.com/none@v1.0.0: 404 Not Found");
  EXPECT_EQ(found[4], "downloaded inconsistent tile");
  EXPECT_EQ(found[5], "cannot authenticate record data in server response");
  EXPECT_FALSE(db.state.files.contains("lookup/example.com/m280@v1.0.0"));
  EXPECT_FALSE(db.state.files.contains("lookup/example.com/m693@v1.0.0"));
}

// A mirror gives each lookup with the head of the day on which it was asked for.
TEST(Client, many_with_heads_of_their_own) {
  WithMany db;
  db.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
    const auto it = db.server.lookups.find(path);
    if (it == db.server.lookups.end()) return std::nullopt;
    return db.log.lookup(it->second, std::max<std::uint64_t>(it->second + 1, 650 - it->second / 2));
  };
  auto client = db.client();
  const auto found = messages(client.find_all(db.modules, {}));
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i], fmt::format("{}: {}", i * 7, db.log.record(i * 7)));
  }
  EXPECT_LE(db.server.rounds, 3U) << "the lookups, the tiles of all heads, the tiles of all records";
}

TEST(Client, many_where_some_tiles_are_refused) {
  WithMany db;
  db.server.answer = [](const std::string& path) -> std::optional<Result<std::string>> {
    if (path != "/tile/8/0/001") return std::nullopt;
    return fail(Kind::forbidden, "forbidden");
  };
  auto client = db.client();
  const auto found = messages(client.find_all(db.modules, {}));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool needs_it = i * 7 >= 256 && i * 7 < 512;
    EXPECT_EQ(found[i], needs_it ? "forbidden" : fmt::format("{}: {}", i * 7, db.log.record(i * 7)));
  }
}

// As one by one: what is damaged in the cache is fetched again.
TEST(Client, many_of_which_some_are_cached) {
  WithMany db;
  auto before = db.client();
  for (std::size_t i = 0; i < 50; ++i) ASSERT_TRUE(before.find(db.modules[i], {}));
  const auto file = [](int id) { return fmt::format("lookup/example.com/m{}@v1.0.0", id); };
  db.state.files[file(7)] = "damaged";
  db.state.files[file(14)] = db.log.lookup(21, 700);
  db.server.asked.clear();
  auto client = db.client();
  const auto found = messages(client.find_all(db.modules, {}));
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i], fmt::format("{}: {}", i * 7, db.log.record(i * 7)));
  }
  EXPECT_EQ(db.server.count("/lookup/"), 52U);
  EXPECT_EQ(db.state.files.at(file(14)), db.log.lookup(14, 700));
}

TEST(Client, many_of_a_server_that_is_gone) {
  WithMany db;
  db.server.answer = [](const std::string& path) -> std::optional<Result<std::string>> {
    if (path.starts_with("/lookup/")) return std::nullopt;
    return fail(Kind::unavailable, "gone");
  };
  auto client = db.client();
  EXPECT_EQ(messages(client.find_all(db.modules, {})), std::vector<std::string>(100, "gone"));
  EXPECT_LE(db.server.count("/tile/"), 5U);
}

// --- forks ---

TEST(Client, many_of_a_database_that_is_caught) {
  WithMany db;
  auto client = db.client();
  ASSERT_TRUE(client.find(db.modules[0], {}));
  TestLog forged;
  forged.fill(800);
  db.server.serve(forged);
  const auto found = messages(client.find_all(db.modules, {}));
  EXPECT_EQ(std::ranges::count_if(found, [](const auto& text) { return text.starts_with("SECURITY ERROR"); }),
            1);
  const auto notice = "go.sum database server misbehavior detected: sumdb.test";
  EXPECT_EQ(std::ranges::count(found, notice), 99);
}

// A log that agrees with the first up to `same` records.
TestLog forked_log(const TestLog& log, std::uint64_t same, std::uint64_t size) {
  TestLog out;
  for (std::uint64_t i = 0; i < same; ++i) out.add(log.record(i));
  while (out.size() < size) out.add_module(fmt::format("example.com/fork{}", out.size()), "v1.0.0");
  return out;
}

// Reads the report as somebody would who wants to check it, with nothing but the key.
struct Report {
  TreeHead older;
  TreeHead newer;
  Digest found;
  Proof proof;

  static Report parse(const std::string& text, const VerifierKey& key) {
    Report out;
    const auto between = [&](const std::string& from, const std::string& to) {
      const auto begin = text.find(from) + from.size();
      auto part = text.substr(begin, text.find(to, begin) - begin);
      std::string plain;
      for (std::size_t i = 0; i < part.size(); ++i) {
        if (part[i] != '\t') plain += part[i];
      }
      return plain.substr(0, plain.size() - 1);
    };
    out.older = *parse_tree_head(*open_note(between("old database:\n\t", "new database:"), key));
    out.newer = *parse_tree_head(*open_note(between("new database:\n\t", "proof of misbehavior:"), key));
    auto rest = text.substr(text.find("proof of misbehavior:\n\t") + 23);
    std::vector<Digest> hashes;
    for (std::size_t at = 0; at < rest.size(); at += 46)
      hashes.push_back(*Digest::from_base64(rest.substr(at, 44)));
    out.found = hashes.front();
    out.proof.assign(hashes.begin() + 1, hashes.end());
    return out;
  }
};

TEST(Client, a_fork_is_reported_with_its_proof) {
  for (const std::uint64_t same : {0U, 3U, 250U, 258U, 700U}) {
    WithQuote db(700);
    auto first = db.client();
    ASSERT_TRUE(first.lookup(k_quote, {}));
    const auto fork = forked_log(db.log, same, 900);
    db.server.serve(fork);
    db.server.lookups["/lookup/example.com/fork899@v1.0.0"] = 899;
    db.server.lookups["/lookup/example.com/fork898@v1.0.0"] = 898;
    const auto before = db.state.files;
    auto client = db.client();
    const auto got = client.lookup({"example.com/fork899", "v1.0.0"}, {});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind(), Kind::unverified);
    EXPECT_TRUE(client.forked());
    const auto& text = got.error().message();
    EXPECT_TRUE(
        text.starts_with("SECURITY ERROR\ngo.sum database server misbehavior detected!\n\n"
                         "old database:\n\tgo.sum database tree\n\t701\n\t"))
        << text;
    const auto report = Report::parse(text, db.log.key());
    EXPECT_EQ(report.older, db.log.head(701));
    EXPECT_EQ(report.newer, fork.head(900));
    EXPECT_NE(report.found, report.older.root);
    EXPECT_TRUE(check_tree(report.proof, report.newer, {701, report.found}));
    EXPECT_EQ(db.state.latest_text, db.log.note(701));
    EXPECT_EQ(db.state.files, before);

    const auto next = client.lookup({"example.com/fork898", "v1.0.0"}, {});
    EXPECT_EQ(message(next), "go.sum database server misbehavior detected: sumdb.test");
    EXPECT_EQ(message(client.lookup(k_quote, {})), "go.sum database server misbehavior detected: sumdb.test");
  }
}

TEST(Client, a_fork_of_the_same_size_and_an_older_one) {
  for (const std::uint64_t size : {701U, 400U}) {
    WithQuote db(700);
    auto first = db.client();
    ASSERT_TRUE(first.lookup(k_quote, {}));
    const auto fork = forked_log(db.log, 3, size);
    const auto path = fmt::format("/lookup/example.com/fork{}@v1.0.0", size - 1);
    db.server.answer = [&](const std::string& asked) -> std::optional<Result<std::string>> {
      if (asked == path) return fork.lookup(size - 1, size);
      return std::nullopt;  // tiles are those of the line we know
    };
    auto client = db.client();
    const auto got = client.lookup({fmt::format("example.com/fork{}", size - 1), "v1.0.0"}, {});
    EXPECT_TRUE(message(got).starts_with("SECURITY ERROR\n")) << message(got);
    const auto report = Report::parse(message(got), db.log.key());
    EXPECT_EQ(report.older, fork.head(size));
    EXPECT_EQ(report.newer, db.log.head(701));
    EXPECT_TRUE(check_tree(report.proof, report.newer, {size, report.found}));
  }
}

// --- latest, shared with other processes ---

TEST(Client, a_damaged_latest_is_an_error) {
  WithQuote db;
  db.state.latest_text = "garbage\n";
  auto client = db.client();
  EXPECT_EQ(message(client.lookup(k_quote, {})),
            "initializing sumdb.Client: reading tree note: malformed note\nnote:\ngarbage\n");
}

TEST(Client, another_process_is_first) {
  WithQuote db;
  db.log.fill(300);
  db.server.tree_size = 6;
  db.state.before_replace = [&] { db.state.latest_text = db.log.note(300); };
  auto client = db.client();
  EXPECT_TRUE(client.lookup(k_quote, {}));
  EXPECT_EQ(db.state.latest_text, db.log.note(300));
}

TEST(Client, another_process_is_behind) {
  WithQuote db;
  db.log.fill(300);
  db.state.before_replace = [&] { db.state.latest_text = db.log.note(200); };
  auto client = db.client();
  EXPECT_TRUE(client.lookup(k_quote, {}));
  EXPECT_EQ(db.state.latest_text, db.log.note(300));
}

TEST(Client, what_cannot_be_remembered_proves_nothing) {
  WithQuote db;
  db.state.is_read_only = true;
  auto client = db.client();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(message(client.lookup(k_quote, {})), "read-only");
  db.state.is_read_only = false;
  EXPECT_TRUE(client.lookup(k_quote, {}));
  EXPECT_EQ(db.state.latest_text, db.log.note(6));
}

TEST(Client, another_process_saw_a_fork) {
  WithQuote db;
  const auto fork = forked_log(db.log, 2, 4);
  db.state.before_replace = [&] { db.state.latest_text = fork.note(4); };
  auto client = db.client();
  EXPECT_TRUE(message(client.lookup(k_quote, {})).starts_with("SECURITY ERROR\n"));
  EXPECT_EQ(db.state.latest_text, fork.note(4));
}

TEST(Client, a_fork_of_what_was_remembered) {
  WithQuote db;
  const auto fork = forked_log(db.log, 2, 4);
  db.state.latest_text = fork.note(4);
  auto client = db.client();
  EXPECT_TRUE(message(client.lookup(k_quote, {})).starts_with("SECURITY ERROR\n"));
  EXPECT_EQ(db.state.latest_text, fork.note(4));
}

// --- threads ---

class SlowServer final : public Transport {
 public:
  explicit SlowServer(TestServer& server) : server_(server) {}
  std::vector<Result<std::string>> read(const std::vector<std::string>& paths, std::uint64_t limit,
                                        std::stop_token stop) override {
    std::this_thread::yield();
    const std::scoped_lock lock(mutex_);
    return server_.read(paths, limit, std::move(stop));
  }

 private:
  std::mutex mutex_;
  TestServer& server_;
};

class LockedState final : public State {
 public:
  explicit LockedState(State& state) : state_(state) {}
  Result<std::string> latest() override {
    return locked([&] { return state_.latest(); });
  }
  Result<bool> replace_latest(std::string_view seen, std::string_view next) override {
    return locked([&] { return state_.replace_latest(seen, next); });
  }
  std::optional<std::string> cached(const std::string& file) override {
    return locked([&] { return state_.cached(file); });
  }
  void cache(const std::string& file, std::string_view data) override {
    locked([&] { state_.cache(file, data); });
  }

 private:
  template <class F>
  auto locked(F f) -> decltype(f()) {
    const std::scoped_lock lock(mutex_);
    return f();
  }
  std::mutex mutex_;
  State& state_;
};

TEST(Client, many_threads_fetch_each_thing_once) {
  Database db(0);
  constexpr std::uint64_t k_modules = 400;
  for (std::uint64_t i = 0; i < k_modules; ++i) {
    db.add({fmt::format("example.com/m{}", i), "v1.0.0"}, fmt::format("/lookup/example.com/m{}@v1.0.0", i));
  }
  SlowServer server(db.server);
  LockedState state(db.state);
  Client client(db.log.key(), server, state);
  std::atomic<unsigned> proven = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t k = 0; k < k_modules; ++k) {
          const auto i = (k + std::uint64_t{31} * t) % k_modules;
          proven += client.lookup({fmt::format("example.com/m{}", i), "v1.0.0"}, {}).has_value() ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(proven, 8 * k_modules);
  EXPECT_EQ(db.server.count("/lookup/"), k_modules);
  EXPECT_EQ(db.server.count("/tile/8/0/000"), 1U);
  EXPECT_EQ(db.server.count("/tile/8/0/001.p/144"), 1U);
}

// Every answer has another tree, newer and older ones mixed.
TEST(Client, many_threads_and_many_trees) {
  Database db(0);
  constexpr std::uint64_t k_modules = 300;
  for (std::uint64_t i = 0; i < k_modules; ++i) {
    db.add({fmt::format("example.com/m{}", i), "v1.0.0"}, fmt::format("/lookup/example.com/m{}@v1.0.0", i));
  }
  db.log.fill(2000);
  std::uint64_t asked = 0;
  db.server.answer = [&](const std::string& path) -> std::optional<Result<std::string>> {
    if (path.starts_with("/lookup/")) db.server.tree_size = k_modules + (++asked * 1117) % 1700;
    return std::nullopt;
  };
  SlowServer server(db.server);
  LockedState state(db.state);
  Client client(db.log.key(), server, state, 3);
  std::atomic<unsigned> proven = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = t; i < k_modules; i += 8) {
          proven += client.lookup({fmt::format("example.com/m{}", i), "v1.0.0"}, {}).has_value() ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(proven, k_modules);
  EXPECT_FALSE(client.forked());
  std::uint64_t newest = 0;
  for (std::uint64_t i = 1; i <= asked; ++i) newest = std::max(newest, k_modules + i * 1117 % 1700);
  EXPECT_EQ(db.state.latest_text, db.log.note(newest));
}

}  // namespace
}  // namespace larder::sumdb

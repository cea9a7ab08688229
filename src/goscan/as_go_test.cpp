// SPDX-License-Identifier: Apache-2.0
// Every package of a listing that `go list` made (scripts/scan-as-go): which files count, what they import,
// what they embed. go's own answer is the oracle.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "goscan/constraint.hpp"
#include "goscan/header.hpp"
#include "goscan/walk.hpp"

namespace larder::goscan {
namespace {

using Names = std::set<std::string>;

// As the script writes it: a line a value, one letter for what it is.
struct Listed {
  std::string dir;
  std::map<char, Names> values;
  bool has_error = false;
};

struct Environment {
  std::string goos;
  std::string goarch;
  Names tags;
};

Environment& environment() {
  static Environment one;
  return one;
}

bool holds(std::string_view tag) {
  return environment().tags.contains(std::string(tag));
}

// go lists packages: those of the standard library's vendor folders, or one that a profile has changed.
std::string as_written(std::string path) {
  for (const std::string_view prefix : {"cmd/vendor/", "vendor/"}) {
    if (path.starts_with(prefix)) path.erase(0, prefix.size());
  }
  return path.substr(0, path.find(" ["));
}

void read_line(std::string_view line, std::vector<Listed>& out) {
  const char kind = line.front();
  const std::string value(line.substr(std::min<std::size_t>(2, line.size())));
  if (kind == 'O') {
    environment().goos = value;
  } else if (kind == 'A') {
    environment().goarch = value;
  } else if (kind == 'T') {
    environment().tags.insert(value);
  } else if (kind == 'D') {
    out.push_back({.dir = value});
  } else if (kind == '!') {
    out.back().has_error = true;
  } else {
    const bool is_import = std::string_view("ijk").find(kind) != std::string_view::npos;
    out.back().values[kind].insert(is_import ? as_written(value) : value);
  }
}

std::vector<Listed> read_listing(const char* file) {
  std::vector<Listed> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) read_line(line, out);
  }
  return out;
}

struct Scanned {
  std::map<char, Names> values;
};

// The kinds of the script: files of the package, of its tests, of its external tests; the same for imports
// and embeds.
struct Kinds {
  char files, imports, embeds;
};
constexpr Kinds k_own = {'g', 'i', 'e'};
constexpr Kinds k_test = {'t', 'j', 'f'};
constexpr Kinds k_outer_test = {'x', 'k', 'h'};
constexpr char k_ignored = 'n';

bool counts(const std::string& name, std::string_view text) {
  const auto& env = environment();
  return name_matches(name, env.goos, env.goarch) &&
         check_constraints(text, Tags::of(&holds)) == Constraint::allowed;
}

void scan_file(const std::filesystem::path& file, Scanned& out) {
  const auto name = file.filename().native();
  if (!is_source_name(name)) return;
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto header = read_header(text, true);
  if (!counts(name, text) || header.package == "documentation") {
    out.values[k_ignored].insert(name);
    return;
  }
  const bool outer = is_test_name(name) && header.package.ends_with("_test");
  const auto& kinds = outer ? k_outer_test : is_test_name(name) ? k_test : k_own;
  out.values[kinds.files].insert(name);
  bool embeds = false;
  for (const auto literal : header.imports) {
    const auto path = unquote(literal).value_or("");
    out.values[kinds.imports].insert(path);
    embeds = embeds || path == "embed";
  }
  if (!embeds) return;
  for (auto& pattern : embed_patterns(text)) out.values[kinds.embeds].insert(std::move(pattern));
}

Scanned scan(const Listed& listed) {
  Scanned out;
  for (const auto& entry : std::filesystem::directory_iterator(listed.dir)) {
    if (entry.is_regular_file()) scan_file(entry.path(), out);
  }
  return out;
}

std::string shown(const Names& names) {
  std::string out;
  for (const auto& name : names) out += " " + name;
  return out;
}

TEST(AsGo, packages_of_a_listing) {
  const char* const file = std::getenv("LARDER_TEST_GO_LIST");
  if (file == nullptr) GTEST_SKIP() << "LARDER_TEST_GO_LIST is not set: see scripts/scan-as-go";
  const auto listing = read_listing(file);
  std::size_t compared = 0;
  std::size_t files = 0;
  for (const auto& listed : listing) {
    if (listed.has_error) continue;
    const auto found = scan(listed);
    for (const char kind : {'g', 't', 'x', 'n', 'i', 'j', 'k', 'e', 'f', 'h'}) {
      const auto want = listed.values.find(kind);
      const auto have = found.values.find(kind);
      const Names none;
      const auto& w = want == listed.values.end() ? none : want->second;
      const auto& h = have == found.values.end() ? none : have->second;
      EXPECT_EQ(h, w) << listed.dir << " " << kind << "\nhave" << shown(h) << "\nwant" << shown(w);
      if (kind == 'g' || kind == 't' || kind == 'x' || kind == 'n') files += h.size();
    }
    ++compared;
  }
  std::cout << compared << " packages with " << files << " files compared, " << listing.size() - compared
            << " passed over: go could not load them\n";
  EXPECT_GT(compared, listing.size() / 2);
}

}  // namespace
}  // namespace larder::goscan

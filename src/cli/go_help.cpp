// SPDX-License-Identifier: Apache-2.0
#include "cli/go_help.hpp"

#include <array>

#include <fmt/format.h>

namespace larder::cli {

namespace {

struct SharedFlag {
  TakesFlags from;  // taken by commands that take at least these
  std::string_view flag;
  std::string_view text;
};

constexpr std::array<SharedFlag, 6> k_shared = {{
    {TakesFlags::store, "--from-store",
     "ask nobody but the store and the module cache; name all that is missing"},
    {TakesFlags::store, "--wants FILE", "with --from-store: write that as a list for `larder stock`"},
    {TakesFlags::packages, "--no-extract", "read packages of dependencies from the zips where they lie"},
    {TakesFlags::modfile, "-modfile FILE", "use FILE, and the .sum beside it, in place of go.mod and go.sum"},
    {TakesFlags::overlay, "-overlay FILE", "JSON that says which file is read in place of which"},
    {TakesFlags::modfile, "-modcacherw", "leave new folders of the module cache writable"},
}};

std::string shared_flags(TakesFlags takes, bool of_workspace) {
  std::string out;
  for (const auto& row : k_shared) {
    const bool is_refused = of_workspace && row.flag.starts_with("-modfile");
    if (row.from <= takes && !is_refused) out += fmt::format("  {:<16} {}\n", row.flag, row.text);
  }
  return out;
}

}  // namespace

std::string go_help(const GoCommandRow& row) {
  std::string out(help_text(row.name));
  const auto shared = shared_flags(row.takes, row.name.starts_with("work "));
  if (!shared.empty() && out.find("\nFlags:\n") == std::string::npos) out += "\nFlags:\n";
  out += shared;
  out += fmt::format(
      "\nFlags stand before modules and packages, those of `larder --help` before `{}`. Flags of GOFLAGS "
      "count\n"
      "too; one dash or two. Output, files and exit status are those of `go {}`: 0 done;\n"
      "1 failed; 2 wrong usage.",
      row.name.substr(0, row.name.find(' ')), row.name == "list" ? "list -m" : row.name);
  if (row.takes >= TakesFlags::packages) {
    out += " With --from-store or --no-extract 3: something does not match its hash.";
  } else if (row.takes >= TakesFlags::store) {
    out += " With --from-store 3: something does not match its hash.";
  }
  return out + "\n";
}

}  // namespace larder::cli

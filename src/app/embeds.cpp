// SPDX-License-Identifier: Apache-2.0
#include "app/embeds.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/glob.hpp"

namespace larder::app {

namespace {

constexpr std::size_t k_max_files = 1'000'000;  // of one package

bool is_bad_name(const std::string& name) {
  constexpr std::array<std::string_view, 4> k_refused = {".bzr", ".hg", ".git", ".svn"};
  return !gomod::check_file_path(name) || std::ranges::find(k_refused, name) != k_refused.end();
}

// A relative path without ".", ".." and empty elements.
bool is_valid_pattern(std::string_view pattern) {
  const auto elements = split(pattern, '/');
  return valid_utf8(pattern) && std::ranges::all_of(elements, [](std::string_view e) {
           return !e.empty() && e != "." && e != ".." && gomod::match_glob(e, "").has_value();
         });
}

std::string join_name(const std::string& dir, const std::string& name) {
  return dir.empty() ? name : dir + "/" + name;
}

class Embeds {
 public:
  Embeds(sys::Path package, const PackageFiles& files) : package_(std::move(package)), source_(files) {}

  Result<void> add(std::string_view pattern) {
    const bool all = pattern.starts_with("all:");
    const auto glob = all ? pattern.substr(4) : pattern;
    if (!is_valid_pattern(glob)) return fail(Kind::invalid, "invalid pattern syntax");
    std::vector<Found> found = {{"", {.name = "", .is_dir = true}}};
    for (const auto element : split(glob, '/')) found = matches(found, element);
    const auto before = count_;
    for (const auto& f : found) TRY(take(f, all));
    if (count_ == before) return fail(Kind::not_found, "no matching files found");
    return {};
  }

  std::vector<std::string> files() const { return {files_.begin(), files_.end()}; }

 private:
  struct Found {
    std::string name;  // relative to the package
    sys::DirEntry entry;
  };

  std::vector<Found> matches(const std::vector<Found>& in, std::string_view element) const {
    std::vector<Found> out;
    for (const auto& f : in) {
      const auto entries = source_.list(at(f.name));
      if (!entries) continue;
      for (const auto& entry : *entries) {
        if (gomod::match_glob(element, entry.name).value_or(false)) {
          out.push_back({join_name(f.name, entry.name), entry});
        }
      }
    }
    return out;
  }

  Result<void> take(const Found& f, bool all) {
    const std::string what = f.entry.is_dir ? "directory " : "file ";
    TRY(check_way(f, what));
    if (f.entry.is_regular) return take_file(f.name);
    if (!f.entry.is_dir) return fail(Kind::invalid, "cannot embed irregular file " + f.name);
    const auto before = count_;
    TRY(take_tree(f.name, all));
    if (count_ > before) return {};
    return fail(Kind::invalid, "cannot embed directory " + f.name + ": contains no embeddable files");
  }

  // Nothing on the way may belong to another module or have a refused name.
  Result<void> check_way(const Found& f, const std::string& what) const {
    for (std::string dir = f.name; !dir.empty();) {
      if (source_.is_file(package_ / dir / "go.mod")) {
        return fail(Kind::invalid, "cannot embed " + what + f.name + ": in different module");
      }
      const auto slash = dir.rfind('/');
      const auto name = slash == std::string::npos ? dir : dir.substr(slash + 1);
      if (is_bad_name(name)) {
        return fail(Kind::invalid, "cannot embed " + what + f.name +
                                       (dir == f.name ? ": invalid name " : ": in invalid directory ") +
                                       name);
      }
      dir.resize(slash == std::string::npos ? 0 : slash);
    }
    return {};
  }

  Result<void> take_file(const std::string& name) {
    ++count_;
    files_.insert(name);
    if (files_.size() > k_max_files) return fail(Kind::invalid, "too many files to embed");
    return {};
  }

  Result<void> take_tree(const std::string& root, bool all) {
    std::vector<std::string> todo = {root};
    while (!todo.empty()) {
      const auto dir = std::move(todo.back());
      todo.pop_back();
      if (source_.is_file(package_ / dir / "go.mod")) continue;
      const auto entries = TRY(source_.list(package_ / dir));
      for (const auto& entry : entries) {
        const bool hidden = entry.name.starts_with('.') || entry.name.starts_with('_');
        const bool bad = is_bad_name(entry.name);
        const auto name = join_name(dir, entry.name);
        if (bad && !hidden && !entry.is_dir) {
          return fail(Kind::invalid, "cannot embed file " + name + ": invalid name " + entry.name);
        }
        if (bad || (hidden && !all)) continue;
        if (entry.is_dir) todo.push_back(name);
        if (entry.is_regular) TRY(take_file(name));
      }
    }
    return {};
  }

  sys::Path at(const std::string& name) const { return name.empty() ? package_ : package_ / name; }

  sys::Path package_;
  const PackageFiles& source_;
  std::set<std::string> files_;
  std::size_t count_ = 0;
};

}  // namespace

Result<std::vector<std::string>> resolve_embeds(const sys::Path& package,
                                                const std::vector<std::string>& patterns,
                                                const PackageFiles& files) {
  Embeds embeds(package, files);
  for (const auto& pattern : patterns) {
    auto added = embeds.add(pattern);
    if (!added) return fail(std::move(added).error().with("pattern " + pattern));
  }
  return embeds.files();
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/vendor.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "app/copy_folder.hpp"
#include "app/embeds.hpp"
#include "app/go_folder.hpp"
#include "app/package_files.hpp"
#include "goscan/header.hpp"
#include "goscan/walk.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

constexpr auto k_licences = std::to_array<std::string_view>(
    {"AUTHORS", "CONTRIBUTORS", "COPYLEFT", "COPYING", "COPYRIGHT", "LEGAL", "LICENSE", "NOTICE", "PATENTS"});

bool is_licence(const std::string& name) {
  return std::ranges::any_of(k_licences, [&](std::string_view start) { return name.starts_with(start); });
}

// Where the files of a module are.
class Source {
 public:
  explicit Source(const ModuleZipPtr& zip) {
    if (zip) in_zip_.emplace(zip);
  }
  const PackageFiles& files() const { return in_zip_ ? *in_zip_ : files_on_disk(); }
  Result<FolderCopy> open(const sys::Path& from, const sys::Path& to) const {
    return in_zip_ ? FolderCopy::open(*in_zip_, from, to) : FolderCopy::open(from, to);
  }

 private:
  std::optional<FilesInZip> in_zip_;
};

Result<void> copy_licences(const ModuleZipPtr& zip, const sys::Path& from, const sys::Path& to) {
  const Source source(zip);
  const auto entries = TRY(source.files().list(from));
  auto folder = TRY(source.open(from, to));
  for (const auto& entry : entries) {
    if (entry.is_regular && is_licence(entry.name)) TRY(folder.copy(entry.name));
  }
  return {};
}

// A package's files, each read once: to be copied, and for its embed patterns.
class PackageCopy {
 public:
  PackageCopy(const VendoredPackage& package, const VendorRules& rules, FolderCopy folder)
      : path_(package.path),
        dir_(package.dir),
        in_zip_(package.zip != nullptr),
        rules_(rules),
        folder_(std::move(folder)) {}

  Result<void> add(const sys::DirEntry& entry) {
    if (!entry.is_regular && !entry.is_symlink) return {};
    if (entry.name.ends_with(".go")) return add_source(entry);
    const bool is_mod_file = entry.name == "go.mod" || entry.name == "go.sum";
    if (!entry.is_regular || (is_mod_file && rules_.drop_mod_files)) return {};
    return folder_.copy(entry.name);
  }

  // Those of the package's own files, then those of its tests, each list sorted. An error: a file cannot be
  // parsed.
  Result<std::vector<std::string>> patterns() const {
    if (broken_) return fail(*broken_);
    std::vector<std::string> out(own_.begin(), own_.end());
    out.insert(out.end(), tests_.begin(), tests_.end());
    return out;
  }

 private:
  Result<void> add_source(const sys::DirEntry& entry) {
    const auto& name = entry.name;
    const bool test = goscan::is_test_name(name);
    const bool may_embed = goscan::is_source_name(name) && (!test || rules_.test_embeds);
    const bool may_be_copied = entry.is_regular && !test;
    if (test && !may_embed) check_test(name);
    if (!may_embed && !may_be_copied) return {};
    const auto text = folder_.read(name);
    if (!text && in_zip_) return add_large(name, may_embed, may_be_copied);
    if (!text) return add_strange(name, may_embed, may_be_copied);
    if (may_embed) check_header(name, goscan::read_header(*text, true));
    if (may_embed) keep(source_embeds(*text), test);
    return may_be_copied && source_counts(*text) ? folder_.write(name, *text) : Result<void>();
  }

  // What go/build finds first counts: a file that it cannot read ends the command, a second package is fine.
  void check_header(const std::string& name, const goscan::Header& header) {
    if (several_ || broken_ || (header.parses && header.package == "documentation")) return;
    if (!header.parses || header.nul) {
      broken_.emplace(Kind::internal, "internal error: failed to find embedded files of " + path_ + ": " +
                                          (sys::Path(dir_) / name).native() +
                                          ": the package clause or an import cannot be parsed");
      return;
    }
    constexpr std::string_view k_test_suffix = "_test";
    auto package = header.package;
    if (goscan::is_test_name(name) && package != package_ && package.ends_with(k_test_suffix))
      package.remove_suffix(k_test_suffix.size());
    if (package_.empty()) package_ = package;
    several_ = package_ != package;
  }

  // Of a test that is not copied the beginning is enough, mostly.
  void check_test(const std::string& name) {
    constexpr std::size_t k_enough = 4096;
    if (!goscan::is_source_name(name)) return;
    const auto start = folder_.read_start(name, k_enough);
    if (!start) return;
    const auto header = goscan::read_header(*start, start->size() < k_enough);
    if (header.complete) return check_header(name, header);
    if (const auto whole = folder_.read(name)) check_header(name, goscan::read_header(*whole, true));
  }

  // The same of a huge file in a zip.
  Result<void> add_large(const std::string& name, bool may_embed, bool may_be_copied) {
    const auto text = TRY(folder_.read_all(name));
    if (may_embed) keep(source_embeds(text), goscan::is_test_name(name));
    return may_be_copied && source_counts(text) ? folder_.write(name, text) : Result<void>();
  }

  // Huge, or not readable: then copying says so.
  Result<void> add_strange(const std::string& name, bool may_embed, bool may_be_copied) {
    const auto file = sys::Path(dir_) / name;
    if (may_embed) {
      if (const auto patterns = file_embeds(file)) keep(*patterns, goscan::is_test_name(name));
    }
    return may_be_copied && file_counts(file) ? folder_.copy(name) : Result<void>();
  }

  void keep(const std::vector<std::string>& patterns, bool test) {
    (test ? tests_ : own_).insert(patterns.begin(), patterns.end());
  }

  const std::string& path_;
  const std::string& dir_;
  bool in_zip_;
  const VendorRules& rules_;
  FolderCopy folder_;
  std::string package_;  // the name in the first file's package clause
  bool several_ = false;
  std::optional<Error> broken_;
  std::set<std::string> own_;
  std::set<std::string> tests_;
};

Result<void> copy_embeds(const VendoredPackage& package, const PackageFiles& source, const sys::Path& to,
                         const std::vector<std::string>& patterns) {
  if (patterns.empty()) return {};
  auto files = resolve_embeds(package.dir, patterns, source);
  if (!files) return fail(std::move(files).error().with("resolving embeds in " + package.path));
  for (const auto& name : *files) {
    const auto target = to / name;
    if (sys::is_file(target)) continue;
    TRY(sys::make_dirs(target.parent_path()));
    TRY(source.copy(sys::Path(package.dir) / name, target));
  }
  return {};
}

// The patterns of what it embeds.
Result<std::vector<std::string>> copy_sources(const VendoredPackage& package, const Source& source,
                                              const sys::Path& to, const VendorRules& rules) {
  const auto entries = TRY(source.files().list(package.dir));
  PackageCopy copy(package, rules, TRY(source.open(package.dir, to)));
  for (const auto& entry : entries) TRY(copy.add(entry));
  return copy.patterns();
}

std::optional<CopyFailure> copy_package(const std::vector<VendoredPackage>& packages, std::size_t number,
                                        const sys::Path& vendor, const VendorRules& rules) {
  const auto& package = packages[number];
  const auto to = vendor / package.path;
  const Source source(package.zip);
  auto patterns = copy_sources(package, source, to, rules);
  if (!patterns) return CopyFailure{number, std::move(patterns).error(), true};
  auto embedded = copy_embeds(package, source.files(), to, *patterns);
  if (!embedded) return CopyFailure{number, std::move(embedded).error()};
  return std::nullopt;
}

// Threads that were ahead when something ended it: what they copied goes again.
void remove_from(const std::vector<VendoredPackage>& packages, std::size_t first, const sys::Path& vendor) {
  if (first == packages.size()) return;
  std::set<std::string> stay;
  for (std::size_t i = 0; i < first; ++i) stay.insert(packages[i].path);
  for (std::size_t i = first; i < packages.size(); ++i) {
    const auto inside = packages[i].path + '/';
    const auto below = stay.lower_bound(inside);
    const bool holds_another = below != stay.end() && below->starts_with(inside);
    if (!holds_another) static_cast<void>(sys::remove_tree(vendor / packages[i].path).has_value());
  }
}

struct LicenceFolder {
  std::string dir;
  ModuleZipPtr zip;
};

// Folders above packages, up to their modules' roots, that are no packages themselves: path -> folder.
std::map<std::string, LicenceFolder> licence_folders(std::span<const VendoredPackage> packages) {
  std::map<std::string, LicenceFolder> out;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& p : packages) {
    std::string path = p.path;
    std::string dir = p.dir;
    while (seen.emplace(p.module_path, path).second) {
      if (path != p.path) out.try_emplace(path, LicenceFolder{dir, p.zip});
      if (path == p.module_path) break;
      path.resize(path.rfind('/'));
      dir.resize(dir.rfind('/'));
    }
  }
  return out;
}

}  // namespace

Result<void> remove_vendor(const sys::Path& vendor, const VendorRules& rules) {
  std::error_code failed;
  if (std::filesystem::is_symlink(vendor, failed)) return sys::remove_tree(vendor);
  std::vector<sys::Path> parts;
  for (const auto& host : sys::list_dir(vendor).value_or(std::vector<sys::DirEntry>())) {
    if (!host.is_dir) continue;
    const auto folder = vendor / host.name;
    for (const auto& entry : sys::list_dir(folder).value_or(std::vector<sys::DirEntry>())) {
      if (entry.is_dir) parts.push_back(folder / entry.name);
    }
  }
  // Whatever this cannot remove, the last call says.
  sys::parallel_for(parts.size(), rules.threads, rules.stop,
                    [&](std::size_t i) { static_cast<void>(sys::remove_tree(parts[i]).has_value()); });
  return sys::remove_tree(vendor);
}

std::vector<CopyFailure> copy_packages(const std::vector<VendoredPackage>& packages, const sys::Path& vendor,
                                       const VendorRules& rules) {
  std::vector<std::optional<CopyFailure>> failed(packages.size());
  std::atomic<std::size_t> count = packages.size();  // of those that are copied
  sys::parallel_for(packages.size(), rules.threads, rules.stop, [&](std::size_t i) {
    if (i >= count) return;
    failed[i] = copy_package(packages, i, vendor, rules);
    if (!failed[i] || !failed[i]->ends) return;
    for (auto least = count.load(); i + 1 < least && !count.compare_exchange_weak(least, i + 1);) {
    }
  });
  remove_from(packages, count, vendor);
  const auto licences = licence_folders(std::span(packages).first(count));
  const std::vector<std::pair<std::string, LicenceFolder>> list(licences.begin(), licences.end());
  std::vector<std::optional<Error>> more(list.size());
  sys::parallel_for(list.size(), rules.threads, rules.stop, [&](std::size_t i) {
    auto copied = copy_licences(list[i].second.zip, list[i].second.dir, vendor / list[i].first);
    if (!copied) more[i] = std::move(copied).error();
  });
  std::vector<CopyFailure> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (failed[i]) out.push_back(*std::move(failed[i]));
  }
  const bool ended = !out.empty() && out.back().ends;
  for (auto& error : more) {
    if (error && !ended) out.push_back({packages.size(), *std::move(error), true});
  }
  return out;
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "vcs/git_zip.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "modzip/archive.hpp"
#include "modzip/from_dir.hpp"

namespace larder::vcs {

namespace {

// git marks links (and only those, among what is no regular file) by Unix modes.
modzip::FileType type_of(const modzip::Entry& entry) {
  constexpr unsigned k_unix = 3;
  constexpr std::uint32_t k_type = 0170000;
  if (entry.made_by >> 8U != k_unix) return modzip::FileType::regular;
  switch ((entry.external_attributes >> 16U) & k_type) {
    case 0120000:
      return modzip::FileType::symlink;
    case 0100000:
    case 0:
      return modzip::FileType::regular;
    default:
      return modzip::FileType::other;
  }
}

// The name below the top folder and dir; nullopt for what lies elsewhere and for folders.
Result<std::optional<std::string_view>> name_below(std::string_view name, std::string& top,
                                                   std::string_view dir) {
  if (top.empty()) {
    const auto slash = name.find('/');
    if (slash == std::string_view::npos) return fail(Kind::invalid, "missing top-level directory prefix");
    top = name.substr(0, slash + 1);
  }
  if (!name.starts_with(top))
    return fail(Kind::invalid, "zip file contains more than one top-level directory");
  name.remove_prefix(top.size());
  if (!name.starts_with(dir)) return std::nullopt;
  name.remove_prefix(dir.size());
  if (name.empty() || name.ends_with('/')) return std::nullopt;
  return name;
}

}  // namespace

Result<void> module_zip_of_archive(Bytes bytes, const ArchiveZip& wanted, const modzip::Sink& sink) {
  const auto archive = TRY(modzip::Archive::open(bytes));
  const std::string dir = wanted.dir.empty() ? "" : wanted.dir + "/";
  std::string top;
  std::vector<modzip::Candidate> files;
  for (const auto& entry : archive.entries()) {
    const auto name = TRY(name_below(entry.name, top, dir));
    if (!name) continue;
    files.push_back(
        {.path = std::string(*name),
         .type = type_of(entry),
         .size = entry.size,
         .read = [&archive, &entry](modzip::Scratch& scratch) { return archive.read(entry, scratch); }});
  }
  std::optional<std::string> license;
  const bool has_license =
      std::ranges::any_of(files, [](const auto& file) { return file.path == "LICENSE"; });
  if (!has_license && !dir.empty()) license = TRY(wanted.license());
  if (license) {
    files.push_back({.path = "LICENSE",
                     .size = license->size(),
                     .read = [&license](modzip::Scratch&) -> Result<Bytes> { return as_bytes(*license); }});
  }
  return modzip::create_zip(sink, wanted.module, files);
}

}  // namespace larder::vcs

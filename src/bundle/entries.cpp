// SPDX-License-Identifier: Apache-2.0
#include "bundle/entries.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "modzip/check.hpp"
#include "modzip/collisions.hpp"
#include "modzip/limits.hpp"
#include "modzip/paths.hpp"

namespace larder::bundle {
namespace {

void print_content(std::string& out, const Entries& entries, Content content) {
  char separator = ' ';
  for (const std::uint32_t piece : entries.pieces_of(content)) {
    fmt::format_to(std::back_inserter(out), "{}{}", separator, piece);
    separator = ',';
  }
}

void print_blocks(std::string& out, const Entries& entries) {
  const auto to = std::back_inserter(out);
  std::size_t block = 0;
  for (std::size_t volume = 0; volume < entries.volumes.size(); ++volume) {
    fmt::format_to(to, "volume {}\n", entries.volumes[volume]);
    for (; block < entries.blocks.size() && entries.blocks[block].volume == volume; ++block) {
      const Block& b = entries.blocks[block];
      fmt::format_to(to, "block {} {} {}\n", b.packed, b.raw, b.blobs);
      for (const Blob& blob : std::span(entries.blobs).subspan(b.first_blob, b.blobs)) {
        fmt::format_to(to, "blob {} {}\n", blob.size, blob.digest.hex());
      }
    }
  }
}

void print_module(std::string& out, const Entries& entries, const ModuleEntry& m) {
  const auto to = std::back_inserter(out);
  if (m.form == Form::requirement) {
    fmt::format_to(to, "gomod {} {}", m.module.path, m.module.version);
    print_content(out, entries, m.mod);
    out += '\n';
    return;
  }
  const bool zip = m.form == Form::zip;
  fmt::format_to(to, "{} {} {} {}", zip ? "gozip" : "go", m.module.path, m.module.version, m.h1.str());
  print_content(out, entries, m.info);
  print_content(out, entries, m.mod);
  if (zip) {
    print_content(out, entries, m.zip);
  } else {
    fmt::format_to(to, " {}", m.file_count);
  }
  out += '\n';
  for (const File& file : entries.files_of(m)) {
    out += "file";
    print_content(out, entries, file.content);
    out.append(" ").append(file.name) += '\n';
  }
}

Failure bad_name(std::string_view name, std::string_view reason) {
  return fail(Kind::invalid, fmt::format("{}: {}", quote(name), reason));
}

Result<void> check_size(std::string_view name, std::uint64_t size) {
  if (name == "go.mod" && size > modzip::k_max_go_mod) return bad_name(name, "go.mod file too large");
  if (name == "LICENSE" && size > modzip::k_max_license) return bad_name(name, "LICENSE file too large");
  return {};
}

}  // namespace

std::uint64_t Entries::size_of(Content content) const {
  std::uint64_t size = 0;
  for (const std::uint32_t piece : pieces_of(content)) size += blobs[piece].size;
  return size;
}

std::string print_entries(const Entries& entries) {
  std::string out = "larder-entries 1\n";
  print_blocks(out, entries);
  for (const ModuleEntry& m : entries.modules) print_module(out, entries, m);
  return out;
}

Result<void> check_names(const Entries& entries, const ModuleEntry& module) {
  modzip::Collisions collisions(module.file_count);
  std::string_view previous;
  std::uint64_t total = 0;
  for (const File& file : entries.files_of(module)) {
    const std::string_view name = file.name;
    if (!modzip::is_clean(name)) return bad_name(name, modzip::k_not_clean);
    if (auto valid = gomod::check_file_path(name); !valid) return fail(std::move(valid).error());
    if (name <= previous) return bad_name(name, "not sorted");
    previous = name;
    if (auto reason = collisions.add(name, false)) return bad_name(name, *reason);
    if (modzip::is_go_mod(name) && name != "go.mod")
      return bad_name(name, "go.mod not in the root, or not lower case");
    const std::uint64_t size = entries.size_of(file.content);
    TRY(check_size(name, size));
    total += size;  // both at most 500 MiB here
    if (size > modzip::k_max_zip_file || total > modzip::k_max_zip_file) {
      return bad_name(name, fmt::format("module is larger than {} bytes", modzip::k_max_zip_file));
    }
  }
  return {};
}

Counts count(const Entries& entries) {
  Counts out;
  out.blobs = entries.blobs.size();
  out.blocks = entries.blocks.size();
  out.files = entries.files.size();
  for (const Block& block : entries.blocks) out.raw_bytes += block.raw;
  for (const File& file : entries.files) out.module_bytes += entries.size_of(file.content);
  for (const ModuleEntry& m : entries.modules) {
    ++(m.form == Form::requirement ? out.requirements : out.modules);
    if (m.form == Form::zip) out.module_bytes += entries.size_of(m.zip);
  }
  return out;
}

std::string content_root(const std::vector<ContentLine>& lines) {
  std::vector<std::string> texts;
  texts.reserve(lines.size());
  for (const ContentLine& line : lines) {
    const gomod::Module& m = line.module;
    texts.push_back(line.h1 && line.info
                        ? fmt::format("go {} {} {} {} {}\n", m.path, m.version, line.h1->str(),
                                      line.info->hex(), line.mod.hex())
                        : fmt::format("gomod {} {} {}\n", m.path, m.version, line.mod.hex()));
  }
  std::ranges::sort(texts);
  Sha256 hash;
  hash.update("larder-root 1\n");
  for (const std::string& text : texts) hash.update(text);
  return hash.finish().hex();
}

}  // namespace larder::bundle

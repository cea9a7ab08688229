// SPDX-License-Identifier: Apache-2.0
#include "bundle/packer.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/text.hpp"
#include "bundle/entries.hpp"
#include "bundle/pack_blocks.hpp"
#include "bundle/pack_plan.hpp"
#include "bundle/readme.hpp"
#include "bundle/spool.hpp"
#include "bundle/sumdb_member.hpp"
#include "bundle/tar.hpp"
#include "bundle/threads.hpp"
#include "bundle/zstd_block.hpp"
#include "modzip/check.hpp"
#include "store/truth.hpp"
#include "sys/files.hpp"
#include "sys/parallel.hpp"

namespace larder::bundle {
namespace {

constexpr std::size_t k_copy_chunk = 1U << 20U;
constexpr int k_table_level = 9;

// The h1 of what was packed must be the one that the store recorded.
Result<void> check_h1(const SourceModule& source, std::uint32_t number, const BlockPacker& packed) {
  if (source.form != Form::files) return {};  // a zip was checked when it was read
  gomod::H1Builder builder;
  builder.reserve(source.files.size());
  const std::string prefix = modzip::zip_prefix(source.module);
  for (std::uint32_t f = 0; f < source.files.size(); ++f) {
    builder.add(prefix + std::string(source.files[f].name), packed.digest_of(number, f));
  }
  return store::check_h1(TRY(builder.finish()), source.h1).context(source.module.str());
}

// All modules that failed, a line each.
std::optional<Error> module_errors(const Plan& plan) {
  std::optional<Kind> kind;
  std::vector<std::string> texts;
  for (const SourceModule& source : plan.modules) {
    if (!source.error) continue;
    texts.push_back(source.error->message());
    const bool worse = !kind || source.error->kind() == Kind::unverified;
    if (worse) kind = source.error->kind();
  }
  if (!kind) return std::nullopt;
  std::string hint = "nothing was packed";
  if (*kind == Kind::unverified) hint += "; " + std::string(store::k_how_to_mend);
  return Error(*kind, join(texts, "\n"), std::move(hint));
}

class Assembly {
 public:
  Assembly(Plan& plan, BlockPacker& packed) : plan_(plan), packed_(packed) {}

  Entries run(std::size_t volumes) {
    for (std::size_t v = 0; v < volumes; ++v) out_.volumes.push_back(fmt::format("vol-{:04}.zst", v + 1));
    out_.blocks = std::move(packed_.blocks());
    for (std::uint32_t m = 0; m < plan_.modules.size(); ++m) add(m);
    out_.blobs = std::move(packed_.blobs());
    return std::move(out_);
  }

  // Before run().
  std::string root() const {
    std::vector<ContentLine> content;
    for (std::uint32_t m = 0; m < plan_.modules.size(); ++m) {
      const SourceModule& source = plan_.modules[m];
      ContentLine line{
          .module = source.module, .h1 = {}, .info = {}, .mod = packed_.digest_of(m, k_part_mod)};
      if (source.form != Form::requirement) {
        line.h1 = source.h1;
        line.info = packed_.digest_of(m, k_part_info);
      }
      content.push_back(std::move(line));
    }
    return content_root(content);
  }

 private:
  Content content(std::uint32_t module, std::uint32_t part) {
    const auto blobs = packed_.blobs_of(module, part);
    const Content out{.first = static_cast<std::uint32_t>(out_.pieces.size()),
                      .count = static_cast<std::uint32_t>(blobs.size())};
    out_.pieces.insert(out_.pieces.end(), blobs.begin(), blobs.end());
    return out;
  }

  void add(std::uint32_t number) {
    const SourceModule& source = plan_.modules[number];
    ModuleEntry m;
    m.module = source.module;
    m.form = source.form;
    m.h1 = source.h1;
    m.mod = content(number, k_part_mod);
    if (source.form != Form::requirement) m.info = content(number, k_part_info);
    if (source.form == Form::zip) m.zip = content(number, k_part_zip);
    m.first_file = static_cast<std::uint32_t>(out_.files.size());
    m.file_count = static_cast<std::uint32_t>(source.files.size());
    for (std::uint32_t f = 0; f < source.files.size(); ++f) {
      out_.files.push_back({.name = source.files[f].name, .content = content(number, f)});
    }
    out_.modules.push_back(std::move(m));
  }

  Plan& plan_;
  BlockPacker& packed_;
  Entries out_;
};

// Writes the container from the start to the end.
class Container {
 public:
  Container(sys::AtomicFile& file, std::int64_t mtime) : file_(file), mtime_(mtime) {}

  Result<void> add(std::string_view name, Bytes content) {
    TRY(begin(name, content.size()));
    TRY(write(content));
    return pad(content.size());
  }

  Result<void> add(std::string_view name, const Spool& spool, const SpooledVolume& volume) {
    TRY(begin(name, volume.size));
    std::vector<std::byte> chunk;
    for (std::uint64_t done = 0; done < volume.size; done += chunk.size()) {
      chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(k_copy_chunk, volume.size - done)));
      TRY(read_at(spool.fd(), volume.offset + done, chunk));
      TRY(write(chunk));
    }
    return pad(volume.size);
  }

  Result<std::uint64_t> finish() {
    const std::array<std::byte, 2 * k_tar_block> end{};
    TRY(write(end));
    TRY(file_.commit());
    return written_;
  }

 private:
  Result<void> begin(std::string_view name, std::uint64_t size) {
    return write(make_tar_header(name, size, mtime_));
  }
  Result<void> pad(std::uint64_t size) {
    const std::array<std::byte, k_tar_block> zeros{};
    return write(Bytes(zeros).first(tar_padding(size)));
  }
  Result<void> write(Bytes bytes) {
    written_ += bytes.size();
    return file_.write(bytes);
  }

  sys::AtomicFile& file_;
  std::int64_t mtime_;
  std::uint64_t written_ = 0;
};

Member member(std::string name, std::string role, Bytes content) {
  return {
      .name = std::move(name), .role = std::move(role), .sha256 = sha256(content), .size = content.size()};
}

// Any name that no other member has.
std::string database_name(std::size_t number) {
  return fmt::format("sumdb-{:04}", number);
}

Result<Manifest> begin_manifest(const PackOptions& options, const Plan& plan, std::string root) {
  Manifest m;
  m.id = options.id.empty() ? TRY(make_bundle_id(options.created * 1000)) : options.id;
  m.source = options.source;
  m.created = format_time(options.created);
  m.tool = options.tool;
  m.root = std::move(root);
  for (const SourceModule& source : plan.modules) m.counts.zip_bytes += source.zip_size;
  return m;
}

struct Parts {
  Plan& plan;
  BlockPacker& packed;
  Spool& spool;
};

Result<PackReport> write_bundle(const Parts& parts, const SecretKey& key, const std::filesystem::path& out,
                                const PackOptions& options) {
  const std::vector<SpooledVolume> volumes = TRY(parts.spool.finish());
  Assembly assembly(parts.plan, parts.packed);
  Manifest m = TRY(begin_manifest(options, parts.plan, assembly.root()));
  const Entries entries = assembly.run(volumes.size());
  const std::string table = print_entries(entries);
  if (table.size() > k_max_entries) {
    return fail(Kind::invalid,
                fmt::format("entry table of {} is more than one bundle can hold", human_bytes(table.size())),
                "pack fewer modules into one bundle");
  }
  Compressor compressor(k_table_level);
  const Bytes packed_table = TRY(compressor.compress(as_bytes(table)));
  m.entries_size = table.size();
  const std::uint64_t zip_bytes = m.counts.zip_bytes;
  m.counts = count(entries);
  m.counts.zip_bytes = zip_bytes;
  const std::string readme = readme_text(m, key.public_key());
  m.members.push_back(member("README.txt", "readme", as_bytes(readme)));
  m.members.push_back(member("entries.zst", "entries", packed_table));
  for (std::size_t v = 0; v < volumes.size(); ++v) {
    m.members.push_back({entries.volumes[v], "volume", volumes[v].sha256, volumes[v].size});
  }
  for (const auto& database : options.databases) {
    m.members.push_back(
        member(database_name(m.members.size()), std::string(k_sumdb_role), as_bytes(database)));
  }
  const std::string manifest = print_manifest(m);
  const std::string signature =
      TRY(key.sign(as_bytes(manifest), fmt::format("bundle:{} root:{}", m.id, m.root)));

  sys::AtomicFile file = TRY(sys::AtomicFile::create(out, {.durability = sys::Durability::fsync}));
  Container container(file, options.created);
  TRY(container.add("README.txt", as_bytes(readme)));
  TRY(container.add("manifest.json", as_bytes(manifest)));
  TRY(container.add("manifest.json.minisig", as_bytes(signature)));
  TRY(container.add("entries.zst", packed_table));
  for (std::size_t v = 0; v < volumes.size(); ++v) {
    TRY(container.add(entries.volumes[v], parts.spool, volumes[v]));
  }
  for (std::size_t d = 0; d < options.databases.size(); ++d) {
    const auto& name = m.members[m.members.size() - options.databases.size() + d].name;
    TRY(container.add(name, as_bytes(options.databases[d])));
  }
  const auto size = TRY(container.finish());
  return PackReport{.manifest = std::move(m), .bundle_bytes = size};
}

}  // namespace

Result<PackReport> pack(const store::GoModules& from, std::span<const PackModule> modules,
                        const SecretKey& key, const std::filesystem::path& out, const PackOptions& options,
                        const std::stop_token& stop) {
  if (!options.id.empty() && !valid_bundle_id(options.id)) return fail(Kind::invalid, "bad bundle id");
  const unsigned threads = threads_for(options.threads);
  Plan plan = make_plan(from, modules, options, threads, stop);
  if (stop.stop_requested()) return fail(Kind::cancelled, "packing was stopped");
  const std::filesystem::path folder = out.has_parent_path() ? out.parent_path() : ".";
  Spool spool = TRY(Spool::create(folder, std::clamp(options.volume_size, k_max_packed, k_max_volume)));
  BlockPacker packed(from, plan, options, spool);
  TRY(packed.run(threads, stop));
  for (std::uint32_t m = 0; m < plan.modules.size(); ++m) {
    SourceModule& source = plan.modules[m];
    if (source.error) continue;
    if (auto same = check_h1(source, m, packed); !same) source.error = std::move(same).error();
  }
  if (auto error = module_errors(plan)) return fail(*std::move(error));
  return write_bundle({plan, packed, spool}, key, out, options);
}

}  // namespace larder::bundle

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <mutex>

#include <fmt/format.h>

#include "base/text.hpp"
#include "bundle/reader.hpp"
#include "bundle/spool.hpp"
#include "bundle/threads.hpp"
#include "gomod/modfile.hpp"
#include "modzip/check.hpp"
#include "modzip/extract.hpp"
#include "store/truth.hpp"
#include "sys/files.hpp"
#include "sys/parallel.hpp"

namespace larder::bundle {
namespace {

class Verifier {
 public:
  Verifier(const Bundle& bundle, const VerifyOptions& options, const std::stop_token& stop)
      : bundle_(bundle),
        entries_(bundle.entries()),
        options_(options),
        stop_(stop),
        reader_(bundle),
        threads_(threads_for(options.threads)) {}

  Result<VerifyReport> run() {
    TRY(bundle_.check_members(stop_));
    TRY(each(entries_.blocks.size(), [this](std::size_t i) { return check_block(i); }));
    TRY(each(entries_.modules.size(), [this](std::size_t i) {
      return check_module(entries_.modules[i]).context(entries_.modules[i].module.str());
    }));
    TRY(check_root(bundle_, reader_));
    const Counts counts = count(entries_);
    return VerifyReport{.modules = counts.modules + counts.requirements,
                        .files = counts.files,
                        .raw_bytes = counts.raw_bytes};
  }

 private:
  // All failures, in order, as one.
  Result<void> each(std::size_t count, const std::function<Result<void>(std::size_t)>& check) {
    std::vector<std::optional<Error>> errors(count);
    sys::parallel_for(count, threads_, stop_, [&](std::size_t i) {
      if (auto done = check(i); !done) errors[i] = std::move(done).error();
    });
    if (stop_.stop_requested()) return fail(Kind::cancelled, "stopped");
    std::vector<std::string> texts;
    std::optional<Kind> kind;
    for (const auto& error : errors) {
      if (!error) continue;
      texts.push_back(error->message());
      if (!kind || error->kind() == Kind::unverified) kind = error->kind();
    }
    if (!kind) return {};
    return fail(*kind, join(texts, "\n"));
  }

  Result<void> check_block(std::size_t number) {
    TRY(reader_.block(static_cast<std::uint32_t>(number)));
    const std::lock_guard lock(mutex_);
    progress_.total = bundle_.manifest().counts.raw_bytes;
    progress_.done += entries_.blocks[number].raw;
    if (options_.progress) options_.progress(progress_);
    return {};
  }

  Result<void> check_module(const ModuleEntry& m) {
    if (m.form == Form::requirement) return {};
    TRY(store::check_info(m.module, TRY(reader_.content(m.info, k_max_small_file))));
    const gomod::H1 h1 = TRY(m.form == Form::zip ? hash_zip(m) : hash_files(m));
    if (h1 == m.h1) return m.form == Form::zip ? Result<void>() : check_mod(m);
    return fail(Kind::unverified, fmt::format("content has {}, the bundle says {}", h1.str(), m.h1.str()));
  }

  Result<gomod::H1> hash_files(const ModuleEntry& m) {
    gomod::H1Builder builder;
    builder.reserve(m.file_count);
    const std::string prefix = modzip::zip_prefix(m.module);
    for (const File& file : entries_.files_of(m)) {
      builder.add(prefix + std::string(file.name), TRY(reader_.digest(file.content)));
    }
    return builder.finish();
  }

  Result<void> check_mod(const ModuleEntry& m) {
    const auto files = entries_.files_of(m);
    const auto at = std::ranges::lower_bound(files, std::string_view("go.mod"), {}, &File::name);
    const bool has_one = at != files.end() && at->name == "go.mod";
    const Digest want =
        has_one ? TRY(reader_.digest(at->content)) : sha256(gomod::synthesize_mod(m.module.path));
    if (TRY(reader_.digest(m.mod)) == want) return {};
    return fail(Kind::unverified, ".mod is not the go.mod of the zip");
  }

  static Result<Spool> open_spool() {
    const char* named = std::getenv("TMPDIR");
    auto file = Spool::create(named != nullptr && *named != '\0' ? named : "/tmp", k_max_volume);
    if (file) return file;
    return fail(
        std::move(file).error().with_hint("temporary files go there: TMPDIR=DIR names another folder"));
  }

  // By way of a file: a zip may be half a gigabyte, and memory is bounded.
  Result<gomod::H1> hash_zip(const ModuleEntry& m) {
    Spool file = TRY(open_spool());
    for (const std::uint32_t piece : entries_.pieces_of(m.zip)) {
      BlobReader::BlockData hold;
      TRY(file.append(TRY(reader_.blob(piece, hold))));
    }
    const sys::Mapping zip = TRY(sys::Mapping::of(file.fd(), "temporary file"));
    const auto checked = modzip::check_and_hash(m.module, zip.bytes(), {.stop = stop_});
    if (!checked) return fail(Kind::unverified, checked.error().message());
    const std::string mod = TRY(reader_.content(m.mod, k_max_small_file));
    TRY(store::check_mod(m.module, mod, TRY(modzip::Archive::open(zip.bytes()))));
    return checked->h1;
  }

  const Bundle& bundle_;
  const Entries& entries_;
  const VerifyOptions& options_;
  const std::stop_token& stop_;
  BlobReader reader_;
  unsigned threads_;
  std::mutex mutex_;
  Progress progress_;
};

}  // namespace

Result<void> check_root(const Bundle& bundle, BlobReader& reader) {
  const Entries& entries = bundle.entries();
  if (entries.passed_over > 0) return {};  // part of the content is beyond this program
  std::vector<ContentLine> lines;
  for (const ModuleEntry& m : entries.modules) {
    ContentLine line{.module = m.module, .h1 = {}, .info = {}, .mod = {}};
    line.mod = TRY(reader.digest(m.mod));
    if (m.form != Form::requirement) {
      line.h1 = m.h1;
      line.info = TRY(reader.digest(m.info));
    }
    lines.push_back(std::move(line));
  }
  if (content_root(lines) == bundle.manifest().root) return {};
  return fail(Kind::unverified, "manifest.json: root does not match the content");
}

Result<VerifyReport> verify(const Bundle& bundle, const VerifyOptions& options, const std::stop_token& stop) {
  auto report = Verifier(bundle, options, stop).run();
  const auto name = bundle.path().string();
  if (report || report.error().message().starts_with(name + ": ")) return report;  // as volumes do
  return std::move(report).context(name);
}

}  // namespace larder::bundle

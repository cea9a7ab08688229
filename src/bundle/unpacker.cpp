// SPDX-License-Identifier: Apache-2.0
#include "bundle/unpacker.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "bundle/threads.hpp"
#include "modzip/check.hpp"
#include "modzip/extract.hpp"
#include "modzip/write.hpp"
#include "store/truth.hpp"
#include "sys/parallel.hpp"

namespace larder::bundle {
namespace {

using store::Held;
using store::Part;

constexpr std::string_view k_tmp = "larder/tmp";
constexpr std::string_view k_staged = "unpack-";          // begins every name below k_tmp that is ours
constexpr std::string_view k_lock = "larder/tmp/unpack";  // one import at a time
constexpr std::size_t k_write_buffer = 256U << 10U;

// Parts in the order in which they become visible.
constexpr std::array<Part, 4> k_whole{Part::ziphash, Part::mod, Part::zip, Part::info};
constexpr std::array<Part, 2> k_requirement{Part::modhash, Part::mod};

std::span<const Part> parts_of(const ModuleEntry& m) {
  return m.form == Form::requirement ? std::span<const Part>(k_requirement) : k_whole;
}

// repair: what the store holds is damaged and gives way.
enum class Action { none, import, repair };

struct Step {
  Action action = Action::none;
  std::optional<Error> error;
  std::uint64_t zip_bytes = 0;
};

// Joins the many small writes of a zip writer.
class BufferedUpload {
 public:
  explicit BufferedUpload(store::Upload& upload) : upload_(upload) { buffer_.reserve(k_write_buffer); }

  Result<void> write(Bytes bytes) {
    written_ += bytes.size();
    if (buffer_.size() + bytes.size() > k_write_buffer) TRY(flush());
    if (bytes.size() >= k_write_buffer) return upload_.write(bytes);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return {};
  }
  Result<void> flush() {
    if (!buffer_.empty()) TRY(upload_.write(buffer_));
    buffer_.clear();
    return {};
  }
  std::uint64_t written() const { return written_; }

 private:
  store::Upload& upload_;
  std::vector<std::byte> buffer_;
  std::uint64_t written_ = 0;
};

class Unpacker {
 public:
  Unpacker(const Bundle& bundle, const store::GoModules& into, const UnpackOptions& options,
           const std::stop_token& stop)
      : bundle_(bundle),
        entries_(bundle.entries()),
        into_(into),
        options_(options),
        stop_(stop),
        reader_(bundle),
        steps_(entries_.modules.size()),
        threads_(threads_for(options.threads)) {}

  Result<UnpackReport> run() {
    TRY(bundle_.check_members(stop_));
    TRY(check_root(bundle_, reader_).context(bundle_.path().string()));
    const auto lock = into_.store().lock(k_lock);
    if (!lock) return report_held(lock.error());
    TRY(clean());
    auto done = import();
    auto cleaned = clean();  // leaves nothing, also after a failure
    if (!done) return fail(std::move(done).error());
    TRY(std::move(cleaned));
    return report();
  }

 private:
  // A store that cannot be written may have all of it.
  Result<UnpackReport> report_held(const Error& cannot) {
    TRY(each([this](std::size_t i) { return compare(i); }, "nothing was imported"));
    if (std::ranges::all_of(steps_, [](const Step& step) { return step.action == Action::none; })) {
      return report();
    }
    return fail(cannot);
  }

  Result<void> import() {
    TRY(each([this](std::size_t i) { return compare(i); }, "nothing was imported"));
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].action != Action::none) progress_.total += bytes_of(entries_.modules[i]);
    }
    TRY(each([this](std::size_t i) { return stage(i); }, "nothing was imported"));
    TRY(each([this](std::size_t i) { return publish(i); }, "run unpack again to go on from here"));
    return refresh_lists();
  }

  // Work on every module; all failures, in order, as one.
  Result<void> each(const std::function<Result<void>(std::size_t)>& work, std::string_view hint) {
    sys::parallel_for(steps_.size(), threads_, stop_, [&](std::size_t i) {
      if (auto done = work(i); !done)
        steps_[i].error = std::move(done).error().with(entries_.modules[i].module.str());
    });
    if (stop_.stop_requested()) return fail(Kind::cancelled, "stopped", std::string(hint));
    std::optional<Kind> kind;
    std::vector<std::string> texts;
    for (const Step& step : steps_) {
      if (!step.error) continue;
      texts.push_back(step.error->message());
      if (!kind || step.error->kind() == Kind::unverified) kind = step.error->kind();
    }
    if (!kind) return {};
    return fail(*kind, join(texts, "\n"), std::string(hint));
  }

  Result<void> compare(std::size_t i) {
    steps_[i].action = TRY(action_for(entries_.modules[i]));
    return {};
  }

  // What the store holds decides, and only when it is sound: damage gives way to the bundle, sound content
  // that is different (Kind::unverified) does not.
  Result<Action> action_for(const ModuleEntry& m) {
    const Held held = TRY(into_.held(m.module));
    if (held == Held::nothing) return Action::import;
    if (auto sound = check_held(m, held); !sound) {
      const bool is_damage = sound.error().kind() == Kind::unverified;
      return is_damage ? Result<Action>(Action::repair) : fail(std::move(sound).error());
    }
    if (held == Held::whole && m.form != Form::requirement) {
      const gomod::H1 h1 = TRY(into_.ziphash(m.module));
      if (h1 != m.h1) {
        return fail(Kind::unverified,
                    fmt::format("the store holds {}, the bundle brings {}", h1.str(), m.h1.str()));
      }
    }
    if (sha256(TRY(into_.mod(m.module))) != TRY(reader_.digest(m.mod))) {
      return fail(Kind::unverified, "the store holds another .mod than the bundle brings");
    }
    return held == Held::requirement && m.form != Form::requirement ? Action::import : Action::none;
  }

  // Of a version held whole, only the .mod matters to an entry that brings no more.
  Result<void> check_held(const ModuleEntry& m, Held held) {
    if (m.form == Form::requirement) return store::check_part(into_, m.module, Part::mod, stop_);
    TRY(store::check_version(into_, m.module, held, stop_));
    return {};
  }

  std::string staged_key(std::size_t i, Part part) const {
    return fmt::format("{}/{}{}-{}{}", k_tmp, k_staged, bundle_.manifest().id, i, store::part_suffix(part));
  }

  Result<void> stage(std::size_t i) {
    if (steps_[i].action == Action::none) return {};
    const ModuleEntry& m = entries_.modules[i];
    const std::string mod = TRY(reader_.content(m.mod, k_max_small_file));
    TRY(stage_text(i, Part::mod, mod));
    if (m.form == Form::requirement) {
      TRY(stage_text(i, Part::modhash, gomod::hash_go_mod(mod).str()));
    } else {
      const std::string info = TRY(reader_.content(m.info, k_max_small_file));
      TRY(store::check_info(m.module, info));
      TRY(stage_text(i, Part::info, info));
      TRY(stage_text(i, Part::ziphash, m.h1.str()));
      TRY(stage_zip(i, mod));
    }
    advance(bytes_of(m));
    return {};
  }

  Result<void> stage_text(std::size_t i, Part part, const std::string& text) {
    return into_.store().put(staged_key(i, part), as_bytes(text));
  }

  Result<void> stage_zip(std::size_t i, std::string_view mod) {
    const ModuleEntry& m = entries_.modules[i];
    const auto upload = TRY(into_.store().create(staged_key(i, Part::zip)));
    BufferedUpload out(*upload);
    TRY(m.form == Form::zip ? copy_zip(m, out) : build_zip(m, out));
    TRY(out.flush());
    TRY(check_zip(m, *upload, mod));
    steps_[i].zip_bytes = out.written();
    return upload->commit();
  }

  // What was written is what counts: read back, with all checks of a module zip.
  Result<void> check_zip(const ModuleEntry& m, store::Upload& upload, std::string_view mod) {
    const auto staged = TRY(upload.read_back());
    const Bytes bytes = TRY(staged->bytes());
    const auto checked = modzip::check_and_hash(m.module, bytes, {.stop = stop_});
    if (!checked) return fail(Kind::unverified, checked.error().message());
    if (checked->h1 != m.h1) {
      return fail(Kind::unverified,
                  fmt::format("content has {}, the bundle says {}", checked->h1.str(), m.h1.str()));
    }
    return store::check_mod(m.module, mod, TRY(modzip::Archive::open(bytes)));
  }

  Result<void> copy_zip(const ModuleEntry& m, BufferedUpload& out) {
    for (const std::uint32_t piece : entries_.pieces_of(m.zip)) {
      BlobReader::BlockData hold;
      TRY(out.write(TRY(reader_.blob(piece, hold))));
    }
    return {};
  }

  Result<void> build_zip(const ModuleEntry& m, BufferedUpload& out) {
    BlobReader::BlockData hold;
    std::vector<modzip::SourceFile> files;
    files.reserve(m.file_count);
    const std::string prefix = modzip::zip_prefix(m.module);
    for (const File& file : entries_.files_of(m)) {
      const Content content = file.content;
      files.push_back(
          {.name = prefix + std::string(file.name), .read = [this, content, &hold](modzip::Scratch& scratch) {
             return read_file(content, scratch, hold);
           }});
    }
    return modzip::write_zip([&](Bytes bytes) { return out.write(bytes); }, files, options_.zip_method);
  }

  Result<Bytes> read_file(Content content, modzip::Scratch& scratch, BlobReader::BlockData& hold) {
    const auto pieces = entries_.pieces_of(content);
    if (pieces.size() == 1) return reader_.blob(pieces.front(), hold);
    const auto memory = scratch.reserve(static_cast<std::size_t>(entries_.size_of(content)));
    std::size_t at = 0;
    for (const std::uint32_t piece : pieces) {
      const Bytes bytes = TRY(reader_.blob(piece, hold));
      std::ranges::copy(bytes, memory.begin() + static_cast<std::ptrdiff_t>(at));
      at += bytes.size();
    }
    return Bytes(memory.first(at));
  }

  Result<void> publish(std::size_t i) {
    if (steps_[i].action == Action::none) return {};
    const ModuleEntry& m = entries_.modules[i];
    const auto lock = TRY(into_.lock(m.module));
    steps_[i].action = TRY(action_for(m));  // somebody else may have been here meanwhile
    if (steps_[i].action == Action::none) return {};
    // A damaged version is not made whole by a .mod alone.
    const bool is_whole = TRY(into_.held(m.module)) == Held::whole;
    if (is_whole && m.form == Form::requirement) TRY(into_.set_aside(m.module));
    for (const Part part : parts_of(m)) {
      TRY(into_.store().move(staged_key(i, part), TRY(store::module_key(m.module, part))));
    }
    return {};
  }

  Result<void> refresh_lists() {
    std::set<std::string> paths;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const ModuleEntry& m = entries_.modules[i];
      // Held ones too: the run before this one may have been killed between the module and its list.
      if (m.form != Form::requirement) paths.insert(m.module.path);
    }
    for (const std::string& path : paths) TRY(into_.refresh_list(path));
    return {};
  }

  // Removes what this or an earlier, killed run has staged: the lock says that nobody else is staging.
  Result<void> clean() {
    for (const store::Child& child : TRY(into_.store().list(k_tmp))) {
      if (child.is_prefix || !child.name.starts_with(k_staged)) continue;
      TRY(into_.store().remove(fmt::format("{}/{}", k_tmp, child.name)));
    }
    return {};
  }

  std::uint64_t bytes_of(const ModuleEntry& m) const {
    std::uint64_t bytes = entries_.size_of(m.mod) + entries_.size_of(m.zip);
    for (const File& file : entries_.files_of(m)) bytes += entries_.size_of(file.content);
    return bytes;
  }

  void advance(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    progress_.done += bytes;
    if (options_.progress) options_.progress(progress_);
  }

  UnpackReport report() const {
    UnpackReport out;
    out.passed_over = entries_.passed_over;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const ModuleEntry& m = entries_.modules[i];
      if (steps_[i].action == Action::none) {
        ++out.held;
      } else if (steps_[i].action == Action::repair) {
        ++out.repaired;
      } else if (m.form == Form::requirement) {
        ++out.requirements;
      } else {
        ++out.imported;
        out.files += m.file_count;
        out.zip_bytes += steps_[i].zip_bytes;
      }
    }
    return out;
  }

  const Bundle& bundle_;
  const Entries& entries_;
  const store::GoModules& into_;
  const UnpackOptions& options_;
  const std::stop_token& stop_;
  BlobReader reader_;
  std::vector<Step> steps_;
  unsigned threads_;
  std::mutex mutex_;
  Progress progress_;
};

}  // namespace

Result<UnpackReport> unpack(const Bundle& bundle, const store::GoModules& into, const UnpackOptions& options,
                            const std::stop_token& stop) {
  if (!bundle.signer()) {
    return fail(Kind::unverified, bundle.path().string() + ": its signature was not checked",
                "name the key that you trust");
  }
  return Unpacker(bundle, into, options, stop).run();
}

}  // namespace larder::bundle

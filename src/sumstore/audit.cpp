// SPDX-License-Identifier: Apache-2.0
#include "sumstore/audit.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "sumstore/carried.hpp"
#include "sumstore/head.hpp"
#include "sumstore/memory.hpp"
#include "sumstore/witness.hpp"

namespace larder::sumstore {

namespace {

constexpr std::string_view k_damaged = "larder/damaged/";
constexpr std::string_view k_moved =
    "set aside below larder/damaged; bring it in again with `larder stock` or `larder unpack`";
constexpr std::string_view k_keep_both = "keep both: they prove that the database lied";

class Auditor {
 public:
  Auditor(store::Store& store, const std::string& name, const AuditOptions& options)
      : store_(store), name_(name), options_(options), prefix_(prefix_of(name) + "/") {}

  Audit run(const std::stop_token& stop) {
    out_.is_signed = options_.key.has_value();
    if (auto done = look(stop); !done) out_.failures.push_back(std::move(done).error());
    return std::move(out_);
  }

 private:
  const sumdb::VerifierKey* key() const { return options_.key ? &*options_.key : nullptr; }

  Result<void> look(const std::stop_token& stop) {
    const auto shelf = TRY(shelf_of(store_, name_));
    for (const auto& file : shelf.foreign)
      out_.notes.push_back("not of a database, passed over: " + prefix_ + file);
    if (shelf.empty()) return {};
    const auto head = TRY(find_head());
    if (head.note.empty()) {
      out_.notes.push_back(prefix_ + "tile: tiles without a head, of a run that was cut off");
      return {};
    }
    Witness witness(store_, name_, options_.key, head.tree);
    check_tiles(witness, shelf, stop);
    check_lookups(witness, shelf, stop);
    if (stop.stop_requested()) return fail(Kind::cancelled, "interrupted");
    if (!options_.key) {
      out_.notes.push_back(name_ + ": its signatures were not checked; give its key in GOSUMDB");
    }
    if (is_forked(stop)) return {};
    if (options_.set_aside) set_all_aside(head.tree);
    return {};
  }

  // Then what looks damaged under one head is the proof that there is another.
  bool is_forked(const std::stop_token& stop) {
    if (!options_.key) return told_fork_;
    Carried carried(store_, *options_.key);
    const auto compared = compare_with_memory(store_, name_, carried.client(), stop);
    if (compared || compared.error().kind() != Kind::unverified) return told_fork_;
    if (!told_fork_) out_.failures.push_back(Error(compared.error()).with_hint(std::string(k_keep_both)));
    return true;
  }

  Result<Remembered> find_head() {
    auto head = remembered_head(store_, name_, key());
    if (head && !head->is_lost) return head;
    const auto file = prefix_ + "latest";
    if (!head && head.error().kind() != Kind::unverified) return head;
    const std::string what = head ? file + " is gone" : head.error().message();
    auto other = head_in_lookups(store_, name_, key());
    if (!other || other->note.empty()) {
      const auto hint = other ? how_to_begin_anew(prefix_of(name_)) : other.error().hint();
      return fail(Kind::unverified, other ? what : fmt::format("{}; {}", what, other.error().message()),
                  hint);
    }
    tell_lost_head(what, !head, *other);
    return other;
  }

  void tell_lost_head(const std::string& what, bool is_damaged, const Remembered& other) {
    auto hint = fmt::format("the newest head of a lookup, of {} records, tells what it was", other.tree.size);
    if (options_.set_aside && options_.key) {
      const auto mended = mend_head(is_damaged, other);
      hint =
          mended ? hint + "; it was put in its place" : "it could not be mended: " + mended.error().message();
    } else if (!options_.key) {
      hint += "; give the database's key in GOSUMDB, and run this again";
    }
    if (is_damaged) {
      out_.failures.emplace_back(Kind::unverified, what, hint);
    } else {
      out_.notes.push_back(what + ": " + hint);
    }
  }

  // Somebody may have mended it, or moved on.
  Result<void> mend_head(bool is_damaged, const Remembered& other) {
    const auto file = prefix_ + "latest";
    const auto lock = TRY(store_.lock(file));
    if (const auto now = remembered_head(store_, name_, key()); now && !now->is_lost) return {};
    if (is_damaged) {
      TRY(move_away(file));
      ++out_.set_aside;
    }
    return store_.put(file, as_bytes(other.note));
  }

  // Parents first: what hangs from a damaged one is not blamed.
  void check_tiles(Witness& witness, const Shelf& shelf, const std::stop_token& stop) {
    auto tiles = shelf.tiles;
    std::ranges::sort(tiles, {}, [](const auto& tile) {
      return std::tuple(64U - tile.level, tile.number, tile.width, tile.data);
    });
    for (const auto& tile : tiles) {
      if (stop.stop_requested()) return;
      ++out_.tiles;
      judge(tile.path(), [&](const auto& bytes) { return witness.check_tile(tile, bytes); });
    }
  }

  void check_lookups(Witness& witness, const Shelf& shelf, const std::stop_token& stop) {
    for (const auto& file : shelf.lookups) {
      if (stop.stop_requested()) return;
      ++out_.lookups;
      const auto module = *module_of(file);
      judge(file, [&](const auto& text) { return witness.check_lookup(module, text); });
    }
  }

  template <class Check>
  void judge(const std::string& file, const Check& check) {
    const auto bytes = store::read_or_empty(store_, prefix_ + file, k_max_object);
    if (!bytes) return out_.failures.push_back(bytes.error());
    if (!*bytes) return;  // gone meanwhile
    const Verdict verdict = check(**bytes);
    const auto text = fmt::format("{}{}: {}", prefix_, file, verdict.why);
    switch (verdict.is) {
      case Verdict::Is::good:
        break;
      case Verdict::Is::damaged:
        damaged_.push_back({file, out_.failures.size()});
        out_.failures.emplace_back(Kind::unverified, text, "`larder cache verify` sets it aside");
        break;
      case Verdict::Is::forked:
        told_fork_ = true;
        out_.failures.emplace_back(Kind::unverified, text, std::string(k_keep_both));
        break;
      case Verdict::Is::blocked:
        break;  // the other one is named
      case Verdict::Is::lacking:
        if (module_of(file)) {
          tell_lacking(text);
          break;
        }
        [[fallthrough]];  // nobody needs a tile that proves no lookup
      case Verdict::Is::unproven:
        ++unproven_;
        if (unproven_ == 1) out_.notes.push_back(text + "; it stays");
        break;
    }
  }

  // One tile is missing to many.
  void tell_lacking(const std::string& text) {
    ++lacking_;
    if (lacking_ > 1) return;
    out_.failures.emplace_back(Kind::unavailable, text,
                               "`larder stock` or `larder unpack` brings it in again");
  }

  // Judged once more under the lock, all of them before the first is moved: tiles are proven together.
  // Lookups go first: while a reader sees one, its proof is no worse than it was.
  void set_all_aside(const sumdb::TreeHead& head) {
    if (damaged_.empty()) return;
    const auto lock = store_.lock(prefix_ + "latest");
    const auto now = lock ? remembered_head(store_, name_, key()) : Result<Remembered>(fail(lock.error()));
    std::ranges::sort(damaged_, {}, [](const auto& d) {
      return std::pair(!d.file.starts_with("lookup/"), std::string_view(d.file));
    });
    std::vector<Result<void>> judged;
    Witness witness(store_, name_, options_.key, now ? now->tree : head);
    for (const auto& one : damaged_) {
      judged.push_back(now ? still_damaged(witness, one.file) : Result<void>(fail(now.error())));
    }
    for (std::size_t i = 0; i < damaged_.size(); ++i) {
      const auto moved = judged[i] ? move_away(prefix_ + damaged_[i].file) : judged[i];
      auto& error = out_.failures[damaged_[i].failure];
      error = std::move(error).with_hint(moved ? std::string(k_moved)
                                               : "it could not be set aside: " + moved.error().message());
      if (moved) ++out_.set_aside;
    }
  }

  Result<void> still_damaged(Witness& witness, const std::string& file) {
    const auto bytes = TRY(store::read_or_empty(store_, prefix_ + file, k_max_object)).value_or("");
    const auto module = module_of(file);
    const auto verdict = module ? witness.check_lookup(*module, bytes)
                                : witness.check_tile(TRY(sumdb::parse_tile_path(file)), bytes);
    if (verdict.is != Verdict::Is::damaged)
      return fail(Kind::unavailable, "it changed meanwhile; run this again");
    return {};
  }

  Result<void> move_away(const std::string& key) { return store_.move(key, std::string(k_damaged) + key); }

  struct Damaged {
    std::string file;
    std::size_t failure;  // in out_.failures
  };

  store::Store& store_;
  const std::string& name_;
  const AuditOptions& options_;
  std::string prefix_;
  Audit out_;
  std::vector<Damaged> damaged_;
  bool told_fork_ = false;
  std::uint64_t unproven_ = 0;
  std::uint64_t lacking_ = 0;
};

}  // namespace

Audit audit(store::Store& store, const std::string& name, const AuditOptions& options,
            const std::stop_token& stop) {
  return Auditor(store, name, options).run(stop);
}

Result<bool> was_damaged(store::Store& store, std::string_view name) {
  return !TRY(store.list(std::string(k_damaged) + prefix_of(name))).empty();
}

}  // namespace larder::sumstore

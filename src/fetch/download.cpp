// SPDX-License-Identifier: Apache-2.0
#include "fetch/download.hpp"

#include <memory>

#include "gomod/check.hpp"
#include "modzip/extract.hpp"
#include "store/store.hpp"
#include "store/truth.hpp"

namespace larder::fetch {

namespace {

using gomod::H1;
using gomod::Module;
using store::Held;

class UploadSink final : public ByteSink {
 public:
  explicit UploadSink(store::Upload& upload) : upload_(upload) {}
  Result<void> write(Bytes data) override {
    bytes_ += data.size();
    return upload_.write(data);
  }
  Result<void> restart() override { return upload_.rewind(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  store::Upload& upload_;
  std::uint64_t bytes_ = 0;  // also those that were dropped: what came over the network
};

// What is no zip of this module cannot have the hash of one.
Error damaged(const Error& error) {
  return error.kind() == Kind::invalid ? Error(Kind::unverified, error.message(), error.hint()) : error;
}

// One stock_… call.
struct Work {
  const ModuleSource& source;
  const Verifier& verifier;
  const store::GoModules& modules;
  const Module& module;
  const std::stop_token& stop;
  Look look;
  Held enough;

  // What is held was verified when it came in; a go.sum that says otherwise is still an alarm.
  // nullopt: it is damaged.
  Result<std::optional<Downloaded>> from_store(Held held) const {
    auto seen = look_at(held);
    if (!seen && seen.error().kind() == Kind::unverified && is_damaged(held)) return std::nullopt;
    if (!seen) return fail(std::move(seen).error());
    return std::optional(*std::move(seen));
  }

  Result<Downloaded> look_at(Held held) const {
    if (look == Look::whole) TRY(read_all(held));
    Downloaded out;
    out.module = module;
    out.already_held = true;
    const std::string mod = TRY(modules.mod(module));
    out.mod_hash = gomod::hash_go_mod(mod);
    if (held == Held::requirement) TRY(store::check_required_mod(mod, TRY(modules.modhash(module))));
    out.mod_proof = TRY(verifier.recheck(module, Of::go_mod, out.mod_hash));
    if (held != Held::whole) return out;
    TRY(store::check_info(module, TRY(modules.info(module))));
    TRY(store::check_zip_form(modules, module));
    out.zip_hash = TRY(modules.ziphash(module));
    out.zip_proof = TRY(verifier.recheck(module, Of::zip, *out.zip_hash));
    return out;
  }

  // Of a version held whole of which only the .mod is wanted, only that is read.
  Result<void> read_all(Held held) const {
    if (enough == Held::requirement) return store::check_part(modules, module, store::Part::mod, stop);
    TRY(store::check_version(modules, module, held, stop));
    return {};
  }

  // Only asked where something does not fit: sound content that go.sum contradicts is no damage.
  bool is_damaged(Held held) const {
    const auto sound = store::check_version(modules, module, held, stop);
    return !sound && sound.error().kind() == Kind::unverified;
  }

  // The go.mod, from the store where it is there.
  Result<std::string> mod(Held held, Downloaded& out) const {
    std::string text = held == Held::nothing ? TRY(source.mod(module, stop)) : TRY(modules.mod(module));
    out.mod_hash = gomod::hash_go_mod(text);
    if (held == Held::nothing) {
      out.bytes += text.size();
      out.mod_proof = TRY(verifier.verify(module, Of::go_mod, out.mod_hash, stop));
    } else {
      TRY(store::check_required_mod(text, TRY(modules.modhash(module))));
      out.mod_proof = TRY(verifier.recheck(module, Of::go_mod, out.mod_hash));
    }
    return text;
  }

  Result<H1> zip(store::Upload& upload, std::string_view mod, Downloaded& out) const {
    UploadSink sink(upload);
    TRY(source.zip(module, sink, stop));
    out.bytes += sink.bytes();
    const auto blob = TRY(upload.read_back());
    const Bytes bytes = TRY(blob->bytes());
    const auto checked = modzip::check_and_hash(module, bytes, {.stop = stop});
    if (!checked) return fail(damaged(checked.error()).with(module.str()));
    out.zip_proof = TRY(verifier.verify(module, Of::zip, checked->h1, stop));
    TRY(store::check_mod(module, mod, TRY(modzip::Archive::open(bytes))).context(module.str()));
    return checked->h1;
  }

  Result<Downloaded> whole(Held held) const {
    Downloaded out;
    out.module = module;
    const Info info = TRY(source.info(module.path, module.version, stop));
    // Not TRY inside the braces: g++ 12 leaks the members before it when TRY returns.
    const std::string mod_text = TRY(mod(held, out));
    store::ModuleContent content{module, cached_info(info), mod_text, {}};
    out.bytes += content.info.size();
    const auto upload = TRY(modules.create_zip(module));
    content.h1 = TRY(zip(*upload, mod_text, out));
    out.zip_hash = content.h1;
    TRY(modules.put(content, *upload));
    return out;
  }
};

// Does the work unless the store has it, looking before and after waiting for other writers. What is damaged
// is as good as not held: fetch(Held::nothing).
template <class Fetch>
Result<Downloaded> unless_held(const Work& work, Fetch fetch) {
  TRY(gomod::check_canonical(work.module));
  if (const Held held = TRY(work.modules.held(work.module)); held >= work.enough) {
    if (auto got = TRY(work.from_store(held))) return *std::move(got);
  }
  if (work.stop.stop_requested()) return fail(Kind::cancelled, work.module.str() + ": cancelled");
  const auto lock = TRY(work.modules.lock(work.module));
  const Held held = TRY(work.modules.held(work.module));
  if (held >= work.enough) {
    if (auto got = TRY(work.from_store(held))) return *std::move(got);
  }
  if (work.stop.stop_requested()) return fail(Kind::cancelled, work.module.str() + ": cancelled");
  const bool damaged = held >= work.enough || work.is_damaged(held);
  auto got = TRY(fetch(damaged ? Held::nothing : held, held));
  got.repaired = damaged;
  return got;
}

}  // namespace

Result<Downloaded> stock_module(const ModuleSource& source, const Verifier& verifier,
                                const store::GoModules& modules, const Module& module, std::stop_token stop,
                                Look look) {
  const Work work{source, verifier, modules, module, stop, look, Held::whole};
  return unless_held(work, [&](Held sound, Held) { return work.whole(sound); });
}

Result<Downloaded> stock_requirement(const ModuleSource& source, const Verifier& verifier,
                                     const store::GoModules& modules, const Module& module,
                                     std::stop_token stop, Look look) {
  const Work work{source, verifier, modules, module, stop, look, Held::requirement};
  return unless_held(work, [&](Held sound, Held found) -> Result<Downloaded> {
    // A .mod alone would not mend a version that is there whole.
    if (found == Held::whole) return work.whole(sound);
    Downloaded out;
    out.module = module;
    TRY(modules.put_requirement(module, TRY(work.mod(sound, out))));
    return out;
  });
}

}  // namespace larder::fetch

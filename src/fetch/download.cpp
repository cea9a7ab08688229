// SPDX-License-Identifier: Apache-2.0
#include "fetch/download.hpp"

#include <memory>

#include "gomod/check.hpp"
#include "modzip/extract.hpp"
#include "store/store.hpp"

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

  // What is held was verified when it came in; a go.sum that says otherwise is
  // still an alarm.
  Result<Downloaded> from_store(Held held) const {
    Downloaded out;
    out.module = module;
    out.already_held = true;
    out.mod_hash = gomod::hash_go_mod(TRY(modules.mod(module)));
    out.mod_proof = TRY(verifier.recheck(module, Of::go_mod, out.mod_hash));
    if (held != Held::whole) return out;
    out.zip_hash = TRY(modules.ziphash(module));
    out.zip_proof = TRY(verifier.recheck(module, Of::zip, *out.zip_hash));
    return out;
  }

  // The go.mod, from the store where it is there.
  Result<std::string> mod(Held held, Downloaded& out) const {
    std::string text = held == Held::nothing ? TRY(source.mod(module, stop)) : TRY(modules.mod(module));
    out.mod_hash = gomod::hash_go_mod(text);
    if (held == Held::nothing) {
      out.bytes += text.size();
      out.mod_proof = TRY(verifier.verify(module, Of::go_mod, out.mod_hash, stop));
    } else {
      out.mod_proof = TRY(verifier.recheck(module, Of::go_mod, out.mod_hash));
    }
    return text;
  }

  Result<H1> zip(store::Upload& upload, Downloaded& out) const {
    UploadSink sink(upload);
    TRY(source.zip(module, sink, stop));
    out.bytes += sink.bytes();
    const auto blob = TRY(upload.read_back());
    const auto checked = modzip::check_and_hash(module, TRY(blob->bytes()), {.stop = stop});
    if (!checked) return fail(damaged(checked.error()).with(module.str()));
    out.zip_proof = TRY(verifier.verify(module, Of::zip, checked->h1, stop));
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
    content.h1 = TRY(zip(*upload, out));
    out.zip_hash = content.h1;
    TRY(modules.put(content, *upload));
    return out;
  }
};

// Does the work unless the store has it, looking before and after waiting for
// other writers.
template <class Fetch>
Result<Downloaded> unless_held(const Work& work, Held enough, Fetch fetch) {
  TRY(gomod::check_canonical(work.module));
  if (const Held held = TRY(work.modules.held(work.module)); held >= enough) return work.from_store(held);
  const auto lock = TRY(work.modules.lock(work.module));
  const Held held = TRY(work.modules.held(work.module));
  if (held >= enough) return work.from_store(held);
  if (work.stop.stop_requested()) return fail(Kind::cancelled, work.module.str() + ": cancelled");
  return fetch(held);
}

}  // namespace

Result<Downloaded> stock_module(const ModuleSource& source, const Verifier& verifier,
                                const store::GoModules& modules, const Module& module, std::stop_token stop) {
  const Work work{source, verifier, modules, module, stop};
  return unless_held(work, Held::whole, [&](Held held) { return work.whole(held); });
}

Result<Downloaded> stock_requirement(const ModuleSource& source, const Verifier& verifier,
                                     const store::GoModules& modules, const Module& module,
                                     std::stop_token stop) {
  const Work work{source, verifier, modules, module, stop};
  return unless_held(work, Held::requirement, [&](Held held) -> Result<Downloaded> {
    Downloaded out;
    out.module = module;
    TRY(modules.put_requirement(module, TRY(work.mod(held, out))));
    return out;
  });
}

}  // namespace larder::fetch

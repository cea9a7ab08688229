// SPDX-License-Identifier: Apache-2.0
#include "app/verify_store.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

#include "fetch/info.hpp"
#include "gomod/modfile.hpp"
#include "modzip/archive.hpp"
#include "modzip/extract.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

Failure damaged(const gomod::Module& module, const std::string& reason) {
  return fail(Kind::unverified, module.str() + ": " + reason,
              "remove it and bring it in again with `larder stock` or `larder unpack`");
}

// The go.mod that the version has: the one at the root of the (checked) zip, or the one that go makes up for
// modules from before go.mod files.
Result<std::string> go_mod_of(const gomod::Module& module, Bytes zip) {
  const auto archive = TRY(modzip::Archive::open(zip));
  const std::string name = module.str() + "/go.mod";
  const auto entries = archive.entries();
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.name == name; });
  if (at == entries.end()) return gomod::synthesize_mod(module.path);
  return std::string(as_text(TRY(archive.read(*at, modzip::Scratch::of_thread()))));
}

// Returns the size of the archive.
Result<std::uint64_t> verify_whole(const store::GoModules& modules, const gomod::Module& module,
                                   const std::stop_token& stop) {
  const auto info = fetch::parse_info(TRY(modules.info(module)));
  if (!info) return damaged(module, ".info: " + info.error().message());
  if (info->version != module.version) return damaged(module, ".info names version " + info->version);
  const auto want = modules.ziphash(module);
  if (!want) return damaged(module, want.error().message());
  const auto zip = TRY(modules.zip(module));
  const auto bytes = TRY(zip->bytes());
  const auto got = modzip::check_and_hash(module, bytes, {.stop = stop});
  if (!got)
    return got.error().kind() == Kind::cancelled ? fail(got.error())
                                                 : damaged(module, "zip: " + got.error().message());
  if (got->h1 != *want)
    return damaged(module, "zip has been modified: hash " + got->h1.str() + ", recorded " + want->str());
  if (TRY(modules.mod(module)) != TRY(go_mod_of(module, bytes))) {
    return damaged(module, ".mod is not the go.mod of the zip");
  }
  return bytes.size();
}

Result<void> verify_mod(const store::GoModules& modules, const gomod::Module& module) {
  const auto mod = gomod::parse_mod_lax("go.mod", TRY(modules.mod(module)));
  if (!mod) return damaged(module, ".mod: " + mod.error().message());
  return {};
}

}  // namespace

Result<VerifyStoreReport> verify_store(const store::GoModules& modules, unsigned threads, Progress& progress,
                                       std::stop_token stop) {
  VerifyStoreReport report;
  const auto all = TRY(modules.all([&](const std::string& key) { report.foreign.push_back(key); }));
  std::vector<std::optional<Error>> errors(all.size());
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> done = 0;
  progress.started("verifying", all.size(), Unit::items);
  const auto one = [&](std::size_t i) {
    const auto& [module, held] = all[i];
    auto result = verify_mod(modules, module);
    if (result && held == store::Held::whole) {
      const auto size = verify_whole(modules, module, stop);
      if (size) {
        bytes += *size;
      } else {
        result = fail(size.error());
      }
    }
    if (!result) errors[i] = result.error();
    progress.advanced(module.str(), ++done);
  };
  sys::parallel_for(all.size(), threads == 0 ? sys::cpu_count() : threads, stop, one);
  progress.finished();
  for (const auto& [module, held] : all)
    ++(held == store::Held::whole ? report.modules : report.requirements);
  report.bytes = bytes;
  for (auto& error : errors) {
    if (error) report.failures.push_back(*std::move(error));
  }
  if (stop.stop_requested()) report.failures.emplace_back(Kind::cancelled, "interrupted");
  return report;
}

}  // namespace larder::app

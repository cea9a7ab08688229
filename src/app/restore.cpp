// SPDX-License-Identifier: Apache-2.0
#include "app/restore.hpp"

#include <atomic>
#include <optional>

#include "gomod/toolchain.hpp"
#include "modcache/toolchain.hpp"
#include "modzip/archive.hpp"
#include "store/truth.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

struct Restored {
  bool is_new = false;
  std::uint64_t bytes = 0;
};

Result<void> ask(const CarriedTruth* databases, const gomod::Module& module, std::string_view mod,
                 const std::optional<gomod::H1>& zip, const std::stop_token& stop) {
  return databases == nullptr ? Result<void>() : databases->check(module, gomod::hash_go_mod(mod), zip, stop);
}

Result<Restored> restore_whole(const store::GoModules& modules, const modcache::Cache& cache,
                               const gomod::Module& module, const RestoreOptions& options,
                               const std::stop_token& stop) {
  const auto info = TRY(modules.info(module));
  const auto mod = TRY(modules.mod(module));
  const auto zip = TRY(modules.zip(module));
  // The zip itself is hashed while it is extracted.
  TRY(store::check_info(module, info));
  TRY(store::check_mod(module, mod, TRY(modzip::Archive::open(TRY(zip->bytes())))));
  const auto h1 = TRY(modules.ziphash(module));
  TRY(ask(options.databases, module, mod, h1, stop));
  const modcache::Content content{
      .info = info, .mod = mod, .h1 = h1, .zip = TRY(zip->bytes()), .zip_fd = zip->fd().value_or(-1)};
  const auto installed = TRY(cache.install_content(
      module, content, {.extract = options.extract, .threads = sys::cpu_count(), .stop = stop}));
  if (options.extract && module.path == gomod::k_toolchain_module) {
    TRY(modcache::make_runnable(installed.dir));
  }
  return Restored{installed.fetched || installed.extracted, installed.fetched ? content.zip.size() : 0};
}

Result<Restored> restore_requirement(const store::GoModules& modules, const modcache::Cache& cache,
                                     const gomod::Module& module, const RestoreOptions& options,
                                     const std::stop_token& stop) {
  const auto mod = TRY(modules.mod(module));
  TRY(store::check_part(modules, module, store::Part::mod));
  TRY(ask(options.databases, module, mod, std::nullopt, stop));
  if (TRY(cache.mod(module)) == mod) return Restored{};
  TRY(cache.write_mod(module, mod));
  return Restored{true, 0};
}

// A held archive that cannot be read is not what was verified when it came in.
Error explain(const Error& error, const gomod::Module& module) {
  const bool damaged = error.kind() == Kind::invalid || error.kind() == Kind::unverified;
  Error out(damaged ? Kind::unverified : error.kind(), error.message(),
            damaged ? std::string(store::k_how_to_mend) : error.hint());
  return error.message().starts_with(module.str()) ? out : std::move(out).with(module.str());
}

}  // namespace

RestoreReport restore(const store::GoModules& modules, const modcache::Cache& cache,
                      const std::vector<Want>& wants, const RestoreOptions& options, Progress& progress,
                      std::stop_token stop) {
  sys::Sync<RestoreReport> tally;
  std::vector<std::optional<Error>> errors(wants.size());
  std::atomic<std::uint64_t> done = 0;
  progress.started("restoring", wants.size(), Unit::items);
  const auto one = [&](std::size_t i) {
    const auto& want = wants[i];
    const auto got = want.whole ? restore_whole(modules, cache, want.module, options, stop)
                                : restore_requirement(modules, cache, want.module, options, stop);
    if (got) {
      auto report = tally.lock();
      report->bytes += got->bytes;
      ++(!got->is_new ? report->present : want.whole ? report->restored : report->requirements);
    } else {
      errors[i] = explain(got.error(), want.module);
    }
    progress.advanced(want.module.str(), ++done);
  };
  sys::parallel_for(wants.size(), options.threads == 0 ? sys::cpu_count() : options.threads, stop, one);
  progress.finished();
  RestoreReport report = std::move(*tally.lock());
  for (auto& error : errors) {
    if (error && error->kind() != Kind::cancelled) report.failures.push_back(*std::move(error));
  }
  if (stop.stop_requested())
    report.failures.emplace_back(Kind::cancelled, "interrupted; run it again to go on");
  return report;
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/verify_store.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "store/truth.hpp"
#include "sumstore/audit.hpp"
#include "sumstore/layout.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

using store::Held;

class Verification {
 public:
  Verification(const store::GoModules& modules, const VerifyStoreOptions& options,
               const std::stop_token& stop)
      : modules_(modules), options_(options), stop_(stop) {}

  std::optional<Error> verify(const gomod::Module& module, Held held) {
    const auto size = look_at(module, held);
    if (size) {
      bytes += *size;
      return std::nullopt;
    }
    const Error& error = size.error();
    if (error.kind() != Kind::unverified) return Error(error).with(module.str());
    const bool is_named = error.message().starts_with(module.str());
    return Error(error.kind(), is_named ? error.message() : module.str() + ": " + error.message(),
                 what_next(module));
  }

  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> set_aside = 0;

 private:
  // The size of the archive.
  Result<std::uint64_t> look_at(const gomod::Module& module, Held held) const {
    const auto size = TRY(store::check_version(modules_, module, held, stop_));
    if (options_.databases != nullptr) TRY(options_.databases->check(modules_, module, held, stop_));
    return size;
  }

  std::string what_next(const gomod::Module& module) {
    if (!options_.set_aside) return std::string(store::k_how_to_mend);
    const auto moved = move_away(module);
    if (!moved) return "it could not be set aside: " + moved.error().message();
    ++set_aside;
    return "set aside below larder/damaged; bring it in again with `larder stock` or `larder unpack`";
  }

  // Somebody may have mended it, or be at it.
  Result<void> move_away(const gomod::Module& module) {
    const auto lock = TRY(modules_.lock(module));
    const auto again = look_at(module, TRY(modules_.held(module)));
    if (again || again.error().kind() != Kind::unverified) {
      return fail(Kind::unavailable, "it changed meanwhile; run this again");
    }
    return modules_.set_aside(module);
  }

  const store::GoModules& modules_;
  const VerifyStoreOptions& options_;
  const std::stop_token& stop_;
};

void verify_databases(store::Store& store, const VerifyStoreOptions& options, VerifyStoreReport& report,
                      const std::stop_token& stop) {
  const auto names = sumstore::databases(store);
  if (!names) return report.failures.push_back(names.error());
  for (const auto& name : *names) {
    if (stop.stop_requested()) return;
    auto key = options.database_key ? options.database_key(name) : std::nullopt;
    auto found = sumstore::audit(store, name, {.key = std::move(key), .set_aside = options.set_aside}, stop);
    report.databases.push_back({name, found.lookups, found.tiles, found.is_signed});
    report.set_aside += found.set_aside;
    std::ranges::move(found.notes, std::back_inserter(report.notes));
    for (auto& error : found.failures) {
      if (error.kind() != Kind::cancelled) report.failures.push_back(std::move(error));
    }
  }
}

}  // namespace

Result<VerifyStoreReport> verify_store(const store::GoModules& modules, const VerifyStoreOptions& options,
                                       Progress& progress, std::stop_token stop) {
  VerifyStoreReport report;
  const auto all =
      TRY(modules.all([&](const std::string& key) { report.foreign.push_back(key); },
                      [&](const store::Incomplete& version) { report.incomplete.push_back(version); },
                      [&](Error error) { report.failures.push_back(std::move(error)); }));
  Verification verification(modules, options, stop);
  std::vector<std::optional<Error>> errors(all.size());
  std::atomic<std::uint64_t> done = 0;
  progress.started("verifying", all.size(), Unit::items);
  const auto one = [&](std::size_t i) {
    const auto& [module, held] = all[i];
    errors[i] = verification.verify(module, held);
    progress.advanced(module.str(), ++done);
  };
  sys::parallel_for(all.size(), options.threads == 0 ? sys::cpu_count() : options.threads, stop, one);
  progress.finished();
  for (const auto& [module, held] : all) ++(held == Held::whole ? report.modules : report.requirements);
  report.bytes = verification.bytes;
  report.set_aside = verification.set_aside;
  for (auto& error : errors) {
    if (error && error->kind() != Kind::cancelled) report.failures.push_back(*std::move(error));
  }
  verify_databases(modules.store(), options, report, stop);
  if (stop.stop_requested()) report.failures.emplace_back(Kind::cancelled, "interrupted");
  return report;
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/mod_download.hpp"

#include "modcache/paths.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

// Fills in what is there before the first failure, in the order info, go.mod, zip, tree, as go does.
Result<void> download(CachedModules& modules, DownloadedModule& out, const std::stop_token& stop) {
  const auto paths = TRY(modules.cache().paths(out.module));
  const auto info = TRY(modules.info(out.module, stop));
  out.info = paths.info();
  if (const auto parsed = fetch::parse_info(info)) out.origin = parsed->origin;
  const auto mod = TRY(modules.mod(out.module, stop));
  out.go_mod = paths.mod();
  out.go_mod_sum = gomod::hash_go_mod(mod).str();
  const auto installed = TRY(modules.zip(out.module, true, stop));
  out.zip = installed.zip;
  out.sum = installed.h1.str();
  out.dir = installed.dir;
  return {};
}

}  // namespace

std::vector<DownloadedModule> mod_download(CachedModules& modules, const std::vector<gomod::Module>& wanted,
                                           const DownloadOptions& options, std::stop_token stop) {
  std::vector<DownloadedModule> out(wanted.size());
  sys::parallel_for(wanted.size(), options.jobs, stop, [&](std::size_t i) {
    out[i].module = wanted[i];
    if (const auto done = download(modules, out[i], stop); !done) {
      out[i].error = done.error().message();
      out[i].error_kind = done.error().kind();
    }
  });
  return out;
}

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/mod_download.hpp"

#include "app/module_facts.hpp"
#include "fetch/chain.hpp"
#include "modcache/paths.hpp"
#include "resolve/versions.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

// What can be said of the zip also where no tree can be had.
void add_zip(const modcache::Cache& cache, const modcache::Paths& paths, DownloadedModule& out) {
  const auto hash = cache.ziphash(out.module);
  const auto has_zip = cache.has_zip(out.module);
  if (!hash || !*hash || !has_zip || !*has_zip) return;
  out.zip = paths.zip();
  out.sum = (*hash)->str();
}

// Fills in what is there before the first failure, in the order info, go.mod, zip, tree, as go does.
Result<void> download(CachedModules& modules, DownloadedModule& out, const DownloadOptions& options,
                      const std::stop_token& stop) {
  if (resolve::is_toolchain_path(out.module.path))
    return fail(Kind::invalid, "internal error: invalid operation on toolchain module");
  if (const auto& unusable = modules.cache().unusable()) return fail(*unusable);
  const auto paths = TRY(modules.cache().paths(out.module));
  TRY(modules.info(out.module, stop));
  out.info = paths.info();
  const auto mod = TRY(modules.mod(out.module, stop));
  out.go_mod = paths.mod();
  out.go_mod_sum = gomod::hash_go_mod(mod).str();
  const auto installed = modules.install(out.module, CachedModules::Need::both, stop);
  if (!installed) {
    add_zip(modules.cache(), paths, out);
    return fail(installed.error());
  }
  out.zip = installed->zip;
  out.sum = installed->h1.str();
  TRY(check_go_needed_in(installed->dir, out.module, options.running_go));
  out.dir = installed->dir;
  return {};
}

}  // namespace

GoValue to_value(const DownloadedModule& m) {
  auto out = std::make_shared<GoObject>();
  out->type = "*modcmd.ModuleJSON";
  out->fields = {{"Path", GoValue{m.module.path}},
                 {"Version", GoValue{m.module.version}},
                 {"Query", GoValue{m.query}},
                 {"Error", GoValue{m.error}},
                 {"Info", GoValue{m.info}},
                 {"GoMod", GoValue{m.go_mod}},
                 {"Zip", GoValue{m.zip}},
                 {"Dir", GoValue{m.dir}},
                 {"Sum", GoValue{m.sum}},
                 {"GoModSum", GoValue{m.go_mod_sum}},
                 {"Origin", origin_value(m.origin)},
                 {"Reuse", GoValue{m.reuse}}};
  return GoValue{std::shared_ptr<const GoObject>(std::move(out))};
}

std::vector<DownloadedModule> mod_download(CachedModules& modules, const std::vector<gomod::Module>& wanted,
                                           const DownloadOptions& options, std::stop_token stop) {
  std::vector<DownloadedModule> out(wanted.size());
  sys::parallel_for(wanted.size(), options.jobs, stop, [&](std::size_t i) {
    out[i].module = wanted[i];
    if (const auto done = download(modules, out[i], options, stop); !done) {
      const auto off = fetch::lookup_disabled(done.error());  // of which go does not name the module
      out[i].error = off ? std::string(*off) : done.error().message();
      out[i].error_kind = done.error().kind();
    }
  });
  return out;
}

}  // namespace larder::app

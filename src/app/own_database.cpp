// SPDX-License-Identifier: Apache-2.0
#include "app/own_database.hpp"

#include <map>

#include <fmt/format.h>

#include "gomod/h1.hpp"
#include "store/truth.hpp"

namespace larder::app {

namespace {

using Contents = std::vector<std::pair<gomod::Module, store::Held>>;

Result<Contents> select(const store::GoModules& modules,
                        const std::optional<std::vector<std::string>>& wanted) {
  auto all = TRY(modules.all());
  if (!wanted) return all;
  Contents out;
  for (const auto& text : *wanted) {
    const auto name = gomod::split_module(text);
    const auto before = out.size();
    for (const auto& [module, held] : all) {
      const bool is_named =
          module.path == name.path && (name.version.empty() || module.version == name.version);
      if (!is_named) continue;
      if (!name.version.empty() && held == store::Held::requirement) {
        return fail(Kind::not_found,
                    text + ": only its go.mod is held, and a record says the hash of its archive too",
                    fmt::format("`larder stock {}` brings the archive", text));
      }
      out.emplace_back(module, held);
    }
    if (out.size() == before) return fail(Kind::not_found, text + ": not held by the store");
  }
  return out;
}

// As go.sum has it.
Result<std::string> record_of(const store::GoModules& modules, const gomod::Module& module, store::Held held,
                              const std::stop_token& stop) {
  TRY(store::check_version(modules, module, held, stop));
  std::string out;
  if (held == store::Held::whole) {
    out = fmt::format("{} {} {}\n", module.path, module.version, TRY(modules.ziphash(module)).str());
  }
  const auto mod = gomod::hash_go_mod(TRY(modules.mod(module)));
  return out + fmt::format("{} {}/go.mod {}\n", module.path, module.version, mod.str());
}

}  // namespace

Result<sumstore::Grown> add_to_own_database(const store::GoModules& modules, const sumstore::SignerKey& key,
                                            const std::optional<std::vector<std::string>>& wanted,
                                            const std::stop_token& stop) {
  std::map<gomod::Module, std::string> records;
  for (const auto& [module, held] : TRY(select(modules, wanted))) {
    if (held == store::Held::nothing) continue;
    records[module] = TRY(record_of(modules, module, held, stop).context(module.str()));
  }
  return sumstore::grow(modules.store(), key, records, stop);
}

}  // namespace larder::app

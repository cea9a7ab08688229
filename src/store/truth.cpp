// SPDX-License-Identifier: Apache-2.0
#include "store/truth.hpp"

#include <algorithm>
#include <utility>

#include "gomod/info.hpp"
#include "gomod/modfile.hpp"
#include "modzip/check.hpp"
#include "modzip/extract.hpp"

namespace larder::store {

namespace {

Failure damaged(std::string reason) {
  return fail(Kind::unverified, std::move(reason));
}

Result<modzip::Archive> open_archive(Bytes zip) {
  auto archive = modzip::Archive::open(zip);
  if (!archive) return zip_failure(archive.error());
  return archive;
}

Result<void> check_zip(const GoModules& modules, const gomod::Module& module, Bytes zip,
                       const std::stop_token& stop) {
  const auto recorded = TRY(modules.ziphash(module));
  const auto got = modzip::check_and_hash(module, zip, {.stop = stop});
  if (!got) return zip_failure(got.error());
  return check_h1(got->h1, recorded);
}

// With a zip, that is the witness; without, what was recorded when it came in.
Result<void> check_stored_mod(const GoModules& modules, const gomod::Module& module) {
  const auto mod = TRY(modules.mod(module));
  const auto zip = modules.zip(module);
  if (!zip) {
    if (zip.error().kind() != Kind::not_found) return fail(zip.error());
    return check_required_mod(mod, TRY(modules.modhash(module)));
  }
  return check_mod(module, mod, TRY(open_archive(TRY((*zip)->bytes()))));
}

Result<std::uint64_t> check_whole(const GoModules& modules, const gomod::Module& module,
                                  const std::stop_token& stop) {
  TRY(check_info(module, TRY(modules.info(module))));
  const auto zip = TRY(modules.zip(module));
  const auto bytes = TRY(zip->bytes());
  TRY(check_zip(modules, module, bytes, stop));
  TRY(check_mod(module, TRY(modules.mod(module)), TRY(open_archive(bytes))));
  return bytes.size();
}

}  // namespace

Failure zip_failure(const Error& error) {
  if (error.kind() != Kind::invalid) return fail(error);
  const bool says_so = error.message().starts_with("zip: ");
  return damaged((says_so ? "" : "zip: ") + error.message());
}

Result<void> check_info(const gomod::Module& module, std::string_view info) {
  const auto parsed = gomod::parse_info(info);
  if (!parsed) return damaged(".info: " + parsed.error().message());
  if (parsed->version != module.version) return damaged(".info names version " + parsed->version);
  return {};
}

Result<void> check_mod(const gomod::Module& module, std::string_view mod, const modzip::Archive& zip) {
  if (mod == TRY(go_mod_of(module, zip))) return {};
  return damaged(".mod is not the go.mod of the zip");
}

Result<void> check_required_mod(std::string_view mod, const gomod::H1& recorded) {
  const auto got = gomod::hash_go_mod(mod);
  if (got == recorded) return {};
  return damaged(".mod has been modified: hash " + got.str() + ", recorded " + recorded.str());
}

Result<void> check_h1(const gomod::H1& got, const gomod::H1& recorded) {
  if (got == recorded) return {};
  return damaged("zip has been modified: hash " + got.str() + ", recorded " + recorded.str());
}

Result<std::string> go_mod_of(const gomod::Module& module, const modzip::Archive& zip) {
  const std::string name = modzip::zip_prefix(module) + "go.mod";
  const auto entries = zip.entries();
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.name == name; });
  if (at == entries.end()) return gomod::synthesize_mod(module.path);
  const auto content = zip.read(*at, modzip::Scratch::of_thread());
  if (!content) return zip_failure(content.error());
  return std::string(as_text(*content));
}

Result<void> check_part(const GoModules& modules, const gomod::Module& module, Part part,
                        std::stop_token stop) {
  switch (part) {
    case Part::info:
      return check_info(module, TRY(modules.info(module)));
    case Part::mod:
      return check_stored_mod(modules, module);
    case Part::zip: {
      const auto zip = TRY(modules.zip(module));
      return check_zip(modules, module, TRY(zip->bytes()), stop);
    }
    case Part::ziphash:
      TRY(modules.ziphash(module));
      return {};
    case Part::modhash:
      TRY(modules.modhash(module));
      return {};
  }
  return fail(Kind::internal, "unknown part");
}

Result<void> check_zip_form(const GoModules& modules, const gomod::Module& module) {
  const auto zip = TRY(modules.zip(module));
  TRY(open_archive(TRY(zip->bytes())));
  return {};
}

Result<std::uint64_t> check_version(const GoModules& modules, const gomod::Module& module, Held held,
                                    std::stop_token stop) {
  switch (held) {
    case Held::nothing:
      return fail(Kind::not_found, "not held by the store");
    case Held::requirement:
      TRY(check_required_mod(TRY(modules.mod(module)), TRY(modules.modhash(module))));
      return 0;
    case Held::whole:
      return check_whole(modules, module, stop);
  }
  return fail(Kind::internal, "unknown state");
}

}  // namespace larder::store

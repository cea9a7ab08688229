// SPDX-License-Identifier: Apache-2.0
#include "fetch/verify.hpp"

#include <array>

#include <fmt/format.h>

#include "gomod/glob.hpp"
#include "gomod/toolchain.hpp"

namespace larder::fetch {

namespace {

using gomod::H1;
using gomod::Module;

using gomod::k_toolchain_module;
constexpr std::string_view k_not_as_in_go_sum =
    "\n\nSECURITY ERROR\n"
    "This download does NOT match an earlier download recorded in go.sum.\n"
    "The bits may have been replaced on the origin server, or an attacker may\n"
    "have intercepted the download attempt.\n\n"
    "For more information, see 'go help module-auth'.\n";

std::string_view suffix(Of of) {
  return of == Of::go_mod ? "/go.mod" : "";
}

// true: a line has this hash. Error: a line has another, as go.sum files of a workspace may. false: nothing
// to compare with, such as hashes of an algorithm of the future.
Result<bool> compare(const std::vector<Verifier::Sums>& all, const Module& module, Of of, const H1& hash) {
  const std::string text = hash.str();
  bool found = false;
  for (const auto& sums : all) {
    for (const auto& known : sums.sums->lookup(module, of)) {
      if (known == text && &sums == &all.front()) return true;
      found = found || known == text;
      if (known == text) continue;
      if (!known.starts_with("h1:")) continue;
      return fail(Kind::unverified,
                  fmt::format("verifying {}{}: checksum "
                              "mismatch\n\tdownloaded: {}\n\t{}:     {}{}",
                              module.str(), suffix(of), text, sums.name, known, k_not_as_in_go_sum));
    }
  }
  return found;
}

bool is_single_file_url(std::string_view goproxy) {
  return goproxy.starts_with("file://") && goproxy.find_first_of(",|") == std::string_view::npos;
}

Error unvouched(const Settings& settings, const Module& module, Of of) {
  const std::string place =
      fmt::format("{}: verifying {}", module.str(), of == Of::go_mod ? "go.mod" : "module");
  if (module.path == k_toolchain_module) {
    const std::string_view reason =
        settings.gosumdb == "off" ? "checksum database disabled by GOSUMDB=off" : "no checksum database";
    return {Kind::unverified, fmt::format("{}: {}", place, reason),
            "toolchains are always checked against the checksum database: set GOSUMDB, or fetch it from a "
            "single file:// GOPROXY that you trust"};
  }
  return {Kind::unverified, place + ": no line in go.sum, and no checksum database",
          "set GOSUMDB; for private modules set GOPRIVATE or GONOSUMDB"};
}

}  // namespace

std::optional<Proof> exemption(const Settings& settings, const Module& module) {
  const bool is_toolchain = module.path == k_toolchain_module;
  if (is_toolchain && !is_single_file_url(settings.goproxy)) return std::nullopt;
  std::optional<Proof> reason;
  if (settings.gosumdb == "off") {
    reason = Proof::sumdb_off;
  } else if (gomod::match_prefix_patterns(settings.effective_gonosumdb(), module.path)) {
    reason = Proof::exempt;
  }
  return reason && is_toolchain ? Proof::local_toolchain : reason;
}

std::string_view proof_name(Proof proof) {
  constexpr std::array<std::string_view, 6> k_names = {
      "go.sum", "checksum database", "GOSUMDB=off", "GONOSUMDB or GOPRIVATE", "file:// GOPROXY", "held"};
  return k_names.at(static_cast<std::size_t>(proof));
}

Result<Proof> Verifier::verify(const Module& module, Of of, const H1& hash, std::stop_token stop) const {
  if (TRY(compare(options_.sums, module, of, hash))) return Proof::go_sum;
  if (const auto reason = exemption(options_.settings, module)) return *reason;
  if (!options_.database || options_.settings.gosumdb == "off") {
    return fail(unvouched(options_.settings, module, of));
  }
  TRY(options_.database->confirm(module, of, hash, std::move(stop)));
  return Proof::checksum_database;
}

Result<Proof> Verifier::recheck(const Module& module, Of of, const H1& hash) const {
  return TRY(compare(options_.sums, module, of, hash)) ? Proof::go_sum : Proof::held;
}

}  // namespace larder::fetch

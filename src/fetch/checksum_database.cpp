// SPDX-License-Identifier: Apache-2.0
#include "fetch/checksum_database.hpp"

#include <string>

#include <fmt/format.h>

#include "sumdb/client.hpp"
#include "sumdb/record.hpp"

namespace larder::fetch {

namespace {

using gomod::H1;
using gomod::Module;

constexpr std::string_view k_not_as_in_database =
    "\n\nSECURITY ERROR\n"
    "This download does NOT match the one reported by the checksum server.\n"
    "The bits may have been replaced on the origin server, or an attacker may\n"
    "have intercepted the download attempt.\n\n"
    "For more information, see 'go help module-auth'.\n";
constexpr std::string_view k_missing =
    "\n\nSECURITY ERROR\n"
    "This download does NOT match one reported by the checksum server.\n"
    "The checksum server has provided checksums, but the checksums do\n"
    "not contain an entry for the download.\n"
    "The checksum server may be malfunctioning, or an attacker may have\n"
    "intercepted the checksum request.\n"
    "The download cannot be verified.\n\n"
    "For more information, see 'go help module-auth'.\n";
constexpr std::string_view k_private_hint =
    "private modules are not in a public database: set GOPRIVATE or GONOSUMDB for them";

std::string place_of(const Module& module, Of of) {
  return fmt::format("{}: verifying {}", module.str(), of == Of::go_mod ? "go.mod" : "module");
}
std::string version_of(const Module& module, Of of) {
  return module.version + (of == Of::go_mod ? "/go.mod" : "");
}

class Asked final : public ChecksumDatabase {
 public:
  Asked(const GoSumDb& database, const Settings& settings, const DatabasePaths& paths,
        const http::Client& client)
      : name_(database.key.name()),
        transport_(database, settings, client),
        state_(name_, paths),
        client_(database.key, transport_, state_) {}

  Result<void> confirm(const Module& module, Of of, const H1& hash, std::stop_token stop) const override {
    const auto record = client_.lookup(module, std::move(stop));
    if (!record) {
      return fail(
          not_proven(record.error(), place_of(module, of), module.path + "@" + version_of(module, of)));
    }
    return compare_with_record(*record, name_, module, of, hash);
  }
  sumdb::Client* client() const override { return &client_; }

 private:
  // The report of a fork stands for itself. A module that the database does not know is one that nobody
  // vouches for, not one that does not exist.
  Error not_proven(const Error& error, const std::string& place, const std::string& module) const {
    if (client_.forked()) return error;
    const bool unknown = error.kind() == Kind::not_found;
    return {unknown ? Kind::unverified : error.kind(),
            fmt::format("{}: {}: {}", place, module, error.message()),
            unknown ? std::string(k_private_hint) : error.hint()};
  }

  std::string name_;
  mutable DatabaseTransport transport_;
  mutable DatabaseState state_;
  mutable sumdb::Client client_;
};

// GOSUMDB names no database.
class NoDatabase final : public ChecksumDatabase {
 public:
  explicit NoDatabase(Error error) : error_(std::move(error)) {}
  Result<void> confirm(const Module& module, Of of, const H1& /*hash*/,
                       std::stop_token /*stop*/) const override {
    auto error = error_;
    return fail(std::move(error).with(place_of(module, of)));
  }
  sumdb::Client* client() const override { return nullptr; }

 private:
  Error error_;
};

}  // namespace

Result<void> compare_with_record(std::string_view record, std::string_view name, const Module& module, Of of,
                                 const H1& hash) {
  const auto text = hash.str();
  const auto place = place_of(module, of);
  for (const auto known : sumdb::record_hashes(record, module.path, version_of(module, of))) {
    if (known == text) return {};
    if (!known.starts_with("h1:")) continue;
    return fail(Kind::unverified, fmt::format("{}: checksum mismatch\n\tdownloaded: {}\n\t{}: {}{}", place,
                                              text, name, known, k_not_as_in_database));
  }
  return fail(Kind::unverified, fmt::format("{}: checksum missing from sumdb response{}", place, k_missing));
}

std::unique_ptr<ChecksumDatabase> open_checksum_database(const Settings& settings, const DatabasePaths& paths,
                                                         const http::Client& client) {
  auto database = parse_gosumdb(settings.gosumdb);
  if (!database) {  // so nothing vouches
    const auto& error = database.error();
    return std::make_unique<NoDatabase>(Error(Kind::unverified, error.message(), error.hint()));
  }
  return std::make_unique<Asked>(*database, settings, paths, client);
}

}  // namespace larder::fetch

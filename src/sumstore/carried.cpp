// SPDX-License-Identifier: Apache-2.0
#include "sumstore/carried.hpp"

#include <fmt/format.h>

#include "sumdb/record.hpp"
#include "sumstore/head.hpp"
#include "sumstore/layout.hpp"

namespace larder::sumstore {

namespace {

constexpr std::string_view k_bring_in_again = "`larder stock` or `larder unpack` brings it in again";
constexpr std::string_view k_set_aside_first =
    "`larder cache verify` sets aside what is damaged; then `larder stock` or `larder unpack` brings it in "
    "again";

}  // namespace

StoreTransport::StoreTransport(store::Store& store, std::string_view name)
    : store_(store), prefix_(prefix_of(name)) {}

std::vector<Result<std::string>> StoreTransport::read(const std::vector<std::string>& paths,
                                                      std::uint64_t limit, std::stop_token stop) {
  std::vector<Result<std::string>> out;
  for (const auto& path : paths) {
    if (stop.stop_requested()) {
      out.emplace_back(fail(Kind::cancelled, "cancelled"));
      continue;
    }
    out.push_back(store::read(store_, prefix_ + path, limit));
  }
  return out;
}

Result<std::string> StoreState::latest() {
  return TRY(remembered_head(store_, key_.name(), &key_)).note;
}

Carried::Carried(store::Store& store, const sumdb::VerifierKey& key)
    : store_(store),
      name_(key.name()),
      transport_(store, name_),
      state_(store, key),
      client_(key, transport_, state_) {}

Result<bool> Carried::present() {
  if (TRY(store_.stat(prefix_of(name_) + "/latest"))) return true;
  return !TRY(shelf_of(store_, name_)).empty();
}

namespace {

// What is not there, now that the lookup is, is a tile.
Error judge(const Error& error) {
  const auto hint = [&](std::string_view usual) {
    return error.hint().empty() ? std::string(usual) : error.hint();
  };
  switch (error.kind()) {
    case Kind::not_found:
      return {Kind::unavailable, error.message(), hint(k_bring_in_again)};
    case Kind::invalid:
    case Kind::unverified:
      return {Kind::unverified, error.message(), hint(k_set_aside_first)};
    default:
      return error;
  }
}

}  // namespace

// A tile that is not there is a proof that cannot be given, not a module that is not there.
Result<sumdb::Proven> Carried::find(const gomod::Module& module, std::stop_token stop) {
  const auto key = prefix_of(name_) + "/" + TRY(lookup_file(module));
  auto found = client_.find(module, std::move(stop));
  if (found && sumdb::is_record_of(found->record, module)) return found;
  if (!TRY(store_.stat(key))) {
    return fail(Kind::not_found, fmt::format("{}: not in the carried {}", module.str(), name_));
  }
  if (client_.forked()) return found;
  const auto error = found ? Error(Kind::unverified, key + ": is the record of another module",
                                   std::string(k_set_aside_first))
                           : judge(std::move(found).error());
  return fail(Error(error).with(fmt::format("{}: no proof in the carried {}", module.str(), name_)));
}

}  // namespace larder::sumstore

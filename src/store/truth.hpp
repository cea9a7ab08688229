// SPDX-License-Identifier: Apache-2.0
// What has to be true of one module version that a store holds, said once for all who store, carry, serve or
// extract it:
//   .zip   is a module zip of this version, and its h1 is the one in .ziphash;
//   .mod   is the go.mod of the zip, or the line that go makes up where the zip has none; without a zip, its
//   h1
//          is the one in .modhash;
//   .info  parses and names this version.
//
// Damage is Kind::unverified, and the message says which file and why, without naming the module; a file that
// is not there is Kind::not_found. Thread rule: functions, call them from any thread.
// Format: docs/formats/store.md. Decision: docs/decisions/0032.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"
#include "modzip/archive.hpp"
#include "store/go_modules.hpp"

namespace larder::store {

// The hint for damage: both compare what is held first, and replace it.
inline constexpr std::string_view k_how_to_mend =
    "bring it in again with `larder stock --verify`, or `larder unpack` a bundle that has it";

// Pure, of bytes that were read.
Result<void> check_info(const gomod::Module& module, std::string_view info);
Result<void> check_mod(const gomod::Module& module, std::string_view mod, const modzip::Archive& zip);
Result<void> check_required_mod(std::string_view mod, const gomod::H1& recorded);
Result<void> check_h1(const gomod::H1& got, const gomod::H1& recorded);  // of a zip

// What is no zip of the module, or no readable one, is damage; a stop or a failing disk is not.
Failure zip_failure(const Error& error);

// The go.mod that a version with this (checked) zip has.
Result<std::string> go_mod_of(const gomod::Module& module, const modzip::Archive& zip);

// One file of a version, against what lies beside it. `.ziphash` and `.modhash` for form only.
Result<void> check_part(const GoModules& modules, const gomod::Module& module, Part part,
                        std::stop_token stop = {});

// Does the .zip end as a zip does? Finds what was cut or emptied, for the price of a page.
Result<void> check_zip_form(const GoModules& modules, const gomod::Module& module);

// All of what is held, every byte read. Returns the size of the zip, 0 for a requirement. Kind::not_found
// when the version is not held like that (any more).
Result<std::uint64_t> check_version(const GoModules& modules, const gomod::Module& module, Held held,
                                    std::stop_token stop = {});

}  // namespace larder::store

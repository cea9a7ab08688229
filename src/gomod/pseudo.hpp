// SPDX-License-Identifier: Apache-2.0
// Pseudo-versions: versions made from a commit time and a revision,
// vX.0.0-T-R | vX.Y.(Z+1)-0.T-R | vX.Y.Z-pre.0.T-R, each with an optional +incompatible.
// T is 14 digits (yyyymmddhhmmss, UTC), R is letters and digits (12 hex digits for git).
// Thread rule: pure functions. Spec: go-modules.md 7.2.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace larder::gomod::pseudo {

bool is_pseudo(std::string_view v);

// The parts of a pseudo-version; for other texts an error: pseudo-version "v" invalid: syntax error.
Result<std::string> time(std::string_view v);          // "20191109021931"
Result<std::string> time_rfc3339(std::string_view v);  // "2019-11-09T02:19:31Z"; refuses impossible dates
Result<std::string> rev(std::string_view v);           // "daa7c04131f5"
// The tag it was made from: "" (form 1), "vX.Y.Z" (form 2), "vX.Y.Z-pre" (form 3), build suffix included.
Result<std::string> base(std::string_view v);

// major is "" or "v0", "v1", …; older is the tag before the commit, or ""; time is 14 digits.
std::string make(std::string_view major, std::string_view older, std::string_view time, std::string_view rev);
// "v0.0.0-00010101000000-000000000000" for the major given: what stands for a directory replacement.
std::string zero(std::string_view major);

}  // namespace larder::gomod::pseudo

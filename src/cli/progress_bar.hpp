// SPDX-License-Identifier: Apache-2.0
// app::Progress on stderr: one line redrawn on a terminal, a plain line every so often elsewhere, nothing
// with -q. Thread rule: safe from any thread.
#pragma once

#include <memory>

#include "app/progress.hpp"
#include "cli/session.hpp"

namespace larder::cli {

std::unique_ptr<app::Progress> make_progress(const Session& session);

}  // namespace larder::cli

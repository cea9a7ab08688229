// SPDX-License-Identifier: Apache-2.0
// The one pass over a zip that hashing and extraction share: each entry is read once, in order of names,
// hashed, and handed on.
#pragma once

#include <functional>
#include <stop_token>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "gomod/h1.hpp"
#include "modzip/archive.hpp"

namespace larder::modzip {

// Gets the entries of one run, in ascending order of names, on one thread.
using EntrySink = std::function<Result<void>(const Entry& entry, Bytes content)>;

struct PassOptions {
  unsigned threads = 1;
  std::stop_token stop;
  Scratch* scratch = nullptr;  // for the calling thread; with it threads must be 1
  // Called after each MiB of the zip, on the thread that read it. Where the zip is a mapped file, this is the
  // time to Mapping::let_go.
  std::function<void()> on_mib;
};

// h1 of all entries. make_sink, if given, is called for each run, possibly on several threads. Refuses
// repeated files and more than 500 MiB in total before anything is read.
Result<gomod::H1> hash_in_one_pass(const Archive& archive, const PassOptions& options,
                                   const std::function<EntrySink()>& make_sink = {});

}  // namespace larder::modzip

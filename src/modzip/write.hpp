// SPDX-License-Identifier: Apache-2.0
// Writes zips whose bytes depend on nothing but the names, the contents, the method and the libdeflate that
// is linked: no dates, modes, extra fields, comment or directory entries. Shaped as Go's writer does (spec
// go-modules.md 4.6): deflated entries carry their sizes in a data descriptor, stored ones in the header.
// Byte identity with Go is no aim; the h1 is. Memory: one file and its compressed form, plus about 100 bytes
// and the name for each file. Thread rule: one call, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "modzip/archive.hpp"

namespace larder::modzip {

// Takes the next bytes of the zip; an error stops the writing and is returned.
using Sink = std::function<Result<void>(Bytes)>;

struct SourceFile {
  std::string name;  // as stored, with the module's prefix
  // The content; may use scratch, is asked for once and is needed only until the next file.
  std::function<Result<Bytes>(Scratch& scratch)> read;
};

// Kind::invalid for an empty, too long (65535) or repeated name and for contents or a zip above 500 MiB.
Result<void> write_zip(const Sink& sink, std::span<const SourceFile> files, Method method = Method::deflated);

}  // namespace larder::modzip

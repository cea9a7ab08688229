// SPDX-License-Identifier: Apache-2.0
// h1 of a module zip and of a directory tree. Reads everything once, writes nothing. Thread rule: free
// functions over their arguments; callers run many at once, one thread each. Memory: the largest entry.
// Spec: go-modules.md section 3.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"
#include "modzip/archive.hpp"

namespace larder::modzip {

// h1 over all entries under their stored names. Refuses names that occur twice or hold a newline, and
// contents above 500 MiB in total. on_mib: see PassOptions.
Result<gomod::H1> hash_archive(const Archive& archive, Scratch& scratch,
                               const std::function<void()>& on_mib = {});

// The same for the bytes of a zip; every entry must be below the module's prefix
// (`zip for M@V has unexpected file F`). For all checks of extraction use check_and_hash of extract.hpp.
Result<gomod::H1> hash_zip(const gomod::Module& module, Bytes zip);

// h1 of the regular files below `directory`, named prefix + "/" + relative path; prefix is "path@version".
// A symbolic link, device, socket or pipe in the tree is an error (Kind::invalid): module trees have none.
// Kind::not_found if `directory` does not exist.
Result<gomod::H1> hash_dir(std::string_view prefix, const std::filesystem::path& directory,
                           unsigned threads = 1);

}  // namespace larder::modzip

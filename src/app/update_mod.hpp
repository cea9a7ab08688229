// SPDX-License-Identifier: Apache-2.0
// The main module's go.mod after its requirements were loaded, brought in order or added to: its new text,
// and whether that says anything new. In mod mode it is then written, in readonly mode something new is an
// error. Thread rule: free functions. Spec: go-resolution.md 0 (8), 1.5, 2 (go and toolchain lines), 4.8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/edit.hpp"
#include "gomod/modfile.hpp"
#include "resolve/requirements.hpp"
#include "sys/files.hpp"

namespace larder::app {

struct WantedMod {
  std::vector<gomod::Requirement> require;
  std::string go;         // never empty
  std::string toolchain;  // "go1.22.1"; empty where the go line implies it
};
WantedMod wanted_mod(const resolve::Requirements& requirements);

struct UpdateOptions {
  std::string local_go;       // the version of the go command that is spoken for
  std::string local_note;     // behind it in errors: "; GOTOOLCHAIN=local"
  gomod::VersionFixer fixer;  // for versions in the file that are none: "master"
  bool always_go_line =
      true;  // false (readonly): no go line is added where it would say what its absence means
};

enum class ModChange : std::uint8_t {
  none,     // the text may differ in its form only; only tidy writes that
  markers,  // "// indirect" alone; readonly commands let that pass
  content,
};

struct UpdatedMod {
  std::string text;
  ModChange change = ModChange::none;
};

// Does the file say just this already, so that update_mod has nothing to change? Quick, and false where that
// is not plain. For a file in which no fixer had anything to fix.
bool says_already(const gomod::ModFile& file, const WantedMod& wanted, const UpdateOptions& options);

// `text` is what the file of this name held when it was read. Errors: it cannot be parsed; the wanted go line
// is newer than local_go: "updating go.mod requires go >= …".
Result<UpdatedMod> update_mod(std::string_view name, std::string_view text, const WantedMod& wanted,
                              const UpdateOptions& options);

// Writes it, if it still holds `before`; under the side lock of the module cache. Errors begin "updating
// go.mod: ".
Result<void> commit_mod(const sys::Path& file, std::string_view before, std::string_view after,
                        const sys::Path& modcache);

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
// Which version of the go command answers: what GOTOOLCHAIN and the go and toolchain lines of a project make
// of the local one. Deciding only; nothing is fetched or started here.
// Thread rule: pure functions. Spec: go-modules.md 8, go-resolution.md 0.1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gomod/module.hpp"

namespace larder::gomod {

// GOTOOLCHAIN: "auto", "path", "local", "go1.21.3", each of the last two also with "+auto" or "+path".
struct ToolchainSetting {
  enum class Upgrade : std::uint8_t { never, automatic, path };
  std::string minimum;  // a version: the local one, or the one that is named
  std::string name;     // of the toolchain: "go1.21.3", "go1.21.3-custom"
  Upgrade upgrade = Upgrade::never;
};
// Errors are go's: `invalid GOTOOLCHAIN "x"`. Empty is "local".
Result<ToolchainSetting> parse_gotoolchain(std::string_view setting, std::string_view local);

// The value of the first line "KEY VALUE" in a go.mod or go.work, without parsing it: a file for a newer go
// must be understood so far. "" where there is none.
std::string_view look_up_line(std::string_view text, std::string_view key);

struct SelectedToolchain {
  std::string version;  // "1.21.3"
  std::string name;     // "go1.21.3", "go1.21.3-custom"
};
// What a project asks for with these lines ("" for none). The error is `invalid toolchain "x"`.
Result<SelectedToolchain> select_toolchain(const ToolchainSetting& setting, std::string_view go_line,
                                           std::string_view toolchain_line);

// The release that go prefers among those that are at least `need`: the newest of the language version before
// the newest one, where that is new enough. versions: any order. The error says that there is none.
Result<std::string> newer_release(std::string_view need, std::span<const std::string> versions);

// The module that toolchains come in, each platform of each release being a version of it.
inline constexpr std::string_view k_toolchain_module = "golang.org/toolchain";
// "go1.21.3" and "linux-amd64" to its version v0.0.1-go1.21.3.linux-amd64. Kind::invalid for what names no
// toolchain or no platform.
Result<Module> toolchain_download(std::string_view name, std::string_view platform);
// "1.21.3" of "v0.0.1-go1.21.3.linux-amd64", a version of the module that toolchains come in; "" for others.
std::string_view release_of_download(std::string_view version);

// Something that a newer go is needed for: "x/go.mod", "module M@V".
struct TooNew {
  std::string what;
  std::string go;
};
// "WHAT requires go >= GO (running go LOCAL NOTE)"; note: "; GOTOOLCHAIN=local", or nothing.
std::string too_new_text(const TooNew& about, std::string_view local, std::string_view note);
// The reverse. What stands before WHAT in the message ("cannot load module x: ") is no part of it.
std::optional<TooNew> read_too_new(std::string_view text, std::string_view local, std::string_view note);

}  // namespace larder::gomod

// SPDX-License-Identifier: Apache-2.0
// What flags, environment and larder.toml say, read once. Flags > environment > larder.toml > defaults
// (product.md, "Configuration"). Unknown keys in larder.toml are errors with a suggestion.
//
// A larder.toml that lies in the working folder and that nobody named comes with the project, or on the
// medium: it names no secrets and no upstream, changes no policy and trusts no keys. Those are read from the
// user's file, or the system's. Thread rule: a value; share it read-only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/policy.hpp"
#include "base/result.hpp"
#include "cli/go_environment.hpp"
#include "creds/upstream.hpp"
#include "sys/files.hpp"

namespace larder::cli {

enum class When { automatic, always, never };

// As given on the command line; nullopt where not given.
struct GlobalFlags {
  std::optional<std::string> directory;  // -C
  std::optional<std::string> store;
  std::optional<std::string> config;
  bool offline = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  When progress = When::automatic;
  When color = When::automatic;
};

// larder.toml; all optional.
struct FileConfig {
  std::optional<std::string> store;
  std::optional<bool> offline;
  std::optional<std::string> serve_listen;
  std::optional<std::string> pack_key;
  std::optional<std::string> stock_from;
  std::optional<std::string> resolve_offline;
  std::vector<std::string> unpack_trust;
  std::vector<creds::Upstream> upstreams;
  app::Policy policy;
};
// Relative paths in the file are relative to its folder.
Result<FileConfig> parse_config(std::string_view name, std::string_view text, const sys::Path& folder);

struct Setting {
  std::string value;
  std::string source;
};

struct Config {
  Setting store;
  Setting offline;  // "true" or "false"
  Setting file;     // the larder.toml in use; empty value: none
  // Where [[upstream]], [policy], stock.from and unpack.trust come from: `file`, unless it merely lies in the
  // working folder.
  Setting trusted_file;
  GlobalFlags flags;
  FileConfig from_file;
  GoEnvironment go;
  sys::Environment environment;

  bool is_offline() const { return offline.value == "true"; }
  // Do the go commands ask the store where nobody else may be asked?
  bool resolves_from_store() const { return from_file.resolve_offline == "store"; }
};

// What is done about settings that go refuses.
enum class Refused { is_an_error, is_noted };

// The working directory has been changed already (-C).
Result<Config> load_config(const GlobalFlags& flags, const sys::Environment& environment,
                           Refused refused = Refused::is_an_error);

}  // namespace larder::cli

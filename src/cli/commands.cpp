// SPDX-License-Identifier: Apache-2.0
// The tables of commands: a row each, in the order in which `larder --help` shows them.
#include <array>

#include "cli/rows.hpp"
#include "cli/sumdb.hpp"

namespace larder::cli {

std::span<const CommandRow> commands() {
  static constexpr auto k_rows = std::to_array<CommandRow>({
      {"stock", "bring what projects need from upstream into the store", make_stock},
      {"check", "does the store hold all that projects need? no network", make_check},
      {"prove", "run a command with no network at all, state the verdict", make_prove, true},
      {"pack", "make a signed bundle of what projects need", make_pack},
      {"unpack", "verify and import a bundle into the store", make_unpack},
      {"bundle ls", "look into a bundle", make_bundle_ls},
      {"bundle verify", "check all of a bundle, import nothing", make_bundle_verify},
      {"restore", "fill the module cache from the store", make_restore},
      {"serve", "serve the store as a GOPROXY", make_serve},
      {"cache verify", "read the whole store and compare it with its hashes", make_cache_verify},
      {"key new", "make a key pair for signing bundles", make_key_new},
      {"key show", "print the public key of a key file", make_key_show},
      {"sumdb init", "make the key of a checksum database of your own", make_sumdb_init},
      {"sumdb add", "let your own checksum database vouch for what is held", make_sumdb_add},
      {"sumdb serve", "serve one checksum database of the store", make_sumdb_serve},
      {"env", "what is configured, and where it comes from", make_env},
      {"doctor", "what is wrong, and the command that mends it", make_doctor, false, true},
      {"completion", "print shell completion", make_completion},
      {"version", "print the version", make_version},
  });
  return k_rows;
}

std::span<const GoCommandRow> go_commands() {
  static constexpr std::array<GoCommandRow, 14> k_rows = {{
      {"mod download", "[-x] [-json] [-reuse=old.json] [modules]", "download modules to the module cache",
       run_mod_download, TakesFlags::store},
      {"mod tidy", "[-e] [-v] [-x] [-diff] [-go=version] [-compat=version]",
       "add missing and remove unused requirements", run_mod_tidy, TakesFlags::packages},
      {"mod vendor", "[-e] [-v] [-o outdir]", "copy the packages that are needed into vendor/",
       run_mod_vendor, TakesFlags::packages},
      {"mod verify", "", "verify that the module cache holds what was downloaded", run_mod_verify,
       TakesFlags::overlay},
      {"mod why", "[-m] [-vendor] packages...", "explain why packages or modules are needed", run_mod_why,
       TakesFlags::packages},
      {"mod graph", "[-go=version] [-x]", "print the module requirement graph", run_mod_graph,
       TakesFlags::store},
      {"mod edit", "[editing flags] [-fmt|-print|-json] [go.mod]", "edit go.mod, or print it as JSON",
       run_mod_edit, TakesFlags::modfile},
      {"mod init", "[module-path]", "make a new go.mod in this folder", run_mod_init, TakesFlags::modfile},
      {"work edit", "[editing flags] [go.work]", "edit go.work, or print it as JSON", run_work_edit},
      {"work init", "[moddirs]", "make a new go.work in this folder", run_work_init, TakesFlags::modfile},
      {"work sync", "", "write the versions of a workspace to its modules", run_work_sync,
       TakesFlags::packages},
      {"work use", "[-r] [moddirs]", "add modules to go.work", run_work_use, TakesFlags::modfile},
      {"work vendor", "[-e] [-v] [-o outdir]", "copy the packages that a workspace needs into vendor/",
       run_work_vendor, TakesFlags::packages},
      {"list", "[-f format] [-json] [-m] [list flags] [build flags] [packages]", "list modules, with -m",
       run_list_m, TakesFlags::store},
  }};
  return k_rows;
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
// Where everything is put together: the only place that sees the configuration and all layers at once.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "app/carried_truth.hpp"
#include "app/contents.hpp"
#include "app/project.hpp"
#include "bundle/keys.hpp"
#include "cli/session.hpp"
#include "fetch/checksum_database.hpp"
#include "fetch/settings.hpp"
#include "fetch/source.hpp"
#include "fetch/sumdb_ports.hpp"
#include "fetch/verify.hpp"
#include "goscan/build_context.hpp"
#include "http/client.hpp"
#include "http/environment.hpp"
#include "modcache/cache.hpp"
#include "store/disk/disk_store.hpp"
#include "store/store.hpp"

namespace larder::cli {

sys::Path store_path(const Session& session);  // absolute
Result<std::unique_ptr<store::Store>> open_store(const Session& session, store::Access access);
// Beside go's own: what one learns of the database's tree the other goes on from.
fetch::DatabasePaths database_paths(const Session& session, store::Store* store = nullptr);
Result<modcache::Cache> open_modcache(const Session& session, modcache::Options options);
fetch::Settings fetch_settings(const Session& session);
http::NetworkSettings network_settings(const Session& session);
app::FindOptions find_options(const Session& session);
std::string host_name();  // "unknown" where it has none
// "linux-amd64": what this program, and so the go beside it, runs on.
std::string_view host_platform();
// Of GOOS, GOARCH and CGO_ENABLED; without them, of this host, with cgo where it has a C compiler.
goscan::BuildContext build_context(const Session& session);
// A project with the toolchain that it needs here.
Result<app::Project> load_project(const Session& session, const std::string& path);

// What the projects in these folders need; without any, all of the store (`incomplete` as in GoModules::all).
// A project that cannot be read is one of the failures.
app::Contents project_contents(const Session& session, const store::GoModules& modules,
                               const std::vector<std::string>& folders,
                               const store::GoModules::OnIncomplete& incomplete = nullptr);
// That go.sum lacks lines, so that go will not build with it; nothing where it lacks none.
void note_unsummed(const Session& session, const std::string& project,
                   const std::vector<gomod::Module>& unsummed);
// What the databases of the store say of what go would ask them.
app::CarriedTruth open_carried_truth(const Session& session, store::Store& store);
// A warning for each; done: "packed".
void warn_of_incomplete(const Session& session, const std::vector<store::Incomplete>& incomplete,
                        std::string_view done);

struct UpstreamOptions {
  std::function<void(const http::Trace&)> trace;
  std::optional<std::chrono::seconds> idle_timeout;  // without one byte; nullopt: the client's default
  store::Store* store = nullptr;  // its carried checksum database is read too; outlives the Upstream
  unsigned jobs = 16;             // requests at once for modules; half as many come on top for the database
};

// The GOPROXY chain and the checksum database, with their HTTP client. With --offline the chain is "off".
struct Upstream {
  std::unique_ptr<http::Client> client;
  std::unique_ptr<fetch::ModuleSource> source;
  std::unique_ptr<fetch::ChecksumDatabase> database;  // never asked with GOSUMDB=off
};
Result<Upstream> open_upstream(const Session& session, const fetch::Settings& settings,
                               const UpstreamOptions& options = {});

// Each is a .pub file, or the key itself ("RW…").
Result<std::vector<bundle::PublicKey>> read_public_keys(const std::vector<std::string>& names);

}  // namespace larder::cli

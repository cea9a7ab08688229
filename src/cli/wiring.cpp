// SPDX-License-Identifier: Apache-2.0
#include "cli/wiring.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "app/stock.hpp"
#include "base/text.hpp"
#include "creds/goauth.hpp"
#include "fetch/chain.hpp"
#include "fetch/checksum_database.hpp"
#include "fetch/gosumdb.hpp"
#include "gomod/goproxy.hpp"

namespace larder::cli {

fetch::DatabasePaths database_paths(const Session& session, store::Store* store) {
  const auto& go = session.config.go;
  const std::string gopath(split(go.get("GOPATH"), ':').front());
  return {.heads = gopath.empty() ? sys::Path() : sys::Path(gopath) / "pkg" / "sumdb",
          .cache = sys::Path(go.get("GOMODCACHE")) / "cache" / "download" / "sumdb",
          .store = store};
}

namespace {

// The certificate of the environment is for the proxies that GOPROXY names; larder.toml's go before it.
std::vector<http::HostTls> host_tls(const Session& session, const fetch::Settings& settings) {
  const auto& environment = session.config.environment;
  std::vector<creds::Upstream> all;
  if (const auto cert = environment.find("LARDER_CLIENT_CERT");
      cert != environment.end() && !cert->second.empty()) {
    const auto key = environment.find("LARDER_CLIENT_KEY");
    const auto proxies = gomod::parse_goproxy(settings.goproxy, "");
    for (const auto& entry : proxies ? *proxies : std::vector<gomod::ProxyEntry>()) {
      creds::Upstream upstream;
      upstream.url = entry.url;
      upstream.client_cert = cert->second;
      if (key != environment.end()) upstream.client_key = key->second;
      all.push_back(std::move(upstream));
    }
  }
  const auto& named = session.config.from_file.upstreams;
  all.insert(all.end(), named.begin(), named.end());
  return creds::tls_of(all);
}

// git asks nobody unless told to, as under go.
struct Credentials {
  std::shared_ptr<http::Credentials> all;
  std::shared_ptr<creds::UpstreamCredentials> named;  // none: larder.toml names no upstream
};
Credentials make_credentials(const Session& session, const fetch::Settings& settings) {
  const auto& go = session.config.go;
  creds::GoAuthOptions options{.goauth = go.get("GOAUTH"),
                               .netrc = go.get("NETRC"),
                               .environment = session.config.environment,
                               .terminal = session.stderr_is_terminal(),
                               .trace = settings.trace_command};
  options.environment.try_emplace("GIT_TERMINAL_PROMPT", "0");
  options.environment.try_emplace("GCM_INTERACTIVE", "never");
  auto goauth = std::make_shared<creds::GoAuth>(std::move(options));
  const auto& upstreams = session.config.from_file.upstreams;
  if (upstreams.empty()) return {std::move(goauth), nullptr};
  const auto warn = [&session](const Error& warning) { session.complain(warning); };
  auto named =
      std::make_shared<creds::UpstreamCredentials>(upstreams, session.config.environment, warn, goauth);
  return {named, named};
}

// What git is told of them. GOAUTH is not for it: it has ways of its own to ask.
auto git_headers(std::shared_ptr<creds::UpstreamCredentials> named) {
  return [named = std::move(named)](const std::string& url,
                                    const std::stop_token& /*stop*/) -> Result<std::vector<std::string>> {
    std::vector<std::string> out;
    for (const auto& [name, value] : TRY(named->named_for(url))) out.push_back(name + ": " + value);
    return out;
  };
}

}  // namespace

sys::Path store_path(const Session& session) {
  std::error_code failed;
  const auto path = std::filesystem::absolute(session.config.store.value, failed).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

Result<std::unique_ptr<store::Store>> open_store(const Session& session, store::Access access) {
  return store::open_disk_store(store_path(session), access);
}

Result<modcache::Cache> open_modcache(const Session& session, modcache::Options options) {
  const auto& go = session.config.go;
  if (go.get("GOMODCACHE").empty()) {
    return fail(Kind::invalid, "module cache not found: neither GOMODCACHE nor GOPATH is set");
  }
  options.read_write = options.read_write || go.goflags_has("modcacherw");
  return modcache::Cache::open(go.get("GOMODCACHE"), options);
}

fetch::Settings fetch_settings(const Session& session) {
  const auto& go = session.config.go;
  return {.goproxy = session.config.is_offline() ? "off" : go.get("GOPROXY"),
          .goprivate = go.get("GOPRIVATE"),
          .gonoproxy = go.get("GONOPROXY"),
          .gonosumdb = go.get("GONOSUMDB"),
          .gosumdb = go.get("GOSUMDB"),
          .goinsecure = go.get("GOINSECURE"),
          .govcs = go.get("GOVCS"),
          .modcache = go.get("GOMODCACHE")};
}

http::NetworkSettings network_settings(const Session& session) {
  return http::network_settings([&](const std::string& name) -> std::optional<std::string> {
    const auto it = session.config.environment.find(name);
    if (it == session.config.environment.end() || it->second.empty()) return std::nullopt;
    return it->second;
  });
}

app::FindOptions find_options(const Session& session) {
  return {.workspaces = app::Workspaces::use, .gowork = session.config.go.get("GOWORK")};
}

goscan::BuildContext build_context(const Session& session) {
  const auto& go = session.config.go;
  const auto host = cut(host_platform(), "-").value_or(std::pair<std::string_view, std::string_view>());
  const auto set = [&](const char* name, std::string_view otherwise) {
    return go.get(name).empty() ? std::string(otherwise) : go.get(name);
  };
  goscan::BuildContext out{
      .goos = set("GOOS", host.first), .goarch = set("GOARCH", host.second), .go = go.go_version()};
  const auto& cgo = go.get("CGO_ENABLED");
  const bool is_native = out.goos == host.first && out.goarch == host.second;
  const auto compiler = set("CC", "gcc");
  out.cgo =
      cgo == "1" ||
      (cgo.empty() && is_native &&
       sys::find_program(compiler.substr(0, compiler.find(' ')), session.config.environment).has_value());
  return out;
}

std::string_view host_platform() {
#if defined(__x86_64__)
  return "linux-amd64";
#elif defined(__aarch64__)
  return "linux-arm64";
#elif defined(__riscv)
  return "linux-riscv64";
#elif defined(__powerpc64__)
  return "linux-ppc64le";
#elif defined(__s390x__)
  return "linux-s390x";
#elif defined(__i386__)
  return "linux-386";
#else
  return "linux-arm";
#endif
}

Result<app::Project> load_project(const Session& session, const std::string& path) {
  const auto& go = session.config.go;
  auto loaded = app::load_project(path, find_options(session));
  if (!loaded && loaded.error().kind() == Kind::not_found && sys::is_dir(path)) {
    return fail(Kind::not_found, "no go.mod in " + path + ", nor in a folder above it",
                "name a project folder; `larder mod init` makes a new go.mod");
  }
  auto project = TRY(std::move(loaded));
  project.toolchain = TRY(app::needed_toolchain(project, {.gotoolchain = go.get("GOTOOLCHAIN"),
                                                          .version = go.go_version(),
                                                          .platform = std::string(host_platform())}));
  return project;
}

app::Contents project_contents(const Session& session, const store::GoModules& modules,
                               const std::vector<std::string>& folders,
                               const store::GoModules::OnIncomplete& incomplete) {
  if (folders.empty()) return app::all_contents(modules, incomplete);
  std::vector<app::Project> projects;
  std::vector<Error> unread;
  for (const auto& folder : folders) {
    auto project = load_project(session, folder);
    if (project) {
      projects.push_back(*std::move(project));
    } else {
      unread.push_back(std::move(project).error());
    }
  }
  auto out = app::contents_for(modules, projects, fetch_settings(session));
  out.failures.insert(out.failures.begin(), unread.begin(), unread.end());
  return out;
}

app::CarriedTruth open_carried_truth(const Session& session, store::Store& store) {
  const auto settings = fetch_settings(session);
  return {store, [settings](const std::string& name) { return fetch::database_key(settings.gosumdb, name); },
          [settings](const gomod::Module& module) { return app::vouched_without_sum(settings, module); }};
}

std::string host_name() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.c_str();  // NOLINT(readability-redundant-string-cstr): cuts at the first NUL
}

void note_unsummed(const Session& session, const std::string& project,
                   const std::vector<gomod::Module>& unsummed) {
  if (unsummed.empty()) return;
  session.note(
      fmt::format("{}: go.sum lacks lines for {} module{}, such as {}: go does not build with it; "
                  "`go mod tidy` or `larder mod tidy` completes it",
                  project, unsummed.size(), unsummed.size() == 1 ? "" : "s", unsummed.front().str()));
}

void warn_of_incomplete(const Session& session, const std::vector<store::Incomplete>& incomplete,
                        std::string_view done) {
  for (const auto& version : incomplete) {
    const bool nothing = version.held == store::Held::nothing;
    session.note(fmt::format("warning: {} is incomplete ({}): {}{}{}", version.module.str(),
                             store::lacks_text(version), nothing ? "not " : "", done,
                             nothing ? "" : " as a requirement only"));
  }
}

Result<Upstream> open_upstream(const Session& session, const fetch::Settings& settings,
                               const UpstreamOptions& wanted) {
  if (settings.goproxy.empty()) {
    return fail(Kind::invalid, "no upstream: GOPROXY is not set",
                "set GOPROXY (`go env -w GOPROXY=…`), or name one with --from");
  }
  http::Options options;
  options.network = network_settings(session);
  options.trace = wanted.trace;
  const auto credentials = make_credentials(session, settings);
  options.credentials = credentials.all;
  options.tls = host_tls(session, settings);
  if (wanted.idle_timeout) options.timeouts.idle = *wanted.idle_timeout;
  options.connections_per_host =
      std::min(options.connections_per_host, wanted.jobs + std::max(1U, wanted.jobs / 2));
  Upstream out;
  const auto idle = std::chrono::duration_cast<std::chrono::seconds>(options.timeouts.idle);
  out.client = std::make_unique<http::Client>(std::move(options));
  auto with_git = settings;
  with_git.git_environment = session.config.environment;
  // git has no limit of its own for a server that is silent.
  with_git.git_environment.try_emplace("GIT_HTTP_LOW_SPEED_LIMIT", "1");  // bytes a second
  with_git.git_environment.try_emplace("GIT_HTTP_LOW_SPEED_TIME", std::to_string(idle.count()));
  if (credentials.named) with_git.git_headers = git_headers(credentials.named);
  out.source = TRY(fetch::open_source(with_git, *out.client));
  out.database = fetch::open_checksum_database(settings, database_paths(session, wanted.store), *out.client);
  return out;
}

Result<std::vector<bundle::PublicKey>> read_public_keys(const std::vector<std::string>& names) {
  std::vector<bundle::PublicKey> out;
  for (const auto& name : names) {
    const bool is_key = name.starts_with("RW") && !sys::is_file(name);
    out.push_back(is_key ? TRY(bundle::PublicKey::parse(name)) : TRY(bundle::PublicKey::read(name)));
  }
  return out;
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/rows.hpp"
#include "cli/sumdb.hpp"
#include "cli/wiring.hpp"
#include "fetch/gosumdb.hpp"
#include "server/access_log.hpp"
#include "server/listener.hpp"
#include "server/server.hpp"
#include "server/systemd.hpp"
#include "sumstore/layout.hpp"
#include "sys/limits.hpp"

namespace larder::cli {

namespace {

// A GOPROXY, or one checksum database alone.
class ServeCommand final : public Command {
 public:
  explicit ServeCommand(bool is_database) : is_database_(is_database) {}

  void define(CLI::App& app) override {
    app.add_option("--listen", listen_, "address and port; port 0 lets the system choose")
        ->type_name("ADDR:PORT");
    app.add_option("--threads", threads_, "server threads; 0: one a processor")->check(CLI::Range(0U, 64U));
    app.add_option("--drain", drain_seconds_, "seconds to wait for requests in flight at the end")
        ->check(CLI::Range(0U, 3600U));
    app.add_option("--connections", limits_.connections, "connections at once")
        ->check(CLI::Range(1U, 100000U));
    app.add_option("--url-file", url_file_, "write the URL to this file once listening")->type_name("FILE");
    app.add_flag("--no-access-log", no_log_, "do not print a line for each request");
    if (is_database_) app.add_option("NAME", database_, "the database; needed where the store has several");
  }

  Result<int> run(Session& session) override {
    if (listen_) {
      if (const auto good = server::check_listen_address(*listen_); !good)
        return session.misused(good.error());
    }
    const auto store = TRY(open_store(session, store::Access::read_only));
    if (is_database_) TRY(choose_database(*store));
    server::Options options{.threads = threads_, .limits = limits_};
    options.listen = listen_.value_or(session.config.from_file.serve_listen.value_or(options.listen));
    if (!no_log_ && !session.config.flags.quiet) {
      options.on_access = [&session](const server::AccessRecord& record) {
        session.note(server::access_line(record));
      };
    }
    options.database_key = [gosumdb = fetch_settings(session).gosumdb](const std::string& name) {
      return fetch::database_key(gosumdb, name);
    };
    options.database = database_;
    expect_connections(session);
    options.listen_fd = TRY(server::inherited_listener());
    const auto server = TRY(server::Server::start(*store, std::move(options)));
    session.note(fmt::format("serving {} at {}", is_database_ ? database_ : store_path(session).native(),
                             server->url()));
    session.note("use it with: export " + setting(session, reachable(server->url())));
    if (!url_file_.empty()) TRY(sys::write_file_atomic(url_file_, as_bytes(server->url() + "\n")));
    TRY(server::notify_systemd("READY=1"));
    const bool drained = server->run(session.stop, std::chrono::seconds(drain_seconds_));
    session.note(drained ? "stopped" : "stopped; requests still in flight were cut");
    return k_done;
  }

 private:
  // A connection and the file it is sent, and some for everything else.
  void expect_connections(const Session& session) const {
    const std::uint64_t wanted = 2ULL * limits_.connections + 64;
    const std::uint64_t allowed = sys::raise_open_files(wanted);
    if (allowed < wanted) {
      session.note(fmt::format("only {} files may be open at once, {} connections want {}; see `ulimit -Hn`",
                               allowed, limits_.connections, wanted));
    }
  }

  Result<void> choose_database(store::Store& store) {
    const auto names = TRY(sumstore::databases(store));
    if (database_.empty() && names.size() == 1) database_ = names.front();
    if (std::ranges::find(names, database_) != names.end()) return {};
    if (database_.empty() && !names.empty()) {
      return fail(Kind::invalid, "the store has several checksum databases: " + join(names, ", "),
                  "name one: `larder sumdb serve NAME`");
    }
    return fail(Kind::not_found, fmt::format("the store has no checksum database {}", database_),
                "`larder sumdb add` makes one of your own");
  }

  // Of all addresses none is one to connect to.
  static std::string reachable(std::string url) {
    for (const std::string_view any : {"//0.0.0.0:", "//[::]:"}) {
      if (const auto at = url.find(any); at != url.npos)
        url.replace(at, any.size(), "//" + host_name() + ":");
    }
    return url;
  }

  std::string setting(const Session& session, const std::string& url) const {
    if (!is_database_) return "GOPROXY=" + url;
    const auto key = fetch::database_key(fetch_settings(session).gosumdb, database_);
    return fmt::format("GOSUMDB='{} {}'",
                       key ? key->str() : "<the line that `larder key show` prints of its key>", url);
  }

  bool is_database_;
  std::string database_;
  std::optional<std::string> listen_;
  unsigned threads_ = 0;
  unsigned drain_seconds_ = 30;
  server::Limits limits_;
  std::string url_file_;
  bool no_log_ = false;
};

}  // namespace

std::unique_ptr<Command> make_serve() {
  return std::make_unique<ServeCommand>(false);
}

std::unique_ptr<Command> make_sumdb_serve() {
  return std::make_unique<ServeCommand>(true);
}

}  // namespace larder::cli

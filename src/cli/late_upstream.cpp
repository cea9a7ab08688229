// SPDX-License-Identifier: Apache-2.0
#include "cli/late_upstream.hpp"

#include <mutex>

#include <fmt/format.h>
#include <unistd.h>

#include "fetch/chain.hpp"

namespace larder::cli {

namespace {

using fetch::ModuleSource;

void say_line(const std::string& line) {
  static_cast<void>(sys::write_all(STDERR_FILENO, as_bytes(line + "\n"), "stderr").has_value());
}

// "# get URL" before, "# get URL: 200 OK (0.123s)" after, as go's -x prints.
void say_request(const http::Trace& t) {
  const double seconds = std::chrono::duration<double>(t.duration).count();
  say_line(t.begins ? fmt::format("# get {}", t.url)
                    : fmt::format("# get {}: {} ({:.3f}s)", t.url, t.status_line, seconds));
}

}  // namespace

class LateUpstream::Opener {
 public:
  Opener(const Session& session, fetch::Settings settings, bool trace)
      : session_(session), settings_(std::move(settings)), trace_(trace) {}

  const ModuleSource& source() {
    std::call_once(once_, [this] { open(); });
    return *upstream_.source;
  }
  Result<const fetch::Authority*> database() {
    std::call_once(once_, [this] { open(); });
    if (failure_) return fail(*failure_);
    return upstream_.database.get();
  }

 private:
  void open() {
    UpstreamOptions options;
    if (trace_) {
      settings_.trace_command = say_line;
      options.trace = say_request;
    }
    auto opened = open_upstream(session_, settings_, options);
    if (opened) {
      upstream_ = *std::move(opened);
    } else {
      failure_ = opened.error();
      upstream_.source = fetch::no_source(*failure_);
    }
  }

  const Session& session_;
  fetch::Settings settings_;
  bool trace_;
  std::once_flag once_;
  Upstream upstream_;
  std::optional<Error> failure_;
};

class LateUpstream::Source final : public ModuleSource {
 public:
  explicit Source(Opener& opener) : opener_(opener) {}

  Result<std::vector<std::string>> list(std::string_view path, std::stop_token stop) const override {
    return source().list(path, std::move(stop));
  }
  Result<fetch::Info> latest(std::string_view path, std::stop_token stop) const override {
    return source().latest(path, std::move(stop));
  }
  Result<fetch::Info> info(std::string_view path, std::string_view query,
                           std::stop_token stop) const override {
    return source().info(path, query, std::move(stop));
  }
  Result<std::string> mod(const gomod::Module& module, std::stop_token stop) const override {
    return source().mod(module, std::move(stop));
  }
  Result<void> zip(const gomod::Module& module, fetch::ByteSink& sink, std::stop_token stop) const override {
    return source().zip(module, sink, std::move(stop));
  }
  std::optional<fetch::Origin> tags_origin(std::string_view path, std::string_view prefix,
                                           std::stop_token stop) const override {
    return source().tags_origin(path, prefix, std::move(stop));
  }
  std::optional<fetch::Origin> failure_origin(std::string_view path, std::string_view query) const override {
    return source().failure_origin(path, query);
  }
  Result<void> confirm(std::string_view path, const fetch::Origin& origin,
                       std::stop_token stop) const override {
    return source().confirm(path, origin, std::move(stop));
  }
  Result<void> in_turn(const gomod::Module& module, const Ask& ask) const override {
    return source().in_turn(module, ask);
  }

 private:
  const ModuleSource& source() const { return opener_.source(); }
  Opener& opener_;
};

class LateUpstream::Database final : public fetch::Authority {
 public:
  explicit Database(Opener& opener) : opener_(opener) {}
  Result<void> confirm(const gomod::Module& module, gomod::GoSum::Of of, const gomod::H1& hash,
                       std::stop_token stop) const override {
    const auto* database = TRY(opener_.database());
    return database->confirm(module, of, hash, std::move(stop));
  }

 private:
  Opener& opener_;
};

LateUpstream::LateUpstream(const Session& session, fetch::Settings settings, bool trace)
    : opener_(std::make_unique<Opener>(session, std::move(settings), trace)),
      source_(std::make_unique<Source>(*opener_)),
      database_(std::make_unique<Database>(*opener_)) {}
LateUpstream::~LateUpstream() = default;

const fetch::ModuleSource& LateUpstream::source() const {
  return *source_;
}
const fetch::Authority& LateUpstream::database() const {
  return *database_;
}

}  // namespace larder::cli

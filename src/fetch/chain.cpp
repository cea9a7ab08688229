// SPDX-License-Identifier: Apache-2.0
#include "fetch/chain.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "fetch/direct_source.hpp"
#include "fetch/file_source.hpp"
#include "fetch/layout.hpp"
#include "fetch/proxy_source.hpp"
#include "gomod/glob.hpp"
#include "gomod/goproxy.hpp"

namespace larder::fetch {

namespace {

using gomod::k_lookup_disabled;
using gomod::Module;
using gomod::ProxyEntry;

struct Link {
  ProxyEntry entry;
  std::shared_ptr<ModuleSource> source;  // nullptr for Kind::off
};

// Of several failures the one that tells most is shown; among equals the first,
// of "not found" the last.
class BestError {
 public:
  void offer(const ProxyEntry& entry, bool passed_over, Error error) {
    absent_ = absent_ || (entry.kind == ProxyEntry::Kind::url && error.kind() == Kind::not_found);
    const Rank rank = rank_of(entry, passed_over, error);
    if (error_ && rank < rank_) return;
    if (error_ && rank == rank_ && rank == Rank::proxy) return;
    rank_ = rank;
    error_ = std::move(error);
  }

  // A chain that ends with "off" after a proxy that does not have the module:
  // it does not exist.
  Error take() {
    LARDER_ASSERT(error_.has_value());
    if (rank_ == Rank::absent && absent_) return {Kind::not_found, error_->message(), error_->hint()};
    return *std::move(error_);
  }

 private:
  enum class Rank { absent, proxy, direct };
  static Rank rank_of(const ProxyEntry& entry, bool passed_over, const Error& error) {
    const bool direct = entry.kind == ProxyEntry::Kind::direct || entry.kind == ProxyEntry::Kind::noproxy;
    if (direct && !passed_over) return Rank::direct;
    const bool absent = entry.kind == ProxyEntry::Kind::off || passed_over || error.kind() == Kind::not_found;
    return absent ? Rank::absent : Rank::proxy;
  }

  std::optional<Error> error_;
  Rank rank_ = Rank::absent;
  bool absent_ = false;
};

// A sink that remembers whether the next source must begin anew.
class Restartable final : public ByteSink {
 public:
  explicit Restartable(ByteSink& sink) : sink_(sink) {}
  Result<void> write(Bytes data) override {
    dirty_ = true;
    return sink_.write(data);
  }
  Result<void> restart() override {
    dirty_ = false;
    return sink_.restart();
  }
  Result<void> clean() { return dirty_ ? restart() : Result<void>{}; }

 private:
  ByteSink& sink_;
  bool dirty_ = false;
};

class NoSource final : public ModuleSource {
 public:
  explicit NoSource(Error why) : why_(std::move(why)) {}
  Result<std::vector<std::string>> list(std::string_view /*path*/, std::stop_token /*stop*/) const override {
    return fail(why_);
  }
  Result<Info> latest(std::string_view /*path*/, std::stop_token /*stop*/) const override {
    return fail(why_);
  }
  Result<Info> info(std::string_view /*path*/, std::string_view /*query*/,
                    std::stop_token /*stop*/) const override {
    return fail(why_);
  }
  Result<std::string> mod(const Module& /*module*/, std::stop_token /*stop*/) const override {
    return fail(why_);
  }
  Result<void> zip(const Module& /*module*/, ByteSink& /*sink*/, std::stop_token /*stop*/) const override {
    return fail(why_);
  }

 private:
  Error why_;
};

class Chain final : public ModuleSource {
 public:
  Chain(std::vector<Link> links, std::string gonoproxy)
      : links_(std::move(links)), gonoproxy_(std::move(gonoproxy)) {}

  Result<std::vector<std::string>> list(std::string_view path, std::stop_token stop) const override {
    return walk({std::string(path), ""}, [&](const ModuleSource& s) { return s.list(path, stop); });
  }
  Result<Info> latest(std::string_view path, std::stop_token stop) const override {
    const auto ask = [&](const ModuleSource& s) { return s.latest(path, stop); };
    // Who has a list for the module knows it: an empty one is an answer, and nobody further down is asked.
    const auto knows = [&](const ModuleSource& s) { return s.list(path, stop).has_value(); };
    return walk({std::string(path), "latest"}, ask, knows);
  }
  Result<Info> info(std::string_view path, std::string_view query, std::stop_token stop) const override {
    return walk({std::string(path), std::string(query)},
                [&](const ModuleSource& s) { return s.info(path, query, stop); });
  }
  Result<std::string> mod(const Module& module, std::stop_token stop) const override {
    return walk(module, [&](const ModuleSource& s) { return s.mod(module, stop); });
  }
  Result<void> zip(const Module& module, ByteSink& sink, std::stop_token stop) const override {
    Restartable clean(sink);
    return walk(module, [&](const ModuleSource& s) -> Result<void> {
      TRY(clean.clean());
      return s.zip(module, clean, stop);
    });
  }

  // As go, "noproxy" is asked for modules that it is not for too, and knows none: who asks may have an answer
  // of its own then, which settles it.
  Result<void> in_turn(const Module& module, const Ask& ask) const override {
    const bool skips =
        !links_.empty() && links_.front().entry.kind == ProxyEntry::Kind::noproxy && !is_private(module);
    if (skips && ask(NoSource(closed(false, true, module)))) return {};
    return walk(module, ask);
  }

  // Of the one asked last, as go has it.
  std::optional<Origin> failure_origin(std::string_view path, std::string_view query) const override {
    if (links_.empty() || !links_.back().source) return std::nullopt;
    return links_.back().source->failure_origin(path, query);
  }
  Result<void> confirm(std::string_view path, const Origin& origin, std::stop_token stop) const override {
    return walk({std::string(path), ""},
                [&](const ModuleSource& s) { return s.confirm(path, origin, stop); });
  }

 private:
  bool is_private(const Module& module) const {
    return gomod::match_prefix_patterns(gonoproxy_, module.path);
  }
  static bool never(const ModuleSource& /*source*/) { return false; }

  // The first success, or the most telling failure. ask: ModuleSource -> Result<T>. settles: of a source that
  // says "not found", does that hold for those behind it too?
  template <class Ask, class Settles = bool (*)(const ModuleSource&)>
  auto walk(const Module& module, const Ask& ask, const Settles& settles = &never) const
      -> decltype(ask(std::declval<const ModuleSource&>())) {
    BestError best;
    for (const Link& link : links_) {
      // A module that GONOPROXY matches comes from version control only; noproxy is for nothing else.
      const bool closes_proxies = is_private(module);
      const bool passed_over = closes_proxies ? link.entry.kind == ProxyEntry::Kind::url ||
                                                    link.entry.kind == ProxyEntry::Kind::off
                                              : link.entry.kind == ProxyEntry::Kind::noproxy;
      if (link.source && !passed_over) {
        auto answer = ask(*link.source);
        if (answer) return answer;
        const Kind kind = answer.error().kind();
        // Neither the user's wish to stop nor a full disk is the proxy's doing.
        if (kind == Kind::cancelled || kind == Kind::io || kind == Kind::internal) return answer;
        best.offer(link.entry, false, std::move(answer).error());
        if (link.entry.fall_back_on_any_error) continue;
        if (kind != Kind::not_found || settles(*link.source)) break;
        continue;
      }
      best.offer(link.entry, passed_over, closed(closes_proxies, passed_over, module));
      if (!passed_over) break;  // off ends the list
    }
    return fail(best.take());
  }

  static Error closed(bool is_private, bool passed_over, const Module& module) {
    const std::string name = module.str();
    if (!passed_over) return {Kind::forbidden, name + ": " + std::string(k_lookup_disabled)};
    return {Kind::not_found, name + (is_private ? ": disabled by GOPRIVATE/GONOPROXY"
                                                : ": path does not match GOPRIVATE/GONOPROXY")};
  }

  std::vector<Link> links_;
  std::string gonoproxy_;
};

// go would fetch what matches GONOPROXY even then; here "off" means that no socket is opened.
std::string gonoproxy_of(const Settings& settings) {
  return std::string(settings.goproxy == "off" ? "" : settings.effective_gonoproxy());
}

}  // namespace

std::unique_ptr<ModuleSource> no_source(Error why) {
  return std::make_unique<NoSource>(std::move(why));
}

std::optional<std::string_view> lookup_disabled(const Error& error) {
  const bool is_refusal = error.kind() == Kind::forbidden || error.kind() == Kind::not_found;
  if (!is_refusal || !error.message().ends_with(k_lookup_disabled)) return std::nullopt;
  return k_lookup_disabled;
}

bool is_near(const Settings& settings) {
  const auto entries = gomod::parse_goproxy(settings.goproxy, gonoproxy_of(settings));
  return entries && std::ranges::all_of(*entries, [](const ProxyEntry& entry) {
           return entry.kind == ProxyEntry::Kind::off || entry.url.starts_with("file:");
         });
}

Result<std::unique_ptr<ModuleSource>> open_source(const Settings& settings, const http::Client& client) {
  const auto gonoproxy = gonoproxy_of(settings);
  auto entries = TRY(gomod::parse_goproxy(settings.goproxy, gonoproxy));
  if (entries.empty()) {
    return fail(Kind::forbidden, "GOPROXY is not set",
                "set GOPROXY to the proxies that modules may come from");
  }
  std::shared_ptr<ModuleSource> direct;
  std::vector<Link> links;
  for (auto& entry : entries) {
    Link link{std::move(entry), nullptr};
    if (link.entry.kind == ProxyEntry::Kind::url) {
      link.source = link.entry.url.starts_with("file:") ? TRY(open_file_source(link.entry.url))
                                                        : TRY(open_proxy_source(link.entry.url, client));
    } else if (link.entry.kind != ProxyEntry::Kind::off) {
      if (!direct) direct = make_direct_source(settings, client);
      link.source = direct;
    }
    links.push_back(std::move(link));
  }
  return std::make_unique<Chain>(std::move(links), gonoproxy);
}

}  // namespace larder::fetch

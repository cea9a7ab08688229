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

// Of several failures the one that tells most is shown, among equals the last.
class BestError {
 public:
  void offer(const ProxyEntry& entry, bool passed_over, Error error) {
    absent_ = absent_ || (entry.kind == ProxyEntry::Kind::url && error.kind() == Kind::not_found);
    const Rank rank = rank_of(entry, passed_over, error);
    if (error_ && rank < rank_) return;
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
    const bool is_off = entry.kind == ProxyEntry::Kind::off && lookup_disabled(error);
    const bool absent = is_off || passed_over || error.kind() == Kind::not_found;
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

constexpr std::string_view k_not_for_private = ": disabled by GOPRIVATE/GONOPROXY";
constexpr std::string_view k_only_for_private = ": path does not match GOPRIVATE/GONOPROXY";

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

  Result<void> in_turn(const Module& module, const Ask& ask) const override;

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
  // A module that GONOPROXY matches comes from version control only; noproxy is for nothing else.
  bool passes_over(const Link& link, const Module& module) const {
    if (!is_private(module)) return link.entry.kind == ProxyEntry::Kind::noproxy;
    return link.entry.kind == ProxyEntry::Kind::url || link.entry.kind == ProxyEntry::Kind::off;
  }
  // Why the link cannot be asked for the module.
  Error closed(const Link& link, const Module& module) const {
    const std::string name = module.str();
    if (!passes_over(link, module)) return {Kind::forbidden, name + ": " + std::string(k_lookup_disabled)};
    return {Kind::not_found, name + std::string(is_private(module) ? k_not_for_private : k_only_for_private)};
  }
  // Neither the user's wish to stop nor a full disk is the proxy's doing.
  static bool ends_it(Kind kind) {
    return kind == Kind::cancelled || kind == Kind::io || kind == Kind::internal;
  }
  static bool never(const ModuleSource& /*source*/) { return false; }

  // The first success, or the most telling failure. ask: ModuleSource -> Result<T>. settles: of a source that
  // says "not found", does that hold for those behind it too?
  template <class Ask, class Settles = bool (*)(const ModuleSource&)>
  auto walk(const Module& module, const Ask& ask, const Settles& settles = &never) const
      -> decltype(ask(std::declval<const ModuleSource&>())) {
    BestError best;
    for (const Link& link : links_) {
      const bool passed_over = passes_over(link, module);
      if (link.source && !passed_over) {
        auto answer = ask(*link.source);
        if (answer) return answer;
        const Kind kind = answer.error().kind();
        if (ends_it(kind)) return answer;
        best.offer(link.entry, false, std::move(answer).error());
        if (link.entry.fall_back_on_any_error) continue;
        if (kind != Kind::not_found || settles(*link.source)) break;
        continue;
      }
      best.offer(link.entry, passed_over, closed(link, module));
      if (!passed_over) break;  // off ends the list
    }
    return fail(best.take());
  }

  class OneLink;

  std::vector<Link> links_;
  std::string gonoproxy_;
};

// One of the chain, for the modules that it is open to.
class Chain::OneLink final : public ModuleSource {
 public:
  OneLink(const Chain& chain, const Link& link) : chain_(chain), link_(link) {}

  Result<std::vector<std::string>> list(std::string_view path, std::stop_token stop) const override {
    return TRY(of({std::string(path), ""}))->list(path, std::move(stop));
  }
  Result<Info> latest(std::string_view path, std::stop_token stop) const override {
    return TRY(of({std::string(path), ""}))->latest(path, std::move(stop));
  }
  Result<Info> info(std::string_view path, std::string_view query, std::stop_token stop) const override {
    return TRY(of({std::string(path), ""}))->info(path, query, std::move(stop));
  }
  Result<std::string> mod(const Module& module, std::stop_token stop) const override {
    return TRY(of(module))->mod(module, std::move(stop));
  }
  Result<void> zip(const Module& module, ByteSink& sink, std::stop_token stop) const override {
    return TRY(of(module))->zip(module, sink, std::move(stop));
  }
  std::optional<Origin> tags_origin(std::string_view path, std::string_view prefix,
                                    std::stop_token stop) const override {
    const auto source = of({std::string(path), ""});
    return source ? (*source)->tags_origin(path, prefix, std::move(stop)) : std::nullopt;
  }
  std::optional<Origin> failure_origin(std::string_view path, std::string_view query) const override {
    const auto source = of({std::string(path), ""});
    return source ? (*source)->failure_origin(path, query) : std::nullopt;
  }
  Result<void> confirm(std::string_view path, const Origin& origin, std::stop_token stop) const override {
    return TRY(of({std::string(path), ""}))->confirm(path, origin, std::move(stop));
  }

 private:
  Result<const ModuleSource*> of(const Module& module) const {
    if (!link_.source || chain_.passes_over(link_, module)) return fail(chain_.closed(link_, module));
    return link_.source.get();
  }

  const Chain& chain_;
  const Link& link_;
};

// As go, what a link is closed to is asked of it too: who asks may have an answer of its own then.
Result<void> Chain::in_turn(const Module& module, const Ask& ask) const {
  BestError best;
  for (const Link& link : links_) {
    const bool is_closed = link.entry.kind == ProxyEntry::Kind::off && !module.path.empty();
    auto answer = is_closed ? Result<void>(fail(closed(link, module))) : ask(OneLink(*this, link));
    if (answer) return answer;
    const Kind kind = answer.error().kind();
    if (ends_it(kind) || kind == Kind::unverified) return answer;
    const auto& text = answer.error().message();
    const bool passed_over = text.ends_with(k_not_for_private) || text.ends_with(k_only_for_private);
    best.offer(link.entry, passed_over, std::move(answer).error());
    if (kind != Kind::not_found && !link.entry.fall_back_on_any_error) break;
  }
  return fail(best.take());
}

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

// SPDX-License-Identifier: Apache-2.0
#include "fetch/direct_source.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "fetch/import_pages.hpp"
#include "fetch/layout.hpp"
#include "fetch/proxy_source.hpp"
#include "gomod/check.hpp"
#include "gomod/glob.hpp"
#include "gomod/semver.hpp"
#include "sys/parallel.hpp"
#include "vcs/code_repo.hpp"
#include "vcs/repo_root.hpp"
#include "vcs/utc.hpp"

namespace larder::fetch {

namespace {

using gomod::Module;

// Values that are made once for a key. Makers of different keys do not wait for each other; a maker that was
// told to stop leaves nothing behind.
template <class Value>
class Once {
 public:
  Result<Value> get(const std::string& key, const std::function<Result<Value>()>& make) {
    std::shared_ptr<Slot> slot;
    {
      const std::lock_guard lock(mutex_);
      auto& entry = slots_[key];
      if (!entry) entry = std::make_shared<Slot>();
      slot = entry;
    }
    const std::lock_guard lock(slot->mutex);
    if (slot->value) return *slot->value;
    auto value = make();
    if (value || value.error().kind() != Kind::cancelled) slot->value = value;
    return value;
  }

 private:
  struct Slot {
    std::mutex mutex;
    std::optional<Result<Value>> value;
  };
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;
};

// One of both.
struct Place {
  std::shared_ptr<const vcs::CodeRepo> code;
  std::shared_ptr<const ModuleSource> proxy;
};

std::string_view program_name(std::string_view vcs) {
  static constexpr std::pair<std::string_view, std::string_view> k_names[] = {
      {"hg", "Mercurial"}, {"svn", "Subversion"}, {"bzr", "Bazaar"}, {"fossil", "Fossil"}};
  for (const auto& [command, name] : k_names) {
    if (command == vcs) return name;
  }
  return vcs;
}

class DirectSource final : public ModuleSource {
 public:
  DirectSource(Settings settings, const http::Client& client)
      : settings_(std::move(settings)), client_(client), pages_(client) {}

  Result<std::vector<std::string>> list(std::string_view path, std::stop_token stop) const override {
    const Place place = TRY(place_of(std::string(path), stop));
    return place.proxy ? place.proxy->list(path, stop) : place.code->versions(stop);
  }
  Result<Info> latest(std::string_view path, std::stop_token stop) const override {
    const Place place = TRY(place_of(std::string(path), stop));
    if (place.proxy) return place.proxy->latest(path, stop);
    std::optional<Origin> failed_from;
    auto found = place.code->latest(stop, &failed_from);
    if (!found) remember_failure(path, "latest", std::move(failed_from));
    return converted(std::move(found));
  }
  Result<Info> info(std::string_view path, std::string_view query, std::stop_token stop) const override {
    const Place place = TRY(place_of(std::string(path), stop));
    if (place.proxy) return place.proxy->info(path, query, stop);
    std::optional<Origin> failed_from;
    auto found = place.code->stat(query, stop, &failed_from);
    if (!found) remember_failure(path, query, std::move(failed_from));
    return converted(std::move(found));
  }
  Result<std::string> mod(const Module& module, std::stop_token stop) const override {
    const Place place = TRY(place_of(module, stop));
    if (place.proxy) return place.proxy->mod(module, stop);
    TRY(canonical(module));
    return place.code->go_mod(module.version, stop);
  }
  Result<void> zip(const Module& module, ByteSink& sink, std::stop_token stop) const override {
    const Place place = TRY(place_of(module, stop));
    if (place.proxy) return place.proxy->zip(module, sink, stop);
    TRY(canonical(module));
    return place.code->zip(module.version, [&sink](Bytes data) { return sink.write(data); }, stop);
  }

  std::optional<Origin> tags_origin(std::string_view path, std::string_view prefix,
                                    std::stop_token stop) const override {
    const auto place = place_of(std::string(path), stop);
    return place && place->code ? place->code->tags_origin(prefix, stop) : std::nullopt;
  }
  std::optional<Origin> failure_origin(std::string_view path, std::string_view query) const override {
    auto failures = failures_.lock();
    const auto known = failures->find({std::string(path), std::string(query)});
    return known == failures->end() ? std::nullopt : known->second;
  }
  Result<void> confirm(std::string_view path, const Origin& origin, std::stop_token stop) const override {
    const Place place = TRY(place_of(std::string(path), stop));
    return place.proxy ? place.proxy->confirm(path, origin, stop) : place.code->confirm_origin(origin, stop);
  }

 private:
  void remember_failure(std::string_view path, std::string_view query, std::optional<Origin> from) const {
    failures_.lock()->insert_or_assign({std::string(path), std::string(query)}, std::move(from));
  }

  static Result<void> canonical(const Module& module) {
    if (!module.version.empty() && gomod::semver::canonical_version(module.version) == module.version)
      return {};
    return fail(name_module(module, {Kind::invalid, "version " + module.version + " is not canonical"}));
  }

  static Result<Info> converted(Result<vcs::VersionInfo> found) {
    if (!found) return fail(std::move(found).error());
    Info out;
    const auto time = vcs::utc_rfc3339(found->time);
    if (!time) return fail(Kind::invalid, found->version + ": commit time out of range");
    out.version = std::move(found->version);
    out.time = *time;
    out.origin = std::move(found->origin);
    return out;
  }

  // Errors name the import path, in words of their own.
  Result<Place> place_of(const std::string& path, const std::stop_token& stop) const {
    return places_.get(path, [&] { return find_place(path, stop); });
  }
  Result<Place> place_of(const Module& module, const std::stop_token& stop) const {
    auto place = place_of(module.path, stop);
    if (!place) return fail(name_module(module, std::move(place).error()));
    return place;
  }

  Result<Place> find_place(const std::string& path, const std::stop_token& stop) const {
    TRY(gomod::check_path(path));
    const auto root = TRY(vcs::find_repo_root(path, pages_, lookup_options(path), stop));
    Place place;
    if (root.vcs == "mod") {
      place.proxy = TRY(open_proxy_source(root.repo, client_));
      return place;
    }
    if (root.vcs != "git") {
      return fail(Kind::unavailable,
                  fmt::format("{} is a {} repository ({}), and only git is supported", root.root,
                              program_name(root.vcs), root.vcs),
                  "fetch the module through a proxy that has it, see GOPROXY");
    }
    auto repo = TRY(repos_.get(root.repo, [&]() -> Result<std::shared_ptr<vcs::GitRepo>> {
      return std::shared_ptr<vcs::GitRepo>(TRY(vcs::GitRepo::open(root.repo, git_options(), stop)));
    }));
    place.code = TRY(vcs::CodeRepo::open(std::move(repo), root.root, root.subdir, path));
    return place;
  }

  vcs::LookupOptions lookup_options(std::string_view path) const {
    vcs::LookupOptions out;
    out.govcs = settings_.govcs;
    out.goprivate = settings_.goprivate;
    out.insecure = gomod::match_prefix_patterns(settings_.goinsecure, path);
    const auto allowed = settings_.git_environment.find("GIT_ALLOW_PROTOCOL");
    if (allowed != settings_.git_environment.end()) out.git_allow_protocol = allowed->second;
    out.is_git = [this](const std::string& url, std::stop_token stop) {
      return vcs::is_git_repository(url, git_options(), std::move(stop));
    };
    return out;
  }

  vcs::GitOptions git_options() const {
    vcs::GitOptions out;
    out.modcache = settings_.modcache;
    out.environment = settings_.git_environment;
    out.headers = settings_.git_headers;
    out.is_absent = [this](const std::string& url, std::stop_token stop) {
      return pages_.is_absent(url, std::move(stop));
    };
    if (!settings_.trace_command) return out;
    out.trace = [this](const vcs::GitTrace& trace) {
      const double seconds = std::chrono::duration<double>(trace.duration).count();
      settings_.trace_command(trace.begins ? trace.text : fmt::format("{:.3f}s # {}", seconds, trace.text));
    };
    return out;
  }

  const Settings settings_;
  const http::Client& client_;
  const ImportPages pages_;
  mutable Once<Place> places_;                         // by module path
  mutable Once<std::shared_ptr<vcs::GitRepo>> repos_;  // by URL
  // By module path and query.
  mutable sys::Sync<std::map<std::pair<std::string, std::string>, std::optional<Origin>>> failures_;
};

}  // namespace

std::shared_ptr<ModuleSource> make_direct_source(const Settings& settings, const http::Client& client) {
  return std::make_shared<DirectSource>(settings, client);
}

}  // namespace larder::fetch

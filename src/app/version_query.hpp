// SPDX-License-Identifier: Apache-2.0
// Which version is meant by `latest`, `upgrade`, `patch`, `v1`, `>=v1.2.0`, a version, a branch; and which
// versions may be meant: not what the main modules exclude, not what its author retracted. The logic is pure,
// over the port VersionSource.
// Thread rule: any number of threads at once, if the source allows it; answers about a path are kept.
// Spec: go-modules.md 7.5; go-resolution.md 4.7, 9.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "fetch/info.hpp"
#include "gomod/module.hpp"
#include "resolve/main_modules.hpp"
#include "resolve/summary.hpp"
#include "sys/kept.hpp"

namespace larder::app {

class Reuse;

// Port: what a GOPROXY chain behind a module cache answers.
class VersionSource {
 public:
  virtual ~VersionSource() = default;
  virtual Result<std::vector<std::string>> list(
      const std::string& path) = 0;  // sorted, without pseudo-versions
  virtual Result<fetch::Info> latest(const std::string& path) = 0;
  virtual Result<fetch::Info> stat(const std::string& path, const std::string& revision) = 0;
  // Without a version: the go.mod of a directory that replaces something.
  virtual Result<std::string> go_mod(const gomod::Module& module) = 0;
  // As fetch::ModuleSource has them.
  virtual std::optional<fetch::Origin> tags_origin(const std::string& /*path*/,
                                                   const std::string& /*prefix*/) {
    return std::nullopt;
  }
  virtual std::optional<fetch::Origin> failure_origin(const std::string& /*path*/,
                                                      const std::string& /*query*/) {
    return std::nullopt;
  }
  virtual Result<void> confirm(const std::string& /*path*/, const fetch::Origin& /*origin*/) {
    return fail(Kind::unavailable, "cannot confirm an origin");
  }
  // Asks what is behind it, one after the other and always in the same order, until one knows: after "not
  // found" the next, as GOPROXY says.
  using Ask = std::function<Result<void>(VersionSource&)>;
  virtual Result<void> in_turn(const std::string& /*path*/, const Ask& ask) { return ask(*this); }
};

struct QueryFailure {
  enum class Is {
    no_match,    // there is the module, but no such version
    absent,      // not found, or nobody may be asked
    disallowed,  // excluded or retracted
    other,
  };
  Is is = Is::other;
  bool names_module = false;  // the message begins with the module
  Error error;
  std::optional<fetch::Origin> origin = {};  // from what it follows, where that is known
};
template <class T>
using QueryResult = tl::expected<T, QueryFailure>;

enum class Allow { everything, not_excluded, not_retracted };  // the last: neither excluded nor retracted

struct TaggedVersions {
  std::vector<std::string> list;
  std::optional<fetch::Origin> origin;
};

struct Retracted {
  std::vector<std::string> rationales;  // may be empty
};

class VersionQueries {
 public:
  // mains: nullptr outside a module. disabled: the reason why nothing may be asked (-mod=vendor).
  VersionQueries(VersionSource& source, const resolve::MainModules* mains,
                 std::optional<std::string> disabled = {});

  // Who is asked: everybody in turn (number 0), or the n-th.
  struct From {
    VersionSource& source;
    int number = 0;
  };

  // current: the selected version, "none", or "" where it is of no interest.
  // old: what an earlier run answered; it is the answer again where its origin holds.
  // only: of each_source; else everybody is asked in turn.
  QueryResult<fetch::Info> query(const std::string& path, const std::string& query,
                                 const std::string& current, Allow allow, const Reuse* old = nullptr,
                                 std::optional<From> only = {});
  // All tagged versions that are allowed.
  QueryResult<TaggedVersions> versions(const std::string& path, Allow allow);
  // nullopt: it is not.
  QueryResult<std::optional<Retracted>> retraction(const gomod::Module& module);
  // "" where it is not deprecated. The failure's text begins "loading deprecation for P: ".
  QueryResult<std::string> deprecation(const gomod::Module& module);
  // What a go.mod says that was read before; not beside other calls.
  void know(const gomod::Module& actual, resolve::SummaryPtr summary);
  // The go line of each go.mod that was read on the way, here or elsewhere; nullopt: not read. By any thread.
  std::optional<std::string> go_line_read(const gomod::Module& actual);
  void remember_go_line(const gomod::Module& actual, const std::string& go);

  // For a question about several modules that one source has to answer, as VersionSource::in_turn.
  Result<void> each_source(const std::function<Result<void>(From)>& ask);

 private:
  struct Matcher;

  std::optional<QueryFailure> disallowed(const gomod::Module& module, Allow allow);
  QueryResult<bool> allowed(const gomod::Module& module, Allow allow);
  const QueryResult<resolve::SummaryPtr>& latest_summary(const std::string& path);
  QueryResult<resolve::SummaryPtr> read_latest(const std::string& path);
  bool replaced_at_all_versions(const std::string& path) const;

  // ask: From -> QueryResult<T>.
  template <class T, class Ask>
  QueryResult<T> in_turn(const std::string& path, const Ask& ask);
  // The source, together with the versions that only replacements have.
  QueryResult<void> usable(const std::string& path) const;
  bool is_askable(const std::string& path) const;
  bool is_replaced_by_module(const std::string& path) const;
  QueryResult<std::vector<std::string>> list(const std::string& path, From from);
  std::optional<fetch::Origin> list_origin(const std::string& path, const std::string& prefix, From from);
  QueryResult<fetch::Info> latest(const std::string& path, From from);
  QueryResult<fetch::Info> stat(const std::string& path, const std::string& revision, From from);

  struct Candidates {
    std::vector<std::string> releases;
    std::vector<std::string> prereleases;
  };
  struct Asked {
    const std::string& path;
    const std::string& query;
    Allow allow = Allow::everything;
    const Reuse* old = nullptr;
    std::optional<From> only = {};
  };
  std::optional<fetch::Info> reused(const Asked& asked, From from);
  QueryResult<fetch::Info> stat_query(const Asked& asked);
  QueryResult<fetch::Info> stat_query_of(const Asked& asked, From from);
  QueryResult<fetch::Info> list_query(const Matcher& matcher, const Asked& asked);
  QueryResult<fetch::Info> list_query_of(const Matcher& matcher, From from);
  QueryResult<fetch::Info> chosen(const Matcher& matcher, const std::string& version, From from,
                                  std::optional<fetch::Origin>& origin);
  QueryResult<fetch::Info> pick(const Matcher& matcher, From from, std::optional<fetch::Origin>& origin);
  QueryResult<bool> matches(const Matcher& matcher, const std::string& version);
  QueryResult<Candidates> candidates(const Matcher& matcher, From from);
  QueryResult<bool> has_go_mod(const std::string& path, const std::string& version, From from);

  VersionSource& source_;
  const resolve::MainModules* mains_;
  std::optional<std::string> disabled_;
  std::map<std::string, std::string> highest_replaced_;  // by path; "" where all versions are
  std::unordered_map<gomod::Module, resolve::SummaryPtr, gomod::ModuleHash> read_;
  sys::Kept<std::string, QueryResult<resolve::SummaryPtr>> latest_summaries_;
  sys::Sync<std::map<gomod::Module, std::string>> go_lines_;
  using Asking = std::pair<std::string, int>;  // path, From::number
  sys::Kept<Asking, Result<std::vector<std::string>>> listed_;
  sys::Kept<Asking, Result<fetch::Info>> latest_;
};

// Does the query name one version or revision, rather than choose among versions?
bool is_revision_query(std::string_view path, std::string_view query);

// First line of a text from a stranger's go.mod, safe to show in a terminal; `otherwise` where it is empty.
std::string short_message(std::string_view text, std::string_view otherwise);

}  // namespace larder::app

// SPDX-License-Identifier: Apache-2.0
#include "app/version_query.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/reuse.hpp"
#include "base/text.hpp"
#include "fetch/chain.hpp"
#include "fetch/rfc3339.hpp"
#include "gomod/check.hpp"
#include "gomod/modfile.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"
#include "gomod/toolchain.hpp"
#include "gomod/unicode.hpp"
#include "resolve/versions.hpp"

namespace larder::app {

namespace {

namespace semver = gomod::semver;
using gomod::Module;
using Failed = tl::unexpected<QueryFailure>;
using Is = QueryFailure::Is;

// As TRY, for QueryResult.
#define QUERY_TRY(expr)                                      \
  __extension__({                                            \
    auto query_r = (expr);                                   \
    if (!query_r) return Failed(std::move(query_r).error()); \
    *std::move(query_r);                                     \
  })

constexpr std::string_view k_retracted = "retracted by module author";
constexpr std::size_t k_max_message = 500;  // bytes of a stranger's text

Failed failed(Is is, bool names_module, std::string message, Kind kind = Kind::invalid) {
  return Failed(QueryFailure{is, names_module, Error(kind, std::move(message))});
}

bool fits_path(std::string_view path, std::string_view version) {
  const auto parts = gomod::split_path_version(path);
  return parts && gomod::check_path_major(version, parts->major).has_value();
}

bool is_incompatible(std::string_view version) {
  return version.ends_with("+incompatible");
}

bool is_known(std::string_view current) {
  return !current.empty() && current != resolve::k_none;
}

// `go` and `toolchain` are no module paths, but there are versions of them.
bool is_path(std::string_view path) {
  return resolve::is_toolchain_path(path) || gomod::check_path(path).has_value();
}

// Turns what a source says into a failure.
QueryFailure from_source(const std::string& path, Error error) {
  if (const auto bare = fetch::lookup_disabled(error)) {
    return {Is::absent, false, Error(error.kind(), std::string(*bare), error.hint())};
  }
  const auto& text = error.message();
  const std::string_view asked = resolve::is_toolchain_path(path) ? gomod::k_toolchain_module : path;
  const bool named =
      text.starts_with(fmt::format("{}@", asked)) || text.starts_with(fmt::format("module {}: ", asked));
  const Is is = error.kind() == Kind::not_found ? Is::absent : Is::other;
  return {is, named, std::move(error)};
}

template <class T>
QueryResult<T> checked(const std::string& path, Result<T> answer) {
  if (answer) return *std::move(answer);
  return Failed(from_source(path, std::move(answer).error()));
}

// The reason alone: "M@V: REASON" and "module M: REASON" without the module; `version "V" invalid: REASON`.
std::string without_module(const std::string& path, const QueryFailure& failure) {
  const std::string_view text = failure.error.message();
  if (!failure.names_module) return std::string(text);
  const auto from = text.find(": ");
  if (from == std::string_view::npos) return std::string(text);
  const auto reason = text.substr(from + 2);
  constexpr std::string_view k_invalid = "invalid version: ";
  if (!text.starts_with(path + "@") || !reason.starts_with(k_invalid)) return std::string(reason);
  const auto version = text.substr(path.size() + 1, from - path.size() - 1);
  return gomod::invalid_version_text(version, reason.substr(k_invalid.size()));
}

fetch::Info replacement_info(const std::string& version) {
  fetch::Info out;
  out.version = version;
  const auto time = gomod::pseudo::time_rfc3339(version);
  out.time = time ? *time : std::string(gomod::k_no_time);
  return out;
}

// What stands for a replacement of all versions: older than any real version.
std::string zero_version(std::string_view path) {
  const auto parts = gomod::split_path_version(path);
  return gomod::pseudo::zero(parts ? gomod::path_major_prefix(parts->major) : std::string_view());
}

bool is_showable(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto rune = gomod::decode_rune(text, at);
    if (!gomod::is_print(rune.value) && !gomod::is_space(rune.value)) return false;
    at += rune.size;
  }
  return true;
}

}  // namespace

bool is_revision_query(std::string_view path, std::string_view query) {
  if (query == "latest" || query == "upgrade" || query == "patch") return false;
  if (query.starts_with('<') || query.starts_with('>')) return false;
  return !(resolve::is_version(path, query) && resolve::is_version_prefix(path, query));
}

std::string short_message(std::string_view text, std::string_view otherwise) {
  text = trim(text.substr(0, text.find('\n')));
  if (text.empty()) return std::string(otherwise);
  if (text.size() > k_max_message) return "(message omitted: too long)";
  if (!is_showable(text)) return "(message omitted: contains non-printable characters)";
  return std::string(text);
}

// A query among versions, understood.
struct VersionQueries::Matcher {
  std::string path;
  std::string query;
  std::string current;
  Allow allow = Allow::everything;
  std::string prefix;
  std::function<bool(const std::string&)> filter;  // empty: all
  bool exact = false;                              // the version itself
  bool lowest = false;
  bool may_use_latest = false;
  bool incompatible = false;  // +incompatible versions were asked for

  bool has_prefix(const std::string& version) const {
    if (version.starts_with(prefix)) return true;
    // The language version "1.21" is one of those that "1.21." begins.
    return resolve::is_toolchain_path(path) && prefix == version + ".";
  }

  bool keeps_current() const { return (query == "upgrade" || query == "patch") && is_known(current); }

  // nullopt: a revision, such as a branch.
  static QueryResult<std::optional<Matcher>> of(Matcher seed) {
    const auto& query = seed.query;
    seed.incompatible = is_incompatible(seed.current);
    if (query == "latest") {
      seed.may_use_latest = true;
    } else if (query == "upgrade" || query == "patch") {
      if (auto failure = seed.relative()) return Failed(*std::move(failure));
    } else if (query.starts_with('<') || query.starts_with('>')) {
      if (auto failure = seed.range()) return Failed(*std::move(failure));
    } else if (resolve::is_version(seed.path, query)) {
      seed.version();
    } else {
      return std::optional<Matcher>();
    }
    return std::optional<Matcher>(std::move(seed));
  }

 private:
  std::optional<QueryFailure> relative() {
    if (!is_known(current)) {
      if (query == "patch") {
        return QueryFailure{Is::other, false,
                            Error(Kind::invalid, fmt::format("can't query version \"patch\" of module {}: no "
                                                             "existing version is required",
                                                             path))};
      }
      may_use_latest = true;
      return std::nullopt;
    }
    may_use_latest = gomod::pseudo::is_pseudo(current);
    if (query == "patch") prefix = resolve::major_minor(path, current) + ".";
    filter = at_least(current);
    return std::nullopt;
  }

  std::optional<QueryFailure> range() {
    const bool or_equal = query.substr(1, 1) == "=";
    const std::string bound = query.substr(or_equal ? 2 : 1);
    const bool below = query[0] == '<';
    const auto refuse = [&](std::string_view what) {
      return QueryFailure{Is::other, false,
                          Error(Kind::invalid, fmt::format("{} semantic version {} in range {}", what,
                                                           quote(bound), quote(query)))};
    };
    if (!resolve::is_version(path, bound)) return refuse("invalid");
    // Does "<=v1.2" allow v1.2.3, which "v1.2" may mean? Nobody says.
    if (resolve::is_version_prefix(path, bound) && below == or_equal) return refuse("ambiguous");
    lowest = !below;
    incompatible = incompatible || !fits_path(path, bound);
    filter = [path = path, bound, below, or_equal](const std::string& v) {
      const int order = resolve::compare_versions(path, v, bound);
      return order == 0 ? or_equal : (order < 0) == below;
    };
    return std::nullopt;
  }

  void version() {
    incompatible = incompatible || !fits_path(path, query);
    exact = !resolve::is_version_prefix(path, query);
    if (exact) return;
    prefix = query + ".";
    // "v1.2" means no pre-release of v1.2.0.
    filter = at_least(query);
  }

  std::function<bool(const std::string&)> at_least(const std::string& than) const {
    return
        [path = path, than](const std::string& v) { return resolve::compare_versions(path, v, than) >= 0; };
  }
};

VersionQueries::VersionQueries(VersionSource& source, const resolve::MainModules* mains,
                               std::optional<std::string> disabled)
    : source_(source), mains_(mains), disabled_(std::move(disabled)) {
  if (mains_ == nullptr) return;
  for (const auto& replace : mains_->replacements()) {
    if (replace.overridden) continue;
    const auto [at, added] = highest_replaced_.emplace(replace.from.path, replace.from.version);
    if (!added && semver::compare(replace.from.version, at->second) > 0) at->second = replace.from.version;
  }
}

// One source answers all of it: what the list of one names must not be looked for in another. Only where the
// answer is "not found" the next is asked.
template <class T, class Ask>
QueryResult<T> VersionQueries::in_turn(const std::string& path, const Ask& ask) {
  std::vector<QueryFailure> failures;
  T found{};
  const auto done = source_.in_turn(path, [&](VersionSource& source) -> Result<void> {
    QueryResult<T> answer = ask(From{source, static_cast<int>(failures.size()) + 1});
    if (answer) {
      found = *std::move(answer);
      return {};
    }
    failures.push_back(std::move(answer).error());
    const auto& [is, named, error, origin] = failures.back();
    const Kind settled = error.kind() == Kind::not_found ? Kind::invalid : error.kind();
    return fail(is == Is::absent ? Kind::not_found : settled, error.message());
  });
  if (done) return found;
  // With GOPROXY=off nobody is asked; replacements and the module cache still know versions.
  if (failures.empty() && fetch::lookup_disabled(done.error())) return ask(From{source_});
  // As go has it: the origin is that of the last, whichever is told.
  const auto origin = failures.empty() ? std::nullopt : failures.back().origin;
  // The most telling failure is one of these, unless nobody was asked.
  const auto told = std::ranges::find_if(
      failures, [&](const auto& f) { return f.error.message() == done.error().message(); });
  auto failure = told == failures.end() ? from_source(path, done.error()) : std::move(*told);
  failure.origin = origin;
  return Failed(std::move(failure));
}

Result<void> VersionQueries::each_source(const std::function<Result<void>(From)>& ask) {
  int number = 0;
  const auto done = source_.in_turn("", [&](VersionSource& source) { return ask(From{source, ++number}); });
  // As above.
  return done || number > 0 || !fetch::lookup_disabled(done.error()) ? done : ask(From{source_});
}

// ---- the source, with replacements

QueryResult<void> VersionQueries::usable(const std::string& path) const {
  if (path == "std" || path == "cmd") return failed(Is::other, false, "can't query the standard library");
  if (highest_replaced_.contains(path) || resolve::is_toolchain_path(path)) return {};
  if (auto good = gomod::check_path(path); !good) return failed(Is::other, false, good.error().message());
  return {};
}

// May the source be asked for it? Only what is replaced may have another kind of path, see usable().
bool VersionQueries::is_askable(const std::string& path) const {
  return !highest_replaced_.contains(path) || is_path(path);
}

QueryResult<std::vector<std::string>> VersionQueries::list(const std::string& path, From from) {
  const bool replaced = highest_replaced_.contains(path);
  std::vector<std::string> out;
  if (is_askable(path)) {
    auto answer = checked(path, listed_.get({path, from.number}, [&] { return from.source.list(path); }));
    if (!answer && !(replaced && answer.error().is == Is::absent)) return answer;
    if (answer) out = *std::move(answer);
  }
  if (!replaced) return out;
  for (const auto& main : mains_->modules()) {
    for (const auto& replace : main.replace) {
      const auto& version = replace.from.version;
      if (replace.from.path == path && !version.empty() && !gomod::pseudo::is_pseudo(version))
        out.push_back(version);
    }
  }
  std::ranges::sort(out, semver::less);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

// Not where replacements add to what is tagged.
std::optional<fetch::Origin> VersionQueries::list_origin(const std::string& path, const std::string& prefix,
                                                         From from) {
  if (!is_askable(path)) return std::nullopt;
  if (highest_replaced_.contains(path)) {
    for (const auto& replace : mains_->replacements()) {
      const auto& version = replace.from.version;
      if (replace.from.path == path && !version.empty() && version.starts_with(prefix) &&
          !gomod::pseudo::is_pseudo(version))
        return std::nullopt;
    }
  }
  return from.source.tags_origin(path, prefix);
}

QueryResult<fetch::Info> VersionQueries::latest(const std::string& path, From from) {
  const auto ask = [&] { return from.source.latest(path); };
  auto answer = is_askable(path)
                    ? checked(path, latest_.get({path, from.number}, ask))
                    : QueryResult<fetch::Info>(failed(Is::other, false, "malformed module path"));
  if (!answer) answer.error().origin = from.source.failure_origin(path, "latest");
  const auto replaced = highest_replaced_.find(path);
  if (replaced == highest_replaced_.end()) return answer;
  const auto version = replaced->second.empty() ? zero_version(path) : replaced->second;
  if (!answer || semver::compare(version, answer->version) > 0) return replacement_info(version);
  return answer;
}

// As go, which does not look into go.work where a single version is asked for.
bool VersionQueries::is_replaced_by_module(const std::string& path) const {
  if (!highest_replaced_.contains(path)) return false;
  return std::ranges::any_of(mains_->modules(), [&](const auto& main) {
    return std::ranges::any_of(main.replace, [&](const auto& replace) { return replace.from.path == path; });
  });
}

QueryResult<fetch::Info> VersionQueries::stat(const std::string& path, const std::string& revision,
                                              From from) {
  auto answer = is_askable(path)
                    ? checked(path, from.source.stat(path, revision))
                    : QueryResult<fetch::Info>(failed(Is::other, false, "malformed module path"));
  if (!answer) answer.error().origin = from.source.failure_origin(path, revision);
  if (answer || !is_replaced_by_module(path) || semver::canonical_version(revision) != revision)
    return answer;
  const auto parts = gomod::split_path_version(path);
  std::string version = revision;
  if (parts && parts->major.empty() && !gomod::check_path_major(version, "") &&
      semver::build(version).empty()) {
    version += "+incompatible";
  }
  if (mains_->replacement({path, version}) == nullptr) return answer;
  return replacement_info(version);
}

// ---- what is allowed

bool VersionQueries::replaced_at_all_versions(const std::string& path) const {
  return mains_ != nullptr && mains_->replacement({path, ""}) != nullptr;
}

void VersionQueries::know(const Module& actual, resolve::SummaryPtr summary) {
  read_.try_emplace(actual, std::move(summary));
}

std::optional<std::string> VersionQueries::go_line_read(const Module& actual) {
  auto known = go_lines_.lock();
  const auto it = known->find(actual);
  return it == known->end() ? std::nullopt : std::optional(it->second);
}

void VersionQueries::remember_go_line(const Module& actual, const std::string& go) {
  go_lines_.lock()->try_emplace(actual, go);
}

QueryResult<resolve::SummaryPtr> VersionQueries::read_latest(const std::string& path) {
  const auto newest = QUERY_TRY(query(path, "latest", "", Allow::everything));
  Module module{path, newest.version};
  if (mains_ != nullptr) module = mains_->actual(module);
  if (const auto read = read_.find(module); read != read_.end()) return read->second;
  auto answer = checked(path, source_.go_mod(module));
  // Of a folder that replaces it go does not take "there is none" for an answer.
  if (!answer && module.version.empty()) {
    answer.error().is = Is::other;
    answer.error().names_module = true;
  }
  auto summary = resolve::summarize(QUERY_TRY(std::move(answer)));
  if (!summary) return failed(Is::other, false, summary.error().message());
  remember_go_line(module, summary->go_version);
  return std::make_shared<const resolve::ModSummary>(*std::move(summary));
}

// The go.mod of the newest version, retracted or not: it says which versions are retracted.
const QueryResult<resolve::SummaryPtr>& VersionQueries::latest_summary(const std::string& path) {
  return latest_summaries_.get(path, [&] { return read_latest(path); });
}

QueryResult<std::optional<Retracted>> VersionQueries::retraction(const Module& module) {
  if (module.version.empty() || replaced_at_all_versions(module.path)) return std::optional<Retracted>();
  const auto& summary = latest_summary(module.path);
  if (!summary) {
    return failed(summary.error().is, false,
                  fmt::format("loading module retractions for {}: {}", module.str(),
                              without_module(module.path, summary.error())),
                  summary.error().error.kind());
  }
  std::optional<Retracted> out;
  for (const auto& r : (*summary)->retract) {
    if (semver::compare(r.low, module.version) > 0 || semver::compare(module.version, r.high) > 0) continue;
    if (!out) out.emplace();
    if (!r.rationale.empty()) out->rationales.push_back(r.rationale);
  }
  return out;
}

QueryResult<std::string> VersionQueries::deprecation(const Module& module) {
  if (module.version.empty() || replaced_at_all_versions(module.path)) return std::string();
  const auto& summary = latest_summary(module.path);
  if (summary) return (*summary)->deprecated;
  return failed(summary.error().is, false,
                fmt::format("loading deprecation for {}: {}", module.path, summary.error().error.message()),
                summary.error().error.kind());
}

// Failures to find out are failures too; most callers take them for a yes.
std::optional<QueryFailure> VersionQueries::disallowed(const Module& module, Allow allow) {
  if (allow == Allow::everything) return std::nullopt;
  if (mains_ != nullptr && mains_->excluded(module)) {
    return QueryFailure{Is::disallowed, true, Error(Kind::invalid, module.str() + ": excluded by go.mod")};
  }
  if (allow == Allow::not_excluded) return std::nullopt;
  auto retracted = retraction(module);
  if (!retracted) return std::move(retracted).error();
  if (!*retracted) return std::nullopt;
  std::string text = fmt::format("{}: {}", module.str(), k_retracted);
  const auto& rationales = (*retracted)->rationales;
  if (!rationales.empty()) text += ": " + short_message(rationales.front(), k_retracted);
  return QueryFailure{Is::disallowed, true, Error(Kind::invalid, std::move(text))};
}

QueryResult<TaggedVersions> VersionQueries::versions(const std::string& path, Allow allow) {
  if (auto good = usable(path); !good) return Failed(std::move(good).error());
  const auto ask = [&](From from) -> QueryResult<TaggedVersions> {
    auto tagged = QUERY_TRY(list(path, from));
    return TaggedVersions{std::move(tagged), list_origin(path, "", from)};
  };
  auto tagged = QUERY_TRY(in_turn<TaggedVersions>(path, ask));
  TaggedVersions out{{}, std::move(tagged.origin)};
  for (auto& version : tagged.list) {
    auto failure = disallowed({path, version}, allow);
    if (!failure) {
      out.list.push_back(std::move(version));
    } else if (failure->is != Is::disallowed) {
      return Failed(*std::move(failure));
    }
  }
  return out;
}

// ---- queries

QueryResult<fetch::Info> VersionQueries::query(const std::string& path, const std::string& query,
                                               const std::string& current, Allow allow, const Reuse* old,
                                               std::optional<From> only) {
  if (disabled_) return failed(Is::other, false, *disabled_);
  const bool is_main = mains_ != nullptr && mains_->contains(path);
  if (is_main && (query == "upgrade" || query == "patch")) return fetch::Info{};
  if (path == "std" || path == "cmd") {
    return failed(Is::other, false,
                  fmt::format("can't query specific version ({}) of standard-library module {}", quote(query),
                              quote(path)));
  }
  if (auto good = usable(path); !good) return Failed(std::move(good).error());
  Matcher seed;
  seed.path = path;
  seed.query = query;
  seed.current = current;
  seed.allow = allow;
  const Asked asked{path, query, allow, old, only};
  const auto matcher = QUERY_TRY(Matcher::of(std::move(seed)));
  return matcher && !matcher->exact ? list_query(*matcher, asked) : stat_query(asked);
}

// What an earlier run found, where this source confirms it.
std::optional<fetch::Info> VersionQueries::reused(const Asked& asked, From from) {
  const auto* old = asked.old == nullptr ? nullptr : asked.old->find(asked.path, asked.query);
  if (old == nullptr || !can_answer(*old->origin, asked.query)) return std::nullopt;
  if (highest_replaced_.contains(asked.path) || !gomod::check_path(asked.path)) return std::nullopt;
  if (!from.source.confirm(asked.path, *old->origin)) return std::nullopt;
  return fetch::Info{old->version, old->time.value_or(std::string(gomod::k_no_time)), old->origin};
}

QueryResult<fetch::Info> VersionQueries::stat_query(const Asked& asked) {
  const bool may_reuse = asked.old != nullptr && asked.old->find(asked.path, asked.query) != nullptr;
  const bool may_differ = may_reuse || highest_replaced_.contains(asked.path);
  if (asked.only || !may_differ) return stat_query_of(asked, asked.only.value_or(From{source_}));
  return in_turn<fetch::Info>(asked.path, [&](From from) -> QueryResult<fetch::Info> {
    if (auto same = reused(asked, from)) return *std::move(same);
    return stat_query_of(asked, from);
  });
}

QueryResult<fetch::Info> VersionQueries::stat_query_of(const Asked& asked, From from) {
  auto info = stat(asked.path, asked.query, from);
  if (!info) {
    // Versions that differ in metadata only are the same one.
    const auto canonical = semver::canonical_version(asked.query);
    if (canonical.empty() || canonical == asked.query) return info;
    auto other = stat(asked.path, canonical, from);
    if (!other && other.error().is != Is::absent) return other;
    if (!other) {
      info.error().origin = std::move(other.error().origin);
      return info;
    }
    info = std::move(other);
  }
  auto failure = disallowed({asked.path, info->version}, asked.allow);
  if (failure && failure->is == Is::disallowed) return Failed(*std::move(failure));
  return info;
}

QueryResult<bool> VersionQueries::matches(const Matcher& matcher, const std::string& version) {
  if (!matcher.has_prefix(version)) return false;
  if (matcher.filter && !matcher.filter(version)) return false;
  const auto failure = disallowed({matcher.path, version}, matcher.allow);
  return !failure || failure->is != Is::disallowed;
}

QueryResult<bool> VersionQueries::has_go_mod(const std::string& path, const std::string& version, From from) {
  const auto text = QUERY_TRY(checked(path, from.source.go_mod({path, version})));
  return text != gomod::synthesize_mod(path);
}

// Without +incompatible versions where the newest compatible one has a go.mod: its author uses modules, and
// would have given a new major version its own path.
QueryResult<VersionQueries::Candidates> VersionQueries::candidates(const Matcher& matcher, From from) {
  Candidates out;
  bool incompatible = matcher.incompatible;
  std::string compatible;
  for (const auto& version : QUERY_TRY(list(matcher.path, from))) {
    if (!QUERY_TRY(matches(matcher, version))) continue;
    if (!incompatible && !is_incompatible(version)) {
      compatible = version;
    } else if (!incompatible && !compatible.empty()) {
      if (QUERY_TRY(has_go_mod(matcher.path, compatible, from))) break;
      incompatible = true;
    }
    (resolve::is_prerelease(matcher.path, version) ? out.prereleases : out.releases).push_back(version);
  }
  return out;
}

// A pseudo-version is never left for something older. origin: what is known so far of why this is the answer;
// what is learned is added.
QueryResult<fetch::Info> VersionQueries::chosen(const Matcher& matcher, const std::string& version, From from,
                                                std::optional<fetch::Origin>& origin) {
  const auto look_at = [&](const std::string& one) {
    auto info = stat(matcher.path, one, from);
    if (info || info.error().origin)
      origin = merge_origins(origin, info ? info->origin : info.error().origin);
    return info;
  };
  auto info = QUERY_TRY(look_at(version));
  if (!matcher.keeps_current() || !gomod::pseudo::is_pseudo(matcher.current)) return info;
  const auto current_time = gomod::pseudo::time_rfc3339(matcher.current);
  const auto now = current_time ? fetch::Instant::of(*current_time) : std::nullopt;
  const auto then = fetch::Instant::of(info.time);
  if (!now || !then || info.time.starts_with("0001-01-01T00:00:00") || !then->before(*now)) return info;
  auto failure = disallowed({matcher.path, matcher.current}, matcher.allow);
  if (failure && failure->is == Is::disallowed) return Failed(*std::move(failure));
  return look_at(matcher.current);
}

QueryResult<fetch::Info> VersionQueries::list_query(const Matcher& matcher, const Asked& asked) {
  if (asked.only) return list_query_of(matcher, *asked.only);
  return in_turn<fetch::Info>(matcher.path, [&](From from) -> QueryResult<fetch::Info> {
    if (auto same = reused(asked, from)) return *std::move(same);
    return list_query_of(matcher, from);
  });
}

// The answer follows from the tags there are, and from what was looked at besides; so does its absence.
QueryResult<fetch::Info> VersionQueries::list_query_of(const Matcher& matcher, From from) {
  std::optional<fetch::Origin> origin;
  auto answer = pick(matcher, from, origin);
  (answer ? answer->origin : answer.error().origin) = std::move(origin);
  return answer;
}

QueryResult<fetch::Info> VersionQueries::pick(const Matcher& matcher, From from,
                                              std::optional<fetch::Origin>& origin) {
  QUERY_TRY(list(matcher.path, from));
  origin = list_origin(matcher.path, matcher.prefix, from);
  const auto found = QUERY_TRY(candidates(matcher, from));
  for (const auto* versions : {&found.releases, &found.prereleases}) {
    if (!versions->empty())
      return chosen(matcher, matcher.lowest ? versions->front() : versions->back(), from, origin);
  }
  if (matcher.may_use_latest) {
    auto newest = latest(matcher.path, from);
    if (newest || newest.error().origin)
      origin = merge_origins(origin, newest ? newest->origin : newest.error().origin);
    if (!newest && newest.error().is != Is::absent) return newest;
    if (newest && QUERY_TRY(matches(matcher, newest->version)))
      return chosen(matcher, newest->version, from, origin);
  }
  if (matcher.keeps_current()) {
    auto failure = disallowed({matcher.path, matcher.current}, matcher.allow);
    if (failure && failure->is == Is::disallowed) return Failed(*std::move(failure));
    return chosen(matcher, matcher.current, from, origin);
  }
  return failed(Is::no_match, false, "no matching versions for query " + quote(matcher.query),
                Kind::not_found);
}

}  // namespace larder::app

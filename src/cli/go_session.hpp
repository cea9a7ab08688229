// SPDX-License-Identifier: Apache-2.0
// What the go commands share: the project they stand in, -mod, -modfile and -overlay, the module cache, the
// upstream, the requirement graph, and go's way of ending. Thread rule: one thread, but for queries() and
// source(). Spec: go-resolution.md 0, 9.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cached_modules.hpp"
#include "app/cached_versions.hpp"
#include "app/held_modules.hpp"
#include "app/mod_memory.hpp"
#include "app/mod_reader.hpp"
#include "app/overlay.hpp"
#include "app/project.hpp"
#include "app/reuse.hpp"
#include "app/toolchain_versions.hpp"
#include "app/version_query.hpp"
#include "app/zips_in_place.hpp"
#include "cli/go_flags.hpp"
#include "cli/late_upstream.hpp"
#include "cli/session.hpp"
#include "cli/wiring.hpp"
#include "gomod/modules_txt.hpp"
#include "resolve/resolver.hpp"

namespace larder::cli {

// Prints MESSAGE (unless empty), then the usage lines of a command of go_commands(); status 2.
int go_usage(std::string_view command, const std::string& message);

// The line on stderr as it is; the status. go says some things without "go: ".
int say(std::string_view line, int status = k_failed);
// The error as go prints it; status 1. What contradicts a go.sum, and a go.sum that cannot be read, stand
// without a prefix.
int go_complain(const Session& session, const Error& error);

// The file of -reuse; nothing where none is given.
Result<app::Reuse> read_reuse(const std::string& file);

// --from-store and --wants: for the specs of every command that opens a GoSession.
std::vector<GoFlagSpec> with_store_flags(std::vector<GoFlagSpec> specs);
// And --no-extract: for those that read packages of dependencies.
std::vector<GoFlagSpec> with_package_flags(std::vector<GoFlagSpec> specs);

// What load_project says of a go.work that uses nothing.
inline constexpr std::string_view k_empty_workspace =
    "no modules were found in the current workspace; see 'go help work'";

// -mod: may go.mod and go.sum change, or is the vendor folder all there is?
enum class BuildMod { mod, readonly, vendor };

class GoSession {
 public:
  struct Options {
    const GoArguments& arguments;  // -x, -modcacherw, -modfile, -overlay; -mod where the command has it
    bool needs_module = true;
    bool takes_empty_workspace = false;  // a go.work that uses nothing is like no module, and no error
    // nullopt: as -mod says, else as the project asks for
    std::optional<BuildMod> mode = BuildMod::mod;
    bool adds_go_line = true;  // in mode mod, where go.mod has none
    unsigned jobs = 16;
    bool ignore_workspace = false;  // as GOWORK=off
    bool lenient_sums = false;      // lines of go.sum that make no sense are dropped
    std::string go_line = {};       // what is added as go line; empty: the local version
    // Where several modules of a workspace fail: all but the last, unsaid. nullptr: they are said.
    std::vector<Error>* also = nullptr;
    bool raises_go_work = false;  // a go.work whose go line is too low will get a higher one
    bool keeps = false;           // with --from-store, too, what is read goes to the module cache
    sys::Path folder = {};        // the project is looked for from here on; empty: the working directory
  };
  ~GoSession();
  GoSession(const GoSession&) = delete;
  GoSession& operator=(const GoSession&) = delete;
  static Result<std::unique_ptr<GoSession>> open(const Session& session, const Options& options);
  // For a session with which the process ends: its memory is left to the kernel, which is quicker.
  static void leave(std::unique_ptr<GoSession> session);

  const Session& session() const { return session_; }
  const app::Project* project() const { return project_ ? &*project_ : nullptr; }  // nullptr outside a module
  bool in_empty_workspace() const { return in_empty_workspace_; }
  const app::Overlay& overlay() const { return overlay_; }
  BuildMod mode() const { return mode_; }
  // Must everything that is used have a line in go.sum?
  bool needs_sums() const;
  bool has_sum(const gomod::Module& module, gomod::GoSum::Of of) const;

  app::CachedModules& modules() { return *modules_; }
  const index::Shelf* shelf() const { return shelf_ ? &*shelf_ : nullptr; }  // nullptr: no indexes are kept
  // Where packages of dependencies are read from; nullopt: they are extracted.
  std::optional<app::ZipsInPlace::Options> zips_in_place() const;
  // With --from-store: what it names is wanted. Else they do nothing.
  void want_unless_held(const gomod::Module& module, gomod::GoSum::Of of) const;
  void want_package(const std::string& path) const;
  void want_package_unless_held(const std::string& path) const;
  bool asks_store() const { return held_ != nullptr; }
  void forget_wants() const {
    if (held_ != nullptr) held_->forget_wants();
  }
  bool lacks_something() const { return held_ != nullptr && !held_->wants().empty(); }
  // Is what answers on this machine, so that nothing waits for a network?
  bool is_near() const { return is_near_; }
  // Is there a module held that could have the package, by its path?
  bool may_be_held(const std::string& package) const;
  void want_query(const std::string& path, const std::string& query, const app::QueryFailure& failure) const;
  app::VersionQueries& queries() { return *queries_; }
  app::VersionSource& source() { return *source_; }
  resolve::Resolver& resolver() { return *resolver_; }  // only inside a module
  // vendor/modules.txt; only in mode vendor, after load_requirements.
  const gomod::ModulesTxt& vendored() const { return *vendored_; }

  // What go.mod says, made consistent as far as that needs no graph. Once.
  Result<void> load_requirements();
  // Requirements and graph, loaded once. The error is the graph's first failure; what could be loaded is
  // there then, too.
  Result<void> load_graph();
  // The same, to start from: load_requirements, and what it found.
  Result<resolve::Requirements> initial();
  // The go line that is assumed because go.mod has none; "" where it has one.
  std::string added_go_line() const;
  bool has_graph() const { return graph_.has_value(); }
  const resolve::Requirements& requirements() const { return *requirements_; }
  const resolve::Graph& graph() const { return *graph_; }

  // What has to be written when the command is done: go.mod where it says something else than what was
  // loaded, which is an error unless the mode is mod; the sums that the requirements and the graph ask for.
  Result<void> commit();
  using KeepLine = std::function<bool(const gomod::Module&, gomod::GoSum::Of)>;
  struct SumRules {
    KeepLine keep;             // which lines may be added, and, with `drops`, which old ones stay
    bool drops = false;        // what is not kept
    KeepLine is_learned = {};  // does what was learned of it count? empty: yes
  };
  // Writes what was learned to go.sum (go.work.sum in a workspace).
  Result<void> write_sums(const SumRules& rules);
  // What write_sums makes of the project's go.sum.
  gomod::GoSum sums_after(const SumRules& rules);
  // Lines of `from` that are to be kept.
  static void add_kept(const gomod::GoSum& from, const KeepLine& keep, gomod::GoSum& into);

  // go.mod with these requirements; an error unless the mode is mod where that says something new.
  Result<void> write_go_mod(const resolve::Requirements& requirements);
  // For texts of the project's go.mod: "master" becomes the version that it stood for when it was first read.
  gomod::VersionFixer version_fixer();

 private:
  explicit GoSession(const Session& session) : session_(session) {}
  void close();
  Result<void> read_overlay(const std::string& file);
  Result<void> open_sources(const Options& options);
  void open_indexes(app::ReaderOptions& reader);
  void warn_of_unknown_hashes(const gomod::Module& module, gomod::GoSum::Of of,
                              const std::string& hash) const;
  Result<void> ask_the_store();
  void add_shortfall();
  Result<void> find_project(const Options& options);
  Result<void> check_mode(const Options& options) const;
  Result<void> choose_mode(const Options& options);
  Result<void> choose_automatically();
  Result<void> open_resolver(const Options& options);
  Result<void> read_vendored();
  void note_excluded() const;
  std::string updates_needed() const;
  gomod::VersionFixer fixer_over(app::VersionQueries& queries);

  const Session& session_;
  std::string go_line_;
  std::map<gomod::Module, std::string> fixed_;  // versions for the queries of go.mod
  sys::Path cwd_;
  app::Overlay overlay_;
  std::optional<app::Project> project_;
  bool in_empty_workspace_ = false;
  BuildMod mode_ = BuildMod::mod;
  bool mode_is_explicit_ = false;
  std::string mode_reason_;
  std::optional<gomod::ModulesTxt> vendored_;
  std::optional<modcache::Cache> cache_;
  std::unique_ptr<store::Store> held_store_;  // these four with --from-store only
  std::optional<store::GoModules> held_modules_;
  std::optional<app::HeldAuthority> held_authority_;
  std::unique_ptr<app::HeldModules> held_;
  bool extracts_ = true;
  bool is_near_ = false;
  std::optional<LateUpstream> upstream_;  // nullopt with --from-store
  std::optional<fetch::Verifier> verifier_;
  std::optional<app::CachedModules> modules_;
  std::optional<index::Shelf> shelf_;
  std::optional<app::ModMemory> memory_;
  std::optional<app::CachedVersions> module_versions_;
  std::optional<app::ToolchainVersions> source_;
  std::optional<app::VersionQueries> queries_;
  std::unique_ptr<resolve::ModReader> reader_;
  std::unique_ptr<resolve::Resolver> resolver_;
  std::optional<resolve::Requirements> requirements_;
  std::optional<resolve::Graph> graph_;
};

}  // namespace larder::cli

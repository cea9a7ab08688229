// SPDX-License-Identifier: Apache-2.0
// `mod vendor` and `work vendor`.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "app/locate.hpp"
#include "app/vendor.hpp"
#include "cli/go_files.hpp"
#include "cli/package_session.hpp"
#include "cli/rows.hpp"
#include "gomod/goversion.hpp"
#include "resolve/vendor_plan.hpp"
#include "sys/parallel.hpp"

namespace larder::cli {

namespace {

using gomod::goversion::compare;

constexpr std::string_view k_test_embeds_until = "1.22";

struct VendorFlags {
  bool allow_errors = false;
  bool allow_embed_errors = false;  // go forgets of -e there in a workspace
  bool verbose = false;
  std::string out;
};

sys::Path vendor_folder(const sys::Path& root, const VendorFlags& flags) {
  if (flags.out.empty()) return root / "vendor";
  std::error_code failed;
  return std::filesystem::absolute(flags.out, failed).lexically_normal();
}

// The path of the module that the working directory belongs to, if it is one of the workspace.
std::string module_here(const GoSession& go) {
  const auto root = app::find_module_root(app::working_directory(go.session().config.environment));
  for (const auto& module : go.project()->modules) {
    if (root && module.dir == *root) return module.mod.module->path;
  }
  return {};
}

app::VendorRules copy_rules(GoSession& go) {
  const auto version = go.resolver().mains().go_version();
  return {.drop_mod_files = compare(version, resolve::k_pruning_go) >= 0,
          .test_embeds = compare(version, k_test_embeds_until) < 0,
          .threads = std::max(4U, sys::cpu_count()),
          .stop = go.session().stop};
}

// Sums that no go.sum of the workspace has go to its own.
Result<void> write_work_sums(GoSession& go, PackageSession& session) {
  auto& now = session.loader().requirements();
  auto rules = tidy_rules(now.requirements);
  rules.build_list_zips = true;
  const auto sums = resolve::keep_sums(go.resolver(), session.loader().packages(), now, rules);
  return go.write_sums({.keep = keep_lines(sums)});
}

// Each failure stands behind the line of its package. True: it ends the command, and what comes behind it is
// not told. lines: of modules.txt, if they are told.
bool tell_copied(const Session& session, const std::vector<app::CopyFailure>& failed, std::string_view lines,
                 const std::vector<std::size_t>& line_ends) {
  std::size_t told = 0;
  const auto tell_to = [&](std::size_t end) {
    const auto part = lines.substr(told, std::max(end, told) - told);
    static_cast<void>(sys::write_all(2, as_bytes(part), "stderr").has_value());
    told += part.size();
  };
  for (const auto& [package, error, ends] : failed) {
    if (!lines.empty()) tell_to(line_ends[package]);
    session.complain(error);
    if (ends) return true;
  }
  tell_to(lines.size());
  return false;
}

Result<int> vendor(GoSession& go, const VendorFlags& flags) {
  TRY(refuse_overlaid_sources(go));
  PackageSession session(go,
                         {.readonly = true,
                          .vendor_all = true,
                          .resolve_missing = true,
                          .allow_errors = flags.allow_errors,
                          .silent_missing_std = true,
                          .skip_std = true,
                          .here = module_here(go)},
                         nullptr);
  if (!session.load(TRY(go.initial()))) return k_failed;
  session.warn_of_nothing();
  auto& loader = session.loader();
  TRY(go.project()->work ? write_work_sums(go, session)
                         : go.write_go_mod(loader.requirements().requirements));
  const auto folder = vendor_folder(go.project()->root, flags);
  const auto rules = copy_rules(go);
  TRY(app::remove_vendor(folder, rules));
  const auto plan = TRY(resolve::plan_vendor(go.resolver(), loader.packages(), loader.requirements()));
  if (plan.shows_go_versions) touch_infos(go, plan.described);
  if (auto contradiction = go.modules().contradiction()) return fail(*std::move(contradiction));
  std::vector<app::VendoredPackage> packages;
  std::vector<std::size_t> line_ends;
  for (std::size_t i = 0; i < plan.packages.size(); ++i) {
    const auto* p = plan.packages[i];
    if (p->dir.empty()) continue;
    packages.push_back({p->path, p->module.path, p->dir, session.packages().zip_of(p->root)});
    line_ends.push_back(plan.line_ends[i]);
  }
  line_ends.push_back(plan.modules_txt.size());
  const auto failed = app::copy_packages(packages, folder, rules);
  const bool ended = tell_copied(go.session(), failed, flags.verbose ? plan.modules_txt : "", line_ends);
  if (ended) return k_failed;
  if (plan.failure) return fail(*plan.failure);
  if (plan.modules_txt.empty()) {
    go.session().note("no dependencies to vendor");
  } else {
    TRY(sys::make_dirs(folder));
    TRY(sys::write_file(folder / "modules.txt", as_bytes(plan.modules_txt)));
  }
  go.session().complain(plan.conflicts);
  if (!plan.conflicts.empty()) return k_failed;
  return failed.empty() || flags.allow_embed_errors ? k_done : k_failed;
}

// In a go.work without modules there is nothing to copy.
Result<bool> is_empty_workspace(const std::optional<sys::Path>& work) {
  if (!work) return false;
  const auto text = TRY(sys::read_file_if_exists(*work));
  const auto file = gomod::parse_work("go.work", text.value_or(""));
  return text && file && file->use.empty();
}

Result<int> vendor_nothing(const Session& session, const sys::Path& root, const VendorFlags& flags) {
  warn_unmatched(session, "all");
  TRY(sys::remove_tree(vendor_folder(root, flags)));
  session.note("no dependencies to vendor");
  return k_done;
}

// command: "mod vendor" or "work vendor".
int run_vendor(Session& session, const std::vector<std::string>& args, std::string_view command) {
  const auto parsed = parse_go_flags(
      args,
      with_package_flags(
          {{"e"}, {"v"}, {"o", false}, {"modcacherw"}, {"modfile", false}, {"overlay", false}}),
      session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage(command, parsed.error().message());
  const bool of_workspace = command.starts_with("work");
  const auto work = go_work_path(session);
  const auto refuse = [&](const Error& error) {
    session.complain(error);
    return k_failed;
  };
  if (!work) return refuse(work.error());
  if (of_workspace && !*work) return refuse(no_go_work());
  if (!of_workspace && *work) {
    return refuse(Error(Kind::invalid,
                        "'go mod vendor' cannot be run in workspace mode. Run 'go work vendor' to vendor the "
                        "workspace or set 'GOWORK=off' to exit workspace mode."));
  }
  if (!parsed->words.empty()) return refuse(Error(Kind::invalid, "'go mod vendor' accepts no arguments"));
  const VendorFlags flags{.allow_errors = parsed->has("e"),
                          .allow_embed_errors = parsed->has("e") && !of_workspace,
                          .verbose = parsed->has("v"),
                          .out = parsed->value("o")};
  const auto run = [&]() -> Result<int> {
    if (TRY(is_empty_workspace(*work))) return vendor_nothing(session, (*work)->parent_path(), flags);
    const auto go = TRY(GoSession::open(
        session, {.arguments = *parsed, .mode = BuildMod::readonly, .raises_go_work = of_workspace}));
    return vendor(*go, flags);
  };
  const auto status = run();
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace

int run_mod_vendor(Session& session, const std::vector<std::string>& args) {
  return run_vendor(session, args, "mod vendor");
}

int run_work_vendor(Session& session, const std::vector<std::string>& args) {
  return run_vendor(session, args, "work vendor");
}

}  // namespace larder::cli

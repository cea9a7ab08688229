// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "app/vendor.hpp"
#include "cli/package_session.hpp"
#include "cli/rows.hpp"
#include "gomod/goversion.hpp"
#include "resolve/vendor_plan.hpp"
#include "sys/parallel.hpp"

namespace larder::cli {

namespace {

using gomod::goversion::compare;

constexpr std::string_view k_usage_line = "mod vendor [-e] [-v] [-o outdir]";
constexpr std::string_view k_test_embeds_until = "1.22";

struct VendorFlags {
  bool allow_errors = false;
  bool verbose = false;
  std::string out;
};

sys::Path vendor_folder(const GoSession& go, const VendorFlags& flags) {
  if (flags.out.empty()) return go.project()->root / "vendor";
  std::error_code failed;
  return std::filesystem::absolute(flags.out, failed).lexically_normal();
}

// Would writing the requirements change what go.mod requires?
bool needs_update(const app::Project& project, const resolve::Requirements& requirements) {
  std::vector<gomod::Module> listed;
  for (const auto& r : project.main().mod.require) listed.push_back(r.mod);
  std::vector<gomod::Module> wanted;
  for (const auto& m : requirements.roots) {
    if (!resolve::is_toolchain_path(m.path)) wanted.push_back(m);
  }
  std::ranges::sort(listed);
  std::ranges::sort(wanted);
  return listed != wanted;
}

app::VendorRules copy_rules(GoSession& go) {
  const auto version = go.resolver().mains().go_version();
  return {.drop_mod_files = compare(version, resolve::k_pruning_go) >= 0,
          .test_embeds = compare(version, k_test_embeds_until) < 0,
          .threads = std::max(4U, sys::cpu_count()),
          .stop = go.session().stop};
}

Result<int> vendor(GoSession& go, const VendorFlags& flags) {
  if (go.project()->work) {
    return fail(Kind::invalid,
                "'go mod vendor' cannot be run in workspace mode. Run 'go work vendor' to vendor the "
                "workspace or set 'GOWORK=off' to exit workspace mode.");
  }
  TRY(refuse_overlaid_sources(go));
  PackageSession session(go,
                         {.readonly = true,
                          .vendor_all = true,
                          .resolve_missing = true,
                          .allow_errors = flags.allow_errors,
                          .silent_missing_std = true,
                          .skip_std = true},
                         nullptr);
  if (!session.load(TRY(go.initial()))) return k_failed;
  session.warn_of_nothing();
  auto& loader = session.loader();
  if (needs_update(*go.project(), loader.requirements().requirements)) {
    return fail(Kind::invalid, "updates to go.mod needed; to update it:\n\tgo mod tidy");
  }
  const auto folder = vendor_folder(go, flags);
  const auto rules = copy_rules(go);
  TRY(app::remove_vendor(folder, rules));
  const auto plan = TRY(resolve::plan_vendor(go.resolver(), loader.packages()));
  if (plan.shows_go_versions) touch_infos(go, plan.modules);
  if (flags.verbose) {
    static_cast<void>(sys::write_all(2, as_bytes(plan.modules_txt), "stderr").has_value());
  }
  std::vector<app::VendoredPackage> packages;
  for (const auto* p : plan.packages) {
    if (!p->dir.empty()) packages.push_back({p->path, p->module.path, p->dir});
  }
  const auto failed = app::copy_packages(packages, folder, rules);
  go.session().complain(failed);
  if (plan.modules_txt.empty()) {
    go.session().note("no dependencies to vendor");
  } else {
    TRY(sys::make_dirs(folder));
    TRY(sys::write_file(folder / "modules.txt", as_bytes(plan.modules_txt)));
  }
  return failed.empty() || flags.allow_errors ? k_done : k_failed;
}

}  // namespace

int run_mod_vendor(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(
      args, {{"e"}, {"v"}, {"o", false}, {"modcacherw"}, {"modfile", false}, {"overlay", false}},
      session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage(session, k_usage_line, "mod vendor", parsed.error().message());
  if (const auto known = refuse_unbuilt(*parsed); !known) {
    session.complain(known.error());
    return k_failed;
  }
  if (!parsed->words.empty()) {
    session.complain(Error(Kind::invalid, "'go mod vendor' accepts no arguments"));
    return k_failed;
  }
  const VendorFlags flags{parsed->has("e"), parsed->has("v"), parsed->value("o")};
  const auto go = GoSession::open(session, {.arguments = *parsed, .mode = BuildMod::readonly});
  const auto status = go ? vendor(**go, flags) : Result<int>(fail(go.error()));
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace larder::cli

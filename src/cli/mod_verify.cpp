// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/go_session.hpp"
#include "cli/rows.hpp"
#include "sys/parallel.hpp"

namespace larder::cli {

namespace {

constexpr std::string_view k_all_verified = "all modules verified\n";

Result<int> verify(GoSession& go) {
  TRY(go.load_graph());
  const auto build_list = go.graph().build_list();
  const auto& mains = go.resolver().mains();
  std::vector<std::vector<Error>> problems(build_list.size());
  sys::parallel_for(build_list.size(), sys::cpu_count(), go.session().stop, [&](std::size_t i) {
    const auto& module = build_list[i];
    if (mains.contains(module.path) || resolve::is_toolchain_path(module.path)) return;
    problems[i] = go.modules().cache().verify(module);
  });
  bool ok = true;
  for (const auto& list : problems) {
    for (const auto& error : list) {
      ok = false;
      // As go prints them: without a prefix.
      static_cast<void>(sys::write_all(2, as_bytes(error.message() + "\n"), "stderr").has_value());
    }
  }
  if (ok) go.session().print(k_all_verified);
  return ok ? k_done : k_failed;
}

}  // namespace

int run_mod_verify(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(args, {{"modcacherw"}, {"modfile", false}, {"overlay", false}},
                                     session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("mod verify", parsed.error().message());
  if (!parsed->words.empty()) {
    session.complain(Error(Kind::invalid, "verify takes no arguments"));
    return k_failed;
  }
  const auto go = GoSession::open(session, {.arguments = *parsed, .takes_empty_workspace = true});
  if (go && (*go)->in_empty_workspace()) {
    session.print(k_all_verified);
    return k_done;
  }
  const auto status = go ? verify(**go) : Result<int>(fail(go.error()));
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace larder::cli

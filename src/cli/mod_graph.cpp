// SPDX-License-Identifier: Apache-2.0
#include "cli/go_files.hpp"
#include "cli/go_session.hpp"
#include "cli/rows.hpp"

namespace larder::cli {

namespace {

Result<int> graph(GoSession& go, const std::string& go_version) {
  std::string text;
  if (go_version.empty()) {
    TRY(go.load_graph());
    text = go.graph().text();
  } else {
    const auto loaded = TRY(go.resolver().graph_for_go(TRY(go.initial()), go_version));
    if (const auto error = go.modules().contradiction()) return fail(*error);
    if (const auto error = loaded.error()) return fail(*error);
    text = loaded.text();
  }
  go.session().print(text);
  return k_done;
}

}  // namespace

int run_mod_graph(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(
      args, with_store_flags({{"x"}, {"go", false}, {"modcacherw"}, {"modfile", false}, {"overlay", false}}),
      session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("mod graph", parsed.error().message());
  const auto version = parsed->value("go");
  const auto fault = go_version_fault("go", version, session.config.go.go_version());
  if (!fault.empty()) return go_usage("mod graph", fault);
  if (!parsed->words.empty()) {
    session.complain(Error(Kind::invalid, "'go mod graph' accepts no arguments"));
    return k_failed;
  }
  auto go =
      GoSession::open(session, {.arguments = *parsed, .takes_empty_workspace = true, .adds_go_line = false});
  if (go && (*go)->in_empty_workspace()) return k_done;
  const auto status = go ? graph(**go, version) : Result<int>(fail(go.error()));
  if (!status) return go_complain(session, status.error());
  GoSession::leave(*std::move(go));
  return *status;
}

}  // namespace larder::cli

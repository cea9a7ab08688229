// SPDX-License-Identifier: Apache-2.0
#include "cli/go_session.hpp"

#include <fmt/format.h>

#include "app/mod_reader.hpp"
#include "app/plan.hpp"

namespace larder::cli {

namespace {

// "# get URL" before, "# get URL: 200 OK (0.123s)" after, as go's -x prints.
std::function<void(const http::Trace&)> make_trace() {
  return [](const http::Trace& t) {
    const double seconds = std::chrono::duration<double>(t.duration).count();
    const auto line = t.begins ? fmt::format("# get {}\n", t.url)
                               : fmt::format("# get {}: {} ({:.3f}s)\n", t.url, t.status_line, seconds);
    static_cast<void>(sys::write_all(2, as_bytes(line), "stderr").has_value());
  };
}

}  // namespace

int go_usage(const Session& session, std::string_view usage, std::string_view command,
             const std::string& message) {
  std::string text = message.empty() ? "" : message + "\n";
  text += fmt::format("usage: go {}\nRun 'go help {}' for details.\n", usage, command);
  static_cast<void>(sys::write_all(2, as_bytes(text), "stderr").has_value());
  static_cast<void>(session);
  return k_usage;
}

Result<void> refuse_unbuilt(const GoArguments& arguments) {
  for (const auto* name : {"modfile", "overlay", "reuse"}) {
    if (!arguments.value(name).empty()) {
      return fail(Kind::invalid, fmt::format("flag -{} is not supported yet", name),
                  "use the go command for this one");
    }
  }
  return {};
}

Result<std::unique_ptr<GoSession>> GoSession::open(const Session& session, const Options& options) {
  std::unique_ptr<GoSession> out(new GoSession(session));
  const auto& mode = session.config.go.get("GO111MODULE");
  if (mode == "off") return fail(Kind::invalid, "modules disabled by GO111MODULE=off; see 'go help modules'");
  auto project = app::load_project(".", find_options(session));
  if (project) {
    out->project_ = *std::move(project);
  } else if (project.error().kind() != Kind::not_found || options.needs_module) {
    return fail(project.error());
  }
  out->cache_ = TRY(open_modcache(session, options.read_write));
  auto settings = fetch_settings(session);
  if (settings.goproxy.empty()) settings.goproxy = "off";
  out->upstream_ = TRY(open_upstream(session, settings, {.trace = options.trace ? make_trace() : nullptr}));
  fetch::Verifier::Options verify{.settings = settings, .database = out->upstream_.database.get()};
  if (out->project_)
    verify.sums = {{&out->project_->sum, "go.sum"}, {&out->project_->work_sum, "go.work.sum"}};
  out->verifier_.emplace(std::move(verify));
  out->modules_.emplace(*out->cache_, *out->upstream_.source, *out->verifier_);
  if (!out->project_) return out;
  auto* const modules = &*out->modules_;
  const auto stop = session.stop;
  out->reader_ = std::make_unique<app::ParallelReader>(
      [modules, stop](const gomod::Module& m) { return modules->mod(m, stop); }, out->project_->root,
      options.jobs);
  out->resolver_ = std::make_unique<resolve::Resolver>(
      TRY(app::main_modules(*out->project_)), *out->reader_,
      resolve::ResolverOptions{.local_go = session.config.go.go_version()});
  return out;
}

Result<void> GoSession::load_graph() {
  if (graph_) return {};
  auto initial = TRY(resolver_->initial());
  for (const auto& dropped : initial.dropped) {
    session_.note(
        fmt::format("dropping requirement on excluded version {} {}", dropped.path, dropped.version));
  }
  auto expanded = resolver_->expand(std::move(initial.requirements));
  if (expanded.error) return fail(*std::move(expanded.error));
  requirements_ = std::move(expanded.requirements);
  graph_ = std::move(expanded.graph);
  return {};
}

Result<void> GoSession::write_sums(const std::function<bool(const gomod::Module&, gomod::GoSum::Of)>& keep) {
  if (!project_) return {};
  gomod::GoSum lines;
  const auto learned = modules_->new_sums();
  for (const auto& entry : learned.entries()) {
    for (const auto& hash : entry.hashes) {
      if (keep(entry.module, entry.of)) lines.add(entry.module, entry.of, hash);
    }
  }
  const auto name = project_->work ? project_->root / "go.work.sum" : project_->root / "go.sum";
  return app::add_to_go_sum(name, lines);
}

}  // namespace larder::cli

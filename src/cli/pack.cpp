// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "app/contents.hpp"
#include "base/text.hpp"
#include "bundle/packer.hpp"
#include "cli/cli11.hpp"
#include "cli/database_notes.hpp"
#include "cli/progress_bar.hpp"
#include "cli/rows.hpp"
#include "cli/version.hpp"
#include "cli/wiring.hpp"

namespace larder::cli {

namespace {

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class PackCommand final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("PROJECT", projects_, "carry what these projects need; default: the whole store");
    app.add_option("-o,--out", out_, "the bundle to write")->required()->type_name("FILE.larder");
    app.add_option("--key", key_, "secret key to sign with (see larder key new)")->type_name("FILE.key");
    app.add_option("--source", source_, "name of this store in the manifest; default: the host name")
        ->type_name("NAME");
    app.add_option("--level", level_, "zstd level")->check(CLI::Range(1, 19))->type_name("N");
    app.add_option("--threads", threads_, "threads; 0: as many as help")
        ->check(CLI::Range(0U, 64U))
        ->type_name("N");
    app.add_flag("--verbatim", verbatim_, "keep the original zip bytes");
    app.add_flag("--dry-run", dry_run_, "say what would be packed; write nothing");
  }

  Result<int> run(Session& session) override {
    const auto key_file = key_ ? key_ : session.config.from_file.pack_key;
    if (!key_file && !dry_run_) {
      return session.misused({Kind::invalid, "no key to sign the bundle with",
                              "make one with `larder key new -o NAME`, then `larder pack --key NAME.key`"});
    }
    const auto store = TRY(open_store(session, store::Access::read_only));
    const store::GoModules modules(*store);
    std::vector<store::Incomplete> incomplete;
    const auto contents =
        project_contents(session, modules, projects_,
                         [&](const store::Incomplete& version) { incomplete.push_back(version); });
    const auto& wants = contents.wants;
    const auto& failures = contents.failures;
    warn_of_incomplete(session, incomplete, "packed");
    session.complain(failures);
    if (wants.empty() && failures.empty()) {
      if (!projects_.empty())
        return fail(Kind::not_found, join(projects_, ", ") +
                                         ": no modules from outside are needed, so there is nothing to pack");
      return fail(Kind::not_found, fmt::format("{}: nothing to pack", store_path(session).native()),
                  "fill the store with `larder stock` first, or name another with --store");
    }
    if (dry_run_) list(session, wants);
    // A bundle that lacks something costs a trip: better none.
    if (dry_run_ || !failures.empty()) return exit_status(failures);
    const auto key = TRY(bundle::SecretKey::read(*key_file));
    std::vector<bundle::PackModule> content;
    for (const auto& want : wants) content.push_back({want.module, want.whole});
    const auto progress = make_progress(session);
    bool begun = false;
    bundle::PackOptions options{.verbatim = verbatim_, .level = level_, .threads = threads_};
    options.source = source_.value_or(host_name());
    options.created = unix_now();
    options.tool = "larder " + std::string(k_version);
    options.progress = [&](const bundle::Progress& p) {
      if (!begun) progress->started("packing", p.total, app::Unit::bytes);
      begun = true;
      progress->advanced("", p.done);
    };
    auto databases = TRY(app::pack_databases(*store, wants, fetch_settings(session), session.stop));
    options.databases = std::move(databases.members);
    const auto report = TRY(bundle::pack(modules, content, key, out_, options, session.stop));
    if (begun) progress->finished();
    note_databases(session, databases.parts, "packed");
    print(session, report, wants.size(), incomplete.size(), databases.parts);
    return k_done;
  }

 private:
  static void list(const Session& session, const std::vector<app::Want>& wants) {
    if (session.json()) {
      auto planned = nlohmann::ordered_json::array();
      for (const auto& want : wants)
        planned.push_back(
            {{"module", want.module.str()}, {"whole", want.whole}, {"neededBy", want.needed_by}});
      session.print_json({{"planned", planned}});
      return;
    }
    for (const auto& want : wants)
      session.print(fmt::format("{}{}\n", want.module.str(), want.whole ? "" : " go.mod"));
    session.note(fmt::format("{} to pack; nothing was written", wants.size()));
  }

  void print(const Session& session, const bundle::PackReport& report, std::size_t count,
             std::size_t incomplete, const std::vector<app::CarriedPart>& databases) const {
    if (session.json()) {
      session.print_json(nlohmann::ordered_json{{"bundle", out_},
                                                {"id", report.manifest.id},
                                                {"entries", count},
                                                {"bytes", report.bundle_bytes},
                                                {"incomplete", incomplete},
                                                {"databases", databases_json(databases)}});
      return;
    }
    session.print(fmt::format("packed {} modules and requirements into {} ({}){}\n", count, out_,
                              human_bytes(report.bundle_bytes),
                              incomplete > 0 ? fmt::format("; {} incomplete in the store", incomplete) : ""));
  }

  std::vector<std::string> projects_;
  std::string out_;
  std::optional<std::string> key_;
  std::optional<std::string> source_;
  int level_ = 10;
  unsigned threads_ = 0;
  bool verbatim_ = false;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_pack() {
  return std::make_unique<PackCommand>();
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "bundle/reader.hpp"
#include "bundle/unpacker.hpp"
#include "cli/cli11.hpp"
#include "cli/database_notes.hpp"
#include "cli/progress_bar.hpp"
#include "cli/rows.hpp"
#include "cli/wiring.hpp"
#include "store/memory/memory_store.hpp"

namespace larder::cli {

namespace {

const std::map<std::string, modzip::Method> k_methods = {{"stored", modzip::Method::stored},
                                                         {"deflated", modzip::Method::deflated}};

class UnpackCommand final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("BUNDLE", file_, "the bundle to import")->required()->type_name("FILE.larder");
    app.add_option("--trust", trust_, "public key that must have signed it: a .pub file or the key itself")
        ->type_name("KEY")
        ->allow_extra_args(false);
    app.add_option("--zips", method_, "how archives made anew are compressed: stored, deflated")
        ->transform(CLI::CheckedTransformer(k_methods))
        ->type_name("METHOD");
    app.add_option("--threads", threads_, "threads; 0: as many as help")
        ->check(CLI::Range(0U, 64U))
        ->type_name("N");
    app.add_flag("--dry-run", dry_run_, "check everything; import nothing");
  }

  Result<int> run(Session& session) override {
    auto names = trust_;
    if (names.empty()) names = session.config.from_file.unpack_trust;
    if (names.empty()) {
      return fail(Kind::unverified, file_ + ": no key to check the signature with",
                  "name the sender's public key: `larder unpack --trust NAME.pub " + file_ + "`");
    }
    const auto bundle = TRY(bundle::Bundle::open(file_, {.keys = TRY(read_public_keys(names))}));
    const auto progress = make_progress(session);
    bool begun = false;
    const auto on_progress = [&](const bundle::Progress& p) {
      if (!begun) progress->started(dry_run_ ? "checking" : "unpacking", p.total, app::Unit::bytes);
      begun = true;
      progress->advanced("", p.done);
    };
    if (dry_run_) {
      const auto report =
          TRY(bundle::verify(bundle, {.threads = threads_, .progress = on_progress}, session.stop));
      const auto nothing = store::make_memory_store();
      const auto held = open_store(session, store::Access::read_only);
      const auto proven = TRY(app::DatabaseImport::prove(bundle, held ? **held : *nothing,
                                                         fetch_settings(session), session.stop));
      if (begun) progress->finished();
      note_databases(session, proven.parts(), "proven");
      if (session.json()) {
        session.print(nlohmann::ordered_json{{"bundle", bundle.manifest().id},
                                             {"modules", report.modules},
                                             {"files", report.files},
                                             {"bytes", report.raw_bytes},
                                             {"databases", databases_json(proven.parts())}}
                          .dump() +
                      "\n");
        return k_done;
      }
      session.print(fmt::format("{}: good, {} modules, {} files, {}; nothing was imported\n", file_,
                                report.modules, report.files, human_bytes(report.raw_bytes)));
      return k_done;
    }
    const auto store = TRY(open_store(session, store::Access::read_write));
    const store::GoModules modules(*store);
    auto databases = TRY(app::DatabaseImport::prove(bundle, *store, fetch_settings(session), session.stop));
    const auto report = TRY(
        bundle::unpack(bundle, modules, {.zip_method = method_, .threads = threads_, .progress = on_progress},
                       session.stop));
    if (begun) progress->finished();
    TRY(databases.keep(session.stop));
    note_databases(session, databases.parts(), "unpacked");
    print(session, bundle, report, databases.parts());
    return k_done;
  }

 private:
  void print(const Session& session, const bundle::Bundle& bundle, const bundle::UnpackReport& report,
             const std::vector<app::CarriedPart>& databases) const {
    if (session.json()) {
      session.print(nlohmann::ordered_json{{"bundle", bundle.manifest().id},
                                           {"imported", report.imported},
                                           {"requirements", report.requirements},
                                           {"held", report.held},
                                           {"repaired", report.repaired},
                                           {"files", report.files},
                                           {"zipBytes", report.zip_bytes},
                                           {"databases", databases_json(databases)}}
                        .dump() +
                    "\n");
      return;
    }
    if (report.passed_over > 0) {
      session.note(
          fmt::format("{} records of kinds this larder does not know were passed over", report.passed_over));
    }
    session.print(fmt::format(
        "unpacked {} modules and {} requirements from {}; {} already held{}\n", report.imported,
        report.requirements, file_, report.held,
        report.repaired > 0 ? fmt::format("; repaired {} that were damaged", report.repaired) : ""));
  }

  std::string file_;
  std::vector<std::string> trust_;
  modzip::Method method_ = modzip::Method::stored;
  unsigned threads_ = 0;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_unpack() {
  return std::make_unique<UnpackCommand>();
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <utility>

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

using Json = nlohmann::ordered_json;

const std::map<std::string, modzip::Method> k_methods = {{"stored", modzip::Method::stored},
                                                         {"deflated", modzip::Method::deflated}};

class UnpackCommand final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("BUNDLE", files_, "the bundles to import, in this order")
        ->required()
        ->type_name("FILE.larder");
    app.add_option("--trust", trust_, "public key that must have signed them: a .pub file or the key itself")
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
    for (const auto& file : files_) {
      if (file.ends_with(".pub"))
        return session.misused({Kind::invalid, file + " is a public key, not a bundle",
                                "each key has a flag of its own: `--trust A.pub --trust B.pub`"});
    }
    auto names = trust_;
    if (names.empty()) names = session.config.from_file.unpack_trust;
    if (names.empty()) {
      const auto found = TRY(sys::stat(files_.front()));
      if (!found) return fail(Kind::not_found, "open " + files_.front() + ": no such file or directory");
      return fail(Kind::unverified, files_.front() + ": no key to check the signature with",
                  "name the sender's public key: `larder unpack --trust NAME.pub " + files_.front() + "`");
    }
    const auto keys = TRY(read_public_keys(names));
    int status = k_done;
    for (const auto& file : files_) {
      if (session.stop.stop_requested()) break;
      const auto done = dry_run_ ? check(session, file, keys) : unpack(session, file, keys);
      if (done) continue;
      session.complain(done.error());
      status = std::max(status, exit_status(done.error()));
    }
    return status;
  }

 private:
  using Keys = std::vector<bundle::PublicKey>;

  // A bar that begins with the first news.
  class Bar {
   public:
    Bar(const Session& session, std::string_view doing) : progress_(make_progress(session)), doing_(doing) {}
    ~Bar() {
      if (begun_) progress_->finished();
    }
    Bar(const Bar&) = delete;
    Bar& operator=(const Bar&) = delete;
    void operator()(const bundle::Progress& p) {
      if (!std::exchange(begun_, true)) progress_->started(std::string(doing_), p.total, app::Unit::bytes);
      progress_->advanced("", p.done);
    }

   private:
    std::unique_ptr<app::Progress> progress_;
    std::string_view doing_;
    bool begun_ = false;
  };

  Result<void> check(const Session& session, const std::string& file, const Keys& keys) const {
    const auto bundle = TRY(bundle::Bundle::open(file, {.keys = keys}));
    const auto report = TRY(read_all(session, bundle));
    const auto nothing = store::make_memory_store();
    const auto held = open_store(session, store::Access::read_only);
    const auto proven = TRY(
        app::DatabaseImport::prove(bundle, held ? **held : *nothing, fetch_settings(session), session.stop));
    note_databases(session, proven.parts(), "proven");
    if (session.json()) {
      session.print_json(Json{{"bundle", bundle.manifest().id},
                              {"modules", report.modules},
                              {"files", report.files},
                              {"bytes", report.raw_bytes},
                              {"databases", databases_json(proven.parts())}});
      return {};
    }
    session.print(fmt::format("{}: good, {} modules, {} files, {}; nothing was imported\n", file,
                              report.modules, report.files, human_bytes(report.raw_bytes)));
    return {};
  }

  Result<bundle::VerifyReport> read_all(const Session& session, const bundle::Bundle& bundle) const {
    Bar bar(session, "checking");
    return bundle::verify(bundle, {.threads = threads_, .progress = std::ref(bar)}, session.stop);
  }

  Result<void> unpack(const Session& session, const std::string& file, const Keys& keys) const {
    const auto bundle = TRY(bundle::Bundle::open(file, {.keys = keys}));
    const auto store = TRY(open_store(session, store::Access::read_write));
    auto databases = TRY(app::DatabaseImport::prove(bundle, *store, fetch_settings(session), session.stop));
    const auto report = TRY(import(session, bundle, *store));
    TRY(databases.keep(session.stop));
    note_databases(session, databases.parts(), "unpacked");
    print(session, file, bundle, report, databases.parts());
    return {};
  }

  Result<bundle::UnpackReport> import(const Session& session, const bundle::Bundle& bundle,
                                      store::Store& store) const {
    Bar bar(session, "unpacking");
    return bundle::unpack(bundle, store::GoModules(store),
                          {.zip_method = method_, .threads = threads_, .progress = std::ref(bar)},
                          session.stop);
  }

  static void print(const Session& session, const std::string& file, const bundle::Bundle& bundle,
                    const bundle::UnpackReport& report, const std::vector<app::CarriedPart>& databases) {
    if (session.json()) {
      session.print_json(Json{{"bundle", bundle.manifest().id},
                              {"imported", report.imported},
                              {"requirements", report.requirements},
                              {"held", report.held},
                              {"repaired", report.repaired},
                              {"files", report.files},
                              {"zipBytes", report.zip_bytes},
                              {"databases", databases_json(databases)}});
      return;
    }
    if (report.passed_over > 0) {
      session.note(
          fmt::format("{} records of kinds this larder does not know were passed over", report.passed_over));
    }
    session.print(fmt::format(
        "unpacked {} modules and {} requirements from {}; {} already held{}\n", report.imported,
        report.requirements, file, report.held,
        report.repaired > 0 ? fmt::format("; repaired {} that were damaged", report.repaired) : ""));
  }

  std::vector<std::string> files_;
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

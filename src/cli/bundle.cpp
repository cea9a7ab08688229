// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "bundle/reader.hpp"
#include "cli/cli11.hpp"
#include "cli/database_notes.hpp"
#include "cli/progress_bar.hpp"
#include "cli/rows.hpp"
#include "cli/wiring.hpp"
#include "store/memory/memory_store.hpp"

namespace larder::cli {

namespace {

using Json = nlohmann::ordered_json;

class BundleLs final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("BUNDLE", file_, "the bundle to look into")->required()->type_name("FILE.larder");
    app.add_option("--trust", trust_, "also check the signature with this public key")
        ->type_name("KEY")
        ->allow_extra_args(false);
  }

  Result<int> run(Session& session) override {
    const bundle::Trust trust{.keys = TRY(read_public_keys(trust_)), .anyone = trust_.empty()};
    const auto bundle = TRY(bundle::Bundle::open(file_, trust));
    if (session.json()) {
      session.print_json(to_json(bundle));
      return k_done;
    }
    const auto& m = bundle.manifest();
    session.note(fmt::format(
        "{}: bundle {} from {} made {} by {}; {}", file_, m.id, m.source.empty() ? "?" : m.source, m.created,
        m.tool, bundle.signer() ? "signed by " + bundle.signer()->key.id() : "signature not checked"));
    for (const auto& entry : bundle.entries().modules) {
      const bool whole = entry.form != bundle::Form::requirement;
      session.print(fmt::format("{}{}\n", entry.module.str(), whole ? " " + entry.h1.str() : " go.mod"));
    }
    session.note(fmt::format("{} modules, {} requirements, {} files, {} of content", m.counts.modules,
                             m.counts.requirements, m.counts.files, human_bytes(m.counts.module_bytes)));
    return k_done;
  }

 private:
  static Json to_json(const bundle::Bundle& bundle) {
    const auto& m = bundle.manifest();
    Json out{
        {"id", m.id},           {"source", m.source},
        {"created", m.created}, {"tool", m.tool},
        {"root", m.root},       {"signedBy", bundle.signer() ? Json(bundle.signer()->key.id()) : Json()}};
    out["modules"] = Json::array();
    for (const auto& entry : bundle.entries().modules) {
      const bool whole = entry.form != bundle::Form::requirement;
      out["modules"].push_back({{"path", entry.module.path},
                                {"version", entry.module.version},
                                {"whole", whole},
                                {"h1", whole ? Json(entry.h1.str()) : Json()}});
    }
    return out;
  }
  std::string file_;
  std::vector<std::string> trust_;
};

class BundleVerify final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("BUNDLE", file_, "the bundle to check")->required()->type_name("FILE.larder");
    app.add_option("--trust", trust_, "public key that must have signed it")
        ->type_name("KEY")
        ->allow_extra_args(false);
    app.add_option("--threads", threads_, "threads; 0: as many as help")
        ->check(CLI::Range(0U, 64U))
        ->type_name("N");
  }

  Result<int> run(Session& session) override {
    auto names = trust_;
    if (names.empty()) names = session.config.from_file.unpack_trust;
    const bundle::Trust trust{.keys = TRY(read_public_keys(names)), .anyone = names.empty()};
    const auto bundle = TRY(bundle::Bundle::open(file_, trust));
    const auto progress = make_progress(session);
    bool begun = false;
    const auto report = TRY(bundle::verify(bundle,
                                           {.threads = threads_,
                                            .progress =
                                                [&](const bundle::Progress& p) {
                                                  if (!begun)
                                                    progress->started("checking", p.total, app::Unit::bytes);
                                                  begun = true;
                                                  progress->advanced("", p.done);
                                                }},
                                           session.stop));
    if (begun) progress->finished();
    const auto nothing = store::make_memory_store();
    const auto proven =
        TRY(app::DatabaseImport::prove(bundle, *nothing, fetch_settings(session), session.stop));
    note_databases(session, proven.parts(), "proven");
    const auto signer =
        bundle.signer() ? "signed by " + bundle.signer()->key.id() : std::string("signature not checked");
    if (session.json()) {
      session.print_json(Json{{"bundle", bundle.manifest().id},
                              {"modules", report.modules},
                              {"files", report.files},
                              {"bytes", report.raw_bytes},
                              {"databases", databases_json(proven.parts())},
                              {"signedBy", bundle.signer() ? Json(bundle.signer()->key.id()) : Json()}});
    } else {
      session.print(fmt::format("{}: good, {} modules, {} files, {}; {}\n", file_, report.modules,
                                report.files, human_bytes(report.raw_bytes), signer));
    }
    return k_done;
  }

 private:
  std::string file_;
  std::vector<std::string> trust_;
  unsigned threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_bundle_ls() {
  return std::make_unique<BundleLs>();
}

std::unique_ptr<Command> make_bundle_verify() {
  return std::make_unique<BundleVerify>();
}

}  // namespace larder::cli

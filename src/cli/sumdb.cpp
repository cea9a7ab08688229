// SPDX-License-Identifier: Apache-2.0
#include "cli/sumdb.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/random.h>

#include "app/own_database.hpp"
#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/wiring.hpp"
#include "sumstore/own.hpp"
#include "sys/secret_file.hpp"

namespace larder::cli {

namespace {

constexpr std::size_t k_seed_size = 32;
constexpr std::uint64_t k_max_key_file = 4096;

Result<std::string> random_seed() {
  std::string seed(k_seed_size, '\0');
  if (::getrandom(seed.data(), seed.size(), 0) != static_cast<ssize_t>(seed.size())) {
    return fail_errno("getrandom");
  }
  return seed;
}

class SumDbInit final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("NAME", name_, "name of the database: a host, maybe with a path")->required();
    app.add_option("-o,--out", out_, "the file to write the signing key to")->required()->type_name("FILE");
  }

  Result<int> run(Session& session) override {
    const auto seed = TRY(random_seed());
    const auto made = sumstore::SignerKey::make(name_, seed);
    if (!made) {
      return session.misused(
          {Kind::invalid, quote(name_) + " is no name of a database: a host, maybe with a path"});
    }
    const auto& key = *made;
    TRY(sys::write_secret_file(out_, key.str() + "\n"));
    session.note(fmt::format("wrote {} (keep it secret); go, pack and unpack need this:", out_));
    if (session.json()) {
      session.print_json(nlohmann::ordered_json{{"gosumdb", key.verifier().str()}, {"key", out_}});
    } else {
      session.print(fmt::format("GOSUMDB={}\n", key.verifier().str()));
    }
    return k_done;
  }

 private:
  std::string name_;
  std::string out_;
};

class SumDbAdd final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("MODULE", modules_, "PATH@VERSION of what the store holds; PATH alone: all its versions");
    app.add_option("--key", key_, "the signing key")->required()->type_name("FILE");
    app.add_flag("--all", all_, "all that the store holds");
  }

  Result<int> run(Session& session) override {
    if (all_ == !modules_.empty()) {
      return session.misused(
          {Kind::invalid, "name the modules to vouch for, or --all", "see `larder sumdb add --help`"});
    }
    const auto text = TRY(sys::read_file(key_, k_max_key_file));
    const auto key = TRY(sumstore::SignerKey::parse(text).context(key_));
    const auto store =
        TRY(open_store(session, store::Access::read_only));  // a folder that is none stays none
    const store::GoModules modules(*store);
    const auto wanted = all_ ? std::nullopt : std::optional(modules_);
    const auto grown = TRY(app::add_to_own_database(modules, key, wanted, session.stop));
    if (session.json()) {
      session.print_json(nlohmann::ordered_json{{"name", key.verifier().name()},
                                                {"added", grown.added},
                                                {"present", grown.present},
                                                {"treeSize", grown.head.size}});
    } else {
      session.print(fmt::format("{}: {} records added, {} there already, {} in all\n", key.verifier().name(),
                                grown.added, grown.present, grown.head.size));
    }
    return k_done;
  }

 private:
  std::vector<std::string> modules_;
  std::string key_;
  bool all_ = false;
};

}  // namespace

std::unique_ptr<Command> make_sumdb_init() {
  return std::make_unique<SumDbInit>();
}

std::unique_ptr<Command> make_sumdb_add() {
  return std::make_unique<SumDbAdd>();
}

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bundle/keys.hpp"
#include "cli/cli11.hpp"
#include "cli/rows.hpp"
#include "cli/wiring.hpp"
#include "sumstore/own.hpp"

namespace larder::cli {

namespace {

constexpr std::uint64_t k_max_signer_file = 4096;

void print_key(const Session& session, const bundle::PublicKey& key, const std::string& note) {
  if (session.json()) {
    session.print_json(nlohmann::ordered_json{{"id", key.id()}, {"publicKey", key.str()}});
  } else {
    session.print(fmt::format("{}  id {}{}\n", key.str(), key.id(), note));
  }
}

class KeyNew final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("-o,--out", name_, "write NAME.key and NAME.pub")->type_name("NAME")->required();
  }
  Result<int> run(Session& session) override {
    const auto key = TRY(bundle::SecretKey::generate());
    const auto secret = name_ + ".key";
    const auto open = name_ + ".pub";
    if (sys::is_file(open)) return fail(Kind::invalid, open + ": exists already", "choose another name");
    TRY(key.write(secret));
    auto written = sys::write_file_atomic(open, as_bytes(key.public_key().file_text()));
    if (!written) {  // half a pair would be in the way of the next try
      static_cast<void>(sys::remove_file(secret).has_value());
      return fail(std::move(written).error());
    }
    session.note(fmt::format("wrote {} (keep it secret) and {} (hand it to those who unpack)", secret, open));
    print_key(session, key.public_key(), "");
    return k_done;
  }

 private:
  std::string name_;
};

class KeyShow final : public Command {
 public:
  void define(CLI::App& app) override {
    app.add_option("FILE", file_, "a .key or .pub file")->required()->type_name("FILE");
  }
  Result<int> run(Session& session) override {
    const auto secret = bundle::SecretKey::read(file_);
    if (secret) {
      print_key(session, secret->public_key(), "  (secret key)");
      return k_done;
    }
    if (const auto signer = read_signer()) {
      print_signer(session, *signer);
      return k_done;
    }
    const auto open = bundle::PublicKey::read(file_);
    if (!open) return fail(open.error());
    print_key(session, *open, "");
    return k_done;
  }

 private:
  // The key of a checksum database of one's own.
  Result<sumstore::SignerKey> read_signer() const {
    return sumstore::SignerKey::parse(TRY(sys::read_file(file_, k_max_signer_file)));
  }
  static void print_signer(const Session& session, const sumstore::SignerKey& key) {
    const auto gosumdb = key.verifier().str();
    if (session.json()) return session.print_json(nlohmann::ordered_json{{"gosumdb", gosumdb}});
    session.print(fmt::format("GOSUMDB={}\n", gosumdb));
  }
  std::string file_;
};

}  // namespace

std::unique_ptr<Command> make_key_new() {
  return std::make_unique<KeyNew>();
}

std::unique_ptr<Command> make_key_show() {
  return std::make_unique<KeyShow>();
}

}  // namespace larder::cli

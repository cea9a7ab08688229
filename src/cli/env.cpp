// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/index_folder.hpp"
#include "cli/rows.hpp"
#include "cli/shown_setting.hpp"
#include "server/server.hpp"

namespace larder::cli {

namespace {

using Row = std::pair<std::string, Setting>;

// Where its secrets are, not what they are.
std::string shown(const creds::Upstream& upstream) {
  std::vector<std::string> parts;
  if (upstream.token.named()) parts.push_back("token from " + upstream.token.str());
  if (upstream.password.named())
    parts.push_back(upstream.user + ", password from " + upstream.password.str());
  if (!upstream.ca_file.empty()) parts.push_back("ca_file " + upstream.ca_file.native());
  if (!upstream.client_cert.empty()) parts.push_back("client_cert " + upstream.client_cert.native());
  return join(parts, "; ");
}

// One of larder.toml that has no flag or variable of its own to name it.
Setting of_file(const Config& config, const std::optional<std::string>& value,
                const std::string& otherwise = "") {
  return {value.value_or(otherwise), value ? config.file.value : "default"};
}

std::vector<Row> rows_of(const Config& config) {
  const auto& file = config.from_file;
  std::vector<Row> rows = {
      {"store", config.store},
      {"offline", config.offline},
      {"config", config.file},
      {"resolve.offline", of_file(config, file.resolve_offline)},
      {"stock.from", {file.stock_from.value_or(""), file.stock_from ? config.trusted_file.value : "default"}},
      {"pack.key", of_file(config, file.pack_key)},
      {"serve.listen", of_file(config, file.serve_listen, server::Options().listen)},
      {"unpack.trust",
       {join(file.unpack_trust, ","), file.unpack_trust.empty() ? "default" : config.trusted_file.value}},
      {"index", index_folder(config.environment)}};
  for (const auto& [name, setting] : config.go.all()) rows.push_back({name, {setting.value, setting.source}});
  for (const auto& upstream : file.upstreams)
    rows.push_back({"upstream " + upstream.url, {shown(upstream), config.trusted_file.value}});
  return rows;
}

std::optional<Error> unknown(const std::vector<std::string>& names, const std::vector<Row>& rows) {
  std::vector<std::string> known;
  for (const auto& [name, setting] : rows) known.push_back(name);
  for (const auto& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto near = closest(name, known);
    return Error(Kind::invalid,
                 fmt::format("unknown setting {}{}", quote(name),
                             near ? fmt::format(" (did you mean {}?)", quote(*near)) : ""),
                 "`larder env` lists all");
  }
  return std::nullopt;
}

class EnvCommand final : public Command {
 public:
  void define(CLI::App& app) override { app.add_option("NAME", names_, "only these settings"); }

  Result<int> run(Session& session) override {
    const auto rows = rows_of(session.config);
    if (const auto error = unknown(names_, rows)) return session.misused(*error);
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (const auto& [name, setting] : rows) {
      if (!names_.empty() && std::find(names_.begin(), names_.end(), name) == names_.end()) continue;
      const auto value = shown_setting(name, setting.value);
      json[name] = {{"value", value}, {"source", setting.source}};
      if (!session.json()) session.print(fmt::format("{}={}  # {}\n", name, value, setting.source));
    }
    if (session.json()) session.print_json(json, 2);
    return k_done;
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Command> make_env() {
  return std::make_unique<EnvCommand>();
}

}  // namespace larder::cli

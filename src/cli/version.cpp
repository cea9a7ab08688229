// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/rows.hpp"

namespace larder::cli {

namespace {
class VersionCommand final : public Command {
 public:
  void define(CLI::App&) override {}
  Result<int> run(Session& session) override {
    const auto& go = session.config.go.go_version();
    if (session.json()) {
      session.print_json(nlohmann::ordered_json{{"version", k_version}, {"go", go}});
    } else {
      session.print(fmt::format("larder {} (go rules {})\n", k_version, go));
    }
    return k_done;
  }
};
}  // namespace

std::unique_ptr<Command> make_version() {
  return std::make_unique<VersionCommand>();
}

}  // namespace larder::cli

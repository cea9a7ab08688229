// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/doctor_probes.hpp"
#include "cli/rows.hpp"

namespace larder::cli {

namespace {

using Json = nlohmann::ordered_json;

class Doctor final : public Command {
 public:
  void define(CLI::App& /*app*/) override {}

  Result<int> run(Session& session) override {
    const Patient patient{session, std::time(nullptr)};
    Findings findings;
    look(setting_probes(), patient, findings);
    look(machine_probes(), patient, findings);
    const bool closed = session.config.is_offline() || trim(session.config.go.get("GOPROXY")) == "off";
    if (!closed) look(upstream_probes(), patient, findings);
    if (session.stop.stop_requested()) return fail(Kind::cancelled, "interrupted");
    if (session.json()) {
      print_json(session, findings, closed);
    } else {
      print_text(session, findings, closed);
    }
    return findings.all().empty() ? k_done : k_failed;
  }

 private:
  void look(std::span<const Probe> probes, const Patient& patient, Findings& findings) {
    for (const auto& probe : probes) {
      if (patient.session.stop.stop_requested()) return;
      findings.begin(probe.name);
      probe.look(patient, findings);
      looked_.emplace_back(probe.name);
    }
  }

  static std::vector<std::string> not_asked(bool closed) {
    std::vector<std::string> out;
    for (const auto& probe : upstream_probes()) {
      if (closed) out.emplace_back(probe.name);
    }
    return out;
  }

  void print_json(const Session& session, const Findings& findings, bool closed) const {
    Json out{{"looked", looked_}, {"notAsked", not_asked(closed)}, {"findings", Json::array()}};
    for (const auto& [probe, what, why, mend] : findings.all())
      out["findings"].push_back({{"probe", probe}, {"what", what}, {"why", why}, {"mend", mend}});
    session.print_json(out);
  }

  void print_text(const Session& session, const Findings& findings, bool closed) const {
    for (const auto& [probe, what, why, mend] : findings.all())
      session.print(fmt::format("{}: {}\n  why:  {}\n  mend: {}\n", probe, what, why, mend));
    if (closed) {
      session.note(
          fmt::format("not asked, since no socket is to be opened: {}", join(not_asked(true), ", ")));
    }
    const auto count = findings.all().size();
    if (count == 0) {
      session.print(fmt::format("nothing wrong: {}\n", join(looked_, ", ")));
    } else {
      session.note(fmt::format("{} wrong", count));
    }
  }

  std::vector<std::string> looked_;
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
  return std::make_unique<Doctor>();
}

}  // namespace larder::cli

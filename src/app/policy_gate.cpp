// SPDX-License-Identifier: Apache-2.0
#include "app/policy_gate.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/h1.hpp"

namespace larder::app {

namespace {

// One line, in nobody's power to draw a false one: the text is the module author's.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, text.find('\n'))) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  constexpr std::size_t k_enough = 200;
  if (out.size() > k_enough) out = out.substr(0, k_enough) + "…";
  return std::string(trim(out));
}

}  // namespace

// The upstream, for questions about versions.
class PolicyGate::Source final : public VersionSource {
 public:
  Source(const fetch::ModuleSource& source, const fetch::Verifier& verifier, std::stop_token stop)
      : source_(source), verifier_(verifier), stop_(std::move(stop)) {}

  Result<std::vector<std::string>> list(const std::string& path) override {
    return source_.list(path, stop_);
  }
  Result<fetch::Info> latest(const std::string& path) override { return source_.latest(path, stop_); }
  Result<fetch::Info> stat(const std::string& path, const std::string& revision) override {
    return source_.info(path, revision, stop_);
  }
  Result<std::string> go_mod(const gomod::Module& module) override {
    auto text = TRY(source_.mod(module, stop_));
    TRY(verifier_.verify(module, fetch::Of::go_mod, gomod::hash_go_mod(text), stop_));
    return text;
  }
  Result<void> in_turn(const std::string& path, const Ask& ask) override {
    return source_.in_turn({path, ""}, [&](const fetch::ModuleSource& one) {
      Source behind(one, verifier_, stop_);
      return ask(behind);
    });
  }

 private:
  const fetch::ModuleSource& source_;
  const fetch::Verifier& verifier_;
  std::stop_token stop_;
};

PolicyGate::PolicyGate(const Policy& policy, const Ports& ports, std::int64_t now, std::stop_token stop)
    : policy_(policy),
      ports_(ports),
      now_(now),
      stop_(stop),
      versions_(std::make_unique<Source>(ports.source, ports.verifier, std::move(stop))),
      queries_(*versions_, nullptr) {}

PolicyGate::~PolicyGate() = default;

Result<std::vector<Decision>> PolicyGate::judge(const Want& want) {
  std::vector<Decision> out;
  // Is it refused now?
  const auto take = [&](std::optional<Decision> decision) {
    if (!decision) return false;
    decision->needed_by = want.needed_by;
    out.push_back(*std::move(decision));
    return out.back().refused;
  };
  if (take(judge_name(policy_, want.module)) || !want.whole) return out;
  if (policy_.minimum_age && take(TRY(judge_time(want.module)))) return out;
  if (policy_.deprecated != Treatment::ignore && take(TRY(judge_deprecation(want.module)))) return out;
  if (policy_.retracted != Treatment::ignore) take(TRY(judge_retraction(want.module)));
  return out;
}

Result<std::optional<Decision>> PolicyGate::judge_time(const gomod::Module& module) const {
  std::string time;
  const auto held = ports_.modules.info(module);
  const auto known = held ? gomod::parse_info(*held) : Result<gomod::Info>(fail(held.error()));
  if (known) {
    time = known->time;
  } else {
    time = TRY(ports_.source.info(module.path, module.version, stop_)).time;
  }
  return judge_age(policy_, module, time == gomod::k_no_time ? std::nullopt : gomod::Instant::of(time), now_);
}

Result<std::optional<Decision>> PolicyGate::judge_retraction(const gomod::Module& module) {
  const bool refuse = policy_.retracted == Treatment::refuse;
  const auto found = queries_.retraction(module);
  if (!found && refuse) return fail(found.error().error);
  Decision decision{module, refuse, "policy.retracted", "", ""};
  if (!found) {
    decision.reason = one_line(found.error().error.message());
  } else if (!*found) {
    return std::optional<Decision>();
  } else {
    const auto& rationales = (*found)->rationales;
    decision.reason = "retracted by its author";
    if (!rationales.empty()) decision.reason += ": " + one_line(rationales.front());
  }
  return std::optional(std::move(decision));
}

Result<std::optional<Decision>> PolicyGate::judge_deprecation(const gomod::Module& module) {
  const bool refuse = policy_.deprecated == Treatment::refuse;
  const auto found = queries_.deprecation(module);
  if (!found && refuse) return fail(found.error().error);
  if (found && found->empty()) return std::optional<Decision>();
  Decision decision{module, refuse, "policy.deprecated", "", ""};
  decision.reason =
      found ? "deprecated by its author: " + one_line(*found) : one_line(found.error().error.message());
  return std::optional(std::move(decision));
}

}  // namespace larder::app

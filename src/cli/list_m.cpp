// SPDX-License-Identifier: Apache-2.0
// `larder list -m`, as go list -m: the flags, which modules are meant, and how they are printed.
#include <fmt/format.h>

#include "app/go_template.hpp"
#include "base/text.hpp"
#include "cli/go_session.hpp"
#include "cli/module_lister.hpp"
#include "cli/rows.hpp"

namespace larder::cli {

namespace {

// Those of go list, and the build flags that make no difference to a list of modules.
const std::vector<GoFlagSpec>& flags() {
  static const auto k_flags =
      with_store_flags({{"m"},
                        {"u"},
                        {"e"},
                        {"versions"},
                        {"retracted"},
                        {"json", true, true},
                        {"f", false},
                        {"x"},
                        {"v"},
                        {"modcacherw"},
                        {"mod", false},
                        {"modfile", false},
                        {"reuse", false},
                        {"overlay", false},
                        {"compiled"},
                        {"deps"},
                        {"export"},
                        {"find"},
                        {"test"},
                        {"a"},
                        {"n"},
                        {"race"},
                        {"msan"},
                        {"asan"},
                        {"trimpath"},
                        {"work"},
                        {"linkshared"},
                        {"cover"},
                        {"buildvcs", true, false, true},
                        {"tags", false},
                        {.name = "p", .is_bool = false, .fault = fault_of_integer},
                        {"pgo", false},
                        {.name = "compiler", .is_bool = false, .fault = fault_of_compiler},
                        {.name = "ldflags", .is_bool = false, .fault = fault_of_per_package},
                        {.name = "gcflags", .is_bool = false, .fault = fault_of_per_package},
                        {.name = "asmflags", .is_bool = false, .fault = fault_of_per_package},
                        {.name = "gccgoflags", .is_bool = false, .fault = fault_of_per_package},
                        {"buildmode", false},
                        {"installsuffix", false},
                        {"pkgdir", false},
                        {.name = "toolexec", .is_bool = false, .fault = fault_of_words},
                        {.name = "covermode", .is_bool = false, .fault = fault_of_cover_mode},
                        {"coverpkg", false}});
  return k_flags;
}

// Prints modules: as JSON, through a template, or as lines.
class Printer {
 public:
  static Result<Printer> make(const GoArguments& arguments) {
    Printer out;
    const auto json = arguments.value("json");
    out.json_ = arguments.has("json");
    if (out.json_ && json != "true") {
      for (const auto name : split(json, ',')) out.fields_.emplace_back(name);
    }
    auto format = arguments.value("f");
    if (format.empty() && arguments.has("versions"))
      format = "{{.Path}}{{range .Versions}} {{.}}{{end}}{{if .Deprecated}} (deprecated){{end}}";
    if (!format.empty()) out.template_ = TRY(app::GoTemplate::parse(format));
    return out;
  }

  // What could be printed is in out, also after an error.
  Result<void> print(const std::vector<app::ModuleFacts>& modules, std::string& out) const {
    for (const auto& module : modules) {
      if (!json_ && !template_) {
        out += module.text() + "\n";
        continue;
      }
      const auto value = app::to_value(module);
      if (json_) {
        out += app::go_json(fields_.empty() ? value : app::with_fields(value, fields_)) + "\n";
        continue;
      }
      TRY(template_->run(value, out));
      if (!out.empty() && !out.ends_with('\n')) out += '\n';
    }
    return {};
  }

 private:
  bool json_ = false;
  std::vector<std::string> fields_;  // empty: all
  std::optional<app::GoTemplate> template_;
};

// A reason why these flags cannot go together, as go prints it, and the status it ends with.
struct Conflict {
  std::string reason;
  int status = k_failed;
};

std::optional<Conflict> conflict_of_instruments(const GoArguments& arguments) {
  const auto is_on = [&](std::string_view name) { return arguments.value(name) == "true"; };
  using Pair = std::pair<std::string_view, std::string_view>;
  for (const auto& [one, other] : {Pair{"race", "msan"}, Pair{"race", "asan"}, Pair{"msan", "asan"}}) {
    if (is_on(one) && is_on(other))
      return Conflict{fmt::format("go: may not use -{} and -{} simultaneously", one, other), k_usage};
  }
  return std::nullopt;
}

// GO111MODULE=off: flags that make no sense then. What GOFLAGS has, for all commands, goes.
std::optional<Conflict> conflict_without_modules(const GoArguments& arguments, std::string_view goflags) {
  const auto usual = parse_go_flags({}, flags(), goflags);
  const auto is_wrong = [&](std::string_view flag, std::string_view usual_flag) {
    return arguments.has(flag) && !(usual && usual->has(usual_flag));
  };
  constexpr std::string_view k_only = "build flag -{} only valid when using modules";
  if (is_wrong("mod", "mod")) return Conflict{fmt::format(k_only, "mod=" + arguments.value("mod"))};
  if (is_wrong("modcacherw", "modcacherw")) return Conflict{fmt::format(k_only, "modcacherw")};
  if (is_wrong("modfile", "mod"))
    return Conflict{fmt::format(k_only, "modfile")};  // as go, which asks for the other
  return std::nullopt;
}

std::optional<Conflict> conflict(const GoArguments& arguments, const GoEnvironment& go) {
  const bool off = go.get("GO111MODULE") == "off";
  if (!arguments.value("f").empty() && arguments.has("json"))
    return Conflict{"go list -f cannot be used with -json"};
  if (auto instruments = conflict_of_instruments(arguments)) return instruments;
  const auto mod = arguments.value("mod");
  if (!mod.empty() && mod != "mod" && mod != "readonly" && mod != "vendor") {
    return Conflict{fmt::format("-mod={} not supported (can be '', 'mod', 'readonly', or 'vendor')", mod)};
  }
  if (const auto& mode = arguments.flags.find("buildmode"); mode != arguments.flags.end()) {
    if (auto fault = fault_of_build_mode(mode->second)) return Conflict{*std::move(fault)};
  }
  if (const auto& jobs = arguments.flags.find("p"); jobs != arguments.flags.end()) {
    if (auto fault = fault_of_parallel(jobs->second)) return Conflict{*std::move(fault)};
  }
  if (auto found = off ? conflict_without_modules(arguments, go.get("GOFLAGS")) : std::nullopt) return found;
  if (arguments.has("retracted") && mod == "vendor")
    return Conflict{"go list -retracted cannot be used when vendoring is enabled"};
  if (arguments.has("retracted") && off)
    return Conflict{"go list -retracted can only be used in module-aware mode"};
  for (const std::string_view flag : {"compiled", "deps", "export", "find", "test"}) {
    if (arguments.has(flag)) return Conflict{fmt::format("go list -{} cannot be used with -m", flag)};
  }
  return std::nullopt;
}

// What the vendor folder cannot answer.
Result<void> check_vendor_mode(const GoArguments& arguments) {
  const auto refuse = [](std::string_view what) {
    return fail(Kind::invalid,
                fmt::format("can't {} using the vendor directory\n\t(Use -mod=mod or -mod=readonly to "
                            "bypass.)",
                            what));
  };
  if (arguments.has("versions")) return refuse("determine available versions");
  if (arguments.has("u")) return refuse("determine available upgrades");
  for (const auto& word : arguments.words) {
    if (word == "all") return refuse("compute 'all'");
    if (word.find("...") != std::string::npos) return refuse("match module patterns");
  }
  return {};
}

int print_found(const Session& session, const Printer& printer, const ModuleLister::Found& found,
                bool with_errors) {
  bool failed = false;
  if (!with_errors) {
    for (const auto& module : found.modules) {
      if (!module.error) continue;
      failed = true;
      go_complain(session, Error(Kind::invalid, *module.error));
    }
    if (found.error) go_complain(session, *found.error);
    if (failed || found.error) return k_failed;
  }
  std::string text;
  const auto printed = printer.print(found.modules, text);
  session.print(text);
  return printed ? static_cast<int>(k_done) : say(printed.error().message());
}

Result<int> list(const Session& session, const GoArguments& arguments, const Printer& printer) {
  auto go = TRY(GoSession::open(
      session,
      {.arguments = arguments, .needs_module = false, .takes_empty_workspace = true, .mode = std::nullopt}));
  const auto reuse = arguments.value("reuse");
  if (!reuse.empty()) {
    if (go->project() != nullptr) return say("go list -reuse cannot be used inside a module");
    if (arguments.words.empty())
      return say("go: list -m -reuse only has an effect with module@version arguments");
  }
  const auto old = TRY(read_reuse(reuse));
  if (go->project() != nullptr) TRY(go->load_requirements());
  if (go->mode() == BuildMod::vendor) TRY(check_vendor_mode(arguments));
  app::LookUp what;
  what.updates = arguments.has("u");
  what.versions = arguments.has("versions");
  what.retractions = arguments.has("retracted");
  what.files = arguments.has("json") || !arguments.value("f").empty();  // lines do not tell them
  auto found = TRY(ModuleLister(*go, what, &old).run(arguments.words));
  // What -u looks up is no part of the build: it has no place in go.sum.
  if (!found.error && !what.updates) {
    if (auto done = go->commit(); !done) found.error = std::move(done).error();
  }
  const auto status = print_found(session, printer, found, arguments.has("e"));
  GoSession::leave(std::move(go));
  return status;
}

}  // namespace

int run_list_m(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(args, flags(), session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage("list", parsed.error().message());
  if (!parsed->has("m")) {
    session.complain(Error(Kind::invalid,
                           "list without -m is not supported: modules are listed, packages are not",
                           "use `go list` for packages"));
    return k_failed;
  }
  if (const auto found = conflict(*parsed, session.config.go)) return say(found->reason, found->status);
  const auto printer = Printer::make(*parsed);
  if (!printer) return say(printer.error().message());
  if (session.config.go.get("GO111MODULE") == "off") {
    session.complain(Error(Kind::invalid, "list -m cannot be used with GO111MODULE=off"));
    return k_failed;
  }
  const auto status = list(session, *parsed, *printer);
  if (status) return *status;
  return go_complain(session, status.error());
}

}  // namespace larder::cli

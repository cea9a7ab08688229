// SPDX-License-Identifier: Apache-2.0
#include "app/mod_download.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/patterns.hpp"
#include "base/text.hpp"
#include "cli/go_session.hpp"
#include "cli/rows.hpp"

namespace larder::cli {

namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view k_usage_line = "mod download [-x] [-json] [-reuse=old.json] [modules]";

const std::vector<GoFlagSpec>& flags() {
  static const std::vector<GoFlagSpec> k_flags = {{"x"},          {"json"},           {"reuse", false},
                                                  {"modcacherw"}, {"modfile", false}, {"overlay", false}};
  return k_flags;
}

// Go escapes what could end a script in HTML.
std::string go_json(const Json& json) {
  std::string out;
  for (const char c : json.dump(1, '\t', false, Json::error_handler_t::replace)) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\n";
}

Json origin_json(const fetch::Origin& origin) {
  Json out = Json::object();
  const std::pair<const char*, const std::string*> fields[] = {{"VCS", &origin.vcs},
                                                               {"URL", &origin.url},
                                                               {"Subdir", &origin.subdir},
                                                               {"Hash", &origin.hash},
                                                               {"TagPrefix", &origin.tag_prefix},
                                                               {"TagSum", &origin.tag_sum},
                                                               {"Ref", &origin.ref},
                                                               {"RepoSum", &origin.repo_sum}};
  for (const auto& [name, value] : fields) {
    if (!value->empty()) out[name] = *value;
  }
  return out;
}

Json to_json(const app::DownloadedModule& m) {
  Json out = Json::object();
  const std::pair<const char*, const std::string*> fields[] = {
      {"Path", &m.module.path}, {"Version", &m.module.version}, {"Query", &m.query}, {"Error", &m.error},
      {"Info", &m.info},        {"GoMod", &m.go_mod},           {"Zip", &m.zip},     {"Dir", &m.dir},
      {"Sum", &m.sum},          {"GoModSum", &m.go_mod_sum}};
  for (const auto& [name, value] : fields) {
    if (!value->empty()) out[name] = *value;
  }
  if (m.origin) out["Origin"] = origin_json(*m.origin);
  return out;
}

// The modules one run is about, with the query each came from.
struct Selection {
  std::vector<app::DownloadedModule> modules;  // module and query set; error where it could not be found
};

class ModDownload {
 public:
  ModDownload(GoSession& go, bool json) : go_(go), json_(json) {}

  Result<int> run(const std::vector<std::string>& words) {
    if (go_.project() == nullptr && words.empty()) {
      return fail(Kind::invalid, "no modules specified (see 'go help mod download')");
    }
    if (go_.project() != nullptr) TRY(go_.load_graph());
    auto selected = words.empty() ? defaults() : TRY(matching(words));
    if (selected.empty() && words.empty()) {
      go_.session().note("no module dependencies to download");
    }
    auto results = fetch(std::move(selected));
    const int status = print(results);
    if (go_.project() != nullptr) TRY(write_sums(words.empty()));
    return status;
  }

 private:
  using Results = std::vector<app::DownloadedModule>;

  static app::DownloadedModule wanted(const gomod::Module& module) {
    app::DownloadedModule out;
    out.module = module;
    return out;
  }

  const gomod::Module& actual(const gomod::Module& module) {
    return go_.project() == nullptr ? module : go_.resolver().mains().actual(module);
  }
  bool is_main(const std::string& path) {
    return go_.project() != nullptr && go_.resolver().mains().contains(path);
  }

  // From go 1.17 what go.mod lists; before, and in a workspace, the whole build list.
  Results defaults() {
    const auto& requirements = go_.requirements();
    const bool listed_only = requirements.pruning == resolve::Pruning::pruned;
    Results out;
    for (const auto& module : go_.graph().build_list()) {
      if (is_main(module.path) || resolve::is_toolchain_path(module.path)) continue;
      if (listed_only && !requirements.root_version(module.path)) continue;
      out.push_back(wanted(module));
    }
    return out;
  }

  void add_pattern(const std::string& pattern, Results& out) {
    const bool all = pattern == "all";
    for (const auto& module : go_.graph().build_list()) {
      if (is_main(module.path) || resolve::is_toolchain_path(module.path)) continue;
      if (all || app::match_pattern(pattern, module.path)) out.push_back(wanted(module));
    }
  }

  Result<void> add_query(std::string_view path, std::string_view query, Results& out) {
    if (is_main(std::string(path)) && (query == "upgrade" || query == "patch" || query == "latest")) {
      skip_main(std::string(path));
      return {};
    }
    auto one = wanted({std::string(path), std::string(query)});
    const auto found = go_.modules().query(std::string(path), std::string(query), go_.session().stop);
    if (found) {
      one.module.version = found->version;
    } else {
      one.error = found.error().message();
      one.error_kind = found.error().kind();
    }
    if (found && found->version != query) one.query = query;
    if (!found) one.query = query;
    out.push_back(std::move(one));
    return {};
  }

  void skip_main(const std::string& path) {
    go_.session().note("skipping download of " + path + " that resolves to the main module");
  }

  Result<Results> matching(const std::vector<std::string>& words) {
    Results out;
    for (const auto& word : words) {
      const auto parts = cut(word, "@");
      if (parts) {
        TRY(add_query(parts->first, parts->second, out));
      } else if (go_.project() == nullptr) {
        return fail(Kind::invalid,
                    word == "all" || word.find("...") != std::string::npos
                        ? "cannot match " + quote(word) +
                              ": go.mod file not found in current directory or any "
                              "parent directory; see 'go help modules'"
                        : word + ": no required module provides package; see 'go help modules'");
      } else if (word == "all" || word.find("...") != std::string::npos) {
        add_pattern(word, out);
      } else if (is_main(word)) {
        skip_main(word);
      } else if (const auto version = go_.graph().selected(word)) {
        out.push_back(wanted({word, std::string(*version)}));
      } else {
        auto one = wanted({word, ""});
        one.error = "module " + word + ": not a known dependency";
        out.push_back(std::move(one));
      }
    }
    return out;
  }

  // Replaced modules are reported as their replacement; folders have nothing to download.
  Results fetch(Results selected) {
    std::vector<gomod::Module> modules;
    Results out;
    for (auto& one : selected) {
      const auto& module = one.error.empty() ? actual(one.module) : one.module;
      if (module.version.empty() && one.error.empty()) continue;
      if (one.error.empty()) modules.push_back(module);
      out.push_back(std::move(one));
    }
    auto done = app::mod_download(go_.modules(), modules, {}, go_.session().stop);
    auto next = done.begin();
    for (auto& one : out) {
      if (!one.error.empty()) continue;
      next->query = one.query;
      one = std::move(*next++);
    }
    return out;
  }

  int print(const Results& results) {
    bool failed = false;
    for (const auto& one : results) {
      failed = failed || !one.error.empty();
      if (json_) {
        go_.session().print(go_json(to_json(one)));
      } else if (!one.error.empty()) {
        go_.session().complain(Error(one.error_kind, one.error));
      }
    }
    return failed ? k_failed : k_done;
  }

  // Without arguments only the graph's go.mod hashes are kept; with arguments also those of the zips.
  Result<void> write_sums(bool graph_only) {
    std::set<gomod::Module> graph;
    for (const auto& module : go_.graph().loaded_modules()) graph.insert(actual(module));
    std::set<gomod::Module> listed;
    for (const auto& module : go_.graph().build_list()) listed.insert(actual(module));
    return go_.write_sums([&](const gomod::Module& module, gomod::GoSum::Of of) {
      if (of == gomod::GoSum::Of::go_mod && graph.contains(module)) return true;
      return !graph_only && listed.contains(module);
    });
  }

  GoSession& go_;
  bool json_;
};

}  // namespace

int run_mod_download(Session& session, const std::vector<std::string>& args) {
  const auto parsed = parse_go_flags(args, flags(), session.config.go.get("GOFLAGS"));
  if (!parsed) return go_usage(session, k_usage_line, "mod download", parsed.error().message());
  if (const auto known = refuse_unbuilt(*parsed); !known) {
    session.complain(known.error());
    return k_failed;
  }
  const auto go = GoSession::open(
      session, {.trace = parsed->has("x"), .read_write = parsed->has("modcacherw"), .needs_module = false});
  if (!go) {
    session.complain(go.error());
    return k_failed;
  }
  const auto status = ModDownload(**go, parsed->has("json")).run(parsed->words);
  if (status) return *status;
  session.complain(status.error());
  return k_failed;
}

}  // namespace larder::cli

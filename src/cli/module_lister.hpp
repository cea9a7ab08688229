// SPDX-License-Identifier: Apache-2.0
// Which modules are meant by the words of `list -m` and `mod download`, and what is known about them: nothing
// (the main modules), paths, patterns, "all", PATH@QUERY. Thread rule: one thread (works on several).
// Spec: go-resolution.md 7 (list -m).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/describe_module.hpp"
#include "cli/go_session.hpp"

namespace larder::cli {

class ModuleLister {
 public:
  struct Found {
    std::vector<app::ModuleFacts> modules;
    std::optional<Error> error;  // what is found may be incomplete
  };

  // go's requirements are loaded, if it stands in a module.
  // old: what an earlier run said; it outlives this.
  ModuleLister(GoSession& go, const app::LookUp& what, const app::Reuse* old = nullptr)
      : go_(go), what_(what), old_(old) {}

  Result<Found> run(const std::vector<std::string>& texts);

 private:
  struct Word;

  bool in_module() const { return go_.project() != nullptr; }
  bool is_vendor() const { return go_.mode() == BuildMod::vendor; }
  Result<Word> checked(const std::string& text) const;
  bool needs_graph(const Word& word) const;
  void open_describer();
  std::map<gomod::Module, std::string> loaded_go_versions();
  std::vector<gomod::Module> main_modules() const;
  std::string selected(const std::string& path) const;
  void describe_all(const std::vector<gomod::Module>& modules, std::vector<app::ModuleFacts>& into);
  void look_up(std::vector<app::ModuleFacts>& modules);
  void add(const Word& word, Found& out);
  void add_pattern(const std::string& pattern, Found& out);
  void add_path(const std::string& path, Found& out);
  void add_query(const Word& word, Found& out);
  static std::string query_error(const Word& word, const app::QueryFailure& failure);

  GoSession& go_;
  app::LookUp what_;
  const app::Reuse* old_;
  std::optional<app::ModuleDescriber> describer_;
  std::vector<gomod::Module> build_list_;
  std::set<gomod::Module> matched_;
};

}  // namespace larder::cli

// SPDX-License-Identifier: Apache-2.0
// Finding a module for an import that no required module provides: replaced modules first, then the latest
// version of every module whose path is a prefix. Thread rule: as ImportFinder; the VersionSource is asked
// from several threads at once. Spec: go-resolution.md 4.7.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/imports.hpp"

namespace larder::resolve {

// Port: what `PATH@latest` stands for, exclusions and retractions applied.
class VersionSource {
 public:
  virtual ~VersionSource() = default;
  // selected: the version that the graph has now, or "none". nullopt: the module has no version that will do.
  // Kind::not_found: there is no such module.
  virtual Result<std::optional<std::string>> latest(const std::string& path, const std::string& selected) = 0;
  // For what one source has to answer for several modules: each is asked in turn, the next after
  // Kind::not_found, as GOPROXY says. The error is the most telling one.
  using Ask = std::function<Result<void>(VersionSource&)>;
  virtual Result<void> in_turn(const Ask& ask) { return ask(*this); }
};

class MissingImports {
 public:
  using Note = std::function<void(const std::string& line)>;
  // `versions` may be null where options say read-only: then nothing is looked up.
  MissingImports(ImportFinder& finder, VersionSource* versions, Note note)
      : finder_(finder), versions_(versions), note_(std::move(note)) {}

  struct Answer {
    std::optional<Module> module;
    std::optional<ImportError> error;
  };
  // One answer a path, in order. May load the snapshot's graph.
  std::vector<Answer> find(const std::vector<std::string>& paths, Snapshot& in);

 private:
  bool asks_graph(const std::string& path, const std::vector<Module>& replaced) const;
  Answer find_one(const std::string& path, const Graph* graph);  // null: the path does not ask for it
  std::optional<Answer> find_replaced(const std::string& path, const Graph& graph);
  struct Latest;
  Latest look_in(VersionSource& source, const std::string& path, const Graph& graph) const;
  Answer find_latest(const std::string& path, const Graph& graph);

  ImportFinder& finder_;
  VersionSource* versions_;  // null when read-only
  Note note_;
};

}  // namespace larder::resolve

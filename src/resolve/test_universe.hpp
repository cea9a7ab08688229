// SPDX-License-Identifier: Apache-2.0
// For tests: modules written as text, served in an order that a seed decides.
//   b@v1.0.0 1.17: c@v1.1.0 d@v1.0.0       go.mod with a go line ("-": none) and requirements
//   c@v1.1.0 !no such module               failure
#pragma once

#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "gomod/goversion.hpp"
#include "resolve/main_modules.hpp"
#include "resolve/reader.hpp"
#include "resolve/resolver.hpp"

namespace larder::resolve::testing {

inline std::vector<Module> modules(std::string_view text) {
  std::vector<Module> out;
  for (const auto word : fields(text)) out.push_back(gomod::split_module(word));
  return out;
}

inline std::string str(const std::vector<Module>& list) {
  std::string out;
  for (const Module& m : list) out += (out.empty() ? "" : " ") + m.str();
  return out;
}

class Universe : public ModReader {
 public:
  explicit Universe(std::string_view text = {}, unsigned seed = 0) : random_(seed) {
    for (const auto line : lines(text)) add_line(trim(line));
  }

  void add(const Module& m, std::string go, std::vector<Module> require, const std::string& declares = {}) {
    ModSummary s;
    s.module_path = declares.empty() ? m.path : declares;
    s.go_version = go == "-" ? "" : std::move(go);
    s.pruning = pruning_for(s.go_version);
    s.require = std::move(require);
    if (gomod::goversion::compare(s.go_version, k_strict_go) >= 0) s.require.push_back({"go", s.go_version});
    answers_.insert_or_assign(m, std::make_shared<const ModSummary>(std::move(s)));
  }

  void start(std::span<const ModRequest> requests) override {
    for (const ModRequest& r : requests) {
      waiting_.push_back(r);
      ++asked[r.required.str()];
    }
  }
  ModAnswer next() override {
    const std::size_t at = std::uniform_int_distribution<std::size_t>(0, waiting_.size() - 1)(random_);
    std::swap(waiting_[at], waiting_.back());
    const ModRequest r = waiting_.back();
    waiting_.pop_back();
    const auto found = answers_.find(r.actual);
    if (found == answers_.end()) return {r.id, fail(Kind::not_found, "no such module")};
    return {r.id, found->second};
  }

  bool idle() const { return waiting_.empty(); }
  std::map<std::string, int> asked;  // how often, by required module

 private:
  void add_line(std::string_view line) {
    if (line.empty()) return;
    if (const auto failing = cut(line, " !")) {
      answers_.insert_or_assign(gomod::split_module(failing->first),
                                fail(Kind::unavailable, std::string(failing->second)));
      return;
    }
    const auto [head, require] = *cut(line, ":");
    const auto words = fields(head);
    add(gomod::split_module(words[0]), std::string(words[1]), modules(require));
  }

  std::mt19937 random_;
  std::map<Module, Result<SummaryPtr>> answers_;
  std::vector<ModRequest> waiting_;
};

// "m 1.17: a@v1.0.0 ~b@v1.0.0", where ~ marks indirect ones.
inline MainModule main_module(std::string_view text) {
  MainModule m;
  const auto [head, require] = *cut(text, ":");
  const auto words = fields(head);
  m.path = words[0];
  if (words[1] != "-") m.go_version = words[1];
  for (auto word : fields(require)) {
    const bool indirect = word.front() == '~';
    if (indirect) word.remove_prefix(1);
    m.require.push_back({gomod::split_module(word), indirect});
  }
  return m;
}

inline MainModules single(std::string_view text) {
  return *MainModules::single(main_module(text));
}

}  // namespace larder::resolve::testing

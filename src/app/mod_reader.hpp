// SPDX-License-Identifier: Apache-2.0
// Feeds the requirement graph: reads go.mod files on several threads through any blocking function (a store,
// an upstream, a module cache), and directory replacements from disk. Thread rule: start() and next() from
// one thread; `read` is called from several at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "resolve/reader.hpp"
#include "sys/files.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

// Text of the go.mod of a module version. An error may or may not begin with "PATH@VERSION: ".
using ReadMod = std::function<Result<std::string>(const gomod::Module& module)>;

class ParallelReader final : public resolve::ModReader {
 public:
  // base: directory replacements are relative to it.
  ParallelReader(ReadMod read, sys::Path base, unsigned threads);
  ~ParallelReader() override;

  void start(std::span<const resolve::ModRequest> requests) override;
  resolve::ModAnswer next() override;

 private:
  struct Queues {
    std::deque<resolve::ModRequest> asked;
    std::deque<resolve::ModAnswer> answered;
    bool closed = false;
  };
  void work();
  Result<resolve::SummaryPtr> answer(const resolve::ModRequest& request) const;

  ReadMod read_;
  sys::Path base_;
  unsigned threads_;
  sys::Sync<Queues> queues_;
  std::condition_variable asked_;
  std::condition_variable answered_;
  std::vector<std::jthread> workers_;
};

// Without a leading "PATH@VERSION: ", as resolve::ModAnswer wants it.
Error without_module(Error error, const gomod::Module& module);

}  // namespace larder::app

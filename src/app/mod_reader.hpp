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

#include "app/overlay.hpp"
#include "base/result.hpp"
#include "gomod/module.hpp"
#include "resolve/reader.hpp"
#include "sys/files.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

// Text of the go.mod of a module version. An error may or may not begin with "PATH@VERSION: ".
using ReadMod = std::function<Result<std::string>(const gomod::Module& module)>;

struct ReaderOptions {
  unsigned threads = 16;  // at the most, the caller's among them
  // Does anything come from farther away than the disk, as far as is known now? Empty: it does. Called from
  // the thread of start() and next().
  std::function<bool()> is_far;
  // Asked before anything is read; an error is the answer. Empty: all may be read.
  std::function<Result<void>(const resolve::ModRequest& request)> allow;
  // What is known of a version without reading it, a null pointer where nothing is; and what was read. Both
  // from any thread; both may be empty.
  std::function<Result<resolve::SummaryPtr>(const gomod::Module& module)> recall;
  std::function<void(const gomod::Module& module, std::string_view text, const resolve::SummaryPtr& summary)>
      remember;
  const Overlay* overlay = nullptr;  // over directory replacements
  sys::Path cwd;                     // messages show files relative to it; empty: the working directory
};

class ParallelReader final : public resolve::ModReader {
 public:
  // base: directory replacements are relative to it.
  ParallelReader(ReadMod read, sys::Path base, ReaderOptions options);
  ~ParallelReader() override;

  void start(std::span<const resolve::ModRequest> requests) override;
  resolve::ModAnswer next() override;

 private:
  struct Queues {
    std::deque<resolve::ModRequest> asked;
    std::deque<resolve::ModAnswer> answered;
    bool closed = false;
  };
  bool is_far() const;
  void employ(std::size_t waiting);
  void work();
  Result<resolve::SummaryPtr> answer(const resolve::ModRequest& request) const;
  Result<resolve::SummaryPtr> version(const gomod::Module& module) const;
  Result<std::string> read_directory(const sys::Path& file, const std::string& shown) const;

  ReadMod read_;
  sys::Path base_;
  ReaderOptions options_;
  sys::Sync<Queues> queues_;
  std::condition_variable asked_;
  std::condition_variable answered_;
  std::vector<std::jthread> workers_;
};

// Without a leading "PATH@VERSION: ", as resolve::ModAnswer wants it.
Error without_module(Error error, const gomod::Module& module);

}  // namespace larder::app

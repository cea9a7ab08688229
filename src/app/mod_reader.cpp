// SPDX-License-Identifier: Apache-2.0
#include "app/mod_reader.hpp"

#include <algorithm>
#include <filesystem>

#include "modzip/limits.hpp"

namespace larder::app {

namespace {

// So many go.mod files on the disk are read in the time that a thread takes to start and to end.
constexpr std::size_t k_worth_a_thread = 64;

}  // namespace

Error without_module(Error error, const gomod::Module& module) {
  const std::string prefix = module.str() + ": ";
  if (!error.message().starts_with(prefix)) return error;
  return {error.kind(), error.message().substr(prefix.size()), error.hint()};
}

ParallelReader::ParallelReader(ReadMod read, sys::Path base, ReaderOptions options)
    : read_(std::move(read)), base_(std::move(base)), options_(std::move(options)) {
  options_.threads = std::max(1U, options_.threads);
  std::error_code failed;
  if (options_.cwd.empty()) options_.cwd = std::filesystem::current_path(failed);
}

ParallelReader::~ParallelReader() {
  queues_.lock()->closed = true;
  asked_.notify_all();
}

void ParallelReader::start(std::span<const resolve::ModRequest> requests) {
  std::size_t waiting = 0;
  {
    auto queues = queues_.lock();
    queues->asked.insert(queues->asked.end(), requests.begin(), requests.end());
    waiting = queues->asked.size();
  }
  employ(waiting);
  asked_.notify_all();
}

bool ParallelReader::is_far() const {
  return !options_.is_far || options_.is_far();
}

// What lies on the disk keeps the processors busy, and the caller is one of them; more threads would only
// pass the word around. What comes from far away is waited for by as many as there may be.
void ParallelReader::employ(std::size_t waiting) {
  const bool far = is_far();
  const std::size_t most = far ? options_.threads : std::min(options_.threads, sys::cpu_count()) - 1;
  const std::size_t useful = far ? waiting : waiting / k_worth_a_thread;
  while (workers_.size() < most && workers_.size() < useful) {
    workers_.emplace_back([this] { work(); });
  }
}

resolve::ModAnswer ParallelReader::next() {
  auto queues = queues_.lock();
  if (queues->answered.empty() && !queues->asked.empty()) {
    if (!is_far()) {
      const auto request = std::move(queues->asked.front());
      queues->asked.pop_front();
      queues.lock().unlock();
      return {request.id, answer(request)};
    }
    employ(queues->asked.size());
  }
  answered_.wait(queues.lock(), [&] { return !queues->answered.empty(); });
  auto out = std::move(queues->answered.front());
  queues->answered.pop_front();
  return out;
}

void ParallelReader::work() {
  for (;;) {
    resolve::ModRequest request;
    {
      auto queues = queues_.lock();
      asked_.wait(queues.lock(), [&] { return queues->closed || !queues->asked.empty(); });
      if (queues->closed) return;
      request = std::move(queues->asked.front());
      queues->asked.pop_front();
    }
    resolve::ModAnswer out{request.id, answer(request)};
    queues_.lock()->answered.push_back(std::move(out));
    answered_.notify_one();
  }
}

Result<std::string> ParallelReader::read_directory(const sys::Path& file, const std::string& shown) const {
  static const Overlay k_none;
  return (options_.overlay == nullptr ? k_none : *options_.overlay)
      .read(file, modzip::k_max_go_mod)
      .context("reading " + shown);
}

Result<resolve::SummaryPtr> ParallelReader::answer(const resolve::ModRequest& request) const {
  if (options_.allow) TRY(options_.allow(request));
  if (request.actual.version.empty()) {
    const auto file = (base_ / request.actual.path / "go.mod").lexically_normal();
    resolve::ModOrigin origin;
    origin.file = file.native();
    origin.short_file = shown_path(file, options_.cwd);
    const auto text = TRY(read_directory(file, origin.short_file));
    return std::make_shared<const resolve::ModSummary>(TRY(resolve::summarize(text, origin)));
  }
  return version(request.actual);
}

Result<resolve::SummaryPtr> ParallelReader::version(const gomod::Module& module) const {
  if (options_.recall) {
    auto known = options_.recall(module);
    if (!known) return fail(without_module(std::move(known).error(), module));
    if (*known) return known;
  }
  const auto content = read_(module);
  if (!content) return fail(without_module(content.error(), module));
  auto summary = std::make_shared<const resolve::ModSummary>(TRY(resolve::summarize(*content, {})));
  if (options_.remember) options_.remember(module, *content, summary);
  return summary;
}

}  // namespace larder::app

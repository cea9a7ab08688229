// SPDX-License-Identifier: Apache-2.0
#include "sys/process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/text.hpp"
#include "sys/child.hpp"
#include "sys/retry.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace larder::sys {

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

namespace {

// What exec needs, built before fork: the child of a threaded process may only call async-signal-safe
// functions.
struct Prepared {
  std::string program;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::string directory;
};

enum StartStage : int { k_stage_directory = 1, k_stage_prepare, k_stage_exec };

Result<Prepared> prepare(const Command& command) {
  LARDER_ASSERT(!command.argv.empty());
  const Environment environment = command.environment ? *command.environment : current_environment();
  const auto program = find_program(command.argv[0], environment);
  if (!program)
    return fail(Kind::not_found, "exec: " + quote(command.argv[0]) + ": executable file not found in $PATH");
  Prepared out;
  out.program = program->native();
  for (const auto& [name, value] : environment) out.environment.push_back(name + "=" + value);
  for (const auto& arg : command.argv) out.argv.push_back(const_cast<char*>(arg.c_str()));
  for (auto& entry : out.environment) out.envp.push_back(entry.data());
  out.argv.push_back(nullptr);
  out.envp.push_back(nullptr);
  if (command.directory) out.directory = command.directory->native();
  return out;
}

// Descriptors of the child; below 0: the parent's own.
struct ChildStreams {
  int in = -1;
  int out = -1;
  int err = -1;
};

[[noreturn]] void child(const Command& command, const Prepared& prepared, const ChildStreams& streams,
                        int report) {
  const auto give_up = [&](StartStage stage, int reason) {
    const std::array<int, 2> message = {stage, reason};
    static_cast<void>(::write(report, message.data(), sizeof message) == 0);
    ::_exit(127);
  };
  // The parent's own choices about signals are not the child's.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (streams.in >= 0) ::dup2(streams.in, 0);
  if (streams.out >= 0) ::dup2(streams.out, 1);
  if (streams.err >= 0) ::dup2(streams.err, 2);
  if (!prepared.directory.empty() && ::chdir(prepared.directory.c_str()) != 0)
    give_up(k_stage_directory, errno);
  if (command.prepare != nullptr) {
    if (const int reason = command.prepare(command.context); reason != 0) give_up(k_stage_prepare, reason);
  }
  ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.envp.data());
  give_up(k_stage_exec, errno);
  ::_exit(127);
}

Error start_error(const std::array<int, 2>& message, const Prepared& prepared) {
  switch (message[0]) {
    case k_stage_directory:
      return errno_error("chdir " + prepared.directory, message[1]);
    case k_stage_prepare:
      return errno_error("prepare sandbox", message[1]);
    default:
      return errno_error("exec " + prepared.program, message[1]);
  }
}

enum class Capture { nothing, errors, both };

struct Child {
  pid_t pid = -1;
  Fd out;  // what it writes, where captured
  Fd err;
  std::optional<Error> failure;  // it never became the program; it has to be waited for all the same
};

// Returns when the program runs, or does not. `streams` are of what is not captured.
Result<Child> start(const Command& command, ChildStreams streams, Capture capture) {
  const Prepared prepared = TRY(prepare(command));
  Pipe report = TRY(make_pipe());
  Pipe out;
  Pipe err;
  if (capture == Capture::both) {
    out = TRY(make_pipe());
    streams.out = out.write_end.get();
  }
  if (capture != Capture::nothing) {
    err = TRY(make_pipe());
    streams.err = err.write_end.get();
  }
  Child started;
  started.pid = ::fork();
  if (started.pid < 0) return fail_errno("fork");
  if (started.pid == 0) child(command, prepared, streams, report.write_end.get());
  report.write_end.reset();
  std::array<int, 2> message{};
  const auto n = retry_eintr([&] { return ::read(report.read_end.get(), message.data(), sizeof message); });
  if (n == sizeof message) started.failure = start_error(message, prepared);
  started.out = std::move(out.read_end);
  started.err = std::move(err.read_end);
  return started;
}

void drain(int fd, std::string& into, std::size_t limit, bool& open) {
  std::array<char, 16384> chunk{};
  const auto n = retry_eintr([&] { return ::read(fd, chunk.data(), chunk.size()); });
  if (n <= 0) {
    open = false;
    return;
  }
  into.append(chunk.data(), std::min(static_cast<std::size_t>(n), limit - std::min(limit, into.size())));
}

void collect(int out, int err, std::size_t limit, Outcome& outcome) {
  bool out_open = true;
  bool err_open = true;
  while (out_open || err_open) {
    std::array<pollfd, 2> fds = {{{out_open ? out : -1, POLLIN, 0}, {err_open ? err : -1, POLLIN, 0}}};
    if (retry_eintr([&] { return ::poll(fds.data(), fds.size(), -1); }) < 0) return;
    if (out_open && fds[0].revents != 0) drain(out, outcome.out, limit, out_open);
    if (err_open && fds[1].revents != 0) drain(err, outcome.err, limit, err_open);
  }
}

Result<Outcome> spawn(const Command& command, Capture capture, std::size_t limit) {
  auto started = TRY(start(command, {}, capture));
  Outcome outcome;
  if (!started.failure && capture != Capture::nothing)
    collect(started.out.get(), started.err.get(), limit, outcome);
  int status = 0;
  if (retry_eintr([&] { return ::waitpid(started.pid, &status, 0); }) < 0) return fail_errno("wait");
  if (started.failure) return fail(std::move(*started.failure));
  outcome.exit_code = exit_code_of(status);
  return outcome;
}

// The sessions that run_limited leads now, where a signal handler can read them. In memory that children
// share: each enters itself before it becomes the program, so that none is missed. What finds no place is
// ended by PR_SET_PDEATHSIG, without its children.
constexpr std::size_t k_most_sessions = 256;
constexpr pid_t k_nobody = 0;
constexpr pid_t k_not_yet = -1;
using Leaders = std::array<std::atomic<pid_t>, k_most_sessions>;
static_assert(std::atomic<pid_t>::is_always_lock_free);
std::span<std::atomic<pid_t>> leaders() {
  static Leaders* const all = [] {
    void* const memory =
        ::mmap(nullptr, sizeof(Leaders), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : new (memory) Leaders{};
  }();
  if (all == nullptr) return {};
  return *all;
}

// A place among the leaders; nullptr where there is none left.
class Led {
 public:
  Led() {
    for (auto& place : leaders()) {
      pid_t nobody = k_nobody;
      if (!place.compare_exchange_strong(nobody, k_not_yet)) continue;
      place_ = &place;
      return;
    }
  }
  ~Led() {
    if (place_ != nullptr) *place_ = k_nobody;
  }
  Led(const Led&) = delete;
  Led& operator=(const Led&) = delete;

  std::atomic<pid_t>* place() const { return place_; }

 private:
  std::atomic<pid_t>* place_ = nullptr;
};

// In the child of run_limited. A session of its own also takes it out of reach of the terminal's signals, so
// it has to end with us.
struct Confinement {
  const Command* command;
  pid_t parent;
  std::atomic<pid_t>* place;  // among the leaders; may be nullptr
  bool terminal;
  std::optional<std::uint64_t> file_size;
};
int confine(void* context) {
  const auto& wanted = *static_cast<const Confinement*>(context);
  if (!wanted.terminal && ::setsid() < 0) return errno;
  if (!wanted.terminal && wanted.place != nullptr) *wanted.place = ::getpid();
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
  if (::getppid() != wanted.parent) return ESRCH;  // it ended before it could take us along
  if (wanted.file_size) {
    const rlimit limit = {*wanted.file_size, *wanted.file_size};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return errno;
  }
  return wanted.command->prepare != nullptr ? wanted.command->prepare(wanted.command->context) : 0;
}

// The handler's own signal is blocked until it returns; then it does what it does by default.
void end_all(int number) {
  for (const auto& leader : leaders()) {
    if (const pid_t pid = leader; pid > 0) ::kill(-pid, SIGKILL);
  }
  ::signal(number, SIG_DFL);
  ::raise(number);
}

// Memory, not a pipe: a program that reads nothing of it holds nobody up.
Result<Fd> input_of(std::string_view text) {
  if (text.empty()) {
    Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing) return fail_errno("open /dev/null");
    return nothing;
  }
  Fd memory(::memfd_create("stdin", MFD_CLOEXEC));
  if (!memory) return fail_errno("memfd_create");
  TRY(write_all(memory.get(), as_bytes(text), "stdin"));
  if (::lseek(memory.get(), 0, SEEK_SET) != 0) return fail_errno("lseek");
  return memory;
}

using Clock = std::chrono::steady_clock;

// Until both streams end or patience does.
class Watch {
 public:
  Watch(pid_t pid, const RunLimits& limits) : pid_(pid), limits_(limits) {
    if (limits.time) deadline_ = Clock::now() + *limits.time;
  }

  void collect(int out, int err, Outcome& outcome) {
    bool out_open = out >= 0;
    bool err_open = err >= 0;
    while (out_open || err_open) {
      std::array<pollfd, 2> fds = {{{out_open ? out : -1, POLLIN, 0}, {err_open ? err : -1, POLLIN, 0}}};
      if (retry_eintr([&] { return ::poll(fds.data(), fds.size(), k_tick); }) < 0) return;
      if (out_open && fds[0].revents != 0) drain(out, outcome.out, limits_.keep, out_open);
      if (err_open && fds[1].revents != 0) drain(err, outcome.err, limits_.keep, err_open);
      if (std::max(outcome.out.size(), outcome.err.size()) >= limits_.keep)
        end({Kind::unavailable, "wrote more than " + std::to_string(limits_.keep) + " bytes"});
      if (spent()) return;
    }
  }
  Result<int> wait() {
    int status = 0;
    while (true) {
      const auto got = retry_eintr([&] { return ::waitpid(pid_, &status, failure_ ? 0 : WNOHANG); });
      if (got < 0) return fail_errno("wait");
      if (got == pid_) break;
      if (!spent()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (failure_) return fail(std::move(*failure_));
    return status;
  }

 private:
  static constexpr int k_tick = 50;  // milliseconds until a stop is noticed

  // Kills it, with all its children, when it may not go on.
  bool spent() {
    if (failure_) return true;
    if (limits_.stop.stop_requested()) {
      end({Kind::cancelled, "cancelled"});
    } else if (deadline_ && Clock::now() >= *deadline_) {
      const auto seconds =
          std::chrono::duration_cast<std::chrono::milliseconds>(*limits_.time).count() / 1000;
      end({Kind::unavailable, "timed out after " + std::to_string(seconds) + "s"});
    }
    return failure_.has_value();
  }
  void end(Error why) {
    failure_ = std::move(why);
    ::kill(limits_.terminal ? pid_ : -pid_, SIGKILL);
  }

  pid_t pid_;
  const RunLimits& limits_;
  std::optional<Clock::time_point> deadline_;
  std::optional<Error> failure_;
};

}  // namespace

Environment current_environment() {
  Environment out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (const auto parts = cut(*entry, "=")) out.emplace(parts->first, parts->second);
  }
  return out;
}

std::optional<std::string> env(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::optional<Path> find_program(std::string_view name, const Environment& environment) {
  const auto is_program = [](const Path& path) { return is_file(path) && ::access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != std::string_view::npos) {
    return is_program(name) ? std::optional<Path>(name) : std::nullopt;
  }
  const auto path = environment.find("PATH");
  if (path == environment.end()) return std::nullopt;
  for (const auto folder : split(path->second, ':')) {
    if (Path candidate = Path(folder) / name; !folder.empty() && is_program(candidate)) return candidate;
  }
  return std::nullopt;
}

Result<Outcome> run(const Command& command) {
  return spawn(command, Capture::nothing, 0);
}

Result<Outcome> run_captured(const Command& command, std::size_t limit) {
  return spawn(command, Capture::both, limit);
}

Result<Outcome> run_limited(const Command& command, const RunLimits& limits) {
  const Fd in = TRY(input_of(limits.in));
  const Led led;
  Confinement confinement{&command, ::getpid(), led.place(), limits.terminal, limits.file_size};
  Command confined = command;
  confined.prepare = &confine;
  confined.context = &confinement;
  auto started = TRY(
      start(confined, {.in = in.get(), .out = limits.out}, limits.out < 0 ? Capture::both : Capture::errors));
  Outcome outcome;
  Watch watch(started.pid, limits);
  if (!started.failure) watch.collect(started.out.get(), started.err.get(), outcome);
  const int status = TRY(watch.wait());
  if (started.failure) return fail(std::move(*started.failure));
  outcome.exit_code = exit_code_of(status);
  return outcome;
}

void end_programs_on_signals() {
  static_cast<void>(leaders());  // before a handler needs it
  struct sigaction ends{};
  ends.sa_handler = end_all;
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction before{};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN)
      ::sigaction(number, &ends, nullptr);  // a shell's background job stays one
  }
}

}  // namespace larder::sys

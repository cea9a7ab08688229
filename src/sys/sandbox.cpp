// SPDX-License-Identifier: Apache-2.0
// Three processes: the caller; `init`, made by clone(2) in all the new namespaces at once and process 1 of
// its PID namespace, so that its end kills all others there; and the command, its child. The caller writes
// the user and group maps, which only a process outside may do in full.
#include "sys/sandbox.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/text.hpp"
#include "sys/child.hpp"
#include "sys/retry.hpp"

namespace larder::sys {

namespace {

constexpr unsigned long k_namespaces =
    CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC;
constexpr int k_not_started = 127;

// --- what goes wrong inside, and how the caller learns of it ---

enum class Stage : int { loopback, read_only, fork, directory, prepare, exec };

struct Report {
  Stage stage;
  int reason;  // errno
};

// Everything the two children need, made before clone: they may call async-signal-safe functions only.
struct Plan {
  const Command* command = nullptr;  // null: build the sandbox, run nothing
  std::string program;
  std::vector<std::string> entries;
  std::vector<char*> argv;
  std::vector<char*> environment;
  std::string directory;
  std::vector<std::string> read_only;
  int go = -1;      // one byte arrives when the maps are written; the end of the pipe means give up
  int report = -1;  // a Report, or nothing
  std::array<int, 3> streams = {-1, -1, -1};
};

[[noreturn]] void give_up(const Plan& plan, Stage stage) {
  const Report report{stage, errno};
  static_cast<void>(::write(plan.report, &report, sizeof report) == 0);
  ::_exit(k_not_started);
}

// --- inside ---

// A new network namespace has one device, the loopback, and it is down.
bool raise_loopback() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  bool raised = ::ioctl(fd, SIOCGIFFLAGS, &request) == 0;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  raised = raised && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  const int reason = errno;
  ::close(fd);
  errno = reason;
  return raised;
}

// A /proc of the new PID namespace, where the system allows one: containers that hide parts of /proc do not,
// and then the old one stays, which does no harm.
void renew_proc() {
  static_cast<void>(::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr));
}

// Mounted over itself, for a mount is what can be read-only.
bool make_read_only(const char* folder) {
  if (::mount(folder, folder, nullptr, MS_BIND | MS_REC, nullptr) != 0) return false;
  mount_attr wanted{};
  wanted.attr_set = MOUNT_ATTR_RDONLY;
  return ::syscall(SYS_mount_setattr, AT_FDCWD, folder, AT_RECURSIVE, &wanted, sizeof wanted) == 0;
}

void default_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
}

// The descriptors of the caller, locks among them, are not the sandbox's.
void close_others(int first_kept, int second_kept) {
  const int low = std::min(first_kept, second_kept);
  const int high = std::max(first_kept, second_kept);
  const auto close_from_to = [](int from, unsigned to) {
    if (from >= 0 && static_cast<unsigned>(from) <= to)
      ::syscall(SYS_close_range, static_cast<unsigned>(from), to, 0U);
  };
  close_from_to(3, static_cast<unsigned>(std::max(low, 3) - 1));
  if (low >= 3 && high > low) close_from_to(low + 1, static_cast<unsigned>(high - 1));
  close_from_to(std::max(high, 2) + 1, ~0U);
}

[[noreturn]] void run_command(const Plan& plan) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (!plan.directory.empty() && ::chdir(plan.directory.c_str()) != 0) give_up(plan, Stage::directory);
  if (plan.command->prepare != nullptr) {
    errno = plan.command->prepare(plan.command->context);
    if (errno != 0) give_up(plan, Stage::prepare);
  }
  ::execve(plan.program.c_str(), plan.argv.data(), plan.environment.data());
  give_up(plan, Stage::exec);
}

// Process 1: buries orphans until the command ends. Signals stay blocked, so Ctrl-C ends the command, not the
// one that has to report how it ended.
[[noreturn]] void wait_as_init(const Plan& plan, pid_t command) {
  ::close(plan.report);
  for (const int fd : {0, 1, 2}) ::close(fd);
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    if (ended == command) ::_exit(exit_code_of(status));
    if (ended < 0 && errno != EINTR) ::_exit(k_not_started);
  }
}

[[noreturn]] void init(const Plan& plan) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  default_signals();
  for (int i = 0; i < 3; ++i) {
    if (const int from = plan.streams.at(static_cast<std::size_t>(i)); from >= 0) ::dup2(from, i);
  }
  close_others(plan.go, plan.report);
  char go = 0;
  // Also when the caller died before PR_SET_PDEATHSIG: the pipe ends then.
  if (retry_eintr([&] { return ::read(plan.go, &go, 1); }) != 1) ::_exit(k_not_started);
  ::close(plan.go);
  if (!raise_loopback()) give_up(plan, Stage::loopback);
  // What is mounted here is nobody else's business.
  const bool own_mounts = ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (own_mounts) renew_proc();
  for (const auto& folder : plan.read_only) {
    if (!own_mounts || !make_read_only(folder.c_str())) give_up(plan, Stage::read_only);
  }
  if (plan.command == nullptr) ::_exit(0);
  const pid_t command = ::fork();
  if (command < 0) give_up(plan, Stage::fork);
  if (command == 0) run_command(plan);
  wait_as_init(plan, command);
}

// --- outside ---

// "inside outside count" lines of this process become "inside inside count" for the child: the same numbers
// mean the same users there.
Result<std::string> identity_map(const char* own_map) {
  const auto text = TRY(read_file(own_map));
  std::string out;
  for (const auto line : lines(text)) {
    const auto words = fields(line);
    if (words.size() == 3) out += fmt::format("{0} {0} {1}\n", words[0], words[2]);
  }
  return out;
}

// In place and in one write, as these files want it.
Result<void> write_map(const std::string& path, std::string_view text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return fail_errno("open " + path);
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail_errno("write " + path);
  return {};
}

// Privileged callers keep all users and groups; others may map only themselves, and must give up setgroups
// for it (user_namespaces(7)).
Result<void> write_maps(pid_t child) {
  const auto folder = fmt::format("/proc/{}/", child);
  const auto users = TRY(identity_map("/proc/self/uid_map"));
  const auto groups = TRY(identity_map("/proc/self/gid_map"));
  if (write_map(folder + "uid_map", users)) return write_map(folder + "gid_map", groups);
  TRY(write_map(folder + "uid_map", fmt::format("{0} {0} 1\n", ::geteuid())));
  TRY(write_map(folder + "setgroups", "deny"));
  return write_map(folder + "gid_map", fmt::format("{0} {0} 1\n", ::getegid()));
}

Error not_allowed(const std::string& what, int reason) {
  const auto text = errno_error("build a sandbox without network: " + what, reason).message();
  if (reason == ENOSPC) {
    return {Kind::forbidden, text,
            "the system's limit is reached: see sysctl user.max_user_namespaces, user.max_net_namespaces"};
  }
  return {Kind::forbidden, text,
          "the system forbids user namespaces here: allow them with sysctl "
          "kernel.unprivileged_userns_clone=1 (Debian) or "
          "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), or in a container run it with a seccomp "
          "profile "
          "that permits unshare"};
}

// As fork, with the namespaces. glibc's own clone wants a second stack.
pid_t clone_into_namespaces() {
  return static_cast<pid_t>(::syscall(SYS_clone, k_namespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

Result<pid_t> start(const Plan& plan) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  // A handler of the caller must not run in the child.
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = clone_into_namespaces();
  if (child == 0) init(plan);
  const int reason = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) return fail(not_allowed("clone", reason));
  return child;
}

// Kills init, and with it everything inside, unless it was waited for.
class SandboxInit {
 public:
  explicit SandboxInit(pid_t pid) : pid_(pid) {}
  ~SandboxInit() {
    if (pid_ <= 0) return;
    kill();
    static_cast<void>(wait());
  }
  SandboxInit(const SandboxInit&) = delete;
  SandboxInit& operator=(const SandboxInit&) = delete;

  pid_t pid() const { return pid_; }
  void kill() const { ::kill(pid_, SIGKILL); }
  Result<int> wait() {
    int status = 0;
    const auto waited = retry_eintr([&] { return ::waitpid(pid_, &status, 0); });
    pid_ = -1;
    if (waited < 0) return fail_errno("wait");
    return exit_code_of(status);
  }

 private:
  pid_t pid_;
};

// One stream of the command on its way to Outcome and, with tee, to the caller's own.
struct Stream {
  Fd fd;
  int copy_to = -1;
  std::string* keep = nullptr;
};

void pump(Stream& stream, std::size_t limit) {
  std::array<char, 16384> chunk{};
  const auto got = retry_eintr([&] { return ::read(stream.fd.get(), chunk.data(), chunk.size()); });
  if (got <= 0) return stream.fd.reset();
  const std::string_view text(chunk.data(), static_cast<std::size_t>(got));
  // The caller's stream may be gone; the command's output is still wanted.
  if (stream.copy_to >= 0) static_cast<void>(write_all(stream.copy_to, as_bytes(text), "output").has_value());
  stream.keep->append(text.substr(0, limit - std::min(limit, stream.keep->size())));
}

enum class End { exited, stopped };

// Until init has ended and its streams are read to the end, or `stop` is requested.
Result<End> attend(int process, int stop, std::array<Stream, 2>& streams, std::size_t limit) {
  bool running = true;
  while (running || streams[0].fd || streams[1].fd) {
    std::array<pollfd, 4> fds = {{{stop, POLLIN, 0},
                                  {running ? process : -1, POLLIN, 0},
                                  {streams[0].fd.get(), POLLIN, 0},
                                  {streams[1].fd.get(), POLLIN, 0}}};
    if (retry_eintr([&] { return ::poll(fds.data(), fds.size(), -1); }) < 0) return fail_errno("poll");
    if (fds[0].revents != 0) return End::stopped;
    if (fds[1].revents != 0) running = false;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (fds.at(i + 2).revents != 0) pump(streams.at(i), limit);
    }
  }
  return End::exited;
}

Error start_error(const Report& report, const Plan& plan) {
  switch (report.stage) {
    case Stage::loopback:
      return not_allowed("raise the loopback device", report.reason);
    case Stage::read_only:
      return not_allowed("mount read-only " + join(plan.read_only, ", "), report.reason);
    case Stage::directory:
      return errno_error("chdir " + plan.directory, report.reason);
    case Stage::prepare:
      return errno_error("prepare sandbox", report.reason);
    case Stage::exec:
      return errno_error("exec " + plan.program, report.reason);
    case Stage::fork:
      break;
  }
  return errno_error("fork in the sandbox", report.reason);
}

Result<Plan> plan_for(const Command& command) {
  LARDER_ASSERT(!command.argv.empty());
  const auto environment = command.environment ? *command.environment : current_environment();
  const auto program = find_program(command.argv[0], environment);
  if (!program) {
    return fail(Kind::not_found, "exec: " + quote(command.argv[0]) + ": executable file not found in $PATH");
  }
  Plan plan;
  plan.command = &command;
  plan.program = program->native();
  for (const auto& [name, value] : environment) plan.entries.push_back(name + "=" + value);
  for (auto& entry : plan.entries) plan.environment.push_back(entry.data());
  for (const auto& word : command.argv) plan.argv.push_back(const_cast<char*>(word.c_str()));
  plan.environment.push_back(nullptr);
  plan.argv.push_back(nullptr);
  if (command.directory) plan.directory = command.directory->native();
  return plan;
}

// The ends of the command's streams that stay with the caller, and those that go inside.
struct Plumbing {
  std::array<Stream, 2> streams;
  std::vector<Fd> inside;
};

Result<Plumbing> plumb(Plan& plan, Streams wanted, Outcome& outcome) {
  Plumbing out;
  if (wanted == Streams::inherit) return out;
  const auto inside = [&](std::size_t at, Fd fd) {
    plan.streams.at(at) = fd.get();
    out.inside.push_back(std::move(fd));
  };
  if (wanted == Streams::capture) {
    Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null) return fail_errno("open /dev/null");
    inside(0, std::move(null));
  }
  for (int i = 0; i < 2; ++i) {
    auto pipe = TRY(make_pipe());
    auto& stream = out.streams.at(static_cast<std::size_t>(i));
    stream.fd = std::move(pipe.read_end);
    stream.copy_to = wanted == Streams::tee ? i + 1 : -1;
    stream.keep = i == 0 ? &outcome.out : &outcome.err;
    inside(static_cast<std::size_t>(i) + 1, std::move(pipe.write_end));
  }
  return out;
}

Result<Outcome> execute(Plan& plan, const SandboxOptions& options) {
  auto go = TRY(make_pipe());
  auto report = TRY(make_pipe());
  plan.go = go.read_end.get();
  plan.report = report.write_end.get();
  Outcome outcome;
  auto plumbing = TRY(plumb(plan, options.streams, outcome));
  const Fd stopped(::eventfd(0, EFD_CLOEXEC));
  if (!stopped) return fail_errno("eventfd");
  SandboxInit child(TRY(start(plan)));
  plumbing.inside.clear();
  report.write_end.reset();
  if (auto maps = write_maps(child.pid()); !maps) {
    return fail(not_allowed(maps.error().message(), EPERM));
  }
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, child.pid(), 0)));
  if (!process) return fail_errno("pidfd_open");
  const std::stop_callback on_stop(options.stop, [&] { ::eventfd_write(stopped.get(), 1); });
  // The reading end stays open here: a child that died must not make this a SIGPIPE.
  const char byte = 1;
  if (::write(go.write_end.get(), &byte, 1) != 1) return fail_errno("start the sandbox");
  if (TRY(attend(process.get(), stopped.get(), plumbing.streams, options.keep)) == End::stopped) {
    return fail(Kind::cancelled, "the command was stopped");
  }
  outcome.exit_code = TRY(child.wait());
  Report problem{};
  const auto size = retry_eintr([&] { return ::read(report.read_end.get(), &problem, sizeof problem); });
  if (size == static_cast<ssize_t>(sizeof problem)) return fail(start_error(problem, plan));
  return outcome;
}

}  // namespace

Result<Outcome> run_in_sandbox(const Command& command, const SandboxOptions& options) {
  auto plan = TRY(plan_for(command));
  for (const auto& folder : options.read_only) plan.read_only.push_back(folder.native());
  return execute(plan, options);
}

Result<void> sandbox_available() {
  Plan plan;
  const auto outcome = TRY(execute(plan, {.streams = Streams::inherit, .keep = 0, .stop = {}}));
  if (outcome.exit_code != 0) return fail(not_allowed("the first process ended early", EPERM));
  return {};
}

}  // namespace larder::sys

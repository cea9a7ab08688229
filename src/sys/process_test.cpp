// SPDX-License-Identifier: Apache-2.0
#include "sys/process.hpp"

#include <array>
#include <csignal>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.hpp"

namespace larder::sys {
namespace {

TEST(Process, captures_both_streams_and_the_status) {
  const auto outcome = run_captured({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}}).value();
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.err, "err\n");
}

TEST(Process, environment_and_directory_are_the_given_ones) {
  const Environment environment = {{"PATH", env("PATH").value_or("")}, {"X", "1"}};
  const auto outcome =
      run_captured({.argv = {"sh", "-c", "echo $X $Y; pwd"}, .environment = environment, .directory = "/"})
          .value();
  EXPECT_EQ(outcome.out, "1\n/\n");
}

TEST(Process, output_is_bounded) {
  const auto outcome = run_captured({.argv = {"sh", "-c", "yes | head -c 100000"}}, 1000).value();
  EXPECT_EQ(outcome.out.size(), 1000U);
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST(Process, signals_count_from_128) {
  EXPECT_EQ(run_captured({.argv = {"sh", "-c", "kill -9 $$"}}).value().exit_code, 137);
}

TEST(Process, failures_to_start_say_why) {
  EXPECT_EQ(run({.argv = {"no-such-program"}}).error().message(),
            "exec: \"no-such-program\": executable file not found in $PATH");
  EXPECT_EQ(run({.argv = {"true"}, .directory = "/no/such"}).error().message(),
            "chdir /no/such: no such file or directory");
}

TEST(ProcessLimited, streams_and_status_as_without_limits) {
  const auto outcome = run_limited({.argv = {"sh", "-c", "cat; echo out; echo err >&2; exit 3"}}, {}).value();
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "out\n");  // standard input was empty
  EXPECT_EQ(outcome.err, "err\n");
}

TEST(ProcessLimited, reads_what_it_is_given_or_leaves_it) {
  const std::string much(3U << 20U, 'x');
  EXPECT_EQ(run_limited({.argv = {"cat"}}, {.in = "one\ntwo"}).value().out, "one\ntwo");
  EXPECT_EQ(run_limited({.argv = {"wc", "-c"}}, {.in = much}).value().out, "3145728\n");
  EXPECT_EQ(run_limited({.argv = {"true"}}, {.in = much}).value().exit_code, 0);
}

TEST(ProcessLimited, ends_with_its_children_at_the_time_limit) {
  // The grandchild keeps the pipe open; only its end lets `collect` see one. `exec` would hide the
  // difference.
  const auto outcome =
      run_limited({.argv = {"sh", "-c", "sleep 1000 & sleep 1000"}}, {.time = std::chrono::milliseconds(50)});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind(), Kind::unavailable);
  EXPECT_EQ(outcome.error().message(), "timed out after 0s");
}

TEST(ProcessLimited, a_stop_ends_it) {
  std::stop_source stop;
  stop.request_stop();
  const auto outcome = run_limited({.argv = {"sleep", "1000"}}, {.stop = stop.get_token()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind(), Kind::cancelled);
}

TEST(ProcessLimited, output_into_a_file_is_bounded) {
  const auto temp = TempDir::create().value();
  const auto path = temp.path() / "out";
  auto file = AtomicFile::create(path).value();
  const auto outcome = run_limited({.argv = {"sh", "-c", "exec head -c 100000 /dev/zero"}},
                                   {.file_size = 1000, .out = file.fd()})
                           .value();
  EXPECT_NE(outcome.exit_code, 0);
  ASSERT_TRUE(file.commit());
  EXPECT_EQ(stat(path).value()->size, 1000U);
}

TEST(ProcessLimited, who_writes_without_end_is_ended) {
  for (const auto* to : {"exec cat /dev/zero", "exec cat /dev/zero >&2"}) {
    const auto outcome = run_limited({.argv = {"sh", "-c", to}}, {.keep = 100'000});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind(), Kind::unavailable);
    EXPECT_EQ(outcome.error().message(), "wrote more than 100000 bytes");
  }
  EXPECT_EQ(run_limited({.argv = {"head", "-c", "99999", "/dev/zero"}}, {.keep = 100'000}).value().out.size(),
            99'999U);
}

TEST(ProcessLimited, there_is_no_terminal_to_ask_at) {
  EXPECT_NE(run_limited({.argv = {"sh", "-c", "read x < /dev/tty"}}, {}).value().exit_code, 0);
}

// A child that has a child of its own, and a signal for us, before run_limited knows that it was started.
int start_another_and_signal(void*) {
  const pid_t parent = ::getppid();
  if (::fork() == 0) {
    ::alarm(60);  // where nobody else ends it
  } else {
    ::kill(parent, SIGTERM);
  }
  while (true) ::pause();
}

TEST(ProcessSignals, end_programs_that_are_only_starting) {
  auto open_while_running = make_pipe().value();
  const pid_t pid = ::fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    end_programs_on_signals();
    static_cast<void>(run_limited({.argv = {"true"}, .prepare = &start_another_and_signal}, {}));
    ::_exit(0);
  }
  open_while_running.write_end.reset();
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  pollfd end{open_while_running.read_end.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&end, 1, 10'000), 1) << "a program was left behind";
}

}  // namespace
}  // namespace larder::sys

// SPDX-License-Identifier: Apache-2.0
// Where the system forbids user namespaces the tests are skipped, except those of the errors.
#include "sys/sandbox.hpp"

#include <array>
#include <filesystem>
#include <future>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "sys/files.hpp"

namespace larder::sys {
namespace {

class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    if (auto available = sandbox_available(); !available) GTEST_SKIP() << available.error().message();
  }
  static Outcome run_shell(const std::string& script) {
    auto outcome = run_in_sandbox({.argv = {"bash", "-c", script}}, {.streams = Streams::capture});
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    return outcome.value_or(Outcome{});
  }
  // bash opens a TCP connection for this name.
  static std::string connect_to(int port) { return "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port); }
};

struct HostListener {
  Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  int port = 0;
  HostListener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(fd.get(), 8), 0);
    EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    port = ntohs(address.sin_port);
  }
};

TEST_F(Sandbox, host_loopback_cannot_be_reached) {
  const HostListener listener;
  const auto script = connect_to(listener.port);
  // The script itself works: outside it connects.
  EXPECT_EQ(run_captured({.argv = {"bash", "-c", script}}).value().exit_code, 0);
  const auto inside = run_shell(script);
  EXPECT_NE(inside.exit_code, 0);
  EXPECT_NE(inside.err.find("Connection refused"), std::string::npos) << inside.err;
}

TEST_F(Sandbox, other_machines_cannot_be_reached) {
  const auto inside = run_shell("exec 3<>/dev/tcp/192.0.2.1/80");
  EXPECT_NE(inside.exit_code, 0);
  EXPECT_NE(inside.err.find("Network is unreachable"), std::string::npos) << inside.err;
}

TEST_F(Sandbox, abstract_sockets_of_the_host_cannot_be_reached) {
  EXPECT_EQ(run_shell("wc -l < /proc/self/net/unix").out, "1\n");  // the heading
}

TEST_F(Sandbox, localhost_works_inside) {
  // Refused by a port that is closed, not unreachable: the device is up and has its address.
  const auto closed = run_shell("exec 3<>/dev/tcp/127.0.0.1/1");
  EXPECT_NE(closed.err.find("Connection refused"), std::string::npos) << closed.err;
  EXPECT_EQ(run_shell("grep -c . /proc/self/net/fib_trie").exit_code, 0);
}

// A listener and its client, both inside: the test program runs itself there.
TEST_F(Sandbox, listener_and_client_inside) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto outcome = run_in_sandbox(
      {.argv = {self.native(), "--gtest_also_run_disabled_tests", "--gtest_filter=*talks_to_itself"}},
      {.streams = Streams::capture});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message();
  EXPECT_EQ(outcome->exit_code, 0) << outcome->out;
  EXPECT_NE(outcome->out.find("1 test from 1 test suite ran"), std::string::npos) << outcome->out;
}

TEST(DISABLED_InsideSandbox, talks_to_itself) {
  const HostListener listener;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(listener.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

TEST_F(Sandbox, exit_status_comes_through) {
  EXPECT_EQ(run_shell("exit 0").exit_code, 0);
  EXPECT_EQ(run_shell("exit 7").exit_code, 7);
  EXPECT_EQ(run_shell("kill -9 $$").exit_code, 137);
}

TEST_F(Sandbox, streams_are_kept_apart_and_bounded) {
  const auto outcome = run_shell("echo out; echo err >&2; cat");
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.err, "err\n");
  const auto bounded = run_in_sandbox({.argv = {"sh", "-c", "yes | head -c 1000000"}},
                                      {.streams = Streams::capture, .keep = 10});
  EXPECT_EQ(bounded.value().out, "y\ny\ny\ny\ny\n");
}

TEST_F(Sandbox, environment_and_directory_are_the_given_ones) {
  const Environment environment = {{"PATH", env("PATH").value_or("")}, {"ONLY", "this"}};
  const auto outcome = run_in_sandbox(
      {.argv = {"bash", "-c", "echo $ONLY $HOME; pwd"}, .environment = environment, .directory = "/usr"},
      {.streams = Streams::capture});
  EXPECT_EQ(outcome.value().out, "this\n/usr\n");
}

TEST_F(Sandbox, user_and_group_stay_the_same) {
  const auto outside = run_captured({.argv = {"sh", "-c", "id -u; id -g"}}).value().out;
  EXPECT_EQ(run_shell("id -u; id -g").out, outside);
}

TEST_F(Sandbox, files_written_inside_belong_to_the_caller) {
  const auto dir = TempDir::create().value();
  EXPECT_EQ(run_shell("echo x > '" + (dir.path() / "made").native() + "'").exit_code, 0);
  EXPECT_EQ(read_file(dir.path() / "made").value(), "x\n");
}

TEST_F(Sandbox, read_only_folders_stay_as_they_are) {
  const auto dir = TempDir::create("sandbox-test-").value();
  const auto kept = dir.path() / "kept";
  const auto other = dir.path() / "other";
  ASSERT_TRUE(make_dirs(kept / "below"));
  ASSERT_TRUE(make_dirs(other));
  std::filesystem::create_directory_symlink(kept, dir.path() / "way");
  const auto script =
      "cd " + dir.path().native() +
      "; touch other/new; touch kept/new; touch way/below/new; rmdir kept/below; [ -d way/below ]";
  const auto outcome = run_in_sandbox({.argv = {"bash", "-c", script}},
                                      {.streams = Streams::capture, .read_only = {dir.path() / "way"}});
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->exit_code, 0) << outcome->err;
  EXPECT_TRUE(is_file(other / "new"));
  EXPECT_FALSE(is_file(kept / "new"));
  EXPECT_TRUE(is_dir(kept / "below"));
  EXPECT_FALSE(is_file(kept / "below/new"));
  EXPECT_TRUE(write_file(kept / "outside", {}));  // outside nothing has changed
}

TEST_F(Sandbox, read_only_needs_a_folder) {
  const auto outcome = run_in_sandbox({.argv = {"true"}}, {.read_only = {"/nonexistent/folder"}});
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message().find("/nonexistent/folder"), std::string::npos);
}

TEST_F(Sandbox, command_is_not_process_one_but_sees_few) {
  const auto outcome = run_shell("echo $$ $PPID");
  EXPECT_EQ(outcome.out, "2 1\n");
}

TEST_F(Sandbox, orphans_end_with_the_command) {
  const auto dir = TempDir::create().value();
  const auto fifo = (dir.path() / "fifo").native();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const Fd reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  // A daemon that holds the writing end for ever.
  const auto outcome = run_in_sandbox(
      {.argv = {"bash", "-c", "exec 9>'" + fifo + "'; setsid sleep 100000 >/dev/null 2>&1 & exit 5"}},
      {.streams = Streams::capture});
  EXPECT_EQ(outcome.value().exit_code, 5);
  char byte = 0;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 0) << "somebody still holds the fifo";
}

TEST_F(Sandbox, stop_kills_the_whole_tree) {
  const auto dir = TempDir::create().value();
  const auto fifo = (dir.path() / "fifo").native();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  std::stop_source stop;
  auto running = std::async(std::launch::async, [&] {
    return run_in_sandbox(
        {.argv = {"bash", "-c",
                  "trap '' TERM INT; exec 9>'" + fifo + "'; setsid sleep 100000 & echo up >&9; wait"}},
        {.streams = Streams::capture, .stop = stop.get_token()});
  });
  const Fd reader(::open(fifo.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 8> text{};
  EXPECT_EQ(::read(reader.get(), text.data(), text.size()), 3);
  stop.request_stop();
  const auto outcome = running.get();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind(), Kind::cancelled);
  EXPECT_EQ(::read(reader.get(), text.data(), text.size()), 0);
}

TEST_F(Sandbox, stopped_before_it_starts) {
  std::stop_source stop;
  stop.request_stop();
  const auto outcome =
      run_in_sandbox({.argv = {"sleep", "100000"}}, {.streams = Streams::capture, .stop = stop.get_token()});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind(), Kind::cancelled);
}

TEST_F(Sandbox, descriptors_of_the_caller_stay_outside) {
  const auto dir = TempDir::create().value();
  const Fd leaky(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY));  // without O_CLOEXEC
  const auto outcome = run_shell("ls /proc/self/fd | wc -l");
  EXPECT_EQ(outcome.out, "4\n");  // three streams and the folder that ls reads
}

TEST_F(Sandbox, failures_to_start_say_why) {
  EXPECT_EQ(run_in_sandbox({.argv = {"true"}, .directory = "/no/such"}).error().message(),
            "chdir /no/such: no such file or directory");
  const auto refuse = [](void*) { return ENOSPC; };
  EXPECT_EQ(run_in_sandbox({.argv = {"true"}, .prepare = refuse}).error().message(),
            "prepare sandbox: no space left on device");
}

TEST(SandboxErrors, missing_program) {
  const auto outcome = run_in_sandbox({.argv = {"no-such-program"}});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind(), Kind::not_found);
  EXPECT_EQ(outcome.error().message(), "exec: \"no-such-program\": executable file not found in $PATH");
}

// A user namespace whose limit of further ones is zero: what a system that forbids them looks like.
TEST_F(Sandbox, forbidden_namespaces_are_explained) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto outcome = run_captured({.argv = {"unshare", "--user", "--map-root-user", "bash", "-c",
                                              "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" "
                                              "--gtest_also_run_disabled_tests --gtest_filter=*is_explained",
                                              self.native()}});
  if (!outcome) GTEST_SKIP() << outcome.error().message();
  if (outcome->out.empty()) GTEST_SKIP() << outcome->err;
  EXPECT_EQ(outcome->exit_code, 0) << outcome->out << outcome->err;
  EXPECT_NE(outcome->out.find("1 test from 1 test suite ran"), std::string::npos) << outcome->out;
}

TEST(DISABLED_InsideForbidden, is_explained) {
  const auto available = sandbox_available();
  ASSERT_FALSE(available.has_value());
  EXPECT_EQ(available.error().kind(), Kind::forbidden);
  EXPECT_NE(available.error().hint().find("user.max_user_namespaces"), std::string::npos)
      << available.error().hint();
}

}  // namespace
}  // namespace larder::sys

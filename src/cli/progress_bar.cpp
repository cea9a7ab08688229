// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_bar.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/parallel.hpp"

namespace larder::cli {

namespace {

using Clock = std::chrono::steady_clock;

struct State {
  std::string what;
  std::uint64_t total = 0;  // 0: not known
  std::uint64_t done = 0;
  app::Unit unit = app::Unit::items;
  Clock::time_point shown{};
};

std::string amount(const State& s, std::uint64_t n) {
  return s.unit == app::Unit::bytes ? human_bytes(n) : std::to_string(n);
}

unsigned percent(const State& s) {
  return s.total == 0 ? 0 : static_cast<unsigned>(std::min<std::uint64_t>(100, s.done * 100 / s.total));
}

void write_err(std::string_view text) {
  static_cast<void>(sys::write_all(STDERR_FILENO, as_bytes(text), "stderr").has_value());
}

class Bar final : public app::Progress {
 public:
  void started(std::string_view what, std::uint64_t total, app::Unit unit) override {
    *state_.lock() = State{std::string(what), total, 0, unit, {}};
  }
  void advanced(std::string_view item, std::uint64_t done) override {
    auto s = state_.lock();
    s->done = std::max(s->done, done);
    const auto now = Clock::now();
    if (now - s->shown < std::chrono::milliseconds(80)) return;
    s->shown = now;
    draw(*s, item);
  }
  void finished() override { write_err("\r\x1b[K"); }

 private:
  static std::size_t width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
  }
  static std::string cells(const State& s) {
    constexpr unsigned k_cells = 20;
    if (s.total == 0) return amount(s, s.done);
    const unsigned full = percent(s) * k_cells / 100;
    return fmt::format("[{}{}] {}/{}", std::string(full, '='), std::string(k_cells - full, ' '),
                       amount(s, s.done), amount(s, s.total));
  }
  static void draw(const State& s, std::string_view item) {
    std::string line = fmt::format("{} {} {}", s.what, cells(s), item);
    line.resize(std::min(line.size(), width() - 1));
    write_err("\r" + line + "\x1b[K");
  }
  sys::Sync<State> state_;
};

// For logs: at most a line every five seconds.
class ProgressLines final : public app::Progress {
 public:
  void started(std::string_view what, std::uint64_t total, app::Unit unit) override {
    *state_.lock() = State{std::string(what), total, 0, unit, Clock::now()};
  }
  void advanced(std::string_view, std::uint64_t done) override {
    auto s = state_.lock();
    s->done = std::max(s->done, done);
    const auto now = Clock::now();
    if (now - s->shown < std::chrono::seconds(5)) return;
    s->shown = now;
    const auto of = s->total == 0 ? "" : fmt::format(" of {} ({}%)", amount(*s, s->total), percent(*s));
    write_err(fmt::format("larder: {} {}{}\n", s->what, amount(*s, s->done), of));
  }
  void finished() override {}

 private:
  sys::Sync<State> state_;
};

}  // namespace

std::unique_ptr<app::Progress> make_progress(const Session& session) {
  const auto& flags = session.config.flags;
  const bool bars =
      flags.progress == When::always || (flags.progress == When::automatic && session.stderr_is_terminal());
  if (flags.quiet || flags.progress == When::never) return std::make_unique<app::NoProgress>();
  if (bars) return std::make_unique<Bar>();
  return std::make_unique<ProgressLines>();
}

}  // namespace larder::cli

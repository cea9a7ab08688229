// SPDX-License-Identifier: Apache-2.0
#include "http/engine.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <pthread.h>

#include "http/curl_library.hpp"
#include "http/transfer.hpp"

namespace larder::http {

namespace {

constexpr Millis k_idle_poll{60'000};  // with nothing to watch, the loop sleeps until it is woken

}  // namespace

// Exchanges that go one after the other, a few side by side, for a caller who wants to know of the last
// alone.
struct Group {
  std::vector<std::unique_ptr<Transfer>> all;

  std::mutex mutex;  // for all below
  std::condition_variable changed;
  std::size_t next = 0;  // of all
  std::size_t under_way = 0;
  bool stopped = false;
};

std::optional<std::string_view> find_header(const Headers& headers, std::string_view lower_case_name) {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return std::nullopt;
}

class Engine::Loop {
 public:
  explicit Loop(Settings settings) : settings_(std::move(settings)) {
    multi_ = curl().multi_init();
    LARDER_ASSERT(multi_ != nullptr);
    curl().multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl().multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 64L);
    curl().multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                        static_cast<long>(settings_.connections_per_host));
  }
  ~Loop() {
    {
      const std::lock_guard lock(mutex_);
      quit_ = true;
    }
    curl().multi_wakeup(multi_);
    if (thread_.joinable()) thread_.join();
    curl().multi_cleanup(multi_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Result<Ending> drive(Transfer& t, Receiver& receiver, std::stop_token stop);
  void drive(const std::shared_ptr<Group>& group, unsigned at_once, const std::stop_token& stop);

 private:
  enum class Order { add, resume, end };

  void send(Order order, Transfer& t) { send({{order, &t}}); }
  void send(const std::vector<std::pair<Order, Transfer*>>& orders);
  void run();
  void obey(Order order, Transfer* t);
  void collect();
  void tell_news();
  void expire(Clock::time_point now);
  void end(Transfer& t, Ending ending);
  void end_by_code(Transfer& t, CURLcode code);
  void go_on(Group& group, bool was_answered);
  Clock::time_point due(Transfer& t) const;
  Millis next_wait(Clock::time_point now) const;

  Settings settings_;
  CURLM* multi_ = nullptr;
  std::mutex mutex_;
  std::vector<std::pair<Order, Transfer*>> orders_;
  bool quit_ = false;
  bool sleeps_ = false;     // nobody has woken it since it looked for orders
  std::thread thread_;      // started by the first order
  bool has_begun_ = false;  // loop's thread only: in this turn, behind one that ended; it goes out at once
  std::vector<Transfer*> active_;  // loop's thread only
};

void Engine::Loop::send(const std::vector<std::pair<Order, Transfer*>>& orders) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    orders_.insert(orders_.end(), orders.begin(), orders.end());
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    wakes = std::exchange(sleeps_, false);
  }
  if (wakes) curl().multi_wakeup(multi_);
}

// The caller's side: waits, hands over what came, until the loop's thread has let go of the transfer.
Result<Ending> Engine::Loop::drive(Transfer& t, Receiver& receiver, std::stop_token stop) {
  send(Order::add, t);
  bool head_given = false;
  bool enough = false;
  std::optional<Error> failure;
  std::string piece;
  const auto box = t.box;
  const std::stop_callback on_stop(stop, [&box = *box] {
    {
      const std::lock_guard lock(box.mutex);
      box.stopped = true;
    }
    box.changed.notify_one();
  });
  const auto give_up = [&] {
    send(Order::end, t);
    std::unique_lock lock(box->mutex);
    box->changed.wait(lock, [&] { return box->done; });
  };
  const auto judge = [&](const Result<bool>& verdict) {
    if (!verdict) failure = verdict.error();
    enough = verdict && !*verdict;
    return !failure && !enough;
  };
  while (!failure && !enough) {
    bool resume = false;
    bool give_head = false;
    bool done = false;
    {
      std::unique_lock lock(box->mutex);
      box->changed.wait(lock, [&] {
        return box->stopped || box->done || !box->pending.empty() || (box->head_ready && !head_given);
      });
      if (box->stopped) {
        failure = Error(Kind::cancelled, "cancelled");
        break;
      }
      give_head = box->head_ready && !std::exchange(head_given, box->head_ready);
      done = box->done;
      piece.clear();
      piece.swap(box->pending);
      resume = std::exchange(box->paused, false);
    }
    if (resume && !done) send(Order::resume, t);
    if (give_head && !judge(receiver.head(box->head))) break;
    if (!piece.empty() && !judge(receiver.body(as_bytes(piece)))) break;
    if (done) return box->ending;
  }
  give_up();
  if (failure) return fail(std::move(*failure));
  return Ending{};
}

// Where it is stopped, what was not begun is not, and what was is given up.
void Engine::Loop::drive(const std::shared_ptr<Group>& group, unsigned at_once, const std::stop_token& stop) {
  std::vector<std::pair<Order, Transfer*>> orders;
  group->next = std::min<std::size_t>(at_once, group->all.size());
  group->under_way = group->next;
  for (std::size_t i = 0; i < group->next; ++i) orders.emplace_back(Order::add, group->all[i].get());
  send(orders);
  const std::stop_callback on_stop(stop, [&group = *group] {
    {
      const std::lock_guard lock(group.mutex);
      group.stopped = true;
    }
    group.changed.notify_one();
  });
  std::unique_lock lock(group->mutex);
  group->changed.wait(lock, [&] { return group->stopped || group->under_way == 0; });
  if (group->under_way == 0) return;
  group->next = group->all.size();
  lock.unlock();
  orders.clear();
  for (const auto& t : group->all) orders.emplace_back(Order::end, t.get());
  send(orders);
  lock.lock();
  group->changed.wait(lock, [&] { return group->under_way == 0; });
}

void Engine::Loop::run() {
  // Signals belong to the threads of the program.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::vector<std::pair<Order, Transfer*>> orders;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (quit_) return;  // every run() has returned before the Engine goes
      orders.swap(orders_);
    }
    for (const auto& [order, transfer] : orders) obey(order, transfer);
    orders.clear();
    has_begun_ = false;
    int running = 0;
    curl().multi_perform(multi_, &running);
    collect();
    tell_news();
    const auto now = Clock::now();
    expire(now);
    {
      const std::lock_guard lock(mutex_);
      sleeps_ = orders_.empty() && !quit_ && !has_begun_;
      if (!sleeps_) continue;
    }
    curl().multi_poll(multi_, nullptr, 0, static_cast<int>(next_wait(now).count()), nullptr);
  }
}

// Orders are obeyed in the order they came, so one for a transfer that has ended meanwhile finds it absent
// from active_, even where a new one has its address.
void Engine::Loop::obey(Order order, Transfer* t) {
  if (order == Order::add) {
    t->last_byte = Clock::now();
    if (t->group) t->deadline += t->last_byte - t->begun;
    t->begun = t->last_byte;
    t->is_begun = true;
    has_begun_ = true;
    active_.push_back(t);
    if (curl().multi_add_handle(multi_, t->easy.get()) != CURLM_OK) end_by_code(*t, CURLE_FAILED_INIT);
    return;
  }
  if (std::find(active_.begin(), active_.end(), t) == active_.end()) return;
  if (order == Order::end) {
    end(*t, {});
    return;
  }
  t->last_byte = Clock::now();
  curl().easy_pause(t->easy.get(), CURLPAUSE_CONT);
}

void Engine::Loop::collect() {
  int left = 0;
  while (const CURLMsg* message = curl().multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* user = nullptr;
    curl().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    end_by_code(*reinterpret_cast<Transfer*>(user), message->data.result);
  }
}

// Once for all that came in one turn: a small answer is whole by then, and its caller wakes up once.
void Engine::Loop::tell_news() {
  for (Transfer* t : active_) {
    if (std::exchange(t->has_news, false)) t->box->changed.notify_one();
  }
}

Clock::time_point Engine::Loop::due(Transfer& t) const {
  const std::lock_guard lock(t.box->mutex);
  if (t.box->paused) return t.deadline;  // its caller is slow, not the host
  return std::min(t.deadline, t.last_byte + settings_.idle);
}

void Engine::Loop::expire(Clock::time_point now) {
  const auto copy = active_;
  for (Transfer* t : copy) {
    if (due(*t) > now) continue;
    Ending ending;
    ending.out_of_time = t->deadline <= now;
    ending.outcome = t->any_byte ? Outcome::cut : Outcome::silent;
    ending.reason = t->any_byte ? "stalled: i/o timeout" : "i/o timeout";
    end(*t, std::move(ending));
  }
}

Millis Engine::Loop::next_wait(Clock::time_point now) const {
  auto wait = k_idle_poll;
  for (Transfer* t : active_) {
    wait = std::min(wait, std::chrono::ceil<Millis>(due(*t) - now));
  }
  return std::max(wait, Millis(0));
}

void Engine::Loop::end_by_code(Transfer& t, CURLcode code) {
  t.is_clean = code == CURLE_OK;
  end(t, ending_of(t, code));
}

void Engine::Loop::end(Transfer& t, Ending ending) {
  curl().multi_remove_handle(multi_, t.easy.get());
  std::erase(active_, &t);
  t.ended = Clock::now();
  const auto box = t.box;  // the caller may free the transfer as soon as the lock is released
  const auto group = t.group;
  const bool was_answered = ending.outcome == Outcome::answered;
  {
    const std::lock_guard lock(box->mutex);
    box->ending = std::move(ending);
    box->done = true;
  }
  box->changed.notify_one();
  if (group) go_on(*group, was_answered);
}

// The next begins in the place of the one that ended.
void Engine::Loop::go_on(Group& group, bool was_answered) {
  Transfer* next = nullptr;
  bool is_last = false;
  {
    const std::lock_guard lock(group.mutex);
    if (!was_answered) group.next = group.all.size();
    if (group.next < group.all.size()) {
      next = group.all[group.next++].get();
    } else {
      is_last = --group.under_way == 0;
    }
  }
  if (next != nullptr) obey(Order::add, next);
  if (is_last) group.changed.notify_one();
}

namespace {

// As drive() does piece by piece.
Result<Ending> hand_over(Transfer& t, Receiver& receiver) {
  auto& box = *t.box;
  if (box.head_ready && !TRY(receiver.head(box.head))) return Ending{};
  const auto body = std::exchange(box.pending, std::string());  // gone when the receiver has it
  if (!body.empty() && !TRY(receiver.body(as_bytes(body)))) return Ending{};
  return box.ending;
}

}  // namespace

Engine::Engine(Settings settings)
    : settings_(std::move(settings)), handles_(std::make_unique<HandlesBySize>()) {}
Engine::~Engine() = default;

Result<Engine::Loop*> Engine::loop() {
  TRY(open_curl());
  const std::lock_guard lock(mutex_);
  if (!loop_) loop_ = std::make_unique<Loop>(settings_);
  return loop_.get();
}

Result<Ending> Engine::run(const Exchange& exchange, Receiver& receiver, std::stop_token stop) {
  auto* const loop = TRY(this->loop());
  const auto transfer = make_transfer(exchange, settings_, *handles_, false);
  return loop->drive(*transfer, receiver, std::move(stop));
}

void Engine::run_all(std::span<Item> items, unsigned at_once, std::stop_token stop) {
  if (items.empty()) return;
  const auto loop = this->loop();
  if (!loop) {
    for (auto& item : items) item.ending = fail(loop.error());
    return;
  }
  const auto group = std::make_shared<Group>();
  const auto now = Clock::now();
  for (const auto& item : items) {
    auto t = make_transfer(item.exchange, settings_, *handles_, true);
    t->group = group;
    t->limit = item.limit;
    t->begun = now;
    group->all.push_back(std::move(t));
  }
  (*loop)->drive(group, at_once, stop);
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto& t = *group->all[i];
    items[i].begun = t.begun;
    items[i].ended = t.ended;
    if (stop.stop_requested()) {
      items[i].ending = fail(Kind::cancelled, "cancelled");
    } else if (t.is_begun) {
      items[i].ending = hand_over(t, items[i].receiver);
    }
    t.group.reset();
  }
}

}  // namespace larder::http

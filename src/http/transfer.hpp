// SPDX-License-Identifier: Apache-2.0
// One exchange as curl has it: its handle, what came so far, and what its end means. Only this and engine.cpp
// know curl. Thread rule: made by the caller of the exchange; from the order that adds it to the end the
// loop's thread has it, but for the mailbox.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/curl_library.hpp"
#include "http/engine.hpp"

namespace larder::http {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl().easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

// Handles that were used and can be again: making one and throwing it away is a tenth of what a small
// exchange costs. Thread rule: any thread.
class Handles {
 public:
  Easy take();
  void give_back(Easy easy);

 private:
  static constexpr std::size_t k_most = 64;
  std::mutex mutex_;
  std::vector<Easy> idle_;
};

// A handle may keep its buffer, and then it cannot have another size.
struct HandlesBySize {
  Handles small;
  Handles large;
};

// What passes between the loop's thread and the caller of one transfer. Either may be the last to let go of
// it, so that the caller is woken outside of the lock, and finds it free.
struct Mailbox {
  std::mutex mutex;  // for all below
  std::condition_variable changed;
  bool stopped = false;
  bool head_ready = false;
  Head head;
  std::string pending;
  bool paused = false;
  bool done = false;
  Ending ending;
};

struct Group;

// One exchange. The easy handle belongs to the loop's thread from submission until `done`.
struct Transfer {
  explicit Transfer(Handles& the_home) : home(the_home), easy(home.take()) {}
  ~Transfer() {
    if (is_clean) home.give_back(std::move(easy));
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Handles& home;
  List header_lines;  // goes after the handle that has it
  Easy easy;
  bool is_clean = false;  // it ended well, and the handle with it
  std::array<char, CURL_ERROR_SIZE> curl_words{};
  Clock::time_point deadline;
  bool proxied = false;

  // Loop's thread only.
  std::string dialled;  // the first address that was tried: "127.0.0.1:80"
  Head building;
  std::size_t header_bytes = 0;
  bool final_head = false;
  bool headers_too_large = false;
  Clock::time_point last_byte;
  bool any_byte = false;
  bool has_news = false;  // in the mailbox, of which the caller was not told yet

  std::shared_ptr<Mailbox> box = std::make_shared<Mailbox>();

  // Of one in a group: its body is handed over as a whole.
  std::shared_ptr<Group> group;
  std::uint64_t limit = 0;  // bytes; with the first byte behind it the exchange ends
  bool is_begun = false;
  Clock::time_point begun{};  // before: when it was made
  Clock::time_point ended{};
};

std::unique_ptr<Transfer> make_transfer(const Exchange& exchange, const Engine::Settings& settings,
                                        HandlesBySize& handles, bool is_small);

// In the words of the go command where it has some.
Ending ending_of(Transfer& transfer, CURLcode code);

}  // namespace larder::http

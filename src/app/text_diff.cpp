// SPDX-License-Identifier: Apache-2.0
#include "app/text_diff.hpp"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

namespace larder::app {

namespace {

constexpr std::size_t k_context = 3;  // lines
constexpr std::string_view k_no_newline = "\n\\ No newline at end of file\n";

using TextLines = std::vector<std::string_view>;  // with their "\n"

TextLines split_lines(std::string_view text) {
  TextLines out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto size = end == std::string_view::npos ? text.size() : end + 1;
    out.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

struct Place {
  std::size_t x = 0;  // line of the old text
  std::size_t y = 0;  // line of the new one
};

struct Once {
  unsigned in_x = 0;  // how often, 2 for more
  unsigned in_y = 0;
  std::size_t y = 0;
};

// Lines that both have exactly once, as far as they are in the same order: the longest such sequence.
std::vector<Place> anchors(const TextLines& x, const TextLines& y) {
  std::unordered_map<std::string_view, Once> count;
  for (const auto line : x) count[line].in_x = std::min(count[line].in_x + 1, 2U);
  for (std::size_t j = 0; j < y.size(); ++j) {
    auto& once = count[y[j]];
    once.in_y = std::min(once.in_y + 1, 2U);
    once.y = j;
  }
  std::vector<Place> common;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto& once = count[x[i]];
    if (once.in_x == 1 && once.in_y == 1) common.push_back({i, once.y});
  }
  std::vector<std::size_t> tails;    // smallest y that ends a sequence of each length
  std::vector<std::size_t> lengths;  // of the longest sequence that ends here
  for (const auto& place : common) {
    const auto at = std::ranges::lower_bound(tails, place.y);
    lengths.push_back(static_cast<std::size_t>(at - tails.begin()) + 1);
    if (at == tails.end()) {
      tails.push_back(place.y);
    } else {
      *at = place.y;
    }
  }
  std::vector<Place> out;
  for (std::size_t i = common.size(), wanted = tails.size(); i-- > 0 && wanted > 0;) {
    if (lengths[i] != wanted) continue;
    out.push_back(common[i]);
    --wanted;
  }
  std::reverse(out.begin(), out.end());
  out.push_back({x.size(), y.size()});
  return out;
}

// Equal stretches, in order.
struct Run {
  Place start;
  Place end;
};

std::vector<Run> equal_runs(const TextLines& x, const TextLines& y) {
  std::vector<Run> out;
  Place done;
  const auto extend = [&](Place at) {
    if (at.x < done.x) return;
    Run run{at, at};
    while (run.start.x > done.x && run.start.y > done.y && x[run.start.x - 1] == y[run.start.y - 1]) {
      --run.start.x;
      --run.start.y;
    }
    while (run.end.x < x.size() && run.end.y < y.size() && x[run.end.x] == y[run.end.y]) {
      ++run.end.x;
      ++run.end.y;
    }
    done = run.end;
    out.push_back(run);
  };
  extend({});
  for (const auto& at : anchors(x, y)) extend(at);
  return out;
}

class Hunks {
 public:
  Hunks(const TextLines& x, const TextLines& y) : x_(x), y_(y) {}

  std::string print() {
    const auto runs = equal_runs(x_, y_);
    Place done;
    for (const auto& run : runs) {
      for (; done.x < run.start.x; ++done.x) removed(done.x);
      for (; done.y < run.start.y; ++done.y) added(done.y);
      const auto size = run.end.x - run.start.x;
      const bool last = run.end.x >= x_.size() && run.end.y >= y_.size();
      if (!last && (size < k_context || (!text_.empty() && size < 2 * k_context))) {
        same(run.start.x, run.end.x);
      } else {
        if (!text_.empty()) {
          same(run.start.x, run.start.x + std::min(size, k_context));
          flush();
        }
        if (last) break;
        first_ = {run.end.x - k_context, run.end.y - k_context};
        same(first_.x, run.end.x);
      }
      done = run.end;
    }
    return std::move(out_);
  }

 private:
  void line(char mark, std::string_view text) {
    text_ += mark;
    text_ += text;
    if (!text.ends_with('\n')) text_ += k_no_newline;
  }
  void removed(std::size_t i) {
    line('-', x_[i]);
    ++count_.x;
  }
  void added(std::size_t j) {
    line('+', y_[j]);
    ++count_.y;
  }
  void same(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) line(' ', x_[i]);
    count_.x += to - from;
    count_.y += to - from;
  }
  void flush() {
    out_ += fmt::format("@@ -{},{} +{},{} @@\n{}", first_.x + (count_.x > 0 ? 1 : 0), count_.x,
                        first_.y + (count_.y > 0 ? 1 : 0), count_.y, text_);
    text_.clear();
    count_ = {};
  }

  const TextLines& x_;
  const TextLines& y_;
  Place first_;  // of the hunk
  Place count_;
  std::string text_;
  std::string out_;
};

}  // namespace

std::string text_diff(std::string_view old_name, std::string_view old_text, std::string_view new_name,
                      std::string_view new_text) {
  if (old_text == new_text) return {};
  const auto x = split_lines(old_text);
  const auto y = split_lines(new_text);
  return fmt::format("diff {0} {1}\n--- {0}\n+++ {1}\n", old_name, new_name) + Hunks(x, y).print();
}

}  // namespace larder::app

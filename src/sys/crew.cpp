// SPDX-License-Identifier: Apache-2.0
#include "sys/crew.hpp"

#include <algorithm>

#include "sys/parallel.hpp"

namespace larder::sys {

Crew::Crew(unsigned most, std::function<bool()> is_far, std::size_t few)
    : most_(std::max(1U, most)), near_(std::min(most_, cpu_count())), is_far_(std::move(is_far)), few_(few) {}

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  begun_.notify_all();
}

// With the caller that makes `wanted`. Threads that are hired in the middle of a batch join it.
void Crew::hire(unsigned wanted) {
  const std::lock_guard lock(mutex_);
  while (threads_.size() + 1 < wanted) threads_.emplace_back([this] { wait_for_batches(); });
}

void Crew::each(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (count == 0) return;
  batch_.work = &work;
  batch_.count = count;
  batch_.next = 0;
  const bool alone = count == 1 || most_ == 1;
  if (!alone) {
    const bool far = is_far_ && is_far_();
    const unsigned near = count <= few_ ? 1 : near_;
    hire(static_cast<unsigned>(std::min<std::size_t>(far ? most_ : near, count)));
    {
      const std::lock_guard lock(mutex_);
      ++number_;
      open_ = true;
    }
    begun_.notify_all();
  }
  take_part(batch_);
  std::unique_lock lock(mutex_);
  open_ = false;
  ended_.wait(lock, [&] { return busy_ == 0; });
}

void Crew::take_part(Batch& batch) {
  for (std::size_t i = batch.next++; i < batch.count; i = batch.next++) {
    (*batch.work)(i);
    if (is_far_ && batch.count - i > 1 && is_far_()) {
      hire(static_cast<unsigned>(std::min<std::size_t>(most_, batch.count)));
    }
  }
}

void Crew::wait_for_batches() {
  std::size_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    begun_.wait(lock, [&] { return closed_ || (open_ && number_ != seen); });
    if (closed_) return;
    seen = number_;
    ++busy_;
    lock.unlock();
    take_part(batch_);
    lock.lock();
    if (--busy_ == 0) ended_.notify_one();
  }
}

}  // namespace larder::sys

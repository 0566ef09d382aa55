// SPDX-License-Identifier: Apache-2.0

#include "server/store/queue/write_queue.h"

#include <algorithm>
#include <utility>

#include "base/errors.h"

namespace pinhole::store {
namespace {

// The minimum, about the time in which a full queue drains.
constexpr absl::Duration kRetryDelay = absl::Milliseconds(250);

// A queue that was not almost empty for `kBurst` takes only commands that wait
// at most `kShortWait`, or for a few batches on a slow disk.
constexpr absl::Duration kBurst = absl::Milliseconds(100);
constexpr absl::Duration kShortWait = absl::Milliseconds(50);
constexpr int kFewBatches = 4;

// The longest expected wait of a command with a deadline.
constexpr absl::Duration kMostPatience = absl::Seconds(1);

absl::Duration PatienceOf(const WriteOptions& options, absl::Time now) {
  if (options.deadline == absl::InfiniteFuture()) {
    return absl::InfiniteDuration();
  }
  const absl::Duration left = options.deadline - now;
  return left > absl::ZeroDuration() ? std::min(left, kMostPatience)
                                     : absl::InfiniteDuration();
}

}  // namespace

WriteQueue::WriteQueue(std::size_t max_commands, std::size_t max_bytes)
    : max_commands_(max_commands), max_bytes_(max_bytes) {}

absl::Status WriteQueue::Push(PendingWrite& write, absl::Duration patience,
                              absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  return Add(write, patience, now);
}

absl::Status WriteQueue::Push(PendingWrite& write, absl::Time now,
                              absl::Duration busy) {
  const absl::MutexLock lock(&mutex_);
  const bool away = busy > LongestBatch();
  if (!away && backlog_ == 0) {
    return Add(write, PatienceOf(write.options, now), now);
  }
  const absl::Status refused = Add(write, absl::InfiniteDuration(), now);
  if (refused.ok() && away) backlog_ = writes_.size();
  stands_since_ = now;
  return refused;
}

absl::Status WriteQueue::Add(PendingWrite& write, absl::Duration patience,
                             absl::Time now) {
  if (!closed_.ok()) return closed_;
  const absl::Duration wait =
      command_time_ * static_cast<std::int64_t>(writes_.size());
  if (writes_.size() >= max_commands_ || bytes_ + write.bytes > max_bytes_ ||
      wait > Limit(wait, patience, now)) {
    ++rejections_;
    return WithRetryDelay(
        MakeError(Reason::kWriteQueueFull,
                  "too many writes are waiting; retry in a moment"),
        std::max(kRetryDelay, wait));
  }
  bytes_ += write.bytes;
  writes_.push_back(std::move(write));
  return absl::OkStatus();
}

absl::Duration WriteQueue::LongestBatch() const {
  return std::max(kBurst, kFewBatches * batch_time_);
}

absl::Duration WriteQueue::Limit(absl::Duration wait, absl::Duration patience,
                                 absl::Time now) {
  const absl::Duration short_wait =
      std::max(kShortWait, kFewBatches * batch_time_);
  if (wait < short_wait / 4) stands_since_ = now;
  if (patience == absl::InfiniteDuration() || now - stands_since_ < kBurst) {
    return patience;
  }
  return std::min(patience, short_wait);
}

void WriteQueue::Learn(std::size_t count, absl::Duration time) {
  if (count == 0) return;
  const absl::MutexLock lock(&mutex_);
  time = std::min(time, LongestBatch());
  // A moving average over about a dozen batches.
  command_time_ +=
      (time / static_cast<std::int64_t>(count) - command_time_) / 8;
  batch_time_ += (time - batch_time_) / 8;
}

WriteQueue::Wake WriteQueue::Wait(absl::Duration timeout) {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !writes_.empty() || !closed_.ok() || nudged_;
  };
  const absl::MutexLock lock(&mutex_);
  if (!mutex_.AwaitWithTimeout(absl::Condition(&ready), timeout)) {
    return Wake::kTimeout;
  }
  nudged_ = false;
  if (!writes_.empty()) return Wake::kWork;
  return closed_.ok() ? Wake::kNudge : Wake::kClosed;
}

void WriteQueue::WaitFor(std::size_t count, absl::Duration timeout) {
  const auto ready = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return writes_.size() >= count || !closed_.ok();
  };
  const absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&ready), timeout);
}

void WriteQueue::Nudge() {
  const absl::MutexLock lock(&mutex_);
  nudged_ = true;
}

std::optional<PendingWrite> WriteQueue::Pop() {
  const absl::MutexLock lock(&mutex_);
  if (writes_.empty()) return std::nullopt;
  std::optional<PendingWrite> write(std::move(writes_.front()));
  writes_.pop_front();
  bytes_ -= write->bytes;
  if (backlog_ > 0) --backlog_;
  return write;
}

std::vector<PendingWrite> WriteQueue::TakeExpired(absl::Time now) {
  std::vector<PendingWrite> expired;
  const absl::MutexLock lock(&mutex_);
  const auto first = std::stable_partition(
      writes_.begin(), writes_.end(), [&](const PendingWrite& write) {
        return !IsExpired(write.options, now);
      });
  for (auto write = first; write != writes_.end(); ++write) {
    bytes_ -= write->bytes;
    expired.push_back(std::move(*write));
  }
  writes_.erase(first, writes_.end());
  backlog_ = std::min(backlog_, writes_.size());
  return expired;
}

void WriteQueue::Close(absl::Status reason) {
  const absl::MutexLock lock(&mutex_);
  if (closed_.ok()) closed_ = std::move(reason);
}

void WriteQueue::AddTo(StoreStats& stats) const {
  const absl::MutexLock lock(&mutex_);
  stats.queue_depth = static_cast<std::int64_t>(writes_.size());
  stats.queue_bytes = static_cast<std::int64_t>(bytes_);
  stats.queue_rejections = rejections_;
}

}  // namespace pinhole::store

// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/db/connection_pool.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pinhole::store {
namespace {

// The slot at which the calling thread starts to search.
std::size_t HomeOfThread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t home = threads.fetch_add(1);
  return home;
}

// Only one thread adds at a time, so no atomic read-modify-write is needed.
void Add(std::atomic<std::int64_t>& sum, std::int64_t more) {
  sum.store(sum.load(std::memory_order_relaxed) + more,
            std::memory_order_relaxed);
}

}  // namespace

ConnectionPool::ConnectionPool(Options options)
    : options_(std::move(options)),
      slots_(static_cast<std::size_t>(std::max(options_.size, 1))) {}

void ConnectionPool::OpenAll() {
  if (!options_.keep) return;
  for (Slot& slot : slots_) slot.connection = options_.open();
}

ConnectionPool::Slot* ConnectionPool::TryBorrow() {
  const std::size_t home = HomeOfThread();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[(home + i) % slots_.size()];
    if (!slot.lent.exchange(true)) return &slot;
  }
  return nullptr;
}

ConnectionPool::Slot* ConnectionPool::WaitForOne(Clock::time_point begin) {
  // Raised before the next search, so that a connection that is returned after
  // that search wakes this thread.
  ++waiting_;
  // Must not borrow: other threads evaluate the condition, more than once.
  const auto one_is_free = [this] {
    return std::any_of(slots_.begin(), slots_.end(),
                       [](const Slot& each) { return !each.lent; });
  };
  Slot* slot = nullptr;
  while (slot == nullptr) {
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&one_is_free));
    }
    slot = TryBorrow();
  }
  --waiting_;
  waits_.Observe(Clock::now() - begin);
  return slot;
}

ConnectionPool::Lease ConnectionPool::Borrow() {
  Clock::time_point begin = Clock::now();
  CallTiming* const parts = CallTiming::Current();
  const CallPhase before = parts == nullptr
                               ? CallPhase::kRest
                               : parts->Enter(CallPhase::kQuery, begin);
  Slot* slot = TryBorrow();
  if (slot == nullptr) {
    slot = WaitForOne(begin);
    begin = Clock::now();  // The wait is counted separately.
  }
  // Checked after borrowing: `Close` sets it before it borrows all of them.
  if (closed_) {
    Return(*slot);
    slot = nullptr;
  }
  return Lease(*this, slot, begin, before);
}

ConnectionPool::Lease::~Lease() {
  const Clock::time_point end = Clock::now();
  if (slot_ != nullptr) {
    Add(slot_->loans, 1);
    Add(slot_->loan_nanos, std::chrono::nanoseconds(end - begin_).count());
    if (slot_->connection != nullptr) {
      Add(slot_->queries, slot_->connection->TakeQueries());
    }
    pool_.Return(*slot_);
  }
  if (CallTiming* parts = CallTiming::Current()) parts->Enter(before_, end);
}

void ConnectionPool::Return(Slot& slot) {
  if (!options_.keep) slot.connection.reset();
  slot.lent = false;
  if (waiting_ > 0) {
    // Releasing the lock re-evaluates the conditions of waiters.
    const absl::MutexLock lock(&mutex_);
  }
}

void ConnectionPool::Close() {
  if (closed_.exchange(true)) return;
  ++waiting_;
  for (Slot& slot : slots_) {
    const auto is_free = [&slot] { return !slot.lent; };
    while (slot.lent.exchange(true)) {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&is_free));
    }
    slot.connection.reset();
    Return(slot);
  }
  --waiting_;
}

void ConnectionPool::AddTo(SqliteStats& stats) const {
  stats.readers = static_cast<std::int64_t>(slots_.size());
  stats.reader_waits = waits_.Read();
  // Reads that did not wait are not observed one by one, to keep them cheap.
  std::int64_t loans = 0;
  for (const Slot& slot : slots_) {
    stats.readers_busy += slot.lent ? 1 : 0;
    stats.read_seconds += static_cast<double>(slot.loan_nanos) * 1e-9;
    stats.read_queries += slot.queries;
    loans += slot.loans;
  }
  std::vector<std::int64_t>& counts = stats.reader_waits.counts;
  const std::int64_t waited =
      std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  counts.front() += std::max<std::int64_t>(loans - waited, 0);
}

}  // namespace pinhole::store

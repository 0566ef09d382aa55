// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/connection_pool.h"

#include <algorithm>
#include <utility>

namespace pinhole::store {
namespace {

// Where the calling thread begins to look.
std::size_t HomeOfThread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t home = threads.fetch_add(1);
  return home;
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

ConnectionPool::Lease ConnectionPool::Borrow() {
  Slot* slot = TryBorrow();
  if (slot == nullptr) {
    ++waits_;
    // Raised before looking again, so that whoever returns one after that look
    // sees it and wakes us.
    ++waiting_;
    // Only looks: others' threads ask, too, and more than once.
    const auto one_is_free = [this] {
      return std::any_of(slots_.begin(), slots_.end(),
                         [](const Slot& each) { return !each.lent; });
    };
    while (slot == nullptr) {
      {
        const absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(&one_is_free));
      }
      slot = TryBorrow();
    }
    --waiting_;
  }
  // After taking one: `Close` takes all of them after saying so.
  if (closed_) {
    Return(*slot);
    slot = nullptr;
  }
  return Lease(*this, slot);
}

void ConnectionPool::Return(Slot& slot) {
  if (!options_.keep) slot.connection.reset();
  slot.lent = false;
  if (waiting_ > 0) {
    // Conditions are looked at again when the lock is let go.
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

void ConnectionPool::AddTo(StoreStats& stats) const {
  stats.readers_busy = 0;
  for (const Slot& slot : slots_) stats.readers_busy += slot.lent ? 1 : 0;
  stats.reader_waits = waits_;
}

}  // namespace pinhole::store

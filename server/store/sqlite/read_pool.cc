// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/read_pool.h"

#include <utility>

namespace pinhole::store {

ReadPool::ReadPool(std::vector<std::unique_ptr<Connection>> connections)
    : all_(std::move(connections)) {
  for (const auto& connection : all_) free_.push_back(connection.get());
}

ReadPool::Lease ReadPool::Borrow() {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || !free_.empty();
  };
  const absl::MutexLock lock(&mutex_);
  if (!closed_ && free_.empty()) {
    ++waits_;
    mutex_.Await(absl::Condition(&ready));
  }
  if (closed_) return Lease(*this, nullptr);
  Connection* const connection = free_.back();
  free_.pop_back();
  return Lease(*this, connection);
}

void ReadPool::Return(Connection* connection) {
  const absl::MutexLock lock(&mutex_);
  free_.push_back(connection);
}

void ReadPool::Close() {
  const auto all_back = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return free_.size() == all_.size();
  };
  const absl::MutexLock lock(&mutex_);
  closed_ = true;
  mutex_.Await(absl::Condition(&all_back));
  free_.clear();
  all_.clear();
}

void ReadPool::AddTo(StoreStats& stats) const {
  const absl::MutexLock lock(&mutex_);
  stats.readers_busy = static_cast<std::int64_t>(all_.size() - free_.size());
  stats.reader_waits = waits_;
}

}  // namespace pinhole::store

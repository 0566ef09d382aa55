// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_POOL_H_
#define PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_POOL_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/call_timing.h"
#include "base/histogram.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/sqlite_stats.h"
#include "server/store/store.h"

namespace pinhole::store {

// Connections of one kind, lent to one thread at a time.  Thread-safe.
// Borrowing takes no lock while there are as many connections as threads: each
// thread looks first at the one it had the last time, whose cache is warm.
class ConnectionPool {
 public:
  using Open = std::function<std::unique_ptr<Connection>()>;
  struct Options {
    Open open;
    int size = 1;      // Connections at the same time.
    bool keep = true;  // Else every loan is a new connection, for measuring.
  };

 private:
  using Clock = std::chrono::steady_clock;

  struct alignas(64) Slot {  // A cache line each.
    std::atomic<bool> lent{false};
    std::unique_ptr<Connection> connection;
    // Counted by whoever has it on loan.
    std::atomic<std::int64_t> loans{0};
    std::atomic<std::int64_t> loan_nanos{0};
    std::atomic<std::int64_t> queries{0};
  };

 public:
  // A connection on loan; none if the pool is closed.  While there is one, the
  // call that this thread works for is in `CallPhase::kQuery`.
  class Lease {
   public:
    // `begin` is when it was asked for, in the part `before`.
    Lease(ConnectionPool& pool, Slot* slot, Clock::time_point begin,
          CallPhase before)
        : pool_(pool), slot_(slot), begin_(begin), before_(before) {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    explicit operator bool() const { return slot_ != nullptr; }
    // Opens it if need be: throws SQLite::Exception.
    Connection& operator*() const {
      if (slot_->connection == nullptr) {
        slot_->connection = pool_.options_.open();
      }
      return *slot_->connection;
    }

   private:
    ConnectionPool& pool_;
    Slot* const slot_;
    const Clock::time_point begin_;
    const CallPhase before_;
  };

  explicit ConnectionPool(Options options);

  // Opens all that are to be kept.  Throws SQLite::Exception.
  void OpenAll();

  // Waits for a free connection: reads are short.
  Lease Borrow();

  // Waits for those on loan and closes all.
  void Close();

  void AddTo(SqliteStats& stats) const;

 private:
  Slot* TryBorrow();
  Slot* WaitForOne(Clock::time_point begin);
  void Return(Slot& slot);

  const Options options_;
  std::vector<Slot> slots_;
  std::atomic<int> waiting_{0};
  Histogram waits_{kDatabaseSeconds};  // Only of those that had to.
  std::atomic<bool> closed_{false};
  mutable absl::Mutex mutex_;  // For waiting.
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_POOL_H_

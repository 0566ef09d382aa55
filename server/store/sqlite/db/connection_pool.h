// SPDX-License-Identifier: Apache-2.0

#pragma once

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

// A fixed number of connections, each borrowed by one thread at a time.
// Borrowing takes no lock if there are as many connections as threads: each
// thread first tries the one that it used last, whose cache is warm.
// Thread-safe.
class ConnectionPool {
 public:
  using Open = std::function<std::unique_ptr<Connection>()>;
  struct Options {
    Open open;
    int size = 1;
    bool keep = true;  // Off: every loan opens a connection, for measuring.
  };

 private:
  using Clock = std::chrono::steady_clock;

  struct alignas(64) Slot {  // One cache line each.
    std::atomic<bool> lent{false};
    std::unique_ptr<Connection> connection;
    // Written only by the borrower.
    std::atomic<std::int64_t> loans{0};
    std::atomic<std::int64_t> loan_nanos{0};
    std::atomic<std::int64_t> queries{0};
  };

 public:
  // A borrowed connection; none if the pool is closed.  While it exists, the
  // call that this thread works for is in `CallPhase::kQuery`.
  class Lease {
   public:
    // `begin` is the time of the request and `before` the phase it came from.
    Lease(ConnectionPool& pool, Slot* slot, Clock::time_point begin,
          CallPhase before)
        : pool_(pool), slot_(slot), begin_(begin), before_(before) {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    explicit operator bool() const { return slot_ != nullptr; }
    // Opens the connection if it is not open.  Throws SQLite::Exception.
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

  // Opens the connections that are kept.  Throws SQLite::Exception.
  void OpenAll();

  // Waits for a free connection.
  Lease Borrow();

  // Waits for borrowed connections and closes all of them.
  void Close();

  void AddTo(SqliteStats& stats) const;

 private:
  Slot* TryBorrow();
  Slot* WaitForOne(Clock::time_point begin);
  void Return(Slot& slot);

  const Options options_;
  std::vector<Slot> slots_;
  std::atomic<int> waiting_{0};
  Histogram waits_{kDatabaseSeconds};  // Reads that had to wait.
  std::atomic<bool> closed_{false};
  mutable absl::Mutex mutex_;  // For waiting only.
};

}  // namespace pinhole::store

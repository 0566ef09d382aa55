// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_DB_SYNC_TIMES_H_
#define PINHOLE_SERVER_STORE_SQLITE_DB_SYNC_TIMES_H_

#include <chrono>

#include "base/histogram.h"

namespace pinhole::store {

// How long the syncs of a database took, which SQLite tells nobody: every
// connection is opened through a VFS (https://sqlite.org/vfs.html) that is the
// system's but for a look at the clock around each sync.  Thread-safe.
class SyncTimes {
 public:
  static constexpr const char* kVfs = "pinhole";
  // Makes the VFS known to SQLite; before a connection is opened through it.
  static void RegisterVfs();

  // In seconds.  `OfLog`: of the write-ahead log or the rollback journal, its
  // removal included, which is what makes a commit durable there.
  HistogramCounts OfLog() const { return log_.Read(); }
  HistogramCounts OfDatabase() const { return database_.Read(); }

 private:
  friend class SyncWatch;

  Histogram log_{kDatabaseSeconds};
  Histogram database_{kDatabaseSeconds};
};

// Counts the syncs of this thread among `times` while it lives.  Not inside
// another one.
class SyncWatch {
 public:
  enum class File { kLog, kDatabase };

  explicit SyncWatch(SyncTimes& times) : times_(times) { current_ = this; }
  ~SyncWatch() { current_ = nullptr; }
  SyncWatch(const SyncWatch&) = delete;
  SyncWatch& operator=(const SyncWatch&) = delete;

  // The one of this thread; null if there is none.
  static SyncWatch* Current() { return current_; }

  void Observe(File file, std::chrono::nanoseconds time) {
    spent_ += time;
    (file == File::kLog ? times_.log_ : times_.database_).Observe(time);
  }
  // Of all syncs so far.
  std::chrono::nanoseconds spent() const { return spent_; }

 private:
  static inline thread_local SyncWatch* current_ = nullptr;

  SyncTimes& times_;
  std::chrono::nanoseconds spent_{0};
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_DB_SYNC_TIMES_H_

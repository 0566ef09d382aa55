// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>

#include "base/histogram.h"

namespace pinhole::store {

// The durations of the syncs of a database, which SQLite does not report: every
// connection is opened through a VFS (https://sqlite.org/vfs.html) that
// measures the syncs of the system's VFS.  Thread-safe.
class SyncTimes {
 public:
  static constexpr const char* kVfs = "pinhole";
  // Registers the VFS; must be called before a connection is opened.
  static void RegisterVfs();

  // In seconds.  `OfLog` covers the write-ahead log, or the rollback journal
  // with its removal, which is what makes a commit durable.
  HistogramCounts OfLog() const { return log_.Read(); }
  HistogramCounts OfDatabase() const { return database_.Read(); }

 private:
  friend class SyncWatch;

  Histogram log_{kDatabaseSeconds};
  Histogram database_{kDatabaseSeconds};
};

// Adds the syncs of the current thread to `times` during its lifetime.  Must
// not be nested.
class SyncWatch {
 public:
  enum class File { kLog, kDatabase };

  explicit SyncWatch(SyncTimes& times) : times_(times) { current_ = this; }
  ~SyncWatch() { current_ = nullptr; }
  SyncWatch(const SyncWatch&) = delete;
  SyncWatch& operator=(const SyncWatch&) = delete;

  // The watch of the current thread, or null.
  static SyncWatch* Current() { return current_; }

  void Observe(File file, std::chrono::nanoseconds time) {
    spent_ += time;
    (file == File::kLog ? times_.log_ : times_.database_).Observe(time);
  }
  // The total duration of the syncs so far.
  std::chrono::nanoseconds spent() const { return spent_; }

 private:
  static inline thread_local SyncWatch* current_ = nullptr;

  SyncTimes& times_;
  std::chrono::nanoseconds spent_{0};
};

}  // namespace pinhole::store

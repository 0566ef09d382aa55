// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/monitor/health.h"
#include "server/store/store.h"

namespace pinhole::postgres {

// The channel of notifications about new photos.
inline constexpr const char* kPhotosChannel = "pinhole_photos";

// A thread with a connection of its own, which prepares the database, receives
// notifications, and finds out every second how the database is.  It connects
// again after each failure, until it is stopped.  Thread-safe.
class Monitor {
 public:
  struct Options {
    std::string uri;
    std::string application_name = "pinhole";
    // The node for the names of connections, or -1 if it is not known yet.  May
    // be null; otherwise it must outlive this object.
    const std::atomic<int>* node = nullptr;
    int min_server_version = 150000;
    absl::Duration interval = absl::Seconds(1);
    absl::Duration count_interval = absl::Minutes(1);

    // The callbacks are called on the thread of the monitor.

    // Whether a write has failed since the last call because the disk of
    // PostgreSQL was full.  May be null.
    std::function<bool()> take_disk_full = {};
    // Called once, when the tables are up to date and their rows are counted,
    // with the secret.
    std::function<void(std::string secret)> on_prepared;
    // Called after each notification about new photos, and after each
    // reconnection, because notifications may have been missed.
    std::function<void()> on_photo_published;
    // Called when the state or the detail of the health changes.
    std::function<void(const Health& health)> on_health;
  };

  // Starts the thread.
  explicit Monitor(Options options);
  ~Monitor();

  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // Waits until the first attempt to connect and prepare has ended, but at most
  // `patience`.  Returns its error, which is FAILED_PRECONDITION if the version
  // of PostgreSQL or of the tables is not supported.
  absl::Status WaitForFirstAttempt(
      absl::Duration patience = absl::InfiniteDuration());

  Health health() const;
  // As of the last count, which is estimated for large tables.
  RowCounts rows() const;

  // Returns when the thread has ended.
  void Stop();

 private:
  void Run();
  // Connects and watches the database until that fails, which it returns.
  absl::Status Watch();
  // Upgrades the tables, with a connection that may write only if that is
  // necessary.
  absl::Status UpgradeTables(Connection& db);
  absl::Status Poll(Connection& db);
  absl::Status CountRows(Connection& db);
  void SetHealth(Health health);
  // What to report after `failure`.
  Health Diagnose(const absl::Status& failure) const;
  // Waits; false if stopped.
  bool Wait(absl::Duration time);

  const Options options_;
  const int wake_;  // An eventfd; readable when stopped.
  // Used by the thread only.
  bool prepared_ = false;
  bool check_space_ = true;  // The disk may be full.
  absl::Time counted_ = absl::InfinitePast();

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool tried_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status first_attempt_ ABSL_GUARDED_BY(mutex_);
  Health health_ ABSL_GUARDED_BY(mutex_);
  RowCounts rows_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // Last: uses the other members.
};

}  // namespace pinhole::postgres

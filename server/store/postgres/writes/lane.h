// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/writes/attempt.h"
#include "server/store/postgres/writes/write_transaction.h"
#include "server/store/queue/id_sequence.h"

namespace pinhole::postgres {

// The work of a lane since it was created.
struct LaneStats {
  std::int64_t commits = 0;
  std::int64_t rollbacks = 0;   // Transactions lost as a whole.
  std::int64_t conflicts = 0;   // Of these, by a conflict with another server.
  std::int64_t reconnects = 0;  // Connections opened after the first.
  // COMMITs whose answer did not arrive, by what the database said later.
  std::int64_t settled_committed = 0;
  std::int64_t settled_lost = 0;
  std::int64_t queries = 0;      // Statements.
  HistogramCounts commit_times;  // Seconds per commit.
};

// Runs transactions, one after the other, on a connection of its own, each
// exactly once: it repeats transactions that failed because of a conflict or a
// lost connection, and finds out what became of a COMMIT whose answer did not
// arrive.
//
// For the latter, each transaction begins by writing its number into the lane's
// row of the table `writers`, which also locks the row.  After a lost
// connection, a new one reads the number from that row.  It has to wait for the
// lock, that is, until PostgreSQL has ended the old transaction; then the
// number tells whether that was committed, also on a standby that was promoted
// meanwhile.
//
// The ids of a lane contain the number of a node.  The connection holds an
// advisory lock on that number, so no other lane of any server uses it.
//
// For one thread, apart from `Stop` and `Stats` and `state`.
class Lane {
 public:
  static constexpr int kLanes = 2;  // Of an instance.

  struct Options {
    std::string uri;
    std::string instance;  // Unique: it must differ after a restart, too.
    int number = 0;        // Of the lane within the instance.
    std::string application_name = "pinhole";
    const Clock* clock = nullptr;  // Must outlive the lane.
    // Called with the number of the node after each connection.  May be null.
    std::function<void(int node)> on_node = {};
    // Called after each failure because the disk is full.  May be null.
    std::function<void()> on_disk_full = {};
  };

  // The work of a transaction.  Can be called again from the beginning, so it
  // must not keep anything from an earlier call.  An error rolls back.
  using Work = absl::FunctionRef<absl::Status(WriteTransaction&)>;
  using Attempts = std::span<const std::shared_ptr<Attempt>>;

  explicit Lane(Options options);
  ~Lane();

  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Opens the first connection.  `Run` does so as well.
  absl::Status Connect();

  // Runs `work`, for `attempts`, and commits it.  OK if it is committed.  After
  // any other result it has no effect, except OUTCOME_UNKNOWN:
  //
  //   CANCELLED          one of `attempts` was answered as expired meanwhile
  //   a conflict         if all of `attempts` can wait until they are run again
  //   a conflict or a violated constraint  after `tries` attempts
  //   the error of `work`
  //   OUTCOME_UNKNOWN, UNAVAILABLE  only after `Stop`
  //
  // Blocks while the database is unreachable, until one of `attempts` is
  // answered or `Stop` is called.
  absl::Status Run(Attempts attempts, int tries, Work work);

  // Closes the connection and gives the node back.
  void Close();
  // Makes `Run` fail instead of connecting again.
  void Stop();
  // Ends a call that waits for the database.  Its outcome may be unknown.
  void Interrupt();

  // OK, or why the lane has no connection.
  absl::Status state() const;
  LaneStats Stats() const;

 private:
  // Runs the transaction once, on `db_`.
  absl::Status RunOnce(Attempts attempts, Work work);
  absl::Status RunOpen(Attempts attempts, Work work, std::int64_t number,
                       bool& sent);
  // OK if the transaction `number`, whose COMMIT ended with `cause`, was
  // committed; `cause` if not; OUTCOME_UNKNOWN if the lane was stopped.
  absl::Status Settle(std::int64_t number, const absl::Status& cause);
  // Connects until it succeeds.  Errors: UNAVAILABLE (stopped), CANCELLED (one
  // of `attempts` was dropped).
  absl::Status Reconnect(Attempts attempts);
  void Disconnect(const absl::Status& cause);
  absl::Status TakeNode(Connection& db);
  // Returns early after `Stop`.
  void Wait(absl::Duration time);

  const Options options_;
  std::unique_ptr<Connection> db_;  // Replaced under `mutex_`.
  std::optional<store::IdSequence> ids_;
  std::int64_t number_ = 0;  // Of the latest transaction.
  Histogram commit_times_{kDatabaseSeconds};

  mutable absl::Mutex mutex_;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;  // Ever.
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status state_ ABSL_GUARDED_BY(mutex_);
  LaneStats stats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::postgres

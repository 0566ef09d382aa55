// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_WRITES_WRITES_H_
#define PINHOLE_SERVER_STORE_SQLITE_WRITES_WRITES_H_

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>

#include "base/call_timing.h"
#include "server/store/sqlite/db/changes.h"
#include "server/store/sqlite/db/sqlite_stats.h"
#include "server/store/sqlite/file/background_copy.h"
#include "server/store/store.h"

namespace pinhole::store {

// Tells a call, if there is one, of the commit that decided on it: since when,
// and how long of it the disk took.  What comes until the call goes on is the
// commit's, too.
inline void EnterCommit(CallTiming* parts, CallTiming::Clock::time_point start,
                        std::chrono::nanoseconds synced) {
  if (parts == nullptr) return;
  // When in the commit the disk was waited for makes no difference to the sums.
  parts->Enter(CallPhase::kFsync, start);
  parts->Enter(CallPhase::kCommit, start + synced);
}

// Called with the changes of each commit, in the order of the commits and
// before any of the commands is answered.
using OnCommit = std::function<void(const Changes&)>;

// Who carries out the commands.  Abstract because there are two: the writer,
// and the tutorial's way, kept for measuring.  Thread-safe.
class Writes {
 public:
  virtual ~Writes() = default;

  // As `Store::Submit`.
  virtual void Submit(Command command, WriteOptions options,
                      Store::Done done) = 0;

  // As `BackgroundCopy::Request`.
  virtual void CopyTo(std::filesystem::path file, std::stop_token stop,
                      BackgroundCopy::Done done) = 0;

  // Finishes what is queued and takes no more.
  virtual void Stop() = 0;
  // Leaves the database in one file.  After `Stop`, when nobody else has it
  // open.
  virtual void CloseDatabase() = 0;

  virtual void AddTo(SqliteStats& stats) const = 0;
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_WRITES_WRITES_H_

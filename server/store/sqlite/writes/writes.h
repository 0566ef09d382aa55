// SPDX-License-Identifier: Apache-2.0

#pragma once

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

// Records a commit in the timing of a call, if there is one: its start, and how
// much of it was syncing.  The time until the call resumes counts as commit.
inline void EnterCommit(CallTiming* parts, CallTiming::Clock::time_point start,
                        std::chrono::nanoseconds synced) {
  if (parts == nullptr) return;
  // The position of the sync inside the commit does not affect the sums.
  parts->Enter(CallPhase::kFsync, start);
  parts->Enter(CallPhase::kCommit, start + synced);
}

// Called with the changes of each commit, in the order of the commits and
// before any of the commands is answered.
using OnCommit = std::function<void(const Changes&)>;

// Execution of commands.  Abstract because there are two: Writer, and
// DirectWrites for measurements.  Thread-safe.
class Writes {
 public:
  virtual ~Writes() = default;

  // As `Store::Submit`.
  virtual void Submit(Command command, WriteOptions options,
                      Store::Done done) = 0;

  // As `BackgroundCopy::Request`.
  virtual void CopyTo(std::filesystem::path file, std::stop_token stop,
                      BackgroundCopy::Done done) = 0;

  // Finishes the queued commands and refuses later ones.
  virtual void Stop() = 0;
  // Leaves the database in one file.  Call it after `Stop`, when no other
  // connection is open.
  virtual void CloseDatabase() = 0;

  virtual void AddTo(SqliteStats& stats) const = 0;
};

}  // namespace pinhole::store

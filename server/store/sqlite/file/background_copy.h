// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/file/database_copy.h"

namespace pinhole::store {

// A copy of the database that any thread can request and that the writer's
// thread makes, a few pages between two batches.  One at a time.  Thread-safe.
class BackgroundCopy {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;

  // Requests a copy in the new file `file`.  `done` is called once, on any
  // thread, possibly inside this call: with OK (complete, but neither sealed
  // nor checked), CANCELLED (`stop`), FAILED_PRECONDITION (another copy is
  // being made), an error of SQLite, or the reason given to `Close`.
  void Request(std::filesystem::path file, std::stop_token stop, Done done);

  // Whether `Step` has work.
  bool wanted() const;

  // Copies the next pages.  For the writer's thread, outside a transaction.
  void Step(Connection& db);
  // Ends the copy under way and refuses later ones, with `reason`.
  void Close(absl::Status reason);

 private:
  struct Job {
    std::filesystem::path file;
    std::stop_token stop;
    Done done;
    std::unique_ptr<DatabaseCopy> copy;  // The writer's thread only.
  };

  void End(const absl::Status& status);

  mutable absl::Mutex mutex_;
  // Reset only by the writer's thread.
  std::unique_ptr<Job> job_ ABSL_GUARDED_BY(mutex_);
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::store

// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/file/background_copy.h"

#include <utility>

#include "base/errors.h"
#include "server/store/sqlite/db/sqlite_error.h"

namespace pinhole::store {
namespace {

constexpr int kPages = 256;  // One or two milliseconds.

}  // namespace

void BackgroundCopy::Request(std::filesystem::path file, std::stop_token stop,
                             Done done) {
  absl::Status refused;
  {
    const absl::MutexLock lock(&mutex_);
    if (!closed_.ok()) {
      refused = closed_;
    } else if (job_ != nullptr) {
      refused = MakeError(
          Reason::kBackupRunning,
          "another copy of the database is being made; retry when it is done");
    } else {
      job_ = std::make_unique<Job>(
          Job{std::move(file), std::move(stop), std::move(done), {}});
      return;
    }
  }
  done(refused);
}

bool BackgroundCopy::wanted() const {
  const absl::MutexLock lock(&mutex_);
  return job_ != nullptr;
}

void BackgroundCopy::Step(Connection& db) {
  Job* job = nullptr;
  {
    const absl::MutexLock lock(&mutex_);
    job = job_.get();
  }
  if (job == nullptr) return;
  if (job->stop.stop_requested()) {
    return End(absl::CancelledError("the copy of the database was cancelled"));
  }
  bool more = false;
  const absl::Status status = CatchSqlite([&] {
    if (job->copy == nullptr) {
      job->copy = std::make_unique<DatabaseCopy>(db, job->file);
    }
    more = job->copy->Step(kPages);
  });
  if (!status.ok() || !more) End(status);
}

void BackgroundCopy::Close(absl::Status reason) {
  {
    const absl::MutexLock lock(&mutex_);
    closed_ = reason;
    if (job_ == nullptr) return;
  }
  End(reason);
}

void BackgroundCopy::End(const absl::Status& status) {
  std::unique_ptr<Job> job;
  {
    const absl::MutexLock lock(&mutex_);
    job = std::move(job_);
  }
  job->copy.reset();
  job->done(status);
}

}  // namespace pinhole::store

// SPDX-License-Identifier: Apache-2.0

// The store with its optimizations turned off, one at a time.

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <numeric>
#include <string>

#include "absl/synchronization/notification.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/db/sqlite_error.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;

class DirectWritesTest : public ::testing::Test {
 protected:
  DirectWritesTest() {
    options_.path = folder_.path() / "pinhole.db";
    options_.clock = &clock_;
    options_.reuse_connections = false;
    options_.wait_when_busy = false;
    options_.queue_writes = false;
    options_.cache_bytes = 0;
  }
  ~DirectWritesTest() override { sqlite3_close(outsider_); }

  void Open() {
    store_.reset();
    store_ = OpenSqliteStore(options_).value();
  }
  void Register(std::string handle) {
    store_->Submit(CreateUser{std::move(handle), "Name", "hash", {}}, {},
                   [this](absl::StatusOr<CommandResult> result) {
                     status_ = result.status();
                     answered_.Notify();
                   });
  }
  absl::Status Answer() {
    answered_.WaitForNotification();
    return status_;
  }
  // Another connection takes the exclusive lock.
  void Lock() {
    sqlite3_open(options_.path.c_str(), &outsider_);
    ASSERT_EQ(Execute("BEGIN EXCLUSIVE"), SQLITE_OK);
  }
  void Unlock() { ASSERT_EQ(Execute("COMMIT"), SQLITE_OK); }
  int Execute(const char* sql) {
    return sqlite3_exec(outsider_, sql, nullptr, nullptr, nullptr);
  }

  testing::TempDir folder_;
  testing::ManualClock clock_;
  SqliteOptions options_;
  std::unique_ptr<SqliteStore> store_;
  sqlite3* outsider_ = nullptr;
  absl::Notification answered_;
  absl::Status status_;
};

TEST_F(DirectWritesTest, HeldLockIsAnErrorAtOnceAndCounted) {
  Open();
  Lock();

  Register("ansel");

  const absl::Status busy = Answer();
  EXPECT_THAT(busy, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(busy), Reason::kDatabaseBusy);
  EXPECT_TRUE(RetryDelayOf(busy).has_value());
  EXPECT_THAT(store_->FindUser(UserId{}, "ansel"),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(store_->DetailedStats().busy_errors, 2);
  Unlock();
  EXPECT_THAT(store_->FindUser(UserId{}, "ansel"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DirectWritesTest, HeldLockIsAwaitedIfConfigured) {
  options_.wait_when_busy = true;
  Open();
  Lock();

  Register("ansel");
  Unlock();

  EXPECT_THAT(Answer(), IsOk());
  EXPECT_EQ(store_->DetailedStats().busy_errors, 0);
}

TEST_F(DirectWritesTest, ExpiredWriteIsNotRun) {
  Open();

  store_->Submit(CreateUser{"ansel", "Name", "hash", {}},
                 {.deadline = clock_.Now()},
                 [this](absl::StatusOr<CommandResult> result) {
                   status_ = result.status();
                   answered_.Notify();
                 });

  EXPECT_THAT(Answer(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(store_->FindUser(UserId{}, "ansel"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DirectWritesTest, SyncsOfACommitAreTimed) {
  Open();
  Register("ansel");
  ASSERT_THAT(Answer(), IsOk());

  // The journal and its directory, the database, and the journal's removal.
  const SqliteStats stats = store_->DetailedStats();
  const auto count = [](const HistogramCounts& times) {
    return std::accumulate(times.counts.begin(), times.counts.end(),
                           std::int64_t{0});
  };
  EXPECT_GE(count(stats.log_sync_times), 2);
  EXPECT_EQ(count(stats.database_sync_times), 1);
  EXPECT_LT(stats.log_sync_times.sum + stats.database_sync_times.sum,
            stats.commit_times.sum);
}

TEST_F(DirectWritesTest, DatabaseSwitchesBetweenJournalModes) {
  Open();
  Register("ansel");
  ASSERT_THAT(Answer(), IsOk());
  EXPECT_FALSE(std::filesystem::exists(options_.path.string() + "-wal"));

  options_.queue_writes = true;
  Open();
  EXPECT_THAT(store_->FindUser(UserId{}, "ansel"), IsOk());
  EXPECT_TRUE(std::filesystem::exists(options_.path.string() + "-wal"));

  options_.queue_writes = false;
  Open();
  EXPECT_THAT(store_->FindUser(UserId{}, "ansel"), IsOk());
  EXPECT_FALSE(std::filesystem::exists(options_.path.string() + "-wal"));
}

TEST_F(DirectWritesTest, ClosedStoreRefusesWrites) {
  Open();
  store_->Close();

  Register("ansel");

  EXPECT_THAT(Answer(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace pinhole::store

// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/monitor/monitor.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/schema/schema.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::PostgresCluster;
using ::pinhole::testing::StatusIs;
using ::pinhole::testing::TestDatabase;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class MonitorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Monitor> Start(int min_server_version = 150000) {
    return Start(database_.uri(), min_server_version);
  }
  std::unique_ptr<Monitor> Start(const std::string& uri,
                                 int min_server_version = 150000) {
    return std::make_unique<Monitor>(Monitor::Options{
        .uri = uri,
        .min_server_version = min_server_version,
        .interval = absl::Milliseconds(20),
        .count_interval = absl::Milliseconds(20),
        .take_disk_full = [this] { return disk_full_.exchange(false); },
        .on_prepared =
            [this](std::string secret) {
              const absl::MutexLock lock(&mutex_);
              secrets_.push_back(std::move(secret));
            },
        .on_photo_published =
            [this] {
              const absl::MutexLock lock(&mutex_);
              ++published_;
            },
        .on_health =
            [this](const Health& health) {
              const absl::MutexLock lock(&mutex_);
              state_ = health.state;
            }});
  }
  void WaitFor(Health::State state) {
    const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return state_ == state;
    };
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&reached));
  }
  // Waits until there were `count` calls.
  void WaitForPublished(int count) {
    const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return published_ >= count;
    };
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&reached));
  }
  int published() {
    const absl::MutexLock lock(&mutex_);
    return published_;
  }
  std::vector<std::string> secrets() {
    const absl::MutexLock lock(&mutex_);
    return secrets_;
  }

  TestDatabase database_;
  std::atomic<bool> disk_full_ = false;  // A write has found it so.

 private:
  absl::Mutex mutex_;
  std::vector<std::string> secrets_ ABSL_GUARDED_BY(mutex_);
  int published_ ABSL_GUARDED_BY(mutex_) = 0;
  Health::State state_ ABSL_GUARDED_BY(mutex_) = Health::State::kConnecting;
};

TEST_F(MonitorTest, PreparesTheDatabaseOnce) {
  for (int i = 0; i < 2; ++i) {
    const auto monitor = Start();
    EXPECT_THAT(monitor->WaitForFirstAttempt(), IsOk());
    EXPECT_TRUE(monitor->health().ready());
    EXPECT_GE(monitor->health().server_version, 150000);
    EXPECT_EQ(monitor->health().schema_version,
              static_cast<int>(SchemaSteps().size()));
    EXPECT_FALSE(monitor->health().waits_for_standby);
    EXPECT_EQ(monitor->health().synchronous_standbys, 0);
  }
  ASSERT_THAT(secrets(), SizeIs(2));
  EXPECT_THAT(secrets()[0], SizeIs(32));
  EXPECT_EQ(secrets()[0], secrets()[1]);
}

TEST_F(MonitorTest, PassesOnNotifications) {
  const auto monitor = Start();
  WaitForPublished(1);  // After connecting.
  EXPECT_EQ(published(), 1);
  database_.Run("NOTIFY pinhole_photos");
  WaitForPublished(2);
}

TEST_F(MonitorTest, ConnectsAgainAfterACrashOfTheServer) {
  const auto monitor = Start();
  WaitForPublished(1);
  PostgresCluster::Shared().Crash();
  WaitFor(Health::State::kUnreachable);
  EXPECT_THAT(monitor->health().detail, HasSubstr("connection"));
  // What was known remains known.
  EXPECT_GE(monitor->health().server_version, 150000);
  EXPECT_GE(monitor->health().schema_version, 1);
  PostgresCluster::Shared().Start();
  WaitFor(Health::State::kReady);
  WaitForPublished(2);  // Notifications may have been missed.
  EXPECT_THAT(secrets(), SizeIs(1));
}

TEST_F(MonitorTest, CountsRows) {
  const auto monitor = Start();
  ASSERT_THAT(monitor->WaitForFirstAttempt(), IsOk());
  EXPECT_EQ(monitor->rows(), RowCounts());
  database_.Run(
      "INSERT INTO sessions (token_hash, id, user_id, create_time,"
      " expire_time) VALUES ('a', 1, 1, 0, 0)");
  while (monitor->rows().sessions == 0) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(monitor->rows().sessions, 1);
}

TEST_F(MonitorTest, RefusesAnOldServer) {
  const auto monitor = Start(/*min_server_version=*/990000);
  EXPECT_THAT(monitor->WaitForFirstAttempt(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("PostgreSQL 99 or newer")));
  EXPECT_EQ(monitor->health().state, Health::State::kUnsupported);
  EXPECT_THAT(secrets(), SizeIs(0));
}

TEST_F(MonitorTest, RefusesTablesOfANewerVersion) {
  ASSERT_THAT(Start()->WaitForFirstAttempt(), IsOk());
  database_.Run("UPDATE schema SET version = 998, min_server = 997");
  EXPECT_THAT(Start()->WaitForFirstAttempt(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("newer version of Pinhole")));
}

TEST_F(MonitorTest, NoticesAnUpgradeByANewerServer) {
  const auto monitor = Start();
  WaitFor(Health::State::kReady);
  database_.Run("UPDATE schema SET version = 998, min_server = 1");
  database_.Run("UPDATE schema SET version = 999, min_server = 997");
  WaitFor(Health::State::kUnsupported);
}

TEST_F(MonitorTest, ReportsAReadOnlyServer) {
  ASSERT_THAT(Start()->WaitForFirstAttempt(), IsOk());
  database_.Run("ALTER DATABASE " + database_.name() +
                " SET default_transaction_read_only = on");
  const auto monitor = Start();
  EXPECT_THAT(monitor->WaitForFirstAttempt(), IsOk());
  EXPECT_EQ(monitor->health().state, Health::State::kReadOnly);
  EXPECT_THAT(secrets(), SizeIs(2));  // Reads are possible.
}

TEST_F(MonitorTest, ReportsAReadOnlyServerWithoutTables) {
  database_.Run("ALTER DATABASE " + database_.name() +
                " SET default_transaction_read_only = on");
  const auto monitor = Start();
  EXPECT_THAT(monitor->WaitForFirstAttempt(),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(monitor->health().state, Health::State::kReadOnly);
}

TEST_F(MonitorTest, ResumesAfterARefusedVersion) {
  ASSERT_THAT(Start()->WaitForFirstAttempt(), IsOk());
  database_.Run("UPDATE schema SET version = 998, min_server = 997");
  const auto monitor = Start();
  WaitFor(Health::State::kUnsupported);
  database_.Run("UPDATE schema SET version = 1, min_server = 1");
  WaitFor(Health::State::kReady);
}

TEST_F(MonitorTest, ChecksWhetherAFullDiskIsFullStill) {
  disk_full_ = true;
  const auto monitor = Start();
  EXPECT_THAT(monitor->WaitForFirstAttempt(), IsOk());
  while (disk_full_) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_TRUE(monitor->health().ready());
}

TEST_F(MonitorTest, ReportsAServerInRecovery) {
  PostgresCluster standby;
  standby.BecomeStandby();
  const auto monitor = Start(standby.Uri("postgres"));
  EXPECT_THAT(monitor->WaitForFirstAttempt(),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(monitor->health().state, Health::State::kInRecovery);
}

TEST_F(MonitorTest, StopsWhileTheServerIsUnreachable) {
  const auto monitor = Start("postgres://nobody@/x?host=/does/not/exist");
  EXPECT_THAT(monitor->WaitForFirstAttempt(),
              StatusIs(absl::StatusCode::kUnavailable));
  monitor->Stop();
}

}  // namespace
}  // namespace pinhole::postgres

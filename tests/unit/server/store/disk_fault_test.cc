// SPDX-License-Identifier: Apache-2.0

#include <sqlite3.h>

#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DiskFaultTest : public ::testing::Test {
 protected:
  DiskFaultTest() { Open(); }
  ~DiskFaultTest() override { Repair(); }

  void Open() {
    store_.reset();
    SqliteOptions options;
    options.path = folder_.path() / "pinhole.db";
    options.clock = &clock_;
    options.on_unwritable = [this](const absl::Status& cause) {
      causes_.push_back(cause);
    };
    store_ = OpenSqliteStore(options).value();
  }
  void Repair() {
    disk_.FailWrites(SQLITE_OK);
    disk_.FailSyncs(SQLITE_OK);
  }
  absl::Status Register(std::string handle) {
    absl::Notification answered;
    absl::Status status;
    store_->Submit(CreateUser{std::move(handle), "Name", "hash", {}}, {},
                   [&](absl::StatusOr<CommandResult> result) {
                     status = result.status();
                     answered.Notify();
                   });
    answered.WaitForNotification();
    return status;
  }

  testing::FaultVfs& disk_ = testing::FaultVfs::Install();
  testing::TempDir folder_;
  testing::ManualClock clock_;
  std::vector<absl::Status> causes_;  // Why the store stopped writing.
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(DiskFaultTest, FullDiskRefusesWritesAndRecoversWithSpace) {
  ASSERT_THAT(Register("before"), IsOk());
  disk_.FailWrites(SQLITE_FULL);

  const absl::Status full = Register("during");

  EXPECT_THAT(full, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(RetryDelayOf(full).has_value());
  EXPECT_THAT(store_->FindUser(UserId{}, "before"), IsOk());
  EXPECT_THAT(store_->FindUser(UserId{}, "during"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(store_->DetailedStats().writable);
  EXPECT_THAT(causes_, IsEmpty());
  Repair();
  EXPECT_THAT(Register("after"), IsOk());
}

TEST_F(DiskFaultTest, FailedSyncIsNeverAcknowledgedAndEndsWriting) {
  ASSERT_THAT(Register("before"), IsOk());
  disk_.FailSyncs(SQLITE_IOERR_FSYNC);

  EXPECT_THAT(Register("during"), StatusIs(absl::StatusCode::kUnavailable,
                                           HasSubstr("outcome is unknown")));

  Repair();
  EXPECT_THAT(Register("after"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(store_->DetailedStats().writable);
  EXPECT_THAT(causes_, ElementsAre(StatusIs(absl::StatusCode::kUnavailable,
                                            HasSubstr("I/O error"))));
  EXPECT_THAT(store_->FindUser(UserId{}, "before"), IsOk());
  Open();
  EXPECT_THAT(store_->FindUser(UserId{}, "before"), IsOk());
  EXPECT_THAT(Register("after"), IsOk());
}

}  // namespace
}  // namespace pinhole::store

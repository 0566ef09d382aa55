// SPDX-License-Identifier: Apache-2.0

// Uploads while the disk under the database fails.

#include <memory>
#include <utility>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/model/limits.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

#include <sqlite3.h>

namespace pinhole::domain {
namespace {

using ::pinhole::testing::FaultVfs;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::Jpeg;
using ::pinhole::testing::StatusIs;

class PhotosFaultTest : public ::testing::Test {
 protected:
  ~PhotosFaultTest() override {
    disk_.FailWrites(SQLITE_OK);
    disk_.FailSyncs(SQLITE_OK);
  }

  // Closes the store, lets the disk work and opens the store again, as after a
  // restart of the server.
  std::unique_ptr<SqliteStore> Restart() {
    world_.store->Close();
    disk_.FailWrites(SQLITE_OK);
    disk_.FailSyncs(SQLITE_OK);
    return OpenSqliteStore({.path = world_.dir.path() / "pinhole.db",
                            .clock = &world_.clock})
        .value();
  }
  // Runs the maintenance of a server on `store` once the grace period is over.
  void MaintainAfterGrace(Store& store) {
    world_.clock.Advance(limits::kUploadGrace);
    PurgeExpired purge;
    ASSERT_THAT(world_.Run(store.Execute(std::move(purge))), IsOk());
    Garbage garbage(store, *world_.files, world_.file_pool);
    ASSERT_THAT(world_.Run(garbage.Sweep()), IsOk());
  }

  FaultVfs& disk_ = FaultVfs::Install();  // Before the store is opened.
  testing::SqliteWorld world_;
  const UserId ansel_ = world_.AddUser("ansel");
};

TEST_F(PhotosFaultTest, NothingIsPublishedIfTheUploadMayNotBeRecorded) {
  disk_.FailSyncs(SQLITE_IOERR_FSYNC);

  const auto photo = world_.Upload(ansel_, {}, Jpeg());

  EXPECT_EQ(ReasonOf(photo.status()), Reason::kOutcomeUnknown);
  EXPECT_EQ(world_.CountFiles(), 0u);
}

// Regression: the files were removed although the row could exist.
TEST_F(PhotosFaultTest, FilesOfARowWithUnknownOutcomeStayIfItExists) {
  disk_.FailSyncs(SQLITE_IOERR_FSYNC, 1);

  const auto photo = world_.Upload(ansel_, {}, Jpeg());

  EXPECT_THAT(photo, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(photo.status()), Reason::kOutcomeUnknown);
  EXPECT_EQ(world_.CountFiles(), 4u);
  const auto store = Restart();  // The commit is in the log.
  EXPECT_EQ(store->FindUser(ansel_, ansel_)->photo_count, 1);
  MaintainAfterGrace(*store);
  EXPECT_EQ(world_.CountFiles(), 4u);
}

TEST_F(PhotosFaultTest, FilesOfARowWithUnknownOutcomeGoIfItDoesNotExist) {
  disk_.FailWrites(SQLITE_IOERR_WRITE, 1);

  const auto photo = world_.Upload(ansel_, {}, Jpeg());

  EXPECT_EQ(ReasonOf(photo.status()), Reason::kOutcomeUnknown);
  EXPECT_EQ(world_.CountFiles(), 4u);
  const auto store = Restart();
  EXPECT_EQ(store->FindUser(ansel_, ansel_)->photo_count, 0);
  MaintainAfterGrace(*store);
  EXPECT_EQ(world_.CountFiles(), 0u);
}

TEST_F(PhotosFaultTest, NothingIsPublishedOnAFullDisk) {
  disk_.FailWrites(SQLITE_FULL);

  const auto photo = world_.Upload(ansel_, {}, Jpeg());

  EXPECT_THAT(photo, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(world_.CountFiles(), 0u);
}

TEST_F(PhotosFaultTest, FilesOfARefusedRowGoOnceThereIsSpaceToRecordThat) {
  disk_.FailWrites(SQLITE_FULL, 1);

  const auto photo = world_.Upload(ansel_, {}, Jpeg());

  EXPECT_THAT(photo, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(world_.CountFiles(), 4u);
  disk_.FailWrites(SQLITE_OK);
  MaintainAfterGrace(*world_.store);
  EXPECT_EQ(world_.CountFiles(), 0u);
}

}  // namespace
}  // namespace pinhole::domain

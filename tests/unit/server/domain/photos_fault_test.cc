// SPDX-License-Identifier: Apache-2.0

// Uploads while the disk under the database fails.

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

#include <sqlite3.h>

namespace pinhole::domain {
namespace {

using ::pinhole::testing::FaultVfs;
using ::pinhole::testing::Jpeg;
using ::pinhole::testing::StatusIs;

class PhotosFaultTest : public ::testing::Test {
 protected:
  ~PhotosFaultTest() override {
    disk_.FailWrites(SQLITE_OK);
    disk_.FailSyncs(SQLITE_OK);
  }

  FaultVfs& disk_ = FaultVfs::Install();  // Before the store is opened.
  testing::SqliteWorld world_;
  const UserId ansel_ = world_.AddUser("ansel");
};

// Regression: the files were removed although the row could exist.
TEST_F(PhotosFaultTest, FilesStayIfTheRowMayExist) {
  disk_.FailSyncs(SQLITE_IOERR_FSYNC);

  const auto photo = world_.Upload(ansel_, {}, Jpeg());

  EXPECT_THAT(photo, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(photo.status()), Reason::kOutcomeUnknown);
  EXPECT_EQ(world_.CountFiles(), 4u);
  EXPECT_FALSE(world_.store->Stats().writable);  // So the next start checks.
}

TEST_F(PhotosFaultTest, FilesAreRemovedIfTheRowWasRefused) {
  disk_.FailWrites(SQLITE_FULL);

  const auto photo = world_.Upload(ansel_, {}, Jpeg());

  EXPECT_THAT(photo, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(world_.CountFiles(), 0u);
}

}  // namespace
}  // namespace pinhole::domain

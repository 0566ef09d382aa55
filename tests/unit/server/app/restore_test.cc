// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/restore.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/data/data_dir.h"
#include "server/app/data/open_photo_files.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::app {
namespace {

namespace fs = std::filesystem;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest() { EXPECT_THAT(world_.backups.CreateAt(backup_), IsOk()); }

  // All of the backup, and no temporary files.
  void ExpectRestored() {
    const auto data = DataDir::Open(to_);
    ASSERT_THAT(data, IsOk());
    SqliteOptions options;
    options.path = (*data)->database();
    options.clock = &world_.clock;
    const auto store = OpenSqliteStore(options).value();
    EXPECT_EQ(store->FindUser({}, "ansel")->photo_count, 1);
    const auto files =
        OpenPhotoFiles(**data, to_ / "photos", {}, *store).value();
    EXPECT_THAT(files->tree()->Check(photo_.file_key, photo_.size_bytes),
                IsOk());
    EXPECT_FALSE(fs::exists(to_ / "restoring"));
    EXPECT_FALSE(fs::exists(to_ / "MANIFEST"));
  }

  testing::SqliteWorld world_;
  const UserId ansel_ = world_.AddUser("ansel");
  const Photo photo_ = world_.AddPhoto(ansel_);
  const fs::path backup_ = world_.dir.path() / "backup";
  const fs::path to_ = world_.dir.path() / "deep" / "restored";
};

TEST_F(RestoreTest, CreatesACompleteDataDirectory) {
  const auto manifest = Restore(backup_, to_);

  ASSERT_THAT(manifest, IsOk());
  EXPECT_EQ(manifest->photos, 1);
  ExpectRestored();
}

TEST_F(RestoreTest, SharesNoFileWithTheBackup) {
  ASSERT_THAT(Restore(backup_, to_), IsOk());

  for (const auto& entry : fs::recursive_directory_iterator(to_)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(entry.hard_link_count(), 1) << entry.path();
  }
  fs::remove_all(backup_);
  ExpectRestored();
}

TEST_F(RestoreTest, EmptyDirectoryIsAccepted) {
  fs::create_directories(to_);

  ASSERT_THAT(Restore(backup_, to_), IsOk());

  ExpectRestored();
}

TEST_F(RestoreTest, NonEmptyDirectoryIsRefusedAndLeftUnchanged) {
  fs::create_directories(to_ / "photos");
  std::ofstream(to_ / "pinhole.db") << "precious";

  EXPECT_THAT(
      Restore(backup_, to_),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not empty")));

  EXPECT_EQ(fs::file_size(to_ / "pinhole.db"), 8);
  EXPECT_FALSE(fs::exists(to_ / "restoring"));
}

TEST_F(RestoreTest, DirectoryInUseIsRefused) {
  const auto server = DataDir::Open(to_);

  EXPECT_THAT(Restore(backup_, to_),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(RestoreTest, DamagedBackupIsNotRestored) {
  std::ofstream(backup_ / "pinhole.db", std::ios::app) << "x";

  EXPECT_THAT(Restore(backup_, to_), StatusIs(absl::StatusCode::kDataLoss));

  EXPECT_FALSE(fs::exists(to_));
}

TEST_F(RestoreTest, DirectoryThatIsNotABackupIsNotRestored) {
  EXPECT_THAT(Restore(world_.dir.path() / "none", to_),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Restore(world_.dir.path(), to_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("MANIFEST")));
}

// The states that a kill leaves: partly copied, then with one part after
// another moved into place.
TEST_F(RestoreTest, InterruptedAnywhereItKeepsServersOutAndCanBeRepeated) {
  const std::vector<std::function<void()>> states = {
      [] {},
      [this] { std::ofstream(to_ / "restoring" / "pinhole.db") << "half"; },
      [this] { fs::create_directories(to_ / "restoring" / "photos" / "ab"); },
      [this] { fs::create_directories(to_ / "photos" / "ab"); },
      [this] { std::ofstream(to_ / "pinhole.db") << "whole"; }};
  for (std::size_t last = 0; last < states.size(); ++last) {
    fs::remove_all(to_);
    fs::create_directories(to_ / "restoring");
    for (std::size_t i = 0; i <= last; ++i) states[i]();
    EXPECT_THAT(DataDir::Open(to_),
                StatusIs(absl::StatusCode::kFailedPrecondition));

    ASSERT_THAT(Restore(backup_, to_), IsOk()) << last;

    ExpectRestored();
  }
}

}  // namespace
}  // namespace pinhole::app

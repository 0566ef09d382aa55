// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/migrate.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/commands/commands.h"
#include "server/app/commands/restore.h"
#include "server/app/data/data_dir.h"
#include "server/media/photo_tree.h"
#include "server/store/postgres/db/connection.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::app {
namespace {

namespace fs = std::filesystem;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using enum absl::StatusCode;

class MigrateCommandTest : public ::testing::Test {
 protected:
  MigrateCommandTest() {
    const fs::path backup = world_.dir.path() / "backup";
    EXPECT_THAT(world_.backups.CreateAt(backup), IsOk());
    EXPECT_THAT(Restore(backup, data_), IsOk());
  }

  absl::StatusOr<MigrationSummary> MigrateTo(const fs::path& media_dir = {}) {
    std::ostringstream progress;
    return Migrate(
        {.from = data_, .to = database_.uri(), .media_dir = media_dir},
        progress);
  }
  // Of PostgreSQL.
  std::int64_t CountUsers() {
    const auto db =
        postgres::Connection::Open({.uri = database_.uri()}).value();
    return db->QueryOnce("SELECT count(*) FROM users").value()[0].Int(0);
  }
  void ExpectPhotosIn(const fs::path& root) {
    EXPECT_THAT(media::PhotoTree(root).CheckBytes(
                    photo_.file_key, photo_.size_bytes, photo_.digests),
                IsOk());
  }
  void ExpectNothingMoved() {
    EXPECT_EQ(CountUsers(), 0);
    EXPECT_TRUE(fs::exists(data_ / "pinhole.db"));
  }

  testing::SqliteWorld world_;
  const UserId ansel_ = world_.AddUser("ansel");
  const Photo photo_ = world_.AddPhoto(ansel_);
  const fs::path data_ = world_.dir.path() / "data";
  const fs::path media_ = world_.dir.path() / "deep" / "media";
  const testing::TestDatabase database_;
};

TEST_F(MigrateCommandTest, LeavesThePhotosInPlaceByDefault) {
  const auto moved = MigrateTo();

  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->users, 1);
  EXPECT_EQ(moved->photos, 1);
  EXPECT_EQ(moved->media_dir, data_ / "photos");
  EXPECT_EQ(CountUsers(), 1);
  ExpectPhotosIn(data_ / "photos");
}

TEST_F(MigrateCommandTest, CopiesThePhotosIntoMediaDir) {
  ASSERT_THAT(MigrateTo(media_), IsOk());

  ExpectPhotosIn(media_);
  ExpectPhotosIn(data_ / "photos");
}

TEST_F(MigrateCommandTest, PhotosThatWereCopiedInPartAreCopiedAgain) {
  ASSERT_THAT(MigrateTo("/proc/no/such/folder"), StatusIs(kUnavailable));
  const fs::path folder = media::PhotoTree(media_).FolderOf(photo_.file_key);
  fs::create_directories(folder);
  std::ofstream(folder / "original") << "the first bytes";

  ASSERT_THAT(MigrateTo(media_), IsOk());

  ExpectPhotosIn(media_);
}

TEST_F(MigrateCommandTest, NoServerStartsOnTheOldDatabaseByMistake) {
  const auto moved = MigrateTo();
  ASSERT_THAT(moved, IsOk());

  EXPECT_FALSE(fs::exists(data_ / "pinhole.db"));
  EXPECT_TRUE(fs::exists(moved->old_database));
  EXPECT_THAT(DataDir::Open(data_), StatusIs(kFailedPrecondition));
  EXPECT_THAT(MigrateTo(), StatusIs(kNotFound));
}

TEST_F(MigrateCommandTest, ARunningServerIsRefused) {
  const auto server = DataDir::Open(data_);
  ASSERT_THAT(server, IsOk());

  const auto refused = MigrateTo();
  EXPECT_THAT(refused, StatusIs(kFailedPrecondition));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("stop it first"));
}

TEST_F(MigrateCommandTest,
       ATargetThatIsNotEmptyIsRefusedBeforePhotosAreCopied) {
  ASSERT_THAT(MigrateTo(), IsOk());
  fs::rename(data_ / "pinhole.db.migrated", data_ / "pinhole.db");

  const auto refused = MigrateTo(media_);
  EXPECT_THAT(refused, StatusIs(kFailedPrecondition));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("name an empty database"));
  EXPECT_FALSE(fs::exists(media_));
  EXPECT_TRUE(fs::exists(data_ / "pinhole.db"));
}

TEST_F(MigrateCommandTest, AMissingPhotoFileIsRefused) {
  fs::remove(media::PhotoTree(data_ / "photos").FolderOf(photo_.file_key) /
             "original");

  EXPECT_THAT(MigrateTo(), StatusIs(kDataLoss));
  EXPECT_THAT(MigrateTo(media_), StatusIs(kDataLoss));
  ExpectNothingMoved();
}

TEST_F(MigrateCommandTest, CommandReportsProgressAndASummary) {
  const std::string data = data_.string();
  const std::string to = database_.uri();
  const char* const argv[] = {"pinhole-server", "migrate", "--from",
                              data.c_str(),     "--to",    to.c_str()};
  std::ostringstream out;
  std::ostringstream err;

  EXPECT_EQ(RunCommand(6, argv, out, err), 0);
  EXPECT_THAT(out.str(), HasSubstr("moved 1 users and 1 photos"));
  EXPECT_THAT(err.str(), HasSubstr("copied the table users: 1 rows\n"));
}

}  // namespace
}  // namespace pinhole::app

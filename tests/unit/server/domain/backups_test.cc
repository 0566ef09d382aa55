// SPDX-License-Identifier: Apache-2.0

#include "server/domain/backup/backups.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/backup/backup_folder.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::domain {
namespace {

namespace fs = std::filesystem;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BackupsTest : public ::testing::Test {
 protected:
  absl::StatusOr<Backup> Create() {
    return world_.Run(world_.backups.Create());
  }

  static absl::StatusOr<Manifest> Verify(const fs::path& backup) {
    const auto verified = BackupFolder(backup).Verify(CheckDatabaseFile);
    if (!verified.ok()) return verified.status();
    return verified->manifest;
  }

  // The directory of a photo's files in a backup.
  static fs::path FilesOf(const Backup& backup, const Photo& photo) {
    return BackupFolder(backup.path).photos().FolderOf(photo.file_key);
  }

  std::vector<std::string> BackupDir() {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(dir_, error)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  testing::SqliteWorld world_;
  const UserId ansel_ = world_.AddUser("ansel");
  const fs::path dir_ = world_.dir.path() / "backups";
};

TEST_F(BackupsTest, HasDatabaseFilesAndManifest) {
  const Photo photo = world_.AddPhoto(ansel_);
  world_.AddPhoto(ansel_, Visibility::kPrivate);

  const auto backup = Create();

  ASSERT_THAT(backup, IsOk());
  EXPECT_EQ(backup->path.parent_path(), dir_);
  EXPECT_TRUE(fs::exists(FilesOf(*backup, photo) / "original"));
  const auto manifest = Verify(backup->path);
  ASSERT_THAT(manifest, IsOk());
  EXPECT_EQ(manifest->version, "1.2.3");
  EXPECT_EQ(manifest->users, 1);
  EXPECT_EQ(manifest->photos, 2);
  EXPECT_EQ(manifest->create_time, world_.clock.Now());
  EXPECT_EQ(*manifest, backup->manifest);
  EXPECT_THAT(BackupDir(), ::testing::SizeIs(1));
}

TEST_F(BackupsTest, EmptyServerCanBeBackedUp) { ASSERT_THAT(Create(), IsOk()); }

TEST_F(BackupsTest, KeepsPhotosThatAreDeletedLater) {
  const Photo photo = world_.AddPhoto(ansel_);
  const Backup backup = Create().value();

  ASSERT_THAT(world_.Run(world_.photos.Delete(ansel_, photo.id)), IsOk());

  EXPECT_EQ(world_.CountFiles(), 0);
  EXPECT_THAT(Verify(backup.path), IsOk());
}

// Deleted between the copy of the row and the copy of the files.
TEST_F(BackupsTest, FilesOfAPhotoDeletedMeanwhileStayUntilTheBackupIsComplete) {
  const Photo photo = world_.AddPhoto(ansel_);
  {
    const Garbage::Hold hold(world_.garbage);

    ASSERT_THAT(world_.Run(world_.photos.Delete(ansel_, photo.id)), IsOk());
    EXPECT_EQ(world_.Run(world_.garbage.Sweep()).value(), 0);

    EXPECT_EQ(world_.CountFiles(), 4);
  }
  EXPECT_EQ(world_.Run(world_.garbage.Sweep()).value(), 1);
  EXPECT_EQ(world_.CountFiles(), 0);
}

TEST_F(BackupsTest, SecondOneAtTheSameTimeIsRefused) {
  absl::Notification go_on;
  ASSERT_TRUE(world_.backup_pool.Submit([&] { go_on.WaitForNotification(); }));
  absl::StatusOr<Backup> first;
  auto start = [](Backups& backups,
                  absl::StatusOr<Backup>* result) -> Task<void> {
    *result = co_await backups.Create();
  };
  world_.loop.Start(start(world_.backups, &first));

  const auto second = Create();

  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(second.status()), Reason::kBackupRunning);
  go_on.Notify();
  while (!first.ok()) world_.AddPhoto(ansel_);  // Runs the loop.
  // The backup is named after the time.
  world_.clock.Advance(absl::Seconds(1));
  EXPECT_THAT(Create(), IsOk());
}

TEST_F(BackupsTest, MissingPhotoFileFailsItAndLeavesNothing) {
  const Photo photo = world_.AddPhoto(ansel_);
  fs::remove(world_.files->tree()->FolderOf(photo.file_key) / "medium.jpg");

  EXPECT_THAT(Create(), StatusIs(absl::StatusCode::kDataLoss));

  EXPECT_THAT(BackupDir(), IsEmpty());
}

TEST_F(BackupsTest, StoppedServerMakesNoBackup) {
  world_.AddPhoto(ansel_);
  world_.backups.Stop();

  EXPECT_THAT(Create(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(BackupDir(), IsEmpty());
}

TEST_F(BackupsTest, UnfinishedBackupIsRemovedAtTheNextStart) {
  const Backup backup = Create().value();
  fs::create_directories(dir_ / "unfinished-20260101-000000-000" / "photos");

  ASSERT_THAT(world_.backups.RemoveUnfinished(), IsOk());

  EXPECT_THAT(BackupDir(),
              ::testing::ElementsAre(backup.path.filename().string()));
}

TEST_F(BackupsTest, CanBeMadeInAnyEmptyDirectory) {
  world_.AddPhoto(ansel_);
  const fs::path folder = world_.dir.path() / "deep" / "mine";

  ASSERT_THAT(world_.backups.CreateAt(folder), IsOk());

  EXPECT_THAT(Verify(folder), IsOk());
  EXPECT_THAT(
      world_.backups.CreateAt(folder),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not empty")));
}

TEST_F(BackupsTest, VerifyingFindsEveryKindOfDamage) {
  const Photo photo = world_.AddPhoto(ansel_);
  const auto append = [](const fs::path& file) {
    fs::permissions(file, fs::perms::owner_all);
    std::ofstream(file, std::ios::app) << "x";
  };
  using Harm = std::function<void(const Backup&)>;
  const std::vector<std::pair<std::string, Harm>> harms = {
      {"a byte more in the database",
       [&](const Backup& b) { append(b.path / "pinhole.db"); }},
      {"another database",
       [](const Backup& b) { std::ofstream(b.path / "pinhole.db") << "x"; }},
      {"no database",
       [](const Backup& b) { fs::remove(b.path / "pinhole.db"); }},
      {"no file of a photo",
       [&](const Backup& b) { fs::remove(FilesOf(b, photo) / "large.jpg"); }},
      {"no manifest", [](const Backup& b) { fs::remove(b.path / "MANIFEST"); }},
      {"an empty manifest",
       [](const Backup& b) { std::ofstream(b.path / "MANIFEST").close(); }},
      // Last, since the server shares this file.
      {"a byte more in a rendition",
       [&](const Backup& b) { append(FilesOf(b, photo) / "thumbnail.jpg"); }}};
  for (const auto& [what, harm] : harms) {
    world_.clock.Advance(absl::Seconds(1));
    const Backup backup = Create().value();
    ASSERT_THAT(Verify(backup.path), IsOk()) << what;

    harm(backup);

    EXPECT_FALSE(Verify(backup.path).ok()) << what;
  }
}

// Only the digest reveals it: names and sizes are unchanged.
TEST_F(BackupsTest, VerifyingNamesThePhotoFileWithAChangedByte) {
  const Photo photo = world_.AddPhoto(ansel_);
  const Backup backup = Create().value();
  for (const char* name :
       {"original", "thumbnail.jpg", "medium.jpg", "large.jpg"}) {
    const fs::path file = FilesOf(backup, photo) / name;
    const auto flip = [&] {
      std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekg(20);
      const char byte = static_cast<char>(bytes.get() ^ 1);
      bytes.seekp(20);
      bytes.put(byte);
    };
    flip();

    EXPECT_THAT(Verify(backup.path), StatusIs(absl::StatusCode::kDataLoss,
                                              HasSubstr(file.string())));

    flip();
    EXPECT_THAT(Verify(backup.path), IsOk());
  }
}

TEST_F(BackupsTest, PhotosWithoutDigestsAreCheckedBySizeAndCounted) {
  const Photo photo = world_.AddPhoto(ansel_);
  world_.AddPhoto(ansel_);
  ReplacePhotoFiles as_before{.photo = photo.id,
                              .old_file_key = photo.file_key,
                              .new_file_key = photo.file_key,
                              .width = photo.width,
                              .height = photo.height,
                              .content_type = photo.content_type};
  ASSERT_THAT(world_.Run(world_.store->Execute(std::move(as_before))), IsOk());

  const Backup backup = Create().value();

  const auto verified = BackupFolder(backup.path).Verify(CheckDatabaseFile);
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->photos_without_digests, 1);
  fs::resize_file(FilesOf(backup, photo) / "original", photo.size_bytes - 1);
  EXPECT_THAT(Verify(backup.path), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace pinhole::domain

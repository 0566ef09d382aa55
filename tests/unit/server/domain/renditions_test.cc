// SPDX-License-Identifier: Apache-2.0

// Outdated renditions are replaced, and a photo has its files whatever happens
// in between.

#include "server/domain/renditions.h"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/picture_refusal.h"
#include "server/media/rendition_version.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::domain {
namespace {

namespace fs = std::filesystem;
using ::pinhole::testing::FaultVfs;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::Jpeg;
using ::pinhole::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = RebuildResult::Outcome;

constexpr char kWrong[] = "made by wrong code";

class RenditionsTest : public ::testing::Test {
 protected:
  ~RenditionsTest() override {
    disk_.FailWrites(SQLITE_OK);
    disk_.FailSyncs(SQLITE_OK);
  }

  // A photo of version 0: with wrong renditions and without digests.
  Photo AddOld(int seed = 0) {
    Photo photo = world_.Upload(ansel_, {}, Jpeg(64, 48, seed)).value();
    std::ofstream(FileOf(photo, "large.jpg")) << kWrong;
    ReplacePhotoFiles old{.photo = photo.id,
                          .old_file_key = photo.file_key,
                          .new_file_key = photo.file_key,
                          .width = 1,
                          .height = 2,
                          .content_type = photo.content_type};
    EXPECT_THAT(world_.Run(world_.store->Execute(std::move(old))), IsOk());
    return Find(photo);
  }

  absl::StatusOr<std::optional<RebuildResult>> RebuildNext() {
    return world_.Run(renditions_.RebuildNext());
  }
  // Rebuilds until nothing is left.
  std::vector<RebuildResult> RebuildAll() {
    std::vector<RebuildResult> all;
    while (std::optional<RebuildResult> rebuilt = RebuildNext().value()) {
      all.push_back(*std::move(rebuilt));
    }
    return all;
  }

  Photo Find(const Photo& photo) {
    return world_.Run(world_.photos.Find(ansel_, photo.id)).value();
  }
  fs::path FolderOf(const Photo& photo) {
    return world_.files->tree()->FolderOf(photo.file_key);
  }
  fs::path FileOf(const Photo& photo, const char* name) {
    return FolderOf(photo) / name;
  }
  std::string Bytes(const Photo& photo, const char* name) {
    std::stringstream bytes;
    bytes << std::ifstream(FileOf(photo, name)).rdbuf();
    return bytes.str();
  }
  std::string TagOf(const Photo& photo, media::RenditionSize size) {
    return world_.Run(world_.photos.Open(ansel_, photo.id, size)).value().tag;
  }

  FaultVfs& disk_ = FaultVfs::Install();  // Before the store is opened.
  testing::SqliteWorld world_;
  Renditions& renditions_ = world_.renditions;
  const UserId ansel_ = world_.AddUser("ansel");
};

TEST_F(RenditionsTest, OutdatedOnesAreReplacedAndTheOriginalStays) {
  const Photo old = AddOld();
  const std::string original = Bytes(old, "original");
  ASSERT_EQ(world_.Run(renditions_.Count()).value(), 1);

  const auto rebuilt = RebuildAll();

  ASSERT_EQ(rebuilt.size(), 1U);
  EXPECT_EQ(rebuilt[0].photo, old.id);
  EXPECT_EQ(rebuilt[0].outcome, Outcome::kReplaced);
  const Photo now = Find(old);
  EXPECT_NE(now.file_key, old.file_key);
  EXPECT_EQ(now.rendition_version, media::kRenditionVersion);
  EXPECT_EQ(now.width, 64);
  EXPECT_EQ(now.height, 48);
  EXPECT_EQ(Bytes(now, "original"), original);
  EXPECT_NE(Bytes(now, "large.jpg"), kWrong);
  EXPECT_EQ(now.digests, world_.files->tree()->DigestsOf(now.file_key).value());
  EXPECT_EQ(world_.CountFiles(), 4U);
  EXPECT_THAT(world_.reader.ListGarbage(10).value(), IsEmpty());
  EXPECT_EQ(renditions_.Stats().outdated, 0);
  EXPECT_EQ(renditions_.Stats().replaced, 1);
}

TEST_F(RenditionsTest, NothingIsDoneWhereAllAreCurrent) {
  const Photo photo = world_.AddPhoto(ansel_);

  EXPECT_EQ(world_.Run(renditions_.Count()).value(), 0);
  EXPECT_THAT(RebuildAll(), IsEmpty());

  EXPECT_EQ(Find(photo).file_key, photo.file_key);
}

TEST_F(RenditionsTest, NewestPhotoIsFirst) {
  const Photo first = AddOld(1);
  const Photo second = AddOld(2);

  const auto rebuilt = RebuildAll();

  ASSERT_EQ(rebuilt.size(), 2U);
  EXPECT_EQ(rebuilt[0].photo, second.id);
  EXPECT_EQ(rebuilt[1].photo, first.id);
}

TEST_F(RenditionsTest, TagsFollowTheBytes) {
  const Photo old = AddOld();
  const std::string large = TagOf(old, media::RenditionSize::kLarge);
  const std::string small = TagOf(old, media::RenditionSize::kThumbnail);
  EXPECT_NE(large, small);
  EXPECT_THAT(large, ::testing::Not(HasSubstr(old.file_key.substr(0, 8))));
  RebuildAll();
  EXPECT_NE(TagOf(old, media::RenditionSize::kLarge), large);
  const std::string original = TagOf(old, media::RenditionSize::kOriginal);

  // Rebuilt with the same bytes, so an interrupted download can continue.
  ASSERT_THAT(world_.Run(world_.store->Execute(OutdateRenditions{})), IsOk());
  RebuildAll();

  EXPECT_EQ(TagOf(old, media::RenditionSize::kOriginal), original);
}

TEST_F(RenditionsTest, UnrenderablePhotoKeepsItsRenditionsAndIsReportedOnce) {
  const Photo old = AddOld();
  std::ofstream(FileOf(old, "original")) << "no picture any more";

  const auto rebuilt = RebuildAll();

  ASSERT_EQ(rebuilt.size(), 1U);
  EXPECT_EQ(rebuilt[0].outcome, Outcome::kKept);
  EXPECT_EQ(ReasonOf(rebuilt[0].why), Reason::kUnsupportedType);
  const Photo now = Find(old);
  EXPECT_EQ(now.file_key, old.file_key);
  EXPECT_EQ(now.width, old.width);
  EXPECT_EQ(now.rendition_version, media::kRenditionVersion);
  EXPECT_EQ(now.digests, world_.files->tree()->DigestsOf(old.file_key).value());
  EXPECT_EQ(Bytes(now, "large.jpg"), kWrong);
  EXPECT_EQ(world_.CountFiles(), 4U);
  EXPECT_EQ(renditions_.Stats().kept, 1);
  EXPECT_EQ(renditions_.Stats().outdated, 0);
}

TEST_F(RenditionsTest,
       LostOriginalIsLeftForTheNextProcessAndDoesNotBlockOthers) {
  const Photo fine = AddOld(1);
  const Photo lost = AddOld(2);  // Newer, hence first.
  fs::remove(FileOf(lost, "original"));

  const auto rebuilt = RebuildAll();

  ASSERT_EQ(rebuilt.size(), 2U);
  EXPECT_EQ(rebuilt[0].outcome, Outcome::kDamaged);
  EXPECT_EQ(rebuilt[1].outcome, Outcome::kReplaced);
  EXPECT_EQ(Find(lost).rendition_version, 0);
  EXPECT_EQ(Bytes(lost, "large.jpg"), kWrong);
  EXPECT_EQ(renditions_.Stats().damaged, 1);
  EXPECT_EQ(renditions_.Stats().outdated, 1);
  EXPECT_EQ(Find(fine).rendition_version, media::kRenditionVersion);
}

// Its digest must not be replaced by that of the damaged file.
TEST_F(RenditionsTest, OriginalWithAChangedByteStaysOutdatedWithItsDigest) {
  const Photo photo = world_.AddPhoto(ansel_);
  std::string bytes = Bytes(photo, "original");
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(FileOf(photo, "original")) << bytes;
  ASSERT_THAT(world_.Run(world_.store->Execute(OutdateRenditions{})), IsOk());

  const auto rebuilt = RebuildAll();

  ASSERT_EQ(rebuilt.size(), 1U);
  EXPECT_EQ(rebuilt[0].outcome, Outcome::kDamaged);
  EXPECT_EQ(Find(photo).digests, photo.digests);
}

// As if the volume of the photos were not mounted: no row may be marked.
TEST_F(RenditionsTest, ManyLostOriginalsStopTheRebuild) {
  for (int i = 0; i < 101; ++i) AddOld(i);
  fs::rename(world_.files->tree()->root(), world_.dir.path() / "away");

  absl::StatusOr<std::optional<RebuildResult>> rebuilt;
  int tried = 0;
  do {
    rebuilt = RebuildNext();
    ASSERT_LT(++tried, 1000);
  } while (rebuilt.ok());

  EXPECT_THAT(rebuilt,
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("mounted")));
  EXPECT_EQ(tried, 101);
  EXPECT_EQ(world_.Run(renditions_.Count()).value(), 101);
}

TEST_F(RenditionsTest, PhotoDeletedMeanwhileIsGoneAndLeavesNothing) {
  const Photo old = AddOld();
  absl::Notification busy, go_on;
  ASSERT_TRUE(world_.decode_pool.Submit([&] {
    busy.Notify();
    go_on.WaitForNotification();
  }));
  busy.WaitForNotification();
  auto rebuild =
      [](Renditions& renditions,
         absl::StatusOr<std::optional<RebuildResult>>* result) -> Task<void> {
    *result = co_await renditions.RebuildNext();
  };
  absl::StatusOr<std::optional<RebuildResult>> rebuilt =
      absl::UnknownError("not done");
  world_.loop.Start(rebuild(renditions_, &rebuilt));
  while (world_.decode_pool.queued() == 0) {
    (void)world_.Run(world_.garbage.Sweep());  // Runs the loop.
  }

  ASSERT_THAT(world_.Run(world_.photos.Delete(ansel_, old.id)), IsOk());
  go_on.Notify();
  while (absl::IsUnknown(rebuilt.status())) {
    (void)world_.Run(world_.garbage.Sweep());  // Runs the loop.
  }

  ASSERT_THAT(rebuilt, IsOk());
  EXPECT_EQ((*rebuilt)->outcome, Outcome::kGone);
  EXPECT_THAT(RebuildAll(), IsEmpty());
  EXPECT_EQ(world_.CountFiles(), 0U);
}

TEST_F(RenditionsTest, FullDiskStopsTheRebuildUntilLater) {
  const Photo old = AddOld();
  disk_.FailWrites(SQLITE_FULL);

  EXPECT_THAT(RebuildNext(), StatusIs(absl::StatusCode::kResourceExhausted));

  EXPECT_EQ(Find(old).file_key, old.file_key);
  EXPECT_EQ(world_.CountFiles(), 4U);
  EXPECT_EQ(renditions_.Stats().failed, 1);
  disk_.FailWrites(SQLITE_OK);
  EXPECT_EQ(RebuildAll().size(), 1U);
  EXPECT_EQ(Find(old).rendition_version, media::kRenditionVersion);
}

TEST_F(RenditionsTest, BothDirectoriesStayIfTheRowMayNameEither) {
  AddOld();
  disk_.FailSyncs(SQLITE_IOERR_FSYNC, 1);

  const auto rebuilt = RebuildNext();

  EXPECT_EQ(ReasonOf(rebuilt.status()), Reason::kOutcomeUnknown);
  EXPECT_EQ(world_.CountFiles(), 8U);
}

TEST_F(RenditionsTest, ConcurrentBackupKeepsTheReplacedFiles) {
  const Photo old = AddOld();
  {
    const Garbage::Hold hold(world_.garbage);

    RebuildAll();

    EXPECT_EQ(Bytes(old, "large.jpg"), kWrong);
    EXPECT_THAT(world_.reader.ListGarbage(10).value(),
                ElementsAre(old.file_key));
  }
  EXPECT_EQ(world_.Run(world_.garbage.Sweep()).value(), 1);
  EXPECT_EQ(world_.CountFiles(), 4U);
}

// Regression: it was DATA_LOSS, which alerts the operator.
TEST_F(RenditionsTest, DownloadTooLateForTheOldFilesGetsTheNewOnes) {
  const Photo old = AddOld();
  absl::Notification go_on;
  ASSERT_TRUE(world_.file_pool.Submit([&] { go_on.WaitForNotification(); }));
  auto open = [](Photos& photos, UserId viewer, PhotoId photo,
                 absl::StatusOr<RenditionBytes>* result) -> Task<void> {
    *result = co_await photos.Open(viewer, photo, media::RenditionSize::kLarge);
  };
  absl::StatusOr<RenditionBytes> opened = absl::UnknownError("not done");
  world_.loop.Start(open(world_.photos, ansel_, old.id, &opened));
  {
    const Garbage::Hold hold(world_.garbage);
    ASSERT_EQ(RebuildAll().size(), 1U);
  }
  ASSERT_THAT(world_.files->Remove({old.file_key}), IsOk());
  go_on.Notify();

  while (absl::IsUnknown(opened.status())) {
    (void)world_.Run(world_.garbage.Sweep());  // Runs the loop.
  }

  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->reader->Read(1 << 20).value(),
            Bytes(Find(old), "large.jpg"));
}

TEST_F(RenditionsTest, NothingIsRebuiltAfterStop) {
  const Photo old = AddOld();
  renditions_.Stop();

  EXPECT_THAT(RebuildNext(), StatusIs(absl::StatusCode::kCancelled));

  EXPECT_EQ(Find(old).file_key, old.file_key);
  EXPECT_EQ(renditions_.Stats().failed, 0);
}

}  // namespace
}  // namespace pinhole::domain

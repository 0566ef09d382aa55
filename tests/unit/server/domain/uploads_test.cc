// SPDX-License-Identifier: Apache-2.0

// What uploads leave behind if a server is killed in the middle of them.

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async/blocking_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/photo_folder.h"
#include "server/model/limits.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::domain {
namespace {

namespace fs = std::filesystem;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::Jpeg;
using ::pinhole::testing::StatusIs;
using ::testing::IsEmpty;

enum class Step { kRendered, kRecorded, kPublished };

class UploadsTest : public ::testing::TestWithParam<Step> {
 protected:
  // Uploads a photo up to a step; returns its key.
  std::string UploadUntil(Step last) {
    auto upload = world_.files->Begin().value();
    EXPECT_THAT(upload->Append(Jpeg()), IsOk());
    EXPECT_THAT(upload->Render(world_.decoders), IsOk());
    if (last >= Step::kRecorded) {
      EXPECT_THAT(Execute(RecordUpload{upload->key()}), IsOk());
    }
    if (last >= Step::kPublished) {
      EXPECT_THAT(upload->Publish(), IsOk());
    }
    // A killed process runs no destructors.
    killed_.push_back(std::move(upload));
    return killed_.back()->key();
  }

  template <typename C>
  absl::StatusOr<typename C::Result> Execute(C command) {
    return world_.Run(world_.store->Execute(std::move(command)));
  }
  absl::StatusOr<Photo> Add(const std::string& key) {
    AddPhoto add;
    add.owner = ansel_;
    add.file_key = key;
    return Execute(std::move(add));
  }
  void Maintain() {
    ASSERT_THAT(Execute(PurgeExpired{}), IsOk());
    ASSERT_THAT(world_.Run(world_.garbage.Sweep()), IsOk());
    EXPECT_THAT(world_.reader.ListGarbage(10).value(), IsEmpty());
  }
  bool Published(const std::string& key) {
    return std::filesystem::exists(world_.files->tree()->FolderOf(key));
  }

  testing::SqliteWorld world_;
  const UserId ansel_ = world_.AddUser("ansel");
  std::vector<std::unique_ptr<media::Upload>> killed_;
};

TEST_P(UploadsTest, KilledUploadLeavesNothingAfterTheGracePeriod) {
  const Photo photo = world_.AddPhoto(ansel_);
  const std::string key = UploadUntil(GetParam());

  world_.clock.Advance(limits::kUploadGrace - absl::Milliseconds(1));
  Maintain();
  EXPECT_EQ(Published(key), GetParam() == Step::kPublished);
  world_.clock.Advance(absl::Milliseconds(1));
  Maintain();

  EXPECT_FALSE(Published(key));
  EXPECT_TRUE(Published(photo.file_key));
}

TEST_P(UploadsTest, UploadOlderThanTheGracePeriodGetsNoRow) {
  const std::string key = UploadUntil(GetParam());
  world_.clock.Advance(limits::kUploadGrace);
  Maintain();

  EXPECT_THAT(Add(key), StatusIs(absl::StatusCode::kAborted));
}

TEST_P(UploadsTest, RestoredBackupForgetsUploadsThatWereUnderWay) {
  const Photo photo = world_.AddPhoto(ansel_);
  const std::string key = UploadUntil(GetParam());
  const fs::path backup = world_.dir.path() / "backup";
  ASSERT_THAT(world_.backups.CreateAt(backup), IsOk());
  const auto store =
      OpenSqliteStore({.path = backup / "pinhole.db", .clock = &world_.clock})
          .value();
  auto photos = media::PhotoFolder::Open(backup / "photos", "this").value();
  const auto files =
      media::PhotoFiles::Open(backup / "tmp", std::move(photos)).value();
  Garbage garbage(*store, *files, world_.file_pool);
  EXPECT_FALSE(fs::exists(files->tree()->FolderOf(key)));

  world_.clock.Advance(limits::kUploadGrace);
  ASSERT_THAT(world_.Run(store->Execute(PurgeExpired{})), IsOk());
  ASSERT_THAT(world_.Run(garbage.Sweep()), IsOk());

  EXPECT_THAT(store->ListGarbage(10).value(), IsEmpty());
  EXPECT_THAT(files->tree()->Check(photo.file_key, photo.size_bytes), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Steps, UploadsTest,
                         ::testing::Values(Step::kRendered, Step::kRecorded,
                                           Step::kPublished));

TEST_F(UploadsTest, PhotoKeepsItsFilesAfterTheGracePeriod) {
  const std::string key = UploadUntil(Step::kPublished);
  ASSERT_THAT(Add(key), IsOk());

  world_.clock.Advance(limits::kUploadGrace);
  Maintain();

  EXPECT_TRUE(Published(key));
}

TEST_F(UploadsTest, UploadWithoutAnOwnerIsRemovedAndForgottenAtOnce) {
  auto upload = world_.Run(world_.photos.BeginUpload(ansel_, {})).value();
  ASSERT_THAT(world_.Run(world_.photos.Append(upload, Jpeg())), IsOk());
  const std::string key = upload.file->key();
  ASSERT_THAT(Execute(DeleteUser{ansel_}), IsOk());

  EXPECT_THAT(world_.Run(world_.photos.Publish(std::move(upload))),
              StatusIs(absl::StatusCode::kNotFound));

  EXPECT_EQ(world_.CountFiles(), 0U);
  world_.clock.Advance(limits::kUploadGrace);
  ASSERT_THAT(Execute(PurgeExpired{}), IsOk());
  EXPECT_THAT(world_.reader.ListGarbage(10).value(), IsEmpty());
}

TEST_F(UploadsTest, GivingUpDoesNotRemoveFilesThatBecameAPhotos) {
  const std::string key = UploadUntil(Step::kPublished);
  ASSERT_THAT(Add(key), IsOk());

  EXPECT_THAT(world_.Run(world_.garbage.GiveUp(key, absl::OkStatus())),
              StatusIs(absl::StatusCode::kNotFound));

  EXPECT_TRUE(Published(key));
}

TEST_F(UploadsTest, FailedUploadDuringABackupIsRemovedAfterIt) {
  auto upload = world_.Run(world_.photos.BeginUpload(ansel_, {})).value();
  ASSERT_THAT(world_.Run(world_.photos.Append(upload, Jpeg())), IsOk());
  ASSERT_THAT(Execute(DeleteUser{ansel_}), IsOk());
  {
    const Garbage::Hold hold(world_.garbage);
    EXPECT_THAT(world_.Run(world_.photos.Publish(std::move(upload))),
                StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(world_.CountFiles(), 4U);
  }

  Maintain();

  EXPECT_EQ(world_.CountFiles(), 0U);
}

// Another server of the installation, with the same store and photos.
struct Server {
  Server(testing::World& world, const std::string& scratch)
      : Server(world, world.OpenFiles(scratch)) {}
  Server(testing::World& world, std::unique_ptr<media::PhotoFiles> opened)
      : files(std::move(opened)),
        garbage(*world.store, *files, world.file_pool),
        photos(*world.store, *files, world.decoders, garbage,
               {.decode = world.decode_pool, .file = world.file_pool},
               world.events) {}

  std::unique_ptr<media::PhotoFiles> files;
  Garbage garbage;
  Photos photos;
};

TEST_P(UploadsTest, UncleanRestartOfAServerDoesNotTouchUploadsOfOthers) {
  const std::string under_way = UploadUntil(GetParam());
  Server killed(world_, "tmp2");
  auto lost = world_.Run(killed.photos.BeginUpload(ansel_, {})).value();
  ASSERT_THAT(world_.Run(killed.photos.Append(lost, Jpeg())), IsOk());
  const fs::path scratch = world_.dir.path() / "files" / "tmp2";
  ASSERT_FALSE(fs::is_empty(scratch));

  Server restarted(world_, "tmp2");
  ASSERT_THAT(world_.Run(restarted.garbage.Sweep()), IsOk());
  Maintain();

  EXPECT_TRUE(fs::is_empty(scratch));
  media::Upload& upload = *killed_.back();
  if (GetParam() < Step::kRecorded) {
    ASSERT_THAT(Execute(RecordUpload{under_way}), IsOk());
  }
  if (GetParam() < Step::kPublished) {
    ASSERT_THAT(upload.Publish(), IsOk());
  }
  EXPECT_THAT(Add(under_way), IsOk());
  EXPECT_THAT(world_.files->tree()->DigestsOf(under_way), IsOk());
}

TEST_P(UploadsTest, AnotherServerRemovesWhatAKilledServerLeft) {
  const std::string key = UploadUntil(GetParam());
  Server other(world_, "tmp2");
  world_.clock.Advance(limits::kUploadGrace);
  ASSERT_THAT(Execute(PurgeExpired{}), IsOk());

  ASSERT_THAT(world_.Run(other.garbage.Sweep()), IsOk());

  EXPECT_FALSE(Published(key));
  EXPECT_THAT(world_.reader.ListGarbage(10).value(), IsEmpty());
}

// A directory of photos whose publications do something else first, or instead.
class DetourFolder final : public media::PhotoStore {
 public:
  using Detour = std::function<absl::Status(const fs::path& folder)>;

  DetourFolder(const fs::path& media, Detour detour)
      : folder_(media::PhotoFolder::Open(media, "this").value()),
        detour_(std::move(detour)) {}

  absl::Status Publish(std::string_view key, const fs::path& folder,
                       const PhotoDigests& digests) override {
    const absl::Status status = detour_(folder);
    return status.ok() ? folder_->Publish(key, folder, digests) : status;
  }
  absl::StatusOr<std::unique_ptr<media::PhotoReader>> Open(
      std::string_view key, media::RenditionSize size,
      std::int64_t offset) const override {
    return folder_->Open(key, size, offset);
  }
  absl::StatusOr<std::int64_t> SizeBytes(
      std::string_view key, media::RenditionSize size) const override {
    return folder_->SizeBytes(key, size);
  }
  absl::Status FetchOriginal(std::string_view key,
                             const fs::path& to) const override {
    return folder_->FetchOriginal(key, to);
  }
  absl::Status Remove(const std::vector<std::string>& keys) override {
    return folder_->Remove(keys);
  }

 private:
  const std::unique_ptr<media::PhotoFolder> folder_;
  const Detour detour_;
};

class DetourTest : public UploadsTest {
 protected:
  // Uploads a photo to a server whose publications take `detour`.
  absl::StatusOr<Photo> Upload(DetourFolder::Detour detour) {
    const fs::path files = world_.dir.path() / "files";
    Server server(world_,
                  media::PhotoFiles::Open(
                      files / "tmp2", std::make_unique<DetourFolder>(
                                          files / "photos", std::move(detour)))
                      .value());
    auto upload = world_.Run(server.photos.BeginUpload(ansel_, {})).value();
    key_ = upload.file->key();
    digests_ = &upload.file->digests();
    EXPECT_THAT(world_.Run(server.photos.Append(upload, Jpeg())), IsOk());
    return world_.Run(server.photos.Publish(std::move(upload)));
  }

  std::string key_;                        // Of the last upload.
  const PhotoDigests* digests_ = nullptr;  // While it is published.
};

// Regression: what was published after the removal stayed for ever.
TEST_F(DetourTest, PublicationLongerThanTheGracePeriodLeavesNothing) {
  ThreadPool pool{{.name = "other"}};
  Garbage other(*world_.store, *world_.files, pool);
  const auto photo = Upload([&](const fs::path&) {
    world_.clock.Advance(limits::kUploadGrace);
    PurgeExpired purge;
    BlockingExecutor executor;
    EXPECT_THAT(executor.Run(world_.store->Execute(std::move(purge))), IsOk());
    const auto swept = executor.Run(other.Sweep());
    EXPECT_THAT(swept, IsOk());
    EXPECT_EQ(swept.value_or(0), 1);
    return absl::OkStatus();
  });

  EXPECT_THAT(photo, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(world_.CountFiles(), 0U);
  Maintain();
}

// Regression: nobody removed files that arrived after a request to S3 that
// seemed to have failed.
TEST_F(DetourTest, FilesThatArriveAfterAFailureGoAfterTheGracePeriod) {
  const fs::path request = world_.dir.path() / "request";
  PhotoDigests digests;
  const auto photo = Upload([&](const fs::path& folder) {
    digests = *digests_;
    fs::copy(folder, request);
    return absl::UnavailableError("no answer");
  });
  EXPECT_THAT(photo, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(world_.CountFiles(), 0U);

  const auto store =
      media::PhotoFolder::Open(world_.dir.path() / "files" / "photos", "this")
          .value();
  ASSERT_THAT(store->Publish(key_, request, digests), IsOk());
  EXPECT_EQ(world_.CountFiles(), 4U);
  world_.clock.Advance(limits::kUploadGrace);
  Maintain();

  EXPECT_EQ(world_.CountFiles(), 0U);
}

TEST_F(DetourTest, FailedPublicationLeavesNoPartOfAPhoto) {
  const auto photo = Upload([&](const fs::path&) {
    const fs::path place = world_.files->tree()->FolderOf(key_);
    fs::create_directories(place.string() + ".part");
    std::ofstream(place.string() + ".part/original") << "half";
    return absl::ResourceExhaustedError("disk full");
  });

  EXPECT_THAT(photo, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(world_.CountFiles(), 0U);
}

TEST_F(UploadsTest, PhotoOfOneServerIsReadAndDeletedByAnother) {
  Server other(world_, "tmp2");
  const Photo photo = world_.AddPhoto(ansel_);

  EXPECT_THAT(world_.Run(other.photos.Open(ansel_, photo.id,
                                           media::RenditionSize::kLarge)),
              IsOk());
  EXPECT_THAT(world_.Run(other.photos.Delete(ansel_, photo.id)), IsOk());

  EXPECT_EQ(world_.CountFiles(), 0U);
}

}  // namespace
}  // namespace pinhole::domain

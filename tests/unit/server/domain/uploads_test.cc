// SPDX-License-Identifier: Apache-2.0

// What uploads leave behind if a server is killed in the middle of them.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/model/limits.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::domain {
namespace {

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
    return std::filesystem::exists(world_.files->tree().FolderOf(key));
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

TEST_F(UploadsTest, FailedUploadDuringABackupIsRemovedAfterTheGracePeriod) {
  auto upload = world_.Run(world_.photos.BeginUpload(ansel_, {})).value();
  ASSERT_THAT(world_.Run(world_.photos.Append(upload, Jpeg())), IsOk());
  ASSERT_THAT(Execute(DeleteUser{ansel_}), IsOk());
  {
    const Garbage::Hold hold(world_.garbage);
    EXPECT_THAT(world_.Run(world_.photos.Publish(std::move(upload))),
                StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(world_.CountFiles(), 4U);
  }

  world_.clock.Advance(limits::kUploadGrace);
  Maintain();

  EXPECT_EQ(world_.CountFiles(), 0U);
}

}  // namespace
}  // namespace pinhole::domain

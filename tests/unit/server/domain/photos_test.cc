// SPDX-License-Identifier: Apache-2.0

#include "server/domain/photos.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/request_key.h"
#include "server/media/picture_refusal.h"
#include "server/model/limits.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/world.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::Jpeg;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using enum absl::StatusCode;

class PhotosTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Download(UserId viewer, PhotoId photo,
                                       media::RenditionSize size,
                                       std::int64_t offset = 0) {
    auto opened =
        world_.Run(photos_.Open(viewer, photo, size, {.offset = offset}));
    if (!opened.ok()) return opened.status();
    std::string all;
    while (true) {
      const auto bytes = world_.Run(photos_.Read(*opened, 100));
      if (!bytes.ok()) return bytes.status();
      if (bytes->empty()) return all;
      all += *bytes;
    }
  }

  Task<absl::Status> GiveUp(PhotoUpload upload) {
    co_await photos_.Abandon(std::move(upload));
    co_return absl::OkStatus();
  }

  NewPhoto Repeatable(const std::string& request_id,
                      const std::string& content) {
    NewPhoto photo;
    photo.request = MakeRequestKey("UploadPhoto", "ansel", request_id, content);
    return photo;
  }

  testing::World world_;
  Photos& photos_ = world_.photos;
  const UserId ansel_ = world_.AddUser("ansel");
  const UserId dorothea_ = world_.AddUser("dorothea");
};

TEST_F(PhotosTest, PublishedPhotoHasDeclaredAndDetectedProperties) {
  NewPhoto said;
  said.caption = "Half Dome";
  said.alt_text = "A rock";
  said.visibility = Visibility::kFollowers;
  const std::string bytes = Jpeg(64, 48);

  const Photo photo = world_.Upload(ansel_, said, bytes).value();

  EXPECT_EQ(photo.owner_handle, "ansel");
  EXPECT_EQ(photo.caption, "Half Dome");
  EXPECT_EQ(photo.alt_text, "A rock");
  EXPECT_EQ(photo.visibility, Visibility::kFollowers);
  EXPECT_EQ(photo.content_type, "image/jpeg");
  EXPECT_EQ(photo.width, 64);
  EXPECT_EQ(photo.height, 48);
  EXPECT_EQ(photo.size_bytes, static_cast<std::int64_t>(bytes.size()));
}

TEST_F(PhotosTest, OriginalIsReturnedUnchangedToItsOwnerOnly) {
  const std::string bytes = Jpeg();
  const Photo photo = world_.Upload(ansel_, {}, bytes).value();
  constexpr auto kOriginal = media::RenditionSize::kOriginal;

  EXPECT_EQ(Download(ansel_, photo.id, kOriginal).value(), bytes);
  EXPECT_THAT(Download(dorothea_, photo.id, kOriginal),
              StatusIs(kPermissionDenied));
  EXPECT_THAT(Download({}, photo.id, kOriginal), StatusIs(kPermissionDenied));
}

TEST_F(PhotosTest, DownloadGoesOnFromAnOffset) {
  const std::string bytes = Jpeg();
  const Photo photo = world_.Upload(ansel_, {}, bytes).value();
  constexpr auto kOriginal = media::RenditionSize::kOriginal;
  const auto size = static_cast<std::int64_t>(bytes.size());

  EXPECT_EQ(Download(ansel_, photo.id, kOriginal, 150).value(),
            bytes.substr(150));
  EXPECT_EQ(Download(ansel_, photo.id, kOriginal, size).value(), "");
  const auto negative = Download(ansel_, photo.id, kOriginal, -1);
  EXPECT_THAT(negative, StatusIs(kInvalidArgument));
  EXPECT_EQ(FieldOf(negative.status()), "offset");
}

TEST_F(PhotosTest, AnOffsetBeyondTheFileReadsNothingWhateverTheNumber) {
  const Photo photo = world_.Upload(ansel_, {}, Jpeg()).value();

  for (const std::int64_t offset :
       {std::int64_t{1} << 31, std::int64_t{1} << 44,
        (std::int64_t{1} << 62) + 7,
        std::numeric_limits<std::int64_t>::max() - 1,
        std::numeric_limits<std::int64_t>::max()}) {
    for (const auto size :
         {media::RenditionSize::kThumbnail, media::RenditionSize::kOriginal}) {
      const auto bytes = Download(ansel_, photo.id, size, offset);
      ASSERT_THAT(bytes, IsOk()) << offset;
      EXPECT_EQ(*bytes, "");
    }
  }
  EXPECT_THAT(Download(ansel_, photo.id, media::RenditionSize::kOriginal,
                       std::numeric_limits<std::int64_t>::min()),
              StatusIs(kInvalidArgument));
}

TEST_F(PhotosTest, RenditionsAreJpegsForEveryPermittedViewer) {
  const Photo photo = world_.AddPhoto(ansel_, Visibility::kFollowers);
  constexpr auto kThumbnail = media::RenditionSize::kThumbnail;
  EXPECT_THAT(Download(dorothea_, photo.id, kThumbnail), StatusIs(kNotFound));

  world_.Follow(dorothea_, "ansel");

  EXPECT_THAT(Download(dorothea_, photo.id, kThumbnail).value(),
              ::testing::StartsWith("\xff\xd8"));
}

TEST_F(PhotosTest, HiddenPhotosAreNotFound) {
  const Photo hidden = world_.AddPhoto(ansel_, Visibility::kPrivate);
  const Photo shown = world_.AddPhoto(ansel_);
  world_.Block(ansel_, "dorothea");

  EXPECT_THAT(world_.Run(photos_.Find({}, hidden.id)),
              StatusIs(kNotFound, HasSubstr("does not exist, or you may not")));
  EXPECT_THAT(world_.Run(photos_.Find(dorothea_, shown.id)),
              StatusIs(kNotFound));
  EXPECT_THAT(world_.Run(photos_.Find(ansel_, hidden.id)), IsOk());
}

TEST_F(PhotosTest, DeclaredSizeIsCheckedBeforeBytesCome) {
  NewPhoto huge;
  huge.size_bytes = limits::kMaxPhotoBytes + 1;
  NewPhoto negative;
  negative.size_bytes = -1;

  EXPECT_EQ(ReasonOf(world_.Run(photos_.BeginUpload(ansel_, huge)).status()),
            Reason::kTooManyBytes);
  EXPECT_THAT(world_.Run(photos_.BeginUpload(ansel_, negative)),
              StatusIs(kInvalidArgument));
}

TEST_F(PhotosTest, FewerOrMoreBytesThanDeclaredAreRefusedWithoutATrace) {
  const std::string bytes = Jpeg();
  for (const int difference : {-1, 1}) {
    NewPhoto photo;
    photo.size_bytes = static_cast<std::int64_t>(bytes.size()) + difference;

    const auto refused = world_.Upload(ansel_, photo, bytes);

    EXPECT_THAT(refused, StatusIs(kInvalidArgument));
    EXPECT_EQ(ReasonOf(refused.status()), Reason::kSizeMismatch);
    EXPECT_EQ(world_.CountFiles(), 0u);
  }
}

TEST_F(PhotosTest, RefusedFilesHaveAReasonAndLeaveNothing) {
  const auto empty = world_.Upload(ansel_, {}, "");
  const auto text = world_.Upload(ansel_, {}, std::string(1000, 'x'));
  const auto cut = world_.Upload(ansel_, {}, Jpeg(800, 600).substr(0, 400));

  EXPECT_EQ(ReasonOf(empty.status()), Reason::kEmptyFile);
  EXPECT_EQ(ReasonOf(text.status()), Reason::kUnsupportedType);
  EXPECT_EQ(ReasonOf(cut.status()), Reason::kDamagedFile);
  EXPECT_EQ(world_.CountFiles(), 0u);
}

TEST_F(PhotosTest, AUserHasEightUploadsAtATime) {
  std::vector<absl::StatusOr<PhotoUpload>> uploads;
  for (int i = 0; i < limits::kMaxUserUploads; ++i) {
    uploads.push_back(world_.Run(photos_.BeginUpload(ansel_, {})));
    ASSERT_THAT(uploads.back(), IsOk());
  }
  EXPECT_EQ(uploads.size(), 8u);

  const auto ninth = world_.Run(photos_.BeginUpload(ansel_, {}));

  EXPECT_THAT(ninth, StatusIs(kResourceExhausted,
                              HasSubstr("8 uploads of your account")));
  EXPECT_EQ(ReasonOf(ninth.status()), Reason::kTooManyUploads);
  EXPECT_GT(RetryDelayOf(ninth.status()), absl::ZeroDuration());
  EXPECT_FALSE(IsOverload(ninth.status()));
  EXPECT_EQ(world_.CountFiles(), 8u);
  EXPECT_THAT(world_.Run(photos_.BeginUpload(dorothea_, {})), IsOk());
}

TEST_F(PhotosTest, AnUploadReleasesItsSlotHoweverItEnds) {
  constexpr int kMost = limits::kMaxUserUploads;
  const std::vector<std::function<void(PhotoUpload)>> ends = {
      [this](PhotoUpload upload) {  // Published.
        ASSERT_THAT(world_.Run(photos_.Append(upload, Jpeg())), IsOk());
        ASSERT_THAT(world_.Run(photos_.Publish(std::move(upload))), IsOk());
      },
      [this](PhotoUpload upload) {  // Refused: not a picture.
        ASSERT_THAT(world_.Run(photos_.Append(upload, "text")), IsOk());
        ASSERT_THAT(world_.Run(photos_.Publish(std::move(upload))),
                    StatusIs(kInvalidArgument));
      },
      [this](PhotoUpload upload) {  // Abandoned.
        ASSERT_THAT(world_.Run(GiveUp(std::move(upload))), IsOk());
      },
      [](PhotoUpload upload) { (void)upload; }};  // The call was cancelled.
  std::vector<PhotoUpload> held;
  for (int i = 1; i < kMost; ++i) {
    held.push_back(*world_.Run(photos_.BeginUpload(ansel_, {})));
  }
  for (const auto& end : ends) {
    auto last = world_.Run(photos_.BeginUpload(ansel_, {}));
    ASSERT_THAT(last, IsOk());
    ASSERT_THAT(world_.Run(photos_.BeginUpload(ansel_, {})),
                StatusIs(kResourceExhausted));
    end(*std::move(last));
  }
  EXPECT_THAT(world_.Run(photos_.BeginUpload(ansel_, {})), IsOk());
}

TEST_F(PhotosTest, ARepeatedUploadNeedsNoSlot) {
  const Photo first =
      world_.Upload(ansel_, Repeatable("id", "same"), Jpeg()).value();
  std::vector<PhotoUpload> held;
  for (int i = 0; i < limits::kMaxUserUploads; ++i) {
    held.push_back(*world_.Run(photos_.BeginUpload(ansel_, {})));
  }

  const auto again =
      world_.Run(photos_.BeginUpload(ansel_, Repeatable("id", "same")));

  EXPECT_EQ(again->repeated.value().id, first.id);
}

TEST_F(PhotosTest, AbandonedUploadLeavesNothing) {
  auto upload = world_.Run(photos_.BeginUpload(ansel_, {}));
  ASSERT_THAT(world_.Run(photos_.Append(*upload, Jpeg())), IsOk());
  ASSERT_EQ(world_.CountFiles(), 1u);

  upload = absl::CancelledError();

  EXPECT_EQ(world_.CountFiles(), 0u);
}

TEST_F(PhotosTest, RepeatedUploadIsAnsweredBeforeItsBytes) {
  const Photo first =
      world_.Upload(ansel_, Repeatable("id", "same"), Jpeg()).value();

  const auto again =
      world_.Run(photos_.BeginUpload(ansel_, Repeatable("id", "same")));

  EXPECT_EQ(again->repeated.value().id, first.id);
  EXPECT_EQ(again->file, nullptr);
  EXPECT_EQ(world_.CountFiles(), 4u);
}

TEST_F(PhotosTest, RequestIdOfAnotherPhotoIsRefused) {
  ASSERT_THAT(world_.Upload(ansel_, Repeatable("id", "same"), Jpeg()), IsOk());

  EXPECT_THAT(world_.Upload(ansel_, Repeatable("id", "other"), Jpeg()),
              StatusIs(kInvalidArgument));
}

TEST_F(PhotosTest, SameUploadTwiceAtOnceMakesOnePhoto) {
  auto one = world_.Run(photos_.BeginUpload(ansel_, Repeatable("id", "same")));
  auto two = world_.Run(photos_.BeginUpload(ansel_, Repeatable("id", "same")));
  ASSERT_THAT(world_.Run(photos_.Append(*one, Jpeg())), IsOk());
  ASSERT_THAT(world_.Run(photos_.Append(*two, Jpeg())), IsOk());

  const auto first = world_.Run(photos_.Publish(*std::move(one)));
  const auto second = world_.Run(photos_.Publish(*std::move(two)));

  EXPECT_EQ(first.value().id, second.value().id);
  EXPECT_EQ(world_.CountFiles(), 4u);
}

TEST_F(PhotosTest, OwnerUpdatesOthersMayNot) {
  const Photo photo = world_.AddPhoto(ansel_, Visibility::kPublic, "before");
  PhotoChanges changes;
  changes.visibility = Visibility::kPrivate;

  EXPECT_THAT(world_.Run(photos_.Update(dorothea_, photo.id, changes)),
              StatusIs(kPermissionDenied));
  const Photo now =
      world_.Run(photos_.Update(ansel_, photo.id, changes)).value();

  EXPECT_EQ(now.visibility, Visibility::kPrivate);
  EXPECT_EQ(now.caption, "before");
  EXPECT_THAT(world_.Run(photos_.Update(dorothea_, photo.id, changes)),
              StatusIs(kNotFound));
}

TEST_F(PhotosTest, DeleteByOwnerRemovesRowAndBytes) {
  const Photo photo = world_.AddPhoto(ansel_);

  EXPECT_THAT(world_.Run(photos_.Delete(dorothea_, photo.id)),
              StatusIs(kPermissionDenied));
  EXPECT_EQ(world_.CountFiles(), 4u);
  EXPECT_THAT(world_.Run(photos_.Delete(ansel_, photo.id)), IsOk());

  EXPECT_THAT(world_.Run(photos_.Find(ansel_, photo.id)), StatusIs(kNotFound));
  EXPECT_EQ(world_.CountFiles(), 0u);
  EXPECT_EQ(world_.reader.ListGarbage(10).value().size(), 0u);
}

TEST_F(PhotosTest, SweepRemovesWhatADeletionLeftBehind) {
  const Photo photo = world_.AddPhoto(ansel_);
  DeletePhoto row_only{.actor = ansel_, .photo = photo.id};
  ASSERT_THAT(world_.Run(world_.store->Execute(std::move(row_only))), IsOk());
  ASSERT_EQ(world_.CountFiles(), 4u);

  EXPECT_EQ(world_.Run(world_.garbage.Sweep()).value(), 1);

  EXPECT_EQ(world_.CountFiles(), 0u);
  EXPECT_EQ(world_.reader.ListGarbage(10).value().size(), 0u);
}

TEST_F(PhotosTest, ListsOmitHiddenPhotos) {
  world_.AddPhoto(ansel_, Visibility::kPrivate);
  world_.AddPhoto(ansel_, Visibility::kFollowers);
  const Photo shown = world_.AddPhoto(ansel_);

  const auto of_ansel = world_.Run(photos_.List(dorothea_, "ansel", {}));
  const auto recent = world_.Run(photos_.ListRecent({}, {}));

  ASSERT_EQ(of_ansel->items.size(), 1u);
  EXPECT_EQ(of_ansel->items[0].id, shown.id);
  EXPECT_EQ(recent->items.size(), 1u);
  EXPECT_EQ(world_.Run(photos_.List(ansel_, "ansel", {}))->items.size(), 3u);
  EXPECT_THAT(world_.Run(photos_.List({}, "nobody", {})),
              StatusIs(kNotFound, HasSubstr("users/nobody")));
}

}  // namespace
}  // namespace pinhole::domain

// SPDX-License-Identifier: Apache-2.0

#include "server/model/limits.h"
#include "tests/contract/store_contract.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class PhotosContract : public StoreContract {
 protected:
  std::vector<PhotoId> PhotosOf(UserId owner, UserId viewer) {
    return Ids(ReadAll([&](PageRequest page) {
      return reader().ListPhotos(viewer, owner, page);
    }));
  }
  std::vector<PhotoId> Recent(UserId viewer) {
    return Ids(ReadAll([&](PageRequest page) {
      return reader().ListRecentPhotos(viewer, page);
    }));
  }

  static PhotoDigests SomeDigests() {
    PhotoDigests digests;
    for (Digest& digest : digests) digest.fill('\xe9');
    digests.back().front() = '\0';
    return digests;
  }
  ReplacePhotoFiles OtherFiles(const Photo& photo, std::string key = "other") {
    return {.photo = photo.id,
            .old_file_key = photo.file_key,
            .new_file_key = NewUpload(std::move(key)),
            .width = 480,
            .height = 640,
            .content_type = "image/png",
            .rendition_version = 7,
            .digests = SomeDigests()};
  }

  const UserId ansel_ = Register("ansel");
  const UserId fan_ = Register("fan");
  const UserId stranger_ = Register("stranger");
};

TEST_P(PhotosContract, PhotoHasTheGivenValues) {
  AddPhoto given = NewPhoto(ansel_, Visibility::kFollowers, "Half Dome");
  given.rendition_version = 3;
  given.digests = SomeDigests();

  const Photo photo = Try(given).value();

  EXPECT_EQ(photo.owner, ansel_);
  EXPECT_EQ(photo.owner_handle, "ansel");
  EXPECT_EQ(photo.file_key, given.file_key);
  EXPECT_EQ(photo.caption, "Half Dome");
  EXPECT_EQ(photo.alt_text, "alt");
  EXPECT_EQ(photo.visibility, Visibility::kFollowers);
  EXPECT_EQ(photo.create_time, clock_.Now());
  EXPECT_EQ(photo.width, 640);
  EXPECT_EQ(photo.height, 480);
  EXPECT_EQ(photo.size_bytes, 12345);
  EXPECT_EQ(photo.content_type, "image/jpeg");
  EXPECT_EQ(photo.rendition_version, 3);
  EXPECT_EQ(photo.digests, SomeDigests());
  EXPECT_EQ(PhotoAs(ansel_, photo.id).caption, "Half Dome");
  EXPECT_TRUE(reader().HasFileKey(given.file_key).value());
}

TEST_P(PhotosContract, VisibilityDecidesWhoSeesAPhoto) {
  Follow(fan_, ansel_);
  const PhotoId open = Publish(ansel_, Visibility::kPublic).id;
  const PhotoId followers = Publish(ansel_, Visibility::kFollowers).id;
  const PhotoId mine = Publish(ansel_, Visibility::kPrivate).id;

  EXPECT_THAT(PhotosOf(ansel_, ansel_), ElementsAre(mine, followers, open));
  EXPECT_THAT(PhotosOf(ansel_, fan_), ElementsAre(followers, open));
  EXPECT_THAT(PhotosOf(ansel_, stranger_), ElementsAre(open));
  EXPECT_THAT(PhotosOf(ansel_, UserId{}), ElementsAre(open));
  EXPECT_EQ(UserAs(ansel_, ansel_).photo_count, 3);
  EXPECT_EQ(UserAs(fan_, ansel_).photo_count, 2);
  EXPECT_EQ(UserAs(stranger_, ansel_).photo_count, 1);
  EXPECT_EQ(UserAs(UserId{}, ansel_).photo_count, 1);
  for (const UserId viewer : {stranger_, UserId{}}) {
    EXPECT_THAT(reader().FindPhoto(viewer, followers),
                StatusIs(absl::StatusCode::kNotFound));
  }
  EXPECT_THAT(reader().FindPhoto(fan_, mine),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().FindPhoto(fan_, followers), IsOk());
}

TEST_P(PhotosContract, UnfollowingHidesAgain) {
  Follow(fan_, ansel_);
  const PhotoId photo = Publish(ansel_, Visibility::kFollowers).id;
  Like(fan_, photo);

  Try(UnfollowUser{fan_, ansel_}).value();

  EXPECT_THAT(reader().FindPhoto(fan_, photo),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(UnlikePhoto{fan_, photo}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().ListLikes(fan_, photo, {}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().ListComments(fan_, photo, {}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(PhotosContract, RecentShowsOnlyPublicPhotosNewestFirst) {
  const PhotoId first = Publish(ansel_).id;
  Publish(ansel_, Visibility::kFollowers);
  Publish(ansel_, Visibility::kPrivate);
  const PhotoId second = Publish(fan_).id;

  EXPECT_THAT(Recent(ansel_), ElementsAre(second, first));
  EXPECT_EQ(reader().LatestPhoto().value(), second);
}

TEST_P(PhotosContract, BlockHidesPhotosBothWays) {
  const PhotoId by_ansel = Publish(ansel_).id;
  const PhotoId by_stranger = Publish(stranger_).id;

  Block(ansel_, stranger_);

  EXPECT_THAT(Recent(ansel_), ElementsAre(by_ansel));
  EXPECT_THAT(Recent(stranger_), ElementsAre(by_stranger));
  EXPECT_THAT(Recent(fan_), ElementsAre(by_stranger, by_ansel));
  EXPECT_THAT(reader().FindPhoto(stranger_, by_ansel),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().FindPhoto(ansel_, by_stranger),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().ListPhotos(stranger_, ansel_, {}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(LikePhoto{stranger_, by_ansel}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(CreateComment{stranger_, by_ansel, "hm", {}}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(PhotosContract, UpdateChangesOnlyWhatIsGiven) {
  const PhotoId id = Publish(ansel_, Visibility::kPublic, "old").id;

  UpdatePhoto hide{ansel_, id, {}, {}, Visibility::kPrivate};
  Try(hide).value();
  const Photo photo = Try(UpdatePhoto{ansel_, id, "new", {}, {}}).value();

  EXPECT_EQ(photo.caption, "new");
  EXPECT_EQ(photo.alt_text, "alt");
  EXPECT_EQ(photo.visibility, Visibility::kPrivate);
  EXPECT_EQ(UserAs(fan_, ansel_).photo_count, 0);
  EXPECT_EQ(UserAs(ansel_, ansel_).photo_count, 1);
  EXPECT_THAT(Recent(fan_), IsEmpty());
}

TEST_P(PhotosContract, OthersMayNotChangeAPhoto) {
  const PhotoId open = Publish(ansel_).id;
  const PhotoId mine = Publish(ansel_, Visibility::kPrivate).id;

  EXPECT_THAT(Try(UpdatePhoto{fan_, open, "x", {}, {}}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Try(DeletePhoto{fan_, open}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Try(UpdatePhoto{fan_, mine, "x", {}, {}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(DeletePhoto{fan_, mine}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(PhotoAs(ansel_, open).caption, "");
}

TEST_P(PhotosContract, DeletedPhotoIsRemovedWithItsLikesAndComments) {
  const Photo photo = Publish(ansel_);
  Like(fan_, photo.id);
  Like(ansel_, photo.id);
  Remark(fan_, photo.id);

  const auto deleted = Try(DeletePhoto{ansel_, photo.id}).value();

  EXPECT_EQ(deleted.file_key, photo.file_key);
  EXPECT_THAT(reader().FindPhoto(ansel_, photo.id),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(NotificationsOf(ansel_), IsEmpty());
  EXPECT_EQ(UserAs(ansel_, ansel_).photo_count, 0);
  EXPECT_FALSE(reader().HasFileKey(photo.file_key).value());
  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(photo.file_key));
}

TEST_P(PhotosContract, GarbageIsForgottenWhenRemoved) {
  const Photo one = Publish(ansel_);
  const Photo two = Publish(ansel_);
  Try(DeletePhoto{ansel_, one.id}).value();
  Try(DeletePhoto{ansel_, two.id}).value();
  EXPECT_THAT(reader().ListGarbage(10).value(),
              UnorderedElementsAre(one.file_key, two.file_key));

  Try(ForgetGarbage{{one.file_key, "unknown"}}).value();

  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(two.file_key));
}

TEST_P(PhotosContract, UploadWithoutAPhotoBecomesGarbageAfterTheGracePeriod) {
  const std::string old = NewUpload();
  Publish(ansel_);
  clock_.Advance(limits::kUploadGrace - absl::Seconds(1));
  NewUpload();
  Try(PurgeExpired{}).value();
  EXPECT_THAT(reader().ListGarbage(10).value(), IsEmpty());

  clock_.Advance(absl::Seconds(1));
  Try(PurgeExpired{}).value();

  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(old));
}

TEST_P(PhotosContract, FilesThatBecameGarbageNeverBecomeAPhotos) {
  const AddPhoto late = NewPhoto(ansel_);
  const Photo photo = Publish(ansel_);
  const ReplacePhotoFiles later = OtherFiles(photo);
  clock_.Advance(limits::kUploadGrace);
  Try(PurgeExpired{}).value();

  EXPECT_THAT(Try(late), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Try(later), StatusIs(absl::StatusCode::kAborted));
  Try(ForgetGarbage{{late.file_key, later.new_file_key}}).value();
  EXPECT_THAT(Try(late), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Try(later), StatusIs(absl::StatusCode::kAborted));

  EXPECT_EQ(UserAs(ansel_, ansel_).photo_count, 1);
  EXPECT_EQ(PhotoAs(ansel_, photo.id).file_key, photo.file_key);
}

TEST_P(PhotosContract, UploadStaysRecordedUntilItHasAPhoto) {
  AddPhoto add = NewPhoto(UserId{77});
  ASSERT_THAT(Try(add), StatusIs(absl::StatusCode::kNotFound));
  AddPhoto first = NewPhoto(ansel_);
  first.request = RequestKey{"key", "content"};
  Try(first).value();
  AddPhoto again = NewPhoto(ansel_);
  again.request = first.request;
  Try(again).value();

  clock_.Advance(limits::kUploadGrace);
  Try(PurgeExpired{}).value();

  EXPECT_THAT(reader().ListGarbage(10).value(),
              UnorderedElementsAre(add.file_key, again.file_key));
}

TEST_P(PhotosContract, UploadThatWasGivenUpIsGarbageAndGetsNoPhoto) {
  const AddPhoto late = NewPhoto(ansel_);

  Try(GiveUpUpload{late.file_key}).value();

  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(late.file_key));
  EXPECT_THAT(Try(late), StatusIs(absl::StatusCode::kAborted));
}

TEST_P(PhotosContract, UploadThatBecameAPhotoCannotBeGivenUp) {
  const Photo photo = Publish(ansel_);

  EXPECT_THAT(Try(GiveUpUpload{photo.file_key}),
              StatusIs(absl::StatusCode::kNotFound));

  EXPECT_THAT(reader().ListGarbage(10).value(), IsEmpty());
  EXPECT_EQ(PhotoAs(ansel_, photo.id).file_key, photo.file_key);
}

TEST_P(PhotosContract, OldestUploadsBecomeGarbageFirst) {
  const std::string older = NewUpload("z");
  clock_.Advance(absl::Seconds(1));
  NewUpload("a");
  clock_.Advance(limits::kUploadGrace);

  Try(PurgeExpired{.limit = 1}).value();

  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(older));
}

TEST_P(PhotosContract, PhotoGetsOtherFilesAndTheOldOnesAreGarbage) {
  const Photo photo = Publish(ansel_, Visibility::kPublic, "Half Dome");
  Follow(fan_, ansel_);
  ASSERT_EQ(Feed(fan_).size(), 1U);  // Now in memory.
  ASSERT_EQ(PhotoAs(fan_, photo.id).file_key, photo.file_key);

  ASSERT_THAT(Try(OtherFiles(photo)), IsOk());

  for (const Photo& seen :
       {PhotoAs(fan_, photo.id), PhotoAs(ansel_, photo.id),
        reader().ListFeed(fan_, {}).value().items.at(0),
        reader().ListPhotos({}, ansel_, {}).value().items.at(0)}) {
    EXPECT_EQ(seen.id, photo.id);
    EXPECT_EQ(seen.file_key, "other");
    EXPECT_EQ(seen.caption, "Half Dome");
    EXPECT_EQ(seen.create_time, photo.create_time);
    EXPECT_EQ(seen.width, 480);
    EXPECT_EQ(seen.height, 640);
    EXPECT_EQ(seen.content_type, "image/png");
    EXPECT_EQ(seen.rendition_version, 7);
    EXPECT_EQ(seen.digests, SomeDigests());
  }
  EXPECT_TRUE(reader().HasFileKey("other").value());
  EXPECT_FALSE(reader().HasFileKey(photo.file_key).value());
  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(photo.file_key));
}

TEST_P(PhotosContract, OtherFilesForADeletedPhotoHaveNoEffect) {
  const Photo photo = Publish(ansel_);
  Try(DeletePhoto{ansel_, photo.id}).value();

  EXPECT_THAT(Try(OtherFiles(photo)), StatusIs(absl::StatusCode::kNotFound));

  EXPECT_FALSE(reader().HasFileKey("other").value());
  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(photo.file_key));
}

TEST_P(PhotosContract, OtherFilesAreGivenOnce) {
  const Photo photo = Publish(ansel_);
  const ReplacePhotoFiles late = OtherFiles(photo, "too late");
  Try(OtherFiles(photo)).value();

  EXPECT_THAT(Try(late), StatusIs(absl::StatusCode::kNotFound));

  EXPECT_EQ(PhotoAs(ansel_, photo.id).file_key, "other");
  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(photo.file_key));
}

TEST_P(PhotosContract, PhotoCanKeepItsFilesUnderANewVersion) {
  const Photo photo = Publish(ansel_);
  ReplacePhotoFiles keep = OtherFiles(photo);
  keep.new_file_key = photo.file_key;

  ASSERT_THAT(Try(keep), IsOk());

  EXPECT_EQ(PhotoAs(ansel_, photo.id).file_key, photo.file_key);
  EXPECT_EQ(PhotoAs(ansel_, photo.id).rendition_version, 7);
  EXPECT_THAT(reader().ListGarbage(10).value(), IsEmpty());
}

TEST_P(PhotosContract, OutdatedPhotosAreListedByVersionThenNewestFirst) {
  const auto add = [this](std::int32_t version) {
    AddPhoto photo = NewPhoto(ansel_, Visibility::kPrivate);
    photo.rendition_version = version;
    return Try(photo).value().id;
  };
  const PhotoId a = add(1), b = add(0), c = add(2), d = add(0), e = add(1);
  const auto outdated = [this](std::int32_t version, int limit) {
    return Ids(reader().ListOutdated(version, limit).value());
  };

  EXPECT_THAT(outdated(2, 10), ElementsAre(d, b, e, a));
  EXPECT_THAT(outdated(2, 3), ElementsAre(d, b, e));
  EXPECT_THAT(outdated(1, 10), ElementsAre(d, b));
  EXPECT_THAT(outdated(0, 10), IsEmpty());
  EXPECT_EQ(reader().CountOutdated(2).value(), 4);
  EXPECT_EQ(reader().CountOutdated(0).value(), 0);

  Try(OutdateRenditions{}).value();

  EXPECT_THAT(outdated(1, 10), ElementsAre(e, d, c, b, a));
  EXPECT_EQ(PhotoAs(ansel_, c).rendition_version, 0);
}

TEST_P(PhotosContract, RepeatedUploadReturnsTheFirstPhoto) {
  AddPhoto upload = NewPhoto(ansel_);
  upload.request = RequestKey{"key", "content"};
  const Photo first = Try(upload).value();
  AddPhoto again = NewPhoto(ansel_);
  again.request = upload.request;

  const Photo second = Try(again).value();

  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.file_key, first.file_key);
  EXPECT_FALSE(reader().HasFileKey(again.file_key).value());
  Try(DeletePhoto{ansel_, first.id}).value();
  EXPECT_THAT(Try(again), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(PhotosContract, PhotoNeedsAnOwner) {
  EXPECT_THAT(Try(NewPhoto(UserId{77})), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(PhotosContract, PagesHaveNoRepeatsOrHolesWhilePhotosComeAndGo) {
  std::vector<PhotoId> old;
  for (int i = 0; i < 6; ++i) old.push_back(Publish(ansel_).id);

  const auto first = reader().ListRecentPhotos(fan_, {0, 2}).value();
  Publish(ansel_);
  Try(DeletePhoto{ansel_, old[4]}).value();
  Try(DeletePhoto{ansel_, old[2]}).value();
  const auto second = reader().ListRecentPhotos(fan_, {first.next, 2}).value();
  Publish(fan_);
  const auto third = reader().ListRecentPhotos(fan_, {second.next, 2}).value();

  EXPECT_THAT(Ids(first.items), ElementsAre(old[5], old[4]));
  EXPECT_THAT(Ids(second.items), ElementsAre(old[3], old[1]));
  EXPECT_THAT(Ids(third.items), ElementsAre(old[0]));
  EXPECT_EQ(third.next, 0);
}

PINHOLE_ON_ALL_STORES(PhotosContract);

}  // namespace
}  // namespace pinhole::testing

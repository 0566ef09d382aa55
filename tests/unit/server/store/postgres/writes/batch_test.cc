// SPDX-License-Identifier: Apache-2.0

// Commands that meet in one batch: each sees what those before it did.

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "server/model/limits.h"
#include "tests/unit/server/store/postgres/writes/writer_fixture.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Gt;
using ::testing::IsEmpty;

auto IsState(int likes, bool liked) {
  return ::testing::AllOf(Field(&LikeState::like_count, likes),
                          Field(&LikeState::liked, liked));
}

class BatchTest : public WriterTest {
 protected:
  LikeState State(const absl::StatusOr<CommandResult>& result) {
    return As<LikeState>(result);
  }
  Reason ReasonIn(const absl::StatusOr<CommandResult>& result) {
    return ReasonOf(result.status()).value_or(Reason::kUnknown);
  }

  const UserId ann_ = Register("ann");
  const UserId bob_ = Register("bob");
  const UserId eve_ = Register("eve");
  const PhotoId photo_ = Publish(ann_);
};

TEST_F(BatchTest, EachLikeCountsThoseBeforeIt) {
  const Results results =
      RunTogether(LikePhoto{bob_, photo_}, LikePhoto{eve_, photo_},
                  LikePhoto{ann_, photo_}, LikePhoto{bob_, photo_});

  EXPECT_THAT(State(results[0]), IsState(1, true));
  EXPECT_THAT(State(results[1]), IsState(2, true));
  EXPECT_THAT(State(results[2]), IsState(3, true));
  EXPECT_THAT(State(results[3]), IsState(3, true));
  EXPECT_EQ(reader().FindPhoto(UserId{}, photo_)->like_count, 3);
  // Not of the like by the owner.
  EXPECT_EQ(reader().ListNotifications(ann_, {})->items.size(), 2u);
}

TEST_F(BatchTest, LikesAndUnlikesOfOneUserCancelOut) {
  const Results results =
      RunTogether(LikePhoto{bob_, photo_}, UnlikePhoto{bob_, photo_},
                  UnlikePhoto{bob_, photo_});

  EXPECT_THAT(State(results[1]), IsState(0, false));
  EXPECT_THAT(State(results[2]), IsState(0, false));
  EXPECT_EQ(Count("SELECT count(*) FROM likes"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM notifications"), 0);
  EXPECT_EQ(reader().FindPhoto(UserId{}, photo_)->like_count, 0);
}

TEST_F(BatchTest, LikeThatIsTakenBackAndRenewedHasANewNotification) {
  RunTogether(LikePhoto{bob_, photo_});
  const auto before = reader().ListNotifications(ann_, {})->items;

  RunTogether(UnlikePhoto{bob_, photo_}, LikePhoto{bob_, photo_});

  const auto after = reader().ListNotifications(ann_, {})->items;
  ASSERT_EQ(after.size(), 1u);
  EXPECT_THAT(after[0].id, Gt(before[0].id));
  EXPECT_EQ(reader().FindPhoto(bob_, photo_)->like_count, 1);
}

TEST_F(BatchTest, LikesAcrossABlockAreNotCounted) {
  Block(bob_, eve_);
  RunTogether(LikePhoto{eve_, photo_});

  const Results results =
      RunTogether(LikePhoto{bob_, photo_}, UnlikePhoto{eve_, photo_},
                  LikePhoto{eve_, photo_}, LikePhoto{ann_, photo_});

  EXPECT_THAT(State(results[0]), IsState(1, true));
  EXPECT_THAT(State(results[1]), IsState(0, false));
  EXPECT_THAT(State(results[2]), IsState(1, true));
  EXPECT_THAT(State(results[3]), IsState(3, true));
}

TEST_F(BatchTest, PhotosAcrossABlockAreNotVisible) {
  Block(ann_, bob_);

  const Results results = RunTogether(
      LikePhoto{bob_, photo_}, CreateComment{bob_, photo_, "hello", {}},
      FollowUser{bob_, ann_}, FollowUser{ann_, bob_});

  EXPECT_EQ(ReasonIn(results[0]), Reason::kPhotoNotFound);
  EXPECT_EQ(ReasonIn(results[1]), Reason::kPhotoNotFound);
  EXPECT_EQ(ReasonIn(results[2]), Reason::kUserNotFound);
  EXPECT_EQ(ReasonIn(results[3]), Reason::kUserNotFound);
}

TEST_F(BatchTest, FollowMakesPhotosForFollowersVisible) {
  const PhotoId restricted = Publish(ann_, Visibility::kFollowers);

  const Results results =
      RunTogether(LikePhoto{bob_, restricted}, FollowUser{bob_, ann_},
                  LikePhoto{bob_, restricted}, UnfollowUser{bob_, ann_},
                  UnlikePhoto{bob_, restricted});

  EXPECT_EQ(ReasonIn(results[0]), Reason::kPhotoNotFound);
  EXPECT_THAT(State(results[2]), IsState(1, true));
  EXPECT_EQ(ReasonIn(results[4]), Reason::kPhotoNotFound);
  EXPECT_EQ(reader().FindUser(ann_, bob_)->following_count, 0);
}

TEST_F(BatchTest, FollowsKeepCountsOfBothUsers) {
  const Results results = RunTogether(
      FollowUser{bob_, ann_}, FollowUser{ann_, bob_}, FollowUser{bob_, ann_},
      UnfollowUser{ann_, bob_}, FollowUser{eve_, ann_}, FollowUser{eve_, eve_});

  EXPECT_TRUE(As<Relationship>(results[1]).followed_by);
  EXPECT_FALSE(As<Relationship>(results[3]).following);
  EXPECT_TRUE(As<Relationship>(results[3]).followed_by);
  EXPECT_EQ(ReasonIn(results[5]), Reason::kInvalidField);
  EXPECT_EQ(reader().FindUser(UserId{}, ann_)->follower_count, 2);
  EXPECT_EQ(reader().FindUser(UserId{}, ann_)->following_count, 0);
  EXPECT_EQ(reader().FindUser(UserId{}, bob_)->following_count, 1);
  EXPECT_EQ(reader().ListNotifications(bob_, {})->items.size(), 0u);
  EXPECT_EQ(reader().ListNotifications(ann_, {})->items.size(), 2u);
}

TEST_F(BatchTest, LastFreeFollowIsGivenOnce) {
  database_.Run(absl::StrCat(
      "UPDATE users SET following_count = ", limits::kMaxFollowing - 1,
      " WHERE id = ", bob_.value));

  const Results results =
      RunTogether(FollowUser{bob_, ann_}, FollowUser{bob_, eve_});

  EXPECT_THAT(results[0], IsOk());
  EXPECT_EQ(ReasonIn(results[1]), Reason::kTooManyFollowed);
}

TEST_F(BatchTest, OneRequestKeyMakesOneComment) {
  const RequestKey key{"key", "fingerprint"};
  const RequestKey reused{"key", "another"};

  const Results results =
      RunTogether(CreateComment{bob_, PhotoId{1}, "refused", key},
                  CreateComment{bob_, photo_, "hello", key},
                  CreateComment{bob_, photo_, "hello", key},
                  CreateComment{bob_, photo_, "other", reused});
  const auto later = Try(CreateComment{bob_, photo_, "hello", key});

  EXPECT_EQ(ReasonIn(results[0]), Reason::kPhotoNotFound);
  const Comment comment = As<Comment>(results[1]);
  EXPECT_EQ(comment.author_display_name, "Name of bob");
  EXPECT_EQ(As<Comment>(results[2]).id, comment.id);
  EXPECT_EQ(ReasonIn(results[3]), Reason::kRequestIdReused);
  EXPECT_EQ(later->id, comment.id);
  EXPECT_EQ(later->create_time, comment.create_time);
  EXPECT_EQ(reader().FindPhoto(ann_, photo_)->comment_count, 1);
}

TEST_F(BatchTest, KeyOfARefusedRequestIsFree) {
  const RequestKey key{"key", "fingerprint"};
  RunTogether(CreateComment{bob_, PhotoId{1}, "refused", key});

  EXPECT_EQ(Count("SELECT count(*) FROM requests"), 0);
}

TEST_F(BatchTest, ExpiredRequestKeyIsReplaced) {
  const RequestKey key{"key", "fingerprint"};
  const auto first = Try(CreateComment{bob_, photo_, "hello", key});
  database_.Run(
      absl::StrCat("UPDATE requests SET create_time = create_time - ",
                   absl::ToInt64Microseconds(limits::kRequestIdRetention)));

  const auto second =
      Try(CreateComment{bob_, photo_, "hello", {"key", "another"}});

  EXPECT_THAT(second->id, Gt(first->id));
  EXPECT_EQ(reader().FindRequest({"key", "another"}).value(), second->id.value);
}

TEST_F(BatchTest, HandleIsGivenOnce) {
  const Results results =
      RunTogether(CreateUser{"dan", "Dan", "hash", {"a", "1"}},
                  CreateUser{"dan", "Other", "hash", {"b", "2"}},
                  CreateUser{"dan", "Dan", "hash", {"a", "1"}},
                  CreateUser{"ann", "Ann", "hash", {}});

  const User dan = As<User>(results[0]);
  EXPECT_EQ(dan.display_name, "Dan");
  EXPECT_EQ(ReasonIn(results[1]), Reason::kHandleTaken);
  EXPECT_EQ(As<User>(results[2]).id, dan.id);
  EXPECT_EQ(ReasonIn(results[3]), Reason::kHandleTaken);
  EXPECT_EQ(reader().FindCredentials("dan")->id, dan.id);
}

TEST_F(BatchTest, ReservedHandleIsGivenAfterItsTime) {
  const std::int64_t now = absl::ToUnixMicros(absl::Now());
  const std::int64_t time =
      absl::ToInt64Microseconds(limits::kHandleReservation);
  database_.Run(absl::StrCat("INSERT INTO handles VALUES ('new', 0, ",
                             now - time / 2, "), ('old', 0, ", now - time,
                             ")"));

  const Results results = RunTogether(CreateUser{"new", "", "hash", {}},
                                      CreateUser{"old", "", "hash", {}});

  EXPECT_EQ(ReasonIn(results[0]), Reason::kHandleReserved);
  EXPECT_THAT(results[1], IsOk());
}

TEST_F(BatchTest, PhotosHaveRisingIdsAndNoUploadLeft) {
  AddPhoto first = NewPhoto(bob_, Visibility::kPrivate);
  first.request = {"key", "fingerprint"};
  const AddPhoto second = NewPhoto(bob_);
  // As of a server whose clock is ahead.
  const std::int64_t ahead = photo_.value + (std::int64_t{1} << 40);
  database_.Run(absl::StrCat("UPDATE meta SET last_photo_id = ", ahead));

  const Results results = RunTogether(first, second, first);

  EXPECT_THAT(As<Photo>(results[0]).id.value, Gt(ahead));
  EXPECT_THAT(As<Photo>(results[1]).id, Gt(As<Photo>(results[0]).id));
  EXPECT_EQ(As<Photo>(results[2]).id, As<Photo>(results[0]).id);
  EXPECT_EQ(Try(first)->id, As<Photo>(results[0]).id);
  EXPECT_EQ(reader().FindUser(bob_, bob_)->photo_count, 2);
  EXPECT_EQ(reader().FindUser(ann_, bob_)->photo_count, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM uploads"), 0);
}

TEST_F(BatchTest, PublishedPhotoIsAnnounced) {
  const auto listener = OpenConnection(uri(), ConnectionKind::kMonitor);
  ASSERT_THAT(listener->Execute("LISTEN pinhole_photos"), IsOk());

  RunTogether(LikePhoto{bob_, photo_});
  EXPECT_THAT(*listener->WaitForNotifications(absl::ZeroDuration()), IsEmpty());
  RunTogether(NewPhoto(bob_), NewPhoto(ann_));

  EXPECT_THAT(*listener->WaitForNotifications(absl::Seconds(10)),
              ElementsAre("pinhole_photos"));
}

TEST_F(BatchTest, SessionsAreCreatedReplacedAndProlonged) {
  const absl::Time now = AsStored(absl::Now());
  const CreateSession login{
      bob_, "token", now + absl::Hours(1), "hash", {"key", "fingerprint"}};
  CreateSession again = login;
  again.request = {};

  const Results results = RunTogether(
      login, login, CreateSession{bob_, "other", now, "old hash", {}});

  const Session session = As<Session>(results[0]);
  EXPECT_EQ(session.handle, "bob");
  EXPECT_EQ(As<Session>(results[1]).id, session.id);
  EXPECT_EQ(results[2].status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Try(login)->id, session.id);
  RunTogether(TouchSession{session.id, now + absl::Hours(2)},
              TouchSession{session.id, now + absl::Hours(3)});
  EXPECT_EQ(reader().FindSession("token")->expire_time, now + absl::Hours(3));
  RunTogether(TouchSession{session.id, now + 2 * limits::kSessionLifetime});
  EXPECT_EQ(reader().FindSession("token")->expire_time,
            session.create_time + limits::kSessionLifetime);
  EXPECT_THAT(Try(again)->id, Gt(session.id));
  EXPECT_EQ(Count("SELECT count(*) FROM sessions"), 1);
}

TEST_F(BatchTest, MarkingReadSparesLaterNotifications) {
  RunTogether(LikePhoto{bob_, photo_});
  RunTogether(FollowUser{bob_, ann_},
              MarkNotificationsRead{ann_, NotificationId{}},
              LikePhoto{eve_, photo_});

  std::vector<bool> read;
  for (const Notification& n : reader().ListNotifications(ann_, {})->items) {
    read.push_back(n.read);
  }
  EXPECT_THAT(read, ElementsAre(false, true, true));
}

TEST_F(BatchTest, CommandsOfDeletedUsersAreRefused) {
  const UserId gone{12345};

  const Results results = RunTogether(
      LikePhoto{gone, photo_}, CreateComment{gone, photo_, "hello", {}},
      FollowUser{gone, ann_}, FollowUser{ann_, gone}, NewPhoto(gone),
      CreateSession{gone, "token", absl::Now(), "hash", {}},
      MarkNotificationsRead{gone, NotificationId{}},
      TouchSession{SessionId{1}, absl::Now()}, LikePhoto{bob_, photo_});

  EXPECT_EQ(ReasonIn(results[0]), Reason::kPhotoNotFound);
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(ReasonIn(results[i]), Reason::kUserNotFound) << i;
  }
  EXPECT_THAT(results[6], IsOk());
  EXPECT_THAT(results[7], IsOk());
  EXPECT_THAT(State(results[8]), IsState(1, true));
}

// A batch that fails as a whole is run again command by command.
TEST_F(BatchTest, FailingCommandHarmsNoOther) {
  database_.Run(
      "ALTER TABLE comments ADD CHECK (text <> 'bad'); "
      "ALTER TABLE comments ADD CHECK (length(text) > 0)");

  const Results results = RunTogether(LikePhoto{bob_, photo_},
                                      CreateComment{bob_, photo_, "bad", {}},
                                      CreateComment{bob_, photo_, "good", {}});

  EXPECT_THAT(State(results[0]), IsState(1, true));
  EXPECT_EQ(results[1].status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(results[2], IsOk());
  EXPECT_EQ(reader().FindPhoto(ann_, photo_)->comment_count, 1);
  EXPECT_EQ(reader().FindPhoto(ann_, photo_)->like_count, 1);
}

}  // namespace
}  // namespace pinhole::postgres

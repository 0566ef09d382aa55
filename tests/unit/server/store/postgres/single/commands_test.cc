// SPDX-License-Identifier: Apache-2.0

// Single commands, as far as the contract of the store does not describe them:
// what they leave in the tables.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/model/limits.h"
#include "server/store/postgres/writes/advisory_locks.h"
#include "server/store/postgres/writes/lane.h"
#include "server/store/postgres/writes/single/delete_user.h"
#include "server/store/postgres/writes/single/transactions.h"
#include "tests/support/manual_clock.h"
#include "tests/support/postgres_checks.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/migrated_database.h"
#include "tests/unit/server/store/postgres/single/single_commands_fixture.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::FindPostgresMistakes;
using ::pinhole::testing::FindPostgresTraces;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::OpenConnection;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(SingleCommandsTest, UpdatesWhatIsGivenOfAUser) {
  const UserId ann = Register("ann");
  const User renamed = Do(UpdateUser{ann, "Ann", {}});
  EXPECT_EQ(renamed.display_name, "Ann");
  EXPECT_EQ(renamed.bio, "");
  const User updated = Do(UpdateUser{ann, {}, "bio"});
  EXPECT_EQ(updated.display_name, "Ann");
  EXPECT_EQ(updated.bio, "bio");
  EXPECT_EQ(ReasonOfTrying(UpdateUser{UserId{7}, "Ann", {}}),
            Reason::kUserNotFound);
}

TEST_F(SingleCommandsTest, ANewPasswordEndsTheOtherSessions) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  SignIn(ann, "token1");
  const SessionId kept = SignIn(ann, "token2");
  SignIn(bob, "token3");
  Do(ChangePassword{ann, "new hash", kept});
  EXPECT_THAT(Read("SELECT convert_from(token_hash, 'UTF8') FROM sessions "
                   "ORDER BY 1"),
              ElementsAre("token2", "token3"));
  EXPECT_THAT(Read("SELECT password_hash FROM users ORDER BY handle"),
              ElementsAre("new hash", "hash"));
  EXPECT_EQ(ReasonOfTrying(ChangePassword{UserId{7}, "hash", {}}),
            Reason::kUserNotFound);
}

TEST_F(SingleCommandsTest, AdministratorsCanBeAppointedAndDismissed) {
  const UserId ann = Register("ann");
  for (const bool administrator : {true, true, false}) {
    Do(SetAdministrator{ann, administrator});
    EXPECT_THAT(Read("SELECT administrator FROM users"),
                ElementsAre(administrator ? "true" : "false"));
  }
  EXPECT_EQ(ReasonOfTrying(SetAdministrator{UserId{7}, true}),
            Reason::kUserNotFound);
}

TEST_F(SingleCommandsTest, ASessionIsEndedByItsUserOnly) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  const SessionId session = SignIn(ann, "token");
  EXPECT_EQ(ReasonOfTrying(DeleteSession{bob, session}),
            Reason::kSessionNotFound);
  Do(DeleteSession{ann, session});
  EXPECT_EQ(ReasonOfTrying(DeleteSession{ann, session}),
            Reason::kSessionNotFound);
}

TEST_F(SingleCommandsTest, APhotoMovesBetweenTheCountsOfItsOwner) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  const PhotoId photo = Publish(ann, "file");
  for (const Visibility visibility :
       {Visibility::kFollowers, Visibility::kPrivate, Visibility::kPublic,
        Visibility::kPublic, Visibility::kPrivate}) {
    const Photo updated = Do(UpdatePhoto{ann, photo, {}, "other", visibility});
    EXPECT_EQ(updated.visibility, visibility);
    EXPECT_EQ(updated.caption, "caption");
    EXPECT_EQ(updated.alt_text, "other");
    EXPECT_THAT(FindPostgresMistakes(database_.uri()), IsEmpty());
  }
  EXPECT_EQ(ReasonOfTrying(UpdatePhoto{bob, photo, "mine", {}, {}}),
            Reason::kPhotoNotFound);
  Do(UpdatePhoto{ann, photo, "new", {}, Visibility::kPublic});
  EXPECT_EQ(ReasonOfTrying(UpdatePhoto{bob, photo, "mine", {}, {}}),
            Reason::kPhotoNotOwned);
  EXPECT_THAT(Read("SELECT caption FROM photos"), ElementsAre("new"));
}

TEST_F(SingleCommandsTest, APhotoIsDeletedWithAllThatRefersToIt) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  const PhotoId photo = Publish(ann, "file");
  const PhotoId kept = Publish(ann, "kept");
  for (const PhotoId liked : {photo, kept}) {
    Do(LikePhoto{bob, liked});
    Remark(bob, liked);
    Remark(ann, liked);
  }
  EXPECT_EQ(ReasonOfTrying(DeletePhoto{bob, photo}), Reason::kPhotoNotOwned);
  const DeletePhoto::Result deleted = Do(DeletePhoto{ann, photo});
  EXPECT_EQ(deleted.file_key, "file");
  EXPECT_FALSE(deleted.removal);
  EXPECT_THAT(Read("SELECT photo_id FROM notifications"),
              ElementsAre(absl::StrCat(kept.value), absl::StrCat(kept.value)));
  EXPECT_THAT(Read("SELECT file_key FROM garbage"), ElementsAre("file"));
  EXPECT_EQ(ReasonOfTrying(DeletePhoto{ann, photo}), Reason::kPhotoNotFound);
  Do(ForgetGarbage{{"file", "never there"}});
  EXPECT_THAT(Read("SELECT file_key FROM garbage"), IsEmpty());
}

TEST_F(SingleCommandsTest, RemovalsByAdministratorsAreRecorded) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  const UserId root = RegisterAdministrator("root");
  const PhotoId hidden = Publish(ann, "file1", Visibility::kPrivate);
  const PhotoId photo = Publish(ann, "file2");
  const CommentId comment = Remark(bob, photo);

  const auto removed = Do(DeleteComment{root, photo, comment}).removal;
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->administrator, "root");
  EXPECT_EQ(removed->owner, "bob");
  EXPECT_EQ(removed->comment, comment);
  EXPECT_EQ(removed->time, clock_.Now());
  EXPECT_EQ(Do(DeletePhoto{root, hidden}).removal->photo, hidden);
  const auto gone = Do(DeleteUser{bob, root}).removal;
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->kind, Removal::Kind::kUser);
  EXPECT_EQ(gone->owner, "bob");
  EXPECT_THAT(Read("SELECT kind FROM removals ORDER BY id"),
              ElementsAre("2", "1", "3"));

  Do(SetAdministrator{root, false});
  EXPECT_EQ(ReasonOfTrying(DeletePhoto{root, photo}), Reason::kPhotoNotOwned);
  EXPECT_EQ(ReasonOfTrying(DeleteUser{ann, root}), Reason::kAccountNotOwned);
}

TEST_F(SingleCommandsTest, CommentsAreDeletedByAuthorOwnerOrAdministrator) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  const UserId cleo = Register("cleo");
  const PhotoId photo = Publish(ann, "file");
  const CommentId first = Remark(bob, photo);
  const CommentId second = Remark(bob, photo);
  EXPECT_EQ(ReasonOfTrying(DeleteComment{cleo, photo, first}),
            Reason::kCommentNotOwned);
  // Cleo does not see comments of users whom the owner blocks.
  Do(BlockUser{ann, bob});
  EXPECT_EQ(ReasonOfTrying(DeleteComment{cleo, photo, first}),
            Reason::kCommentNotFound);
  Do(DeleteComment{bob, photo, first});
  EXPECT_EQ(ReasonOfTrying(DeleteComment{bob, photo, first}),
            Reason::kCommentNotFound);
  EXPECT_EQ(ReasonOfTrying(DeleteComment{bob, PhotoId{7}, second}),
            Reason::kCommentNotFound);
  Do(DeleteComment{ann, photo, second});
  EXPECT_THAT(Read("SELECT id FROM comments"), IsEmpty());
}

TEST_F(SingleCommandsTest, FilesAreReplacedOnce) {
  const UserId ann = Register("ann");
  const PhotoId photo = Publish(ann, "old");
  database_.Run(
      "INSERT INTO uploads (file_key, create_time) VALUES ('new', 0)");
  const ReplacePhotoFiles replace{photo, "old", "new", 2, 3, "image/webp", 9};
  Do(replace);
  EXPECT_THAT(Read("SELECT concat_ws(' ', file_key, width, height, "
                   "content_type, rendition_version, length(digests)) "
                   "FROM photos"),
              ElementsAre("new 2 3 image/webp 9 0"));
  EXPECT_THAT(Read("SELECT file_key FROM garbage"), ElementsAre("old"));
  EXPECT_EQ(Try(replace).status().code(), absl::StatusCode::kNotFound);
  // Only the properties change.
  ReplacePhotoFiles same = replace;
  same.old_file_key = "new";
  for (Digest& digest : same.digests) digest.fill('d');
  Do(same);
  EXPECT_THAT(Read("SELECT length(digests) FROM photos"), ElementsAre("128"));
  EXPECT_THAT(Read("SELECT file_key FROM garbage"), ElementsAre("old"));
}

TEST_F(SingleCommandsTest, AllRenditionsAreOutdatedInSeveralTransactions) {
  const UserId ann = Register("ann");
  Publish(ann, "file");
  database_.Run(fmt::format(
      "INSERT INTO photos SELECT owner_id, i, visibility, 0, 0, 0, 0, 0, "
      "width, height, size_bytes, content_type, 'file' || i, caption, "
      "alt_text, i % 4, digests FROM photos, generate_series(1, 2000) i;"
      "INSERT INTO photo_owners (photo_id, owner_id) "
      "SELECT id, owner_id FROM photos WHERE id <= 2000;"
      "UPDATE users SET public_photo_count = 2001"));
  Do(OutdateRenditions{});
  EXPECT_THAT(Read("SELECT DISTINCT rendition_version FROM photos"),
              ElementsAre("0"));
}

TEST_F(SingleCommandsTest, ABlockHidesContentAndEndsFollows) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  const PhotoId first = Publish(ann, "file1");
  const PhotoId second = Publish(ann, "file2");
  Do(LikePhoto{bob, first});
  Do(LikePhoto{bob, second});
  Remark(bob, second);
  Remark(bob, second);
  Do(FollowUser{ann, bob});
  Do(FollowUser{bob, ann});

  const Relationship blocked = Do(BlockUser{ann, bob});
  EXPECT_TRUE(blocked.blocking);
  EXPECT_FALSE(blocked.following || blocked.followed_by);
  EXPECT_THAT(Read("SELECT concat_ws(' ', hidden_like_count, "
                   "hidden_comment_count) FROM photos ORDER BY id"),
              ElementsAre("1 0", "1 2"));
  EXPECT_THAT(FindPostgresMistakes(database_.uri()), IsEmpty());
  EXPECT_TRUE(Do(BlockUser{ann, bob}).blocking);  // No effect.
  Do(BlockUser{bob, ann});
  EXPECT_THAT(FindPostgresMistakes(database_.uri()), IsEmpty());

  EXPECT_FALSE(Do(UnblockUser{ann, bob}).blocking);
  EXPECT_THAT(Read("SELECT DISTINCT concat_ws(' ', hidden_like_count, "
                   "hidden_comment_count) FROM photos"),
              ElementsAre("0 0"));
  EXPECT_THAT(FindPostgresMistakes(database_.uri()), IsEmpty());
  EXPECT_FALSE(Do(UnblockUser{ann, bob}).blocking);  // No effect.
  Do(UnblockUser{bob, ann});
  EXPECT_THAT(Read("SELECT id FROM blocks"), IsEmpty());

  EXPECT_EQ(Try(BlockUser{ann, ann}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOfTrying(BlockUser{ann, UserId{7}}), Reason::kUserNotFound);
  EXPECT_EQ(ReasonOfTrying(UnblockUser{UserId{7}, ann}), Reason::kUserNotFound);
}

TEST_F(SingleCommandsTest, TheNumberOfBlocksIsLimited) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  database_.Run(fmt::format(
      "INSERT INTO users "
      "(id, handle, display_name, password_hash, create_time) "
      "SELECT i, 'user' || i, '', '', 0 FROM generate_series(1, {0}) i;"
      "INSERT INTO handles (handle, user_id) "
      "SELECT handle, id FROM users WHERE id <= {0};"
      "INSERT INTO blocks (user_id, other_id, blocking, id) "
      "SELECT {1}, i, true, i FROM generate_series(1, {0}) i;"
      "INSERT INTO blocks (user_id, other_id, blocking, id) "
      "SELECT i, {1}, false, i FROM generate_series(1, {0}) i",
      limits::kMaxBlocks, ann.value));
  EXPECT_EQ(ReasonOfTrying(BlockUser{ann, bob}), Reason::kTooManyBlocked);
  Do(UnblockUser{ann, UserId{1}});
  Do(BlockUser{ann, bob});
}

TEST_F(SingleCommandsTest, ADeletedUserLeavesNoTraces) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  const UserId cleo = Register("cleo");
  const PhotoId own = Publish(ann, "file1");
  Publish(ann, "file2", Visibility::kPrivate);
  const PhotoId theirs = Publish(bob, "file3");
  for (const UserId user : {ann, bob, cleo}) {
    for (const PhotoId photo : {own, theirs}) {
      Do(LikePhoto{user, photo});
      Remark(user, photo);
      Remark(user, photo);
    }
  }
  Do(FollowUser{ann, cleo});
  Do(FollowUser{cleo, ann});
  Do(FollowUser{cleo, bob});
  SignIn(ann, "token");
  Do(CreateComment{ann, theirs, "text", {"key", "fingerprint"}});
  Do(BlockUser{bob, ann});  // Hides likes and comments.
  Do(BlockUser{ann, bob});

  const DeleteUser::Result deleted = Do(DeleteUser{ann, ann});
  EXPECT_THAT(deleted.file_keys, UnorderedElementsAre("file1", "file2"));
  EXPECT_FALSE(deleted.removal);
  EXPECT_THAT(FindPostgresTraces(database_.uri(), ann), IsEmpty());
  EXPECT_THAT(Read("SELECT file_key FROM garbage ORDER BY 1"),
              ElementsAre("file1", "file2"));
  EXPECT_THAT(Read("SELECT concat_ws(' ', like_count, hidden_like_count, "
                   "comment_count, hidden_comment_count) FROM photos"),
              ElementsAre("2 0 4 0"));
  EXPECT_EQ(ReasonOfTrying(DeleteUser{ann}), Reason::kUserNotFound);
  EXPECT_EQ(ReasonOfTrying(CreateUser{"ann", "Name", "hash", {}}),
            Reason::kHandleReserved);
}

TEST_F(SingleCommandsTest, PurgesTheOldestFirst) {
  const UserId ann = Register("ann");
  SignIn(ann, "token1", absl::Minutes(3));
  SignIn(ann, "token2", absl::Minutes(1));
  SignIn(ann, "token3", absl::Hours(1));
  for (const char* handle : {"bob", "cleo"}) {
    const UserId user = Register(handle);
    clock_.Advance(absl::Minutes(1));
    Do(CreateComment{ann, Publish(ann, handle), "", {handle, "content"}});
    Do(DeleteUser{user});
  }
  clock_.Advance(absl::Minutes(1));  // The end of the first session.
  const std::string tokens =
      "SELECT convert_from(token_hash, 'UTF8') FROM sessions ORDER BY 1";
  const std::string keys =
      "SELECT convert_from(key, 'UTF8') FROM requests ORDER BY 1";
  const std::string handles = "SELECT handle FROM handles ORDER BY 1";
  Do(PurgeExpired{1});
  EXPECT_THAT(Read(tokens), ElementsAre("token1", "token3"));
  Do(PurgeExpired{1});
  EXPECT_THAT(Read(tokens), ElementsAre("token3"));
  EXPECT_THAT(Read(keys), ElementsAre("bob", "cleo"));

  clock_.Advance(limits::kRequestIdRetention);
  Do(PurgeExpired{1});
  EXPECT_THAT(Read(keys), ElementsAre("cleo"));
  EXPECT_THAT(Read(handles), ElementsAre("ann", "bob", "cleo"));

  clock_.Advance(limits::kHandleReservation);
  Do(PurgeExpired{1});
  EXPECT_THAT(Read(handles), ElementsAre("ann", "cleo"));
  Do(PurgeExpired{});
  EXPECT_THAT(Read(handles), ElementsAre("ann"));
  EXPECT_THAT(Read(tokens), IsEmpty());
  EXPECT_THAT(Read(keys), IsEmpty());
}

TEST_F(SingleCommandsTest, OneServerPurgesAtATime) {
  SignIn(Register("ann"), "token", -absl::Hours(1));
  const auto other = OpenConnection(database_.uri(), ConnectionKind::kWriter);
  ASSERT_THAT(
      other->QueryOnce("SELECT pg_advisory_lock($1, 0)", Params(kPurgeLock)),
      IsOk());
  Do(PurgeExpired{});
  EXPECT_THAT(Read("SELECT id FROM sessions"), ::testing::SizeIs(1));
  ASSERT_THAT(other->Execute("SELECT pg_advisory_unlock_all()"), IsOk());
  Do(PurgeExpired{});
  EXPECT_THAT(Read("SELECT id FROM sessions"), IsEmpty());
}

TEST_F(SingleCommandsTest, APurgeDoesNotWaitForRowsInUse) {
  const UserId ann = Register("ann");
  SignIn(ann, "token1", -absl::Hours(1));
  SignIn(ann, "token2", -absl::Hours(1));
  const auto other = OpenConnection(database_.uri(), ConnectionKind::kWriter);
  ASSERT_THAT(other->Execute("BEGIN; SELECT 1 FROM sessions "
                             "WHERE token_hash = 'token1' FOR UPDATE"),
              IsOk());
  Do(PurgeExpired{});
  EXPECT_THAT(Read("SELECT convert_from(token_hash, 'UTF8') FROM sessions"),
              ElementsAre("token1"));
  ASSERT_THAT(other->Execute("ROLLBACK"), IsOk());
}

}  // namespace
}  // namespace pinhole::postgres

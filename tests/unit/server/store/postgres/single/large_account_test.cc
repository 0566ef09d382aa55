// SPDX-License-Identifier: Apache-2.0

// The deletion of an account that takes several transactions.

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
using ::pinhole::testing::TestWriter;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// More rows of each kind than one transaction deletes.
class LargeAccountTest : public SingleCommandsTest {
 protected:
  static constexpr int kUsers = 1300;

  LargeAccountTest() {
    database_.Run(fmt::format(
        "INSERT INTO users (id, handle, display_name, password_hash, "
        "create_time, public_photo_count, follower_count, following_count) "
        "SELECT i, 'user' || i, '', '', 0, 1, 1, 1 "
        "FROM generate_series(1, {users}) i;"
        "INSERT INTO users (id, handle, display_name, password_hash, "
        "create_time, public_photo_count, follower_count, following_count) "
        "VALUES ({user}, 'large', '', '', 0, {users}, {users}, {users});"
        "INSERT INTO handles (handle, user_id) SELECT handle, id FROM users;"
        // One photo of each, and as many of the large account.
        "INSERT INTO photos (owner_id, id, visibility, create_time, width, "
        "height, size_bytes, content_type, file_key, caption, alt_text, "
        "like_count, comment_count) "
        "SELECT owner, p, 1, 0, 1, 1, 1, 'image/png', 'file' || p, '', '', "
        "1, 2 FROM (SELECT i AS owner, 10000 + i AS p "
        "FROM generate_series(1, {users}) i UNION ALL "
        "SELECT {user}, 20000 + i FROM generate_series(1, {users}) i) w;"
        "INSERT INTO photo_owners (photo_id, owner_id) "
        "SELECT id, owner_id FROM photos;"
        // Each of the others with the large account, in both directions.
        "INSERT INTO likes (owner_id, photo_id, user_id, id, create_time) "
        "SELECT owner_id, id, CASE owner_id WHEN {user} THEN id - 20000 "
        "ELSE {user} END, 100000 + id, 0 FROM photos;"
        "INSERT INTO comments (owner_id, photo_id, id, author_id, "
        "create_time, text) SELECT owner_id, photo_id, id + 100000 * n, "
        "user_id, 0, '' FROM likes, generate_series(1, 2) n;"
        "INSERT INTO follows (follower_id, followee_id, id) "
        "SELECT i, {user}, 400000 + i FROM generate_series(1, {users}) i "
        "UNION ALL "
        "SELECT {user}, i, 500000 + i FROM generate_series(1, {users}) i;"
        "INSERT INTO notifications "
        "(user_id, id, kind, actor_id, photo_id, create_time) "
        "SELECT owner_id, id, 2, user_id, photo_id, 0 FROM likes UNION ALL "
        "SELECT owner_id, id, 3, author_id, photo_id, 0 FROM comments "
        "UNION ALL "
        "SELECT followee_id, id, 1, follower_id, 0, 0 FROM follows;"
        "INSERT INTO requests "
        "(key, fingerprint, result_id, user_id, create_time) "
        "SELECT convert_to('key' || i, 'UTF8'), '', i, {user}, {now} "
        "FROM generate_series(1, {users}) i;"
        "ANALYZE",
        fmt::arg("users", kUsers), fmt::arg("user", kLarge.value),
        fmt::arg("now", absl::ToUnixMicros(clock_.Now()))));
  }

  static constexpr UserId kLarge{9000};
};

TEST_F(LargeAccountTest, IsDeletedInSeveralTransactions) {
  EXPECT_THAT(FindPostgresMistakes(database_.uri()), IsEmpty());
  EXPECT_EQ(Do(DeleteUser{kLarge}).file_keys.size(), kUsers);
  EXPECT_THAT(FindPostgresTraces(database_.uri(), kLarge), IsEmpty());
  EXPECT_THAT(Read("SELECT count(*) FROM photos"),
              ElementsAre(absl::StrCat(kUsers)));
}

TEST_F(LargeAccountTest, CountsAreExactAfterEachTransaction) {
  // Hidden likes and comments, on both sides.
  Do(BlockUser{UserId{1}, kLarge});
  Do(BlockUser{kLarge, UserId{2}});
  Hide(kLarge);
  Lane lane({.uri = database_.uri(), .instance = "test", .clock = &clock_});
  Transactions transactions(lane, std::make_shared<Attempt>(store::PendingWrite{
                                      PurgeExpired{}, {}, [](auto) {}}));
  std::vector<std::string> files;
  int used = 0;
  while (!Read("SELECT user_id FROM deletions").empty()) {
    int left = 1;
    ASSERT_THAT(DeleteRest(transactions, kLarge, left, files), IsOk());
    EXPECT_EQ(left, 0);
    EXPECT_THAT(FindPostgresMistakes(database_.uri()),
                Not(Contains(HasSubstr("count"))));
    ASSERT_LT(++used, kMostTransactions);
  }
  EXPECT_GT(used, 10);
  EXPECT_EQ(files.size(), kUsers);
}

TEST_F(LargeAccountTest, AnInterruptedDeletionIsFinishedByAPurge) {
  Hide(kLarge);
  Do(PurgeExpired{});  // Another server may still be at work.
  EXPECT_THAT(Read("SELECT user_id FROM deletions"),
              ElementsAre(absl::StrCat(kLarge.value)));
  clock_.Advance(absl::Minutes(2));
  Do(PurgeExpired{});
  EXPECT_THAT(FindPostgresTraces(database_.uri(), kLarge), IsEmpty());
  EXPECT_THAT(Read("SELECT count(*) FROM garbage"),
              ElementsAre(absl::StrCat(kUsers)));
}

TEST_F(LargeAccountTest, TwoServersCanFinishADeletionAtOnce) {
  Hide(kLarge);
  clock_.Advance(absl::Minutes(2));
  TestWriter other(database_.uri(), clock_);
  std::thread thread([&] { EXPECT_THAT(other.Do(PurgeExpired{}), IsOk()); });
  Do(PurgeExpired{});
  thread.join();
  EXPECT_THAT(FindPostgresTraces(database_.uri(), kLarge), IsEmpty());
}

TEST_F(LargeAccountTest, IsHiddenWhileItIsDeleted) {
  const UserId ann = Register("ann");
  Hide(kLarge);
  const PhotoId photo{20001};
  EXPECT_EQ(ReasonOfTrying(LikePhoto{ann, photo}), Reason::kPhotoNotFound);
  EXPECT_EQ(ReasonOfTrying(CreateComment{ann, photo, "text", {}}),
            Reason::kPhotoNotFound);
  EXPECT_EQ(ReasonOfTrying(FollowUser{ann, kLarge}), Reason::kUserNotFound);
  EXPECT_EQ(ReasonOfTrying(BlockUser{ann, kLarge}), Reason::kUserNotFound);
  EXPECT_EQ(ReasonOfTrying(UpdatePhoto{kLarge, photo, "new", {}, {}}),
            Reason::kPhotoNotFound);
  EXPECT_EQ(ReasonOfTrying(DeletePhoto{kLarge, photo}), Reason::kPhotoNotFound);
  // A comment by the account on a photo of another user.
  EXPECT_EQ(ReasonOfTrying(
                DeleteComment{UserId{1}, PhotoId{10001}, CommentId{210001}}),
            Reason::kCommentNotFound);
  clock_.Advance(absl::Minutes(2));
  Do(PurgeExpired{});
}

}  // namespace
}  // namespace pinhole::postgres

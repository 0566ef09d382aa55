// SPDX-License-Identifier: Apache-2.0

// The cost of a page must depend on the page, and not on the number of photos
// and people.  It is measured in pages of the database that are read.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/reads/fixed_plans.h"
#include "server/store/postgres/reads/statements.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/explain.h"
#include "tests/unit/server/store/postgres/migrated_database.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::Explain;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::MigratedTemplate;
using ::pinhole::testing::OpenConnection;
using ::pinhole::testing::PagesRead;
using ::pinhole::testing::TestDatabase;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kNewest = "9223372036854775807";
constexpr int kFollowees = 200;
constexpr int kRows = 21;  // A page of 20 and one more.

class ReadPlansTest : public ::testing::Test {
 protected:
  // Users 2 to 201 have been silent for long, users 202 to 401 publish.
  ReadPlansTest() {
    database_.Run(
        "INSERT INTO users (id, handle, display_name, password_hash, "
        "create_time) SELECT i, 'user' || i, '', '', 0 "
        "FROM generate_series(1, 3000) i;"
        "INSERT INTO handles SELECT handle, id FROM users");
    Publish(2, 4);
    Publish(202, 100);
    EXPECT_THAT(FixPlans(*db_), IsOk());
  }

  // Adds `count` photos of each of 200 users from `first` on, in turns.  Five
  // photos fill a page, so that reading all of them costs a lot.
  void Publish(int first, int count) {
    database_.Run(absl::StrCat(
        "INSERT INTO photos (owner_id, id, visibility, create_time, width, "
        "height, size_bytes, content_type, file_key, caption, alt_text) "
        "SELECT ",
        first, " + i % 200, ", published_,
        " + i, 1, 0, 1, 1, 1, '', i, repeat('x', 1500), '' FROM "
        "generate_series(1, 200 * ",
        count,
        ") i; INSERT INTO photo_owners SELECT id, owner_id FROM photos "
        "WHERE id > ",
        published_));
    published_ += 200 * count;
  }

  static const Statement& Find(std::string_view name) {
    static const std::vector<ListedStatement> all = ReadStatements();
    const auto found = std::find_if(
        all.begin(), all.end(),
        [&](const ListedStatement& listed) { return listed.name == name; });
    EXPECT_NE(found, all.end()) << name;
    return *found->statement;
  }
  int Pages(std::string_view name, const std::vector<std::string>& arguments) {
    return PagesRead(*db_, Find(name), arguments);
  }

  // The page of the feed of a viewer who follows 200 users from `first` on.
  int PagesOfFeed(int first, const std::string& cursor,
                  std::string_view name = "ListFeed, without blocks") {
    std::vector<int> followees(kFollowees);
    for (int i = 0; i < kFollowees; ++i) followees[i] = first + i;
    return Pages(name,
                 {"1", absl::StrCat("'{", absl::StrJoin(followees, ","), "}'"),
                  cursor, absl::StrCat(kRows)});
  }
  // The newest photo of one user.
  int PagesOfOneHead() {
    static const Statement kHead(
        "SELECT id FROM photos WHERE owner_id = $1 AND visibility <= 2 "
        "ORDER BY id DESC LIMIT 1");
    return PagesRead(*db_, kHead, {"300"});
  }

  TestDatabase database_{MigratedTemplate()};
  const std::unique_ptr<Connection> db_ =
      OpenConnection(database_.uri(), ConnectionKind::kReader);
  int published_ = 0;
};

// The trap: to look for the photos of silent people among the newest photos of
// everybody.
TEST_F(ReadPlansTest, TheFeedCostsTwoProbesForEachFollowedUserAtMost) {
  for (const int first : {2, 202}) {
    const int limit = 2 * (kFollowees + kRows) * PagesOfOneHead();
    EXPECT_LE(PagesOfFeed(first, kNewest), limit);
    EXPECT_LE(PagesOfFeed(first, kNewest, "ListFeed"), limit);
    // A later page.
    EXPECT_LE(PagesOfFeed(first, "700"), limit);
    EXPECT_LE(PagesOfFeed(first, "700", "ListFeedSince, without blocks"),
              limit);
  }
}

TEST_F(ReadPlansTest, StatisticsDoNotChangeTheFeed) {
  database_.Run("ANALYZE");
  const int limit = 2 * (kFollowees + kRows) * PagesOfOneHead();
  EXPECT_LE(PagesOfFeed(2, kNewest), limit);
  EXPECT_LE(PagesOfFeed(202, kNewest), limit);
}

TEST_F(ReadPlansTest, PrivatePhotosDoNotDelayTheFeed) {
  database_.Run("UPDATE photos SET visibility = 3 WHERE owner_id > 201");
  database_.Run("VACUUM photos");  // Removes the old entries of the indexes.
  EXPECT_LE(PagesOfFeed(202, kNewest),
            2 * (kFollowees + kRows) * PagesOfOneHead());
}

TEST_F(ReadPlansTest, TheFollowedUsersAreReadFromOneIndex) {
  EXPECT_THAT(Explain(*db_, Find("ListFeed: followed users")),
              Contains(HasSubstr("Index Only Scan using follows_pkey")));
}

TEST_F(ReadPlansTest, AFirstPageCostsTheSameForALongList) {
  // User 300 is popular.
  database_.Run(
      "INSERT INTO follows SELECT i, 300, i FROM generate_series(400, 3000) i;"
      "UPDATE users SET follower_count = 2601 WHERE id = 300;"
      "INSERT INTO notifications SELECT 300, i, 1, i, 0, 0 "
      "FROM generate_series(400, 3000) i;"
      "INSERT INTO likes SELECT p.owner_id, p.id, i, i, 0 "
      "FROM photos p, generate_series(1, 3000) i "
      "WHERE p.id = (SELECT max(id) FROM photos WHERE owner_id = 300);"
      "INSERT INTO comments SELECT p.owner_id, p.id, i, 5, 0, 'x' "
      "FROM photos p, generate_series(1, 3000) i "
      "WHERE p.id = (SELECT max(id) FROM photos WHERE owner_id = 300);"
      "INSERT INTO sessions SELECT sha256(i::text::bytea), i, 300, 0, 9 "
      "FROM generate_series(1, 3000) i;"
      "INSERT INTO removals SELECT i, 1, 'a', 'b', 1, 0, 0 "
      "FROM generate_series(1, 3000) i;"
      "INSERT INTO garbage SELECT i, 1, 0 FROM generate_series(1, 3000) i;"
      "INSERT INTO blocks SELECT 300, i, true, i "
      "FROM generate_series(400, 1399) i;");
  const std::string photo =
      db_->QueryOnce("SELECT max(id)::text FROM photos WHERE owner_id = 300")
          .value()[0]
          .Text(0);
  // A few index probes for each row of the page.
  constexpr int kMost = 16 * kRows;
  const std::vector<std::string> page = {kNewest, absl::StrCat(kRows)};
  const auto list = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), page.begin(), page.end());
    return arguments;
  };
  EXPECT_LE(Pages("ListPhotos", list({"1", "300"})), kMost);
  EXPECT_LE(Pages("ListRecentPhotos", list({"1"})), kMost);
  EXPECT_LE(Pages("ListFollowers", list({"1", "300"})), kMost);
  EXPECT_LE(Pages("ListLikes", list({"1", photo})), kMost);
  EXPECT_LE(Pages("ListComments", {"1", photo, "0", absl::StrCat(kRows)}),
            kMost);
  EXPECT_LE(Pages("ListBlocks", list({"300"})), kMost);
  EXPECT_LE(Pages("ListNotifications", list({"300"})), kMost);
  EXPECT_LE(Pages("ListSessions", {"300", kNewest, "0", absl::StrCat(kRows)}),
            kMost);
  EXPECT_LE(Pages("ListRemovals", page), kMost);
  EXPECT_LE(Pages("ListOutdated", {"1", "20"}), kMost);
  EXPECT_LE(Pages("ListGarbage", {"20"}), kMost);
  EXPECT_LE(Pages("SearchUsers", {"1", "'user'", "'uses'", "''", "20"}), kMost);
}

// The planner takes the owner of a photo and the photo for independent, so that
// it expects one like for each photo.
TEST_F(ReadPlansTest, ALikeOrAFollowIsFoundWithoutReadingAllOthers) {
  // User 300 and photo 898, which is theirs, are popular.
  database_.Run(
      "INSERT INTO likes SELECT owner_id, id, i, i, 0 "
      "FROM photos, generate_series(1, 20000) i WHERE id = 898;"
      "INSERT INTO likes SELECT owner_id, id, 1, 20000 + id, 0 "
      "FROM photos WHERE id <> 898;"
      "INSERT INTO follows SELECT i, 300, i FROM generate_series(1, 20000) i;");
  database_.Run("VACUUM ANALYZE");
  constexpr int kFew = 40;
  const std::string stranger = "30000";
  // As commands look for the like that they take back.
  static const Statement kFindLike(
      "SELECT id FROM likes "
      "WHERE user_id = $1 AND owner_id = $2 AND photo_id = $3");
  EXPECT_LE(PagesRead(*db_, kFindLike, {stranger, "300", "898"}), kFew);
  EXPECT_LE(Pages("FindPhoto, without blocks", {stranger, "898"}), kFew);
  EXPECT_LE(Pages("FindUser by id, without blocks", {stranger, "300"}), kFew);
}

TEST_F(ReadPlansTest, CountsCostAProbePerRowOrPerBlockWhicheverAreFewer) {
  // Photo 1 has 2000 likes, the others none.  User 1 has 1 block, user 2
  // 2000.
  database_.Run(
      "INSERT INTO likes SELECT owner_id, id, i, i, 0 "
      "FROM photos, generate_series(1000, 2999) i WHERE id = 1;"
      "UPDATE photos SET like_count = 2000 WHERE id = 1;"
      "UPDATE photos SET like_count = 1 WHERE id = 2;"
      "INSERT INTO blocks VALUES (1, 1500, true, 1);"
      "INSERT INTO blocks SELECT 2, i, true, i "
      "FROM generate_series(1000, 2999) i");
  database_.Run("VACUUM likes, blocks");
  constexpr int kFew = 60;
  EXPECT_LE(Pages("FindPhoto", {"1", "1"}), kFew);
  // Counts the blocks once, from about 10 pages of an index.
  EXPECT_LE(Pages("FindPhoto", {"2", "2"}), kFew);
  // The control: both are many.
  EXPECT_GE(Pages("FindPhoto", {"2", "1"}), 2000);
}

TEST_F(ReadPlansTest, AStatementWithoutBlocksLooksForNone) {
  for (const char* name :
       {"FindPhoto, without blocks", "FindUser by id, without blocks",
        "FindUser by handle, without blocks"}) {
    const std::vector<std::string> plan = Explain(*db_, Find(name));
    EXPECT_EQ(std::count_if(plan.begin(), plan.end(),
                            [](const std::string& line) {
                              return line.find(" on blocks") !=
                                     std::string::npos;
                            }),
              1)
        << name;
  }
  EXPECT_THAT(Explain(*db_, Find("ListFeed, without blocks")),
              Not(Contains(HasSubstr(" on blocks"))));
}

}  // namespace
}  // namespace pinhole::postgres

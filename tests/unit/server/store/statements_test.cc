// SPDX-License-Identifier: Apache-2.0

// A page of any list takes a few statements, not one per row.

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

constexpr int kMostStatements = 3;
constexpr int kRows = 30;

std::atomic<int> statements{0};

int CountStatement(unsigned, void*, void*, void* sql) {
  // BEGIN and ROLLBACK read nothing.
  if (std::strncmp(static_cast<const char*>(sql), "SELECT", 6) == 0) {
    ++statements;
  }
  return 0;
}

// Called by SQLite for every connection that is opened.
int TraceConnection(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, CountStatement, nullptr);
}

class StatementsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // The cast is from the SQLite manual.
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(TraceConnection));
  }
  static void TearDownTestSuite() { sqlite3_reset_auto_extension(); }

  StatementsTest() {
    for (int i = 0; i < kRows; ++i) {
      users_.push_back(
          Do(CreateUser{"user" + std::to_string(i), "Name", "hash", {}}).id);
    }
    for (int i = 0; i < kRows; ++i) AddRows(i);
  }

  // Adds an entry by the user `i` to every list of the first user.
  void AddRows(int i) {
    const UserId user = users_[static_cast<std::size_t>(i)];
    AddPhoto photo;
    photo.owner = users_[0];
    photo.file_key = "key" + std::to_string(i);
    photo.content_type = "image/jpeg";
    Do(RecordUpload{photo.file_key});
    const PhotoId id = Do(std::move(photo)).id;
    if (i == 0) photo_ = id;
    Do(LikePhoto{user, photo_});
    Do(CreateComment{user, photo_, "text", {}});
    Do(CreateSession{users_[0],
                     "token" + std::to_string(i),
                     clock_.Now() + absl::Hours(1),
                     "hash",
                     {}});
    if (i == 0) return;
    Do(FollowUser{user, users_[0]});
    Do(FollowUser{users_[0], user});
  }

  template <typename C>
  typename C::Result Do(C command) {
    absl::Notification answered;
    absl::StatusOr<CommandResult> result;
    store_->Submit(Command(std::move(command)), {},
                   [&](absl::StatusOr<CommandResult> answer) {
                     result = std::move(answer);
                     answered.Notify();
                   });
    answered.WaitForNotification();
    return std::get<typename C::Result>(*std::move(result));
  }

  // Counts the statements of the first and the second call of `list`.
  template <typename List>
  void ExpectFew(const char* name, List list) {
    for (const bool again : {false, true}) {
      statements = 0;
      const auto page = list();
      ASSERT_TRUE(page.ok()) << name;
      EXPECT_GT(page->items.size(), 10u) << name;
      EXPECT_LE(statements, kMostStatements) << name;
      // Shows that statements are counted.
      EXPECT_GE(statements, again ? 0 : 1) << name;
    }
  }

  testing::TempDir folder_;
  testing::ManualClock clock_;
  std::unique_ptr<SqliteStore> store_ = [this] {
    SqliteOptions options;
    options.path = folder_.path() / "pinhole.db";
    options.clock = &clock_;
    return OpenSqliteStore(options).value();
  }();
  std::vector<UserId> users_;
  PhotoId photo_;
};

TEST_F(StatementsTest, PageOfAnyListTakesAtMostThree) {
  const UserId me = users_[0];
  const SqliteStore& store = *store_;
  ExpectFew("ListPhotos", [&] { return store.ListPhotos(me, me, {}); });
  ExpectFew("ListRecentPhotos", [&] { return store.ListRecentPhotos(me, {}); });
  ExpectFew("ListFeed", [&] { return store.ListFeed(me, {}); });
  ExpectFew("ListFollowers", [&] { return store.ListFollowers(me, me, {}); });
  ExpectFew("ListFollowing", [&] { return store.ListFollowing(me, me, {}); });
  ExpectFew("ListLikes", [&] { return store.ListLikes(me, photo_, {}); });
  ExpectFew("ListComments", [&] { return store.ListComments(me, photo_, {}); });
  ExpectFew("ListSessions", [&] { return store.ListSessions(me, {}); });
  ExpectFew("ListNotifications",
            [&] { return store.ListNotifications(me, {}); });
}

TEST_F(StatementsTest, PageOfTheFeedInMemoryTakesNone) {
  const UserId me = users_[0];
  ASSERT_TRUE(store_->ListFeed(me, {}).ok());
  ASSERT_TRUE(store_->ListFeed(me, {}).ok());
  statements = 0;

  ASSERT_TRUE(store_->PeekFeed(me, {}).has_value());

  EXPECT_EQ(statements, 0);
}

}  // namespace
}  // namespace pinhole::store

// SPDX-License-Identifier: Apache-2.0

// The reads that caches answer without the database.  Their correctness is
// tested by the contract suite and the random histories.

#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/db/connection_pool.h"
#include "server/store/sqlite/reads/cached_reads.h"
#include "server/store/sqlite/reads/feed_log.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::Eq;

class CachedReadsTest : public ::testing::Test {
 protected:
  CachedReadsTest() {
    SqliteOptions options;
    options.path = folder_.path() / "pinhole.db";
    options.clock = &clock_;
    store_ = OpenSqliteStore(options).value();
    ansel_ = Register("ansel");
    bea_ = Register("bea");
    Do(FollowUser{bea_, ansel_});
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
  UserId Register(std::string handle) {
    return Do(CreateUser{std::move(handle), "Name", "hash", {}}).id;
  }
  AddPhoto NewPhoto(UserId owner) {
    AddPhoto photo;
    photo.owner = owner;
    photo.file_key = "key" + std::to_string(++files_);
    photo.content_type = "image/jpeg";
    Do(RecordUpload{photo.file_key});
    return photo;
  }
  PhotoId Publish(UserId owner) { return Do(NewPhoto(owner)).id; }
  void PublishMany(UserId owner, int count) {
    absl::BlockingCounter left(count);
    for (int i = 0; i < count; ++i) {
      store_->Submit(
          NewPhoto(owner), {},
          [&](const absl::StatusOr<CommandResult>&) { left.DecrementCount(); });
    }
    left.Wait();
  }
  const CacheStats& StatsOf(std::string_view name) {
    stats_ = store_->DetailedStats();
    for (std::size_t i = 0; i < stats_.caches.size(); ++i) {
      if (SqliteStats::kCaches[i] == name) return stats_.caches[i];
    }
    std::abort();
  }

  testing::TempDir folder_;
  testing::ManualClock clock_;
  std::unique_ptr<SqliteStore> store_;
  UserId ansel_;
  UserId bea_;
  SqliteStats stats_;
  int files_ = 0;
};

TEST_F(CachedReadsTest, SecondLookAtASessionIsAHit) {
  Do(CreateSession{ansel_, "token", clock_.Now() + absl::Hours(1), "hash", {}});
  ASSERT_THAT(store_->FindSession("token"), IsOk());
  const auto hits = StatsOf("session").hits;

  EXPECT_THAT(store_->FindSession("token"), IsOk());

  EXPECT_EQ(StatsOf("session").hits, hits + 1);
}

TEST_F(CachedReadsTest, EndedSessionIsRefusedByTheNextCall) {
  const Session session = Do(CreateSession{
      ansel_, "token", clock_.Now() + absl::Hours(1), "hash", {}});
  ASSERT_THAT(store_->FindSession("token"), IsOk());

  Do(DeleteSession{ansel_, session.id});

  EXPECT_THAT(store_->FindSession("token"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CachedReadsTest, ChangedPasswordEndsTheCachedSessions) {
  const Session kept = Do(
      CreateSession{ansel_, "kept", clock_.Now() + absl::Hours(1), "hash", {}});
  Do(CreateSession{ansel_, "other", clock_.Now() + absl::Hours(1), "hash", {}});
  ASSERT_THAT(store_->FindSession("kept"), IsOk());
  ASSERT_THAT(store_->FindSession("other"), IsOk());

  Do(ChangePassword{ansel_, "new hash", kept.id});

  EXPECT_THAT(store_->FindSession("kept"), IsOk());
  EXPECT_THAT(store_->FindSession("other"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CachedReadsTest, CachedSessionEndsWithItsTime) {
  Do(CreateSession{ansel_, "token", clock_.Now() + absl::Hours(1), "hash", {}});
  ASSERT_THAT(store_->FindSession("token"), IsOk());

  clock_.Advance(absl::Hours(1));

  EXPECT_THAT(store_->FindSession("token"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CachedReadsTest, FeedIsInMemoryAfterTheFirstLook) {
  const PhotoId photo = Publish(ansel_);
  EXPECT_THAT(store_->PeekFeed(bea_, {}), Eq(std::nullopt));
  ASSERT_THAT(store_->ListFeed(bea_, {}), IsOk());
  ASSERT_THAT(store_->ListFeed(bea_, {}), IsOk());

  const auto feed = store_->PeekFeed(bea_, {});

  ASSERT_TRUE(feed.has_value());
  ASSERT_EQ(feed->items.size(), 1u);
  EXPECT_EQ(feed->items[0].id, photo);
}

// The only connection of the pool is borrowed, as if all threads were reading.
TEST_F(CachedReadsTest, PeekFeedNeedsNoConnection) {
  Publish(ansel_);
  CachedReads reads(1 << 20);
  ConnectionPool pool({.open = [path = folder_.path() / "pinhole.db"] {
    return Connection::OpenReader(path);
  }});
  const ConnectionPool::Lease only = pool.Borrow();

  EXPECT_THAT(reads.PeekFeed(bea_, {}), Eq(std::nullopt));
  reads.ListFeed(*only, bea_, {});
  reads.ListFeed(*only, bea_, {});
  EXPECT_EQ(reads.PeekFeed(bea_, {})->items.size(), 1u);
}

TEST_F(CachedReadsTest, PeekFeedOfTheStoreBorrowsNoConnection) {
  Publish(ansel_);
  const auto loans = [this] {
    const auto waits = store_->DetailedStats().reader_waits.counts;
    return std::accumulate(waits.begin(), waits.end(), std::int64_t{0});
  };
  const auto before = loans();
  EXPECT_THAT(store_->PeekFeed(bea_, {}), Eq(std::nullopt));
  EXPECT_EQ(loans(), before);

  ASSERT_THAT(store_->ListFeed(bea_, {}), IsOk());
  ASSERT_THAT(store_->ListFeed(bea_, {}), IsOk());
  EXPECT_EQ(loans(), before + 2);

  EXPECT_TRUE(store_->PeekFeed(bea_, {}).has_value());
  EXPECT_EQ(loans(), before + 2);
}

TEST_F(CachedReadsTest, FeedInMemoryShowsNewLikedAndDeletedPhotos) {
  const PhotoId first = Publish(ansel_);
  ASSERT_THAT(store_->ListFeed(bea_, {}), IsOk());

  const PhotoId second = Publish(ansel_);
  Do(LikePhoto{bea_, first});
  auto feed = store_->ListFeed(bea_, {});
  ASSERT_EQ(feed->items.size(), 2u);
  EXPECT_EQ(feed->items[0].id, second);
  EXPECT_TRUE(feed->items[1].liked);
  EXPECT_EQ(feed->items[1].like_count, 1);

  Do(DeletePhoto{ansel_, second});
  feed = store_->ListFeed(bea_, {});
  ASSERT_EQ(feed->items.size(), 1u);
  EXPECT_EQ(feed->items[0].id, first);
}

TEST_F(CachedReadsTest, LikeAndItsEndShowOnTheNextLook) {
  const PhotoId photo = Publish(ansel_);
  ASSERT_FALSE(store_->FindPhoto(bea_, photo)->liked);
  const auto misses = StatsOf("likes").misses;

  Do(LikePhoto{bea_, photo});
  EXPECT_TRUE(store_->FindPhoto(bea_, photo)->liked);
  EXPECT_FALSE(store_->FindPhoto(ansel_, photo)->liked);
  Do(UnlikePhoto{bea_, photo});
  EXPECT_FALSE(store_->FindPhoto(bea_, photo)->liked);

  // The likes of bea were not read again, those of ansel once.
  EXPECT_EQ(StatsOf("likes").misses, misses + 1);
}

TEST_F(CachedReadsTest, FollowByAnotherShowsOnTheNextLook) {
  ASSERT_FALSE(store_->FindUser(ansel_, Register("carol"))->followed_by);
  ASSERT_TRUE(store_->FindUser(ansel_, bea_)->followed_by);

  Do(UnfollowUser{bea_, ansel_});

  EXPECT_FALSE(store_->FindUser(ansel_, bea_)->followed_by);
}

TEST_F(CachedReadsTest, OutdatedWindowIsRebuilt) {
  Publish(bea_);
  ASSERT_THAT(store_->ListFeed(bea_, {}), IsOk());
  PublishMany(Register("stranger"), FeedLog::kLength + 1);

  EXPECT_THAT(store_->PeekFeed(bea_, {}), Eq(std::nullopt));
  EXPECT_EQ(store_->ListFeed(bea_, {})->items.size(), 1u);
  EXPECT_EQ(store_->ListFeed(bea_, {})->items.size(), 1u);
  EXPECT_TRUE(store_->PeekFeed(bea_, {}).has_value());
}

TEST_F(CachedReadsTest, DeletedUserIsInNoCache) {
  const PhotoId photo = Publish(ansel_);
  Do(LikePhoto{bea_, photo});
  ASSERT_EQ(store_->FindPhoto(UserId{}, photo)->like_count, 1);
  ASSERT_THAT(store_->FindUser(UserId{}, "bea"), IsOk());

  Do(DeleteUser{bea_});

  EXPECT_EQ(store_->FindPhoto(UserId{}, photo)->like_count, 0);
  EXPECT_THAT(store_->FindUser(UserId{}, "bea"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CachedReadsTest, BlockTakesEffectOnTheNextLook) {
  const PhotoId photo = Publish(ansel_);
  ASSERT_THAT(store_->FindPhoto(bea_, photo), IsOk());
  ASSERT_THAT(store_->FindUser(bea_, "ansel"), IsOk());
  ASSERT_EQ(store_->ListFeed(bea_, {})->items.size(), 1u);

  Do(BlockUser{ansel_, bea_});

  EXPECT_THAT(store_->FindPhoto(bea_, photo),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_->FindUser(bea_, "ansel"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store_->ListFeed(bea_, {})->items.size(), 0u);
}

}  // namespace
}  // namespace pinhole::store

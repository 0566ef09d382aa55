// SPDX-License-Identifier: Apache-2.0

// Several servers that write to one database.

#include <atomic>
#include <barrier>
#include <random>
#include <set>
#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "base/errors.h"
#include "tests/unit/server/store/postgres/writes/load.h"
#include "tests/unit/server/store/postgres/writes/writer_fixture.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::testing::SizeIs;

class WritersTest : public WriterTest {
 protected:
  std::unique_ptr<PostgresWriter> Open() {
    return std::make_unique<PostgresWriter>(
        PostgresWriter::Options{.uri = uri(), .clock = &clock_});
  }

  // Submits `command` by `callers` at once, to the writers in turn.
  static Results Race(std::vector<PostgresWriter*> writers, int callers,
                      const Command& command) {
    Results results(callers);
    absl::BlockingCounter missing(callers);
    for (int i = 0; i < callers; ++i) {
      writers[i % writers.size()]->Submit(command, {},
                                          [&results, &missing, i](auto result) {
                                            results[i] = std::move(result);
                                            missing.DecrementCount();
                                          });
    }
    missing.Wait();
    return results;
  }
};

TEST_F(WritersTest, PopularPhotosCauseNoDeadlock) {
  constexpr int kWriters = 4;
  constexpr int kCommands = 3000;
  std::vector<UserId> users;
  for (int i = 0; i < 40; ++i)
    users.push_back(Register("user" + std::to_string(i)));
  std::vector<PhotoId> photos;
  for (int i = 0; i < 50; ++i) photos.push_back(Publish(users[i % 7]));
  std::atomic<int> failures = 0;
  LaneStats lanes[kWriters];

  const auto write = [&](int w) {
    const auto writer = Open();
    std::mt19937 random(static_cast<unsigned>(w));
    const auto next = [&](int) -> Command {
      const UserId user = users[random() % users.size()];
      const PhotoId photo = photos[random() % photos.size()];
      switch (random() % 5) {
        case 0:
          return UnlikePhoto{user, photo};
        case 1:
          return FollowUser{user, users[random() % users.size()]};
        case 2:
          return UnfollowUser{user, users[random() % users.size()]};
        default:
          return LikePhoto{user, photo};
      }
    };
    Load(*writer, next, [&](int, const Load::Answer& answer) {
      // Nobody can follow themselves.
      if (!answer.ok() && !absl::IsInvalidArgument(answer.status())) ++failures;
    }).Run(64, [](int n) { return n == kCommands; });
    lanes[w] = writer->stats().batches;
  };
  std::vector<std::thread> threads;
  for (int w = 0; w < kWriters; ++w) threads.emplace_back(write, w);
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(failures, 0);
  for (const LaneStats& lane : lanes) EXPECT_EQ(lane.conflicts, 0);
  EXPECT_EQ(Count("SELECT deadlocks FROM pg_stat_database "
                  "WHERE datname = current_database()"),
            0);
  EXPECT_EQ(Count("SELECT count(*) FROM photos p WHERE like_count <> "
                  "(SELECT count(*) FROM likes WHERE photo_id = p.id)"),
            0);
  EXPECT_EQ(Count("SELECT count(*) FROM users u WHERE follower_count <> "
                  "(SELECT count(*) FROM follows WHERE followee_id = u.id) OR "
                  "following_count <> "
                  "(SELECT count(*) FROM follows WHERE follower_id = u.id)"),
            0);
  EXPECT_EQ(
      Count("SELECT (SELECT count(*) FROM likes WHERE user_id <> owner_id) + "
            "(SELECT count(*) FROM follows) - "
            "(SELECT count(*) FROM notifications)"),
      0);
}

// Each server prolongs a session that the other one replaces.
TEST_F(WritersTest, SessionsCauseNoDeadlock) {
  constexpr int kRounds = 300;
  const UserId users[] = {Register("ann"), Register("bob")};
  const absl::Time end = AsStored(absl::Now()) + absl::Hours(1);
  const auto login = [&](int i) {
    return CreateSession{
        users[i], absl::StrCat("token of ", i), end, "hash", {}};
  };
  Lane other({.uri = uri(), .instance = "other", .clock = &clock_});
  std::vector<SessionId> ids = {Try(login(0))->id, Try(login(1))->id};
  for (int round = 0; round < kRounds; ++round) {
    std::barrier start(2);
    std::vector<SessionId> next(2);
    const auto run = [&](Lane& lane, int i) {
      start.arrive_and_wait();
      const Results results =
          RunAll(lane, {TouchSession{ids[1 - i], end}, Command(login(i))});
      next[i] = As<Session>(results[1]).id;
    };
    std::thread here([&] { run(*lane_, 0); });
    run(other, 1);
    here.join();
    ids = next;
  }
  EXPECT_EQ(lane_->Stats().conflicts + other.Stats().conflicts, 0);
  EXPECT_EQ(Count("SELECT count(*) FROM sessions"), 2);
}

TEST_F(WritersTest, RequestKeyTakesEffectOnce) {
  const UserId ann = Register("ann");
  const PhotoId photo = Publish(ann);
  const auto one = Open();
  const auto other = Open();
  constexpr int kRounds = 100;
  for (int round = 0; round < kRounds; ++round) {
    const std::string key = "key" + std::to_string(round);
    std::set<CommentId> ids;
    for (const auto& result :
         Race({one.get(), other.get()}, 6,
              CreateComment{ann, photo, "hello", {key, "fingerprint"}})) {
      ids.insert(As<Comment>(result).id);
    }
    ASSERT_THAT(ids, SizeIs(1));
  }
  EXPECT_EQ(Count("SELECT count(*) FROM comments"), kRounds);
}

TEST_F(WritersTest, HandleIsGivenOnce) {
  const auto one = Open();
  const auto other = Open();
  for (int round = 0; round < 100; ++round) {
    int created = 0;
    for (const auto& result :
         Race({one.get(), other.get()}, 4,
              CreateUser{"handle" + std::to_string(round), "", "hash", {}})) {
      if (result.ok()) {
        ++created;
      } else {
        EXPECT_EQ(ReasonOf(result.status()), Reason::kHandleTaken);
      }
    }
    ASSERT_EQ(created, 1);
  }
}

TEST_F(WritersTest, IdsOfPhotosAreInTheOrderOfCommits) {
  const UserId ann = Register("ann");
  std::atomic<bool> done = false;
  std::vector<std::int64_t> seen;
  std::thread watcher([&] {
    const auto db = OpenConnection(uri(), ConnectionKind::kReader);
    std::int64_t last = 0;
    for (bool over = false; !over;) {
      over = done;
      const auto found = db->QueryOnce(
          "SELECT id FROM photos WHERE id > $1 ORDER BY id", Params(last));
      for (const Row row : *found) {
        seen.push_back(row.Int(0));
        last = row.Int(0);
      }
    }
  });
  const auto publish = [&](int w) {
    const auto writer = Open();
    Load(
        *writer,
        [&](int n) {
          AddPhoto photo = NewPhoto(ann);
          photo.file_key = absl::StrCat(w, " ", n);
          database_.Run("INSERT INTO uploads VALUES ('" + photo.file_key +
                        "', 0)");
          return photo;
        },
        [](int, const Load::Answer& answer) { EXPECT_THAT(answer, IsOk()); })
        .Run(4, [](int n) { return n == 500; });
  };
  std::vector<std::thread> threads;
  for (int w = 0; w < 3; ++w) threads.emplace_back(publish, w);
  for (std::thread& thread : threads) thread.join();
  done = true;
  watcher.join();

  EXPECT_THAT(seen, SizeIs(1500));
}

}  // namespace
}  // namespace pinhole::postgres

// SPDX-License-Identifier: Apache-2.0

// Two servers run commands that conflict at the same moment, many times, each
// time about other rows.  Every outcome that is possible one after the other is
// permitted; afterwards all rows must agree.
//
// The tests whose names begin with "Without" run the same races with a command
// that decides before, or in the same statement as, it locks.  They must find
// mistakes: this shows that the other tests would notice.

#include <atomic>
#include <barrier>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/db/connection.h"
#include "tests/support/postgres_checks.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/migrated_database.h"
#include "tests/unit/server/store/postgres/single/test_writer.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::FindPostgresMistakes;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::MigratedTemplate;
using ::pinhole::testing::OpenConnection;
using ::pinhole::testing::TestDatabase;
using ::pinhole::testing::TestWriter;
using ::testing::IsEmpty;

constexpr int kRounds = 1500;
// Unprotected races end when they have led to a mistake, which they look for
// after this many rounds.
constexpr int kFewRounds = 100;

// The work of one caller in a round.
using Caller = std::function<void(int round)>;

// Round r is about the users 2r + 1 and 2r + 2, and the photo 1,000,000 + r of
// the former.
UserId One(int round) { return UserId{2 * round + 1}; }
UserId Other(int round) { return UserId{2 * round + 2}; }
PhotoId PhotoOf(int round) { return PhotoId{1'000'000 + round}; }

class RacesTest : public ::testing::Test {
 protected:
  RacesTest() {
    database_.Run(fmt::format(
        "INSERT INTO users (id, handle, display_name, password_hash, "
        "create_time, public_photo_count) "
        "SELECT i, 'user' || i, 'Name', 'hash', 0, i % 2 "
        "FROM generate_series(1, {users}) i;"
        "INSERT INTO handles (handle, user_id) SELECT handle, id FROM users;"
        "INSERT INTO photos (owner_id, id, visibility, create_time, width, "
        "height, size_bytes, content_type, file_key, caption, alt_text) "
        "SELECT 2 * r + 1, 1000000 + r, 1, 0, 1, 1, 1, 'image/png', "
        "'file' || r, '', '' FROM generate_series(0, {rounds} - 1) r;"
        "INSERT INTO photo_owners (photo_id, owner_id) "
        "SELECT id, owner_id FROM photos;"
        "ANALYZE",
        fmt::arg("users", 2 * kRounds), fmt::arg("rounds", kRounds)));
  }

  std::vector<std::string> Mistakes() {
    return FindPostgresMistakes(database_.uri());
  }
  std::int64_t Count(const std::string& table) {
    const auto count =
        OpenConnection(database_.uri(), ConnectionKind::kReader)
            ->QueryOnce(absl::StrCat("SELECT count(*) FROM ", table));
    return (*count)[0].Int(0);
  }

  // Runs the rounds from `first` on; in each, all callers begin together.
  static void Race(const std::vector<Caller>& callers, int first = 0,
                   int end = kRounds) {
    std::barrier start(static_cast<std::ptrdiff_t>(callers.size()));
    std::vector<std::thread> threads;
    for (const Caller& caller : callers) {
      threads.emplace_back([&start, &caller, first, end] {
        for (int round = first; round < end; ++round) {
          start.arrive_and_wait();
          caller(round);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // Runs rounds until one leads to a mistake that contains `text`.
  bool LeadsTo(const std::string& text, const std::vector<Caller>& callers) {
    for (int first = 0; first < kRounds; first += kFewRounds) {
      Race(callers, first, first + kFewRounds);
      for (const std::string& mistake : Mistakes()) {
        if (absl::StrContains(mistake, text)) return true;
      }
    }
    return false;
  }

  const SystemClock clock_;
  TestDatabase database_{MigratedTemplate()};
  TestWriter here_{database_.uri(), clock_};
  TestWriter there_{database_.uri(), clock_};
};

// Runs statements without the protection of the writers.
class Unprotected {
 public:
  explicit Unprotected(const TestDatabase& database)
      : db_(OpenConnection(database.uri(), ConnectionKind::kWriter)) {}

  // Locks the users in the statement that looks for a block, whose snapshot is
  // older than the lock.
  void Follow(UserId follower, UserId followee) {
    static const Statement kFollow(
        "WITH locked AS (SELECT id FROM users WHERE id IN ($1, $2) "
        "ORDER BY id FOR NO KEY UPDATE), "
        "followed AS (INSERT INTO follows (follower_id, followee_id, id) "
        "SELECT $1, $2, $1 FROM (SELECT count(*) AS n FROM locked) l "
        "WHERE n = 2 AND NOT EXISTS (SELECT 1 FROM blocks "
        "WHERE user_id = $1 AND other_id = $2) RETURNING id) "
        "INSERT INTO notifications "
        "(user_id, id, kind, actor_id, photo_id, create_time) "
        "SELECT $2, id, 1, $1, 0, 0 FROM followed");
    EXPECT_THAT(db_->Query(kFollow, follower, followee), IsOk());
  }

  // Locks nothing, and pauses between the look and the like, so that a deletion
  // fits in between.  False if there is no such user or photo.
  bool Like(UserId user, UserId owner, PhotoId photo) {
    static const Statement kLike(
        "WITH seen AS (SELECT owner_id, id FROM photos "
        "WHERE owner_id = $2 AND id = $3 "
        "AND EXISTS (SELECT 1 FROM users WHERE id = $1)), "
        "paused AS MATERIALIZED (SELECT pg_sleep(0.002) FROM seen), "
        "liked AS (INSERT INTO likes "
        "(owner_id, photo_id, user_id, id, create_time) "
        "SELECT owner_id, id, $1, id, 0 FROM seen, paused "
        "ON CONFLICT DO NOTHING) "
        "SELECT 1 FROM seen");
    const auto seen = db_->Query(kLike, user, owner, photo);
    EXPECT_THAT(seen, IsOk());
    return seen.ok() && !seen->empty();
  }

  // Does not claim the handle.
  void CreateUser(UserId id, const std::string& handle) {
    static const Statement kCreate(
        "INSERT INTO users "
        "(id, handle, display_name, password_hash, create_time) "
        "SELECT $1, $2, 'Name', 'hash', 0 WHERE NOT EXISTS "
        "(SELECT 1 FROM users WHERE handle = $2)");
    EXPECT_THAT(db_->Query(kCreate, id, handle), IsOk());
  }

  // Does not claim the key before it looks.
  void Comment(UserId author, PhotoId photo, std::int64_t id,
               const std::string& key) {
    static const Statement kComment(
        "WITH remembered AS (INSERT INTO requests "
        "(key, fingerprint, result_id, user_id, create_time) "
        "SELECT $4, '', $3, $1, 0 WHERE NOT EXISTS "
        "(SELECT 1 FROM requests WHERE key = $4) "
        "ON CONFLICT (key) DO UPDATE SET result_id = $3 RETURNING 1) "
        "INSERT INTO comments "
        "(owner_id, photo_id, id, author_id, create_time, text) "
        "SELECT owner_id, photo_id, $3, $1, 0, 'text' "
        "FROM remembered, photo_owners WHERE photo_id = $2");
    EXPECT_THAT(db_->Query(kComment, author, photo, id, Bytes{key}), IsOk());
  }

 private:
  const std::unique_ptr<Connection> db_;
};

MATCHER(IsOkOrNotFound, "is OK or NOT_FOUND") {
  *result_listener << arg.status();
  return arg.ok() || absl::IsNotFound(arg.status());
}

TEST_F(RacesTest, AFollowAndABlock) {
  Race({[&](int round) {
          EXPECT_THAT(here_.Do(FollowUser{One(round), Other(round)}),
                      IsOkOrNotFound());
        },
        [&](int round) {
          EXPECT_THAT(there_.Do(BlockUser{Other(round), One(round)}), IsOk());
        }});

  EXPECT_THAT(Mistakes(), IsEmpty());
  EXPECT_EQ(Count("blocks"), 2 * kRounds);
}

TEST_F(RacesTest, WithoutEarlierLocksAFollowCrossesABlock) {
  Unprotected unprotected(database_);
  EXPECT_TRUE(
      LeadsTo("a follow across a block",
              {[&](int round) { unprotected.Follow(One(round), Other(round)); },
               [&](int round) {
                 (void)there_.Do(BlockUser{Other(round), One(round)});
               }}));
}

TEST_F(RacesTest, ALikeAndABlockByTheOwner) {
  Race({[&](int round) {
          EXPECT_THAT(here_.Do(LikePhoto{Other(round), PhotoOf(round)}),
                      IsOkOrNotFound());
        },
        [&](int round) {
          EXPECT_THAT(there_.Do(BlockUser{One(round), Other(round)}), IsOk());
        }});

  EXPECT_THAT(Mistakes(), IsEmpty());
  EXPECT_EQ(Count("blocks"), 2 * kRounds);
}

TEST_F(RacesTest, ALikeAndTheDeletionOfThePhoto) {
  Race({[&](int round) {
          EXPECT_THAT(here_.Do(LikePhoto{Other(round), PhotoOf(round)}),
                      IsOkOrNotFound());
        },
        [&](int round) {
          EXPECT_THAT(there_.Do(DeletePhoto{One(round), PhotoOf(round)}),
                      IsOk());
        }});

  EXPECT_THAT(Mistakes(), IsEmpty());
  EXPECT_EQ(Count("photos"), 0);
  EXPECT_EQ(Count("likes"), 0);
}

TEST_F(RacesTest, WithoutLocksALikeOutlivesThePhoto) {
  Unprotected unprotected(database_);
  EXPECT_TRUE(
      LeadsTo("likes without a photo",
              {[&](int round) {
                 unprotected.Like(Other(round), One(round), PhotoOf(round));
               },
               [&](int round) {
                 (void)there_.Do(DeletePhoto{One(round), PhotoOf(round)});
               }}));
}

// Likes go on until they are refused, since a deletion takes several
// transactions.
TEST_F(RacesTest, LikesAndTheDeletionOfTheOwnerOrOfTheActor) {
  Race({[&](int round) {
          absl::StatusOr<LikeState> liked;
          do {
            liked = here_.Do(LikePhoto{Other(round), PhotoOf(round)});
          } while (liked.ok());
          EXPECT_EQ(ReasonOf(liked.status()), Reason::kPhotoNotFound);
        },
        [&](int round) {
          const UserId gone = round % 2 == 0 ? One(round) : Other(round);
          EXPECT_THAT(there_.Do(DeleteUser{gone}), IsOk());
        }});

  EXPECT_THAT(Mistakes(), IsEmpty());
  EXPECT_EQ(Count("likes"), 0);
}

TEST_F(RacesTest, WithoutLocksALikeOutlivesTheOwner) {
  Unprotected unprotected(database_);
  // The photo stays for a while if the likes get in the way of the deletion.
  std::atomic<int> last_deleted = -1;
  EXPECT_TRUE(LeadsTo("likes without a photo",
                      {[&](int round) {
                         while (unprotected.Like(Other(round), One(round),
                                                 PhotoOf(round)) &&
                                last_deleted < round) {
                         }
                       },
                       [&](int round) {
                         (void)there_.Do(DeleteUser{One(round)});
                         last_deleted = round;
                       }}));
}

TEST_F(RacesTest, OneHandleForTwo) {
  std::vector<absl::Status> results[2];
  const auto create = [&](TestWriter& writer, int number) {
    return [&, number](int round) {
      results[number].push_back(
          writer.Do(CreateUser{absl::StrCat("new", round), "Name", "hash", {}})
              .status());
    };
  };
  Race({create(here_, 0), create(there_, 1)});

  EXPECT_THAT(Mistakes(), IsEmpty());
  EXPECT_EQ(Count("users"), 3 * kRounds);
  for (int round = 0; round < kRounds; ++round) {
    const absl::Status& one = results[0][round];
    const absl::Status& other = results[1][round];
    EXPECT_NE(one.ok(), other.ok()) << one << other;
    EXPECT_EQ(ReasonOf(one.ok() ? other : one), Reason::kHandleTaken)
        << one << other;
  }
}

TEST_F(RacesTest, WithoutAClaimAHandleIsTakenTwice) {
  Unprotected here(database_);
  Unprotected there(database_);
  const auto create = [](Unprotected& db, int id) {
    return [&db, id](int round) {
      db.CreateUser(UserId{id + round}, absl::StrCat("new", round));
    };
  };
  EXPECT_TRUE(LeadsTo("a handle twice",
                      {create(here, 1'000'000), create(there, 2'000'000)}));
}

constexpr int kCallers = 6;

TEST_F(RacesTest, OneRequestOfSixCallers) {
  std::vector<CommentId> ids[kCallers];
  std::vector<Caller> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.push_back([&, i](int round) {
      TestWriter& writer = i % 2 == 0 ? here_ : there_;
      const auto comment =
          writer.Do(CreateComment{Other(round),
                                  PhotoOf(round),
                                  "text",
                                  {absl::StrCat("key", round), "fingerprint"}});
      EXPECT_THAT(comment, IsOk());
      ids[i].push_back(comment.ok() ? comment->id : CommentId{});
    });
  }
  Race(callers);

  EXPECT_THAT(Mistakes(), IsEmpty());
  EXPECT_EQ(Count("comments"), kRounds);
  for (int i = 1; i < kCallers; ++i) EXPECT_EQ(ids[i], ids[0]);
}

TEST_F(RacesTest, WithoutAClaimARequestIsRunTwice) {
  std::vector<std::unique_ptr<Unprotected>> connections;
  std::vector<Caller> callers;
  for (int i = 0; i < kCallers; ++i) {
    connections.push_back(std::make_unique<Unprotected>(database_));
    callers.push_back([&, i](int round) {
      connections[i]->Comment(Other(round), PhotoOf(round),
                              round * kCallers + i, absl::StrCat("key", round));
    });
  }
  Race(callers);

  EXPECT_GT(Count("comments"), kRounds);
}

}  // namespace
}  // namespace pinhole::postgres

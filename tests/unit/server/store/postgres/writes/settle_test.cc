// SPDX-License-Identifier: Apache-2.0

// Commands whose connection is lost at any moment, including during COMMIT,
// take effect exactly once.

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "base/errors.h"
#include "tests/unit/server/store/postgres/writes/load.h"
#include "tests/unit/server/store/postgres/writes/writer_fixture.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::testing::Each;
using ::testing::Gt;

constexpr char kKill[] =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name LIKE 'killed/%'";

class SettleTest : public WriterTest {
 protected:
  std::unique_ptr<PostgresWriter> Open() {
    // The other connections of the test must live.
    return std::make_unique<PostgresWriter>(PostgresWriter::Options{
        .uri = uri(), .application_name = "killed", .clock = &clock_});
  }
};

TEST_F(SettleTest, CommandsTakeEffectOnceWhenConnectionsAreKilled) {
  const UserId ann = Register("ann");
  const PhotoId photo = Publish(ann);
  std::vector<UserId> likers;
  for (int i = 0; i < 20; ++i)
    likers.push_back(Register("user" + std::to_string(i)));
  const auto writer = Open();
  std::atomic<bool> done = false;
  std::thread killer([&] {
    const auto db = OpenConnection(uri(), ConnectionKind::kWriter);
    std::mt19937 random(1);
    while (!done) {
      absl::SleepFor(absl::Microseconds(random() % 20'000));
      EXPECT_THAT(db->QueryOnce(kKill), IsOk());
    }
  });

  std::map<int, bool> commented;  // Whether the answer was OK.
  const auto next = [&](int n) -> Command {
    if (n % 2 == 0) {
      return CreateComment{ann, photo, std::to_string(n), {}};
    }
    // In turns, so that each toggles the like.
    const UserId liker = likers[n / 2 % 20];
    if (n / 40 % 2 == 0) return LikePhoto{liker, photo};
    return UnlikePhoto{liker, photo};
  };
  std::int64_t settled = 0;
  const absl::Time end = absl::Now() + absl::Seconds(60);
  // At most 20 at a time, so that each liker has one command.
  Load(*writer, next, [&](int n, const Load::Answer& answer) {
    EXPECT_THAT(answer, IsOk());
    if (n % 2 == 0) commented[n] = answer.ok();
    if (n % 2 == 1 && answer.ok()) {
      EXPECT_EQ(As<LikeState>(answer).liked, n / 40 % 2 == 0);
    }
  }).Run(20, [&](int n) {
    const LaneStats stats = writer->stats().batches;
    settled = std::min(stats.settled_committed, stats.settled_lost);
    // Ends after whole rounds of likes and unlikes.
    return n % 80 == 0 && (settled >= 5 || absl::Now() > end);
  });
  done = true;
  killer.join();

  EXPECT_THAT(settled, Gt(0));
  std::map<int, int> found;
  const Result texts = db_->QueryOnce("SELECT text FROM comments").value();
  for (const Row row : texts) {
    ++found[std::stoi(row.Text(0))];
  }
  EXPECT_EQ(found.size(), commented.size());
  for (const auto& [n, times] : found) EXPECT_EQ(times, 1) << n;
  EXPECT_EQ(Count("SELECT count(*) FROM likes"), 0);
  const Photo after = reader().FindPhoto(ann, photo).value();
  EXPECT_EQ(after.like_count, 0);
  EXPECT_EQ(after.comment_count, static_cast<int>(commented.size()));
}

TEST_F(SettleTest, CommandsWaitForADatabaseThatIsStartedAgain) {
  testing::PostgresCluster& cluster = testing::PostgresCluster::Shared();
  const UserId ann = Register("ann");
  const PhotoId photo = Publish(ann);
  const auto writer = Open();
  ASSERT_THAT(Do(*writer, LikePhoto{ann, photo}), IsOk());

  cluster.Crash();
  EXPECT_EQ(ReasonOf(Do(*writer, CreateComment{ann, photo, "late", {}},
                        {.deadline = absl::Now() + absl::Milliseconds(200)})
                         .status()),
            Reason::kWriteExpired);
  absl::Notification answered;
  absl::StatusOr<CommandResult> answer;
  writer->Submit(CreateComment{ann, photo, "waits", {}}, {}, [&](auto result) {
    answer = std::move(result);
    answered.Notify();
  });
  while (writer->state().ok()) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_FALSE(answered.HasBeenNotified());
  cluster.Start();
  answered.WaitForNotification();

  EXPECT_THAT(answer, IsOk());
  // The other lane finds out by itself.
  while (!writer->state().ok()) absl::SleepFor(absl::Milliseconds(10));
  db_ = OpenConnection(uri(), ConnectionKind::kWriter);
  EXPECT_EQ(Count("SELECT count(*) FROM comments"), 1);
}

TEST_F(SettleTest, ClosingDoesNotWaitForADatabaseThatIsDown) {
  testing::PostgresCluster& cluster = testing::PostgresCluster::Shared();
  const UserId ann = Register("ann");
  const auto writer = Open();
  cluster.Crash();
  absl::Status answer;
  absl::Notification answered;
  writer->Submit(FollowUser{ann, UserId{1}}, {}, [&](auto result) {
    answer = result.status();
    answered.Notify();
  });

  writer->Stop();

  answered.WaitForNotification();
  EXPECT_EQ(answer.code(), absl::StatusCode::kUnavailable);
  cluster.Start();
}

// With a synchronous standby that does not exist, COMMIT waits.
class StandbyTest : public SettleTest {
 protected:
  ~StandbyTest() override { SetStandby("''"); }

  static void SetStandby(const std::string& names) {
    testing::PostgresCluster& cluster = testing::PostgresCluster::Shared();
    cluster.Run("postgres",
                "ALTER SYSTEM SET synchronous_standby_names = " + names);
    cluster.Run("postgres", "SELECT pg_reload_conf()");
  }
  // Returns when commits wait.
  void RequireMissingStandby() {
    SetStandby("missing");
    const auto probe = OpenConnection(uri(), ConnectionKind::kWriter);
    std::thread commits([&] {
      while (probe
                 ->QueryOnce("INSERT INTO garbage VALUES "
                             "(gen_random_uuid()::text, 0, 0)")
                 .ok()) {
      }
    });
    WaitForCommit("pinhole");
    probe->Interrupt();
    commits.join();
  }
  // Waits for a transaction that waits for the standby; returns its process.
  std::int64_t WaitForCommit(const std::string& application = "killed",
                             std::int64_t other_than = 0) {
    while (true) {
      const std::int64_t pid = Count(absl::StrCat(
          "SELECT coalesce(max(pid), 0) FROM pg_stat_activity "
          "WHERE wait_event = 'SyncRep' AND application_name LIKE '",
          application, "%' AND pid <> ", other_than));
      if (pid != 0) return pid;
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
};

TEST_F(StandbyTest, CommitThatStopsWaitingForTheStandbyIsNotAnswered) {
  const UserId ann = Register("ann");
  const PhotoId photo = Publish(ann);
  const auto writer = Open();
  ASSERT_THAT(Do(*writer, LikePhoto{ann, photo}), IsOk());
  RequireMissingStandby();
  absl::Notification answered;
  absl::StatusOr<CommandResult> answer;
  writer->Submit(CreateComment{ann, photo, "hello", {}}, {}, [&](auto result) {
    answer = std::move(result);
    answered.Notify();
  });

  const std::int64_t commit = WaitForCommit();
  Count("SELECT pg_cancel_backend(" + std::to_string(commit) + ")::int");

  // What reads the outcome waits for the standby, too.
  WaitForCommit("killed", /*other_than=*/commit);
  EXPECT_FALSE(answered.HasBeenNotified());
  SetStandby("''");
  answered.WaitForNotification();
  EXPECT_THAT(answer, IsOk());
  EXPECT_EQ(writer->stats().batches.settled_committed, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM comments"), 1);
}

TEST_F(StandbyTest, OutcomeIsUnknownIfTheDeadlinePassesDuringTheCommit) {
  const UserId ann = Register("ann");
  const PhotoId photo = Publish(ann);
  const auto writer = Open();
  ASSERT_THAT(Do(*writer, LikePhoto{ann, photo}), IsOk());
  RequireMissingStandby();

  const absl::Status unknown =
      Do(*writer, CreateComment{ann, photo, "hello", {}},
         {.deadline = absl::Now() + absl::Milliseconds(200)})
          .status();
  const absl::Status queued =
      Do(*writer, CreateComment{ann, photo, "queued", {}},
         {.deadline = absl::Now() + absl::Milliseconds(200)})
          .status();
  SetStandby("''");

  EXPECT_EQ(ReasonOf(unknown), Reason::kOutcomeUnknown);
  EXPECT_EQ(ReasonOf(queued), Reason::kWriteExpired);
  EXPECT_THAT(Do(*writer, LikePhoto{ann, photo}), IsOk());
  EXPECT_EQ(Count("SELECT count(*) FROM comments"), 1);
}

TEST_F(StandbyTest, CommandsAreNotRefusedWhileTheyWaitForTheStandby) {
  constexpr int kCommands = 300;
  const UserId ann = Register("ann");
  const PhotoId photo = Publish(ann);
  const auto writer = Open();
  // One at a time, each with a commit of its own.
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(Do(*writer, CreateComment{ann, photo, "before", {}}), IsOk());
  }
  RequireMissingStandby();

  std::vector<absl::Status> answers(kCommands);
  absl::BlockingCounter waiting(kCommands);
  for (int i = 0; i < kCommands; ++i) {
    if (i == kCommands / 2) {
      WaitForCommit();
      // Longer than a burst of commands.
      absl::SleepFor(absl::Milliseconds(500));
    }
    writer->Submit(CreateComment{ann, photo, "waits", {}},
                   {.deadline = absl::Now() + absl::Minutes(5)},
                   [&, i](const absl::StatusOr<CommandResult>& result) {
                     answers[i] = result.status();
                     waiting.DecrementCount();
                   });
  }
  SetStandby("''");
  waiting.Wait();

  EXPECT_THAT(answers, Each(IsOk()));
}

TEST_F(StandbyTest, LocksOfCommitsThatWaitForTheStandbyAreWaitedFor) {
  const UserId ann = Register("ann");
  const UserId bob = Register("bob");
  const UserId cid = Register("cid");
  const PhotoId photo = Publish(ann);
  const auto writer = Open();
  const auto other = Open();
  ASSERT_THAT(Do(*writer, LikePhoto{ann, photo}), IsOk());
  ASSERT_THAT(Do(*other, UnlikePhoto{ann, photo}), IsOk());
  RequireMissingStandby();
  std::array<absl::Status, 4> answers;
  absl::BlockingCounter waiting(4);
  const auto submit = [&](PostgresWriter& to, Command command, int number) {
    to.Submit(std::move(command), {.deadline = absl::Now() + absl::Minutes(5)},
              [&, number](const absl::StatusOr<CommandResult>& result) {
                answers[number] = result.status();
                waiting.DecrementCount();
              });
  };
  submit(*writer, LikePhoto{ann, photo}, 0);
  WaitForCommit();
  submit(*other, LikePhoto{bob, photo}, 1);
  submit(*other, CreateComment{bob, photo, "hello", {}}, 2);
  submit(*other, BlockUser{cid, ann}, 3);

  const auto conflicts = [&] {
    const PostgresWriter::Stats stats = other->stats();
    return std::min(stats.batches.conflicts, stats.singles.conflicts);
  };
  while (conflicts() < 4) absl::SleepFor(absl::Milliseconds(10));
  SetStandby("''");
  waiting.Wait();

  EXPECT_THAT(answers, Each(IsOk()));
}

}  // namespace
}  // namespace pinhole::postgres

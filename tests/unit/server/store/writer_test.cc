// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/writes/writer.h"

#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;

using Result = absl::StatusOr<CommandResult>;

class WriterTest : public ::testing::Test {
 protected:
  WriterTest() { Open(); }

  void Open(std::size_t max_commands = 4096, std::size_t max_bytes = 1 << 20) {
    store_.reset();
    SqliteOptions options;
    options.path = folder_.path() / "pinhole.db";
    options.clock = &clock_;
    options.max_queued_commands = max_commands;
    options.max_queued_bytes = max_bytes;
    // A busy machine must not make the batches smaller.
    options.max_batch_time = absl::Minutes(1);
    store_ = OpenSqliteStore(options).value();
  }

  // Runs on a separate connection.
  void ExecuteBesides(const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((folder_.path() / "pinhole.db").c_str(), &db),
              SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }

  static CreateUser NewUser(std::string handle) {
    return CreateUser{std::move(handle), "Name", "hash", {}};
  }
  Result Do(Command command, WriteOptions options = {}) {
    absl::Notification answered;
    Result result;
    store_->Submit(std::move(command), options, [&](Result r) {
      result = std::move(r);
      answered.Notify();
    });
    answered.WaitForNotification();
    return result;
  }

  // Blocks the writer inside an answer, so that commands submitted meanwhile
  // form one batch.
  class Pause {
   public:
    explicit Pause(Store& store) {
      store.Submit(PurgeExpired{}, {}, [this](Result) {
        held_.Notify();
        go_on_.WaitForNotification();
      });
      held_.WaitForNotification();
    }
    void End() { go_on_.Notify(); }

   private:
    absl::Notification held_;
    absl::Notification go_on_;
  };

  // Submits all commands at once, so that they share a batch, and waits.
  std::vector<Result> DoTogether(std::vector<Command> commands) {
    std::vector<Result> results(commands.size());
    absl::BlockingCounter answered(static_cast<int>(commands.size()));
    Pause pause(*store_);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      store_->Submit(std::move(commands[i]), {},
                     [&results, &answered, i](Result result) {
                       results[i] = std::move(result);
                       answered.DecrementCount();
                     });
    }
    pause.End();
    answered.Wait();
    return results;
  }

  testing::TempDir folder_;
  testing::ManualClock clock_;
  std::unique_ptr<SqliteStore> store_;
};

std::int64_t CountOf(const HistogramCounts& times) {
  return std::accumulate(times.counts.begin(), times.counts.end(),
                         std::int64_t{0});
}

TEST_F(WriterTest, SyncsOfTheLogAreTimed) {
  const SqliteStats before = store_->DetailedStats();
  CallTiming parts;
  parts.Begin(CallPhase::kWriteWait);
  WriteOptions options;
  options.parts = &parts;

  ASSERT_THAT(Do(NewUser("ansel"), options), IsOk());

  const SqliteStats after = store_->DetailedStats();
  // On a busy machine the checkpoint can be included.
  EXPECT_GT(CountOf(after.log_sync_times), CountOf(before.log_sync_times));
  const double synced = absl::ToDoubleSeconds(parts.spent(CallPhase::kFsync));
  EXPECT_GT(synced, 0);
  EXPECT_LE(synced, after.commit_times.sum - before.commit_times.sum);
  EXPECT_LE(synced,
            after.log_sync_times.sum - before.log_sync_times.sum + 1e-9);
  EXPECT_EQ(parts.phase(), CallPhase::kCommit);
}

TEST_F(WriterTest, CheckpointSyncsLogAndDatabase) {
  const SqliteStats before = store_->DetailedStats();
  EXPECT_EQ(CountOf(before.database_sync_times), 0);
  ASSERT_THAT(Do(NewUser("ansel")), IsOk());

  // An idle writer makes a checkpoint.
  while (store_->DetailedStats().checkpoints == before.checkpoints) {
    absl::SleepFor(absl::Milliseconds(20));
  }

  const SqliteStats after = store_->DetailedStats();
  // The commit and the checkpoint.
  EXPECT_EQ(CountOf(after.log_sync_times), CountOf(before.log_sync_times) + 2);
  EXPECT_EQ(CountOf(after.database_sync_times), 1);
}

TEST_F(WriterTest, ManyCallersShareCommits) {
  constexpr int kCallers = 16;
  constexpr int kEach = 40;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([this, caller] {
      for (int i = 0; i < kEach; ++i) {
        ASSERT_THAT(Do(NewUser(fmt::format("u{}", caller * kEach + i))),
                    IsOk());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();

  const SqliteStats stats = store_->DetailedStats();

  EXPECT_EQ(stats.commands, kCallers * kEach);
  EXPECT_LT(stats.commits, stats.commands / 2);
  EXPECT_GT(stats.commit_times.sum, 0);
}

TEST_F(WriterTest, WaitingCommandsAreOneBatch) {
  std::vector<Command> commands;
  for (int i = 0; i < 10; ++i) {
    commands.push_back(NewUser(fmt::format("u{}", i)));
  }
  const std::int64_t commits = store_->DetailedStats().commits;

  for (const Result& result : DoTogether(std::move(commands))) {
    EXPECT_THAT(result, IsOk());
  }

  const SqliteStats stats = store_->DetailedStats();
  EXPECT_EQ(stats.commits - commits, 2);  // The pause is one of them.
  EXPECT_EQ(stats.batch_sizes[4], 1);     // 9 to 16.
}

TEST_F(WriterTest, FailingCommandDoesNotAffectItsBatch) {
  std::vector<Command> commands;
  commands.push_back(NewUser("one"));
  commands.push_back(NewUser("one"));
  commands.push_back(FollowUser{UserId{7}, UserId{8}});
  commands.push_back(NewUser("two"));

  const std::vector<Result> results = DoTogether(std::move(commands));

  EXPECT_THAT(results[0], IsOk());
  EXPECT_THAT(results[1], StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(results[2], StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(results[3], IsOk());
  EXPECT_THAT(store_->FindUser(UserId{}, "two"), IsOk());
  EXPECT_EQ(store_->DetailedStats().commands_failed, 2);
}

TEST_F(WriterTest, CommandWithAnExceptionIsUndoneAlone) {
  // The second photo breaks a unique index after the owner has been looked up.
  const UserId owner = std::get<User>(*Do(NewUser("ansel"))).id;
  const AddPhoto photo{owner, "key", "", "", Visibility::kPublic,
                       1,     1,     1,  "", {}};
  std::vector<Command> commands;
  commands.push_back(RecordUpload{"key"});
  commands.push_back(photo);
  commands.push_back(RecordUpload{"key"});
  commands.push_back(photo);
  commands.push_back(NewUser("bea"));

  const std::vector<Result> results = DoTogether(std::move(commands));

  EXPECT_THAT(results[1], IsOk());
  EXPECT_THAT(results[3], StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(results[4], IsOk());
  EXPECT_EQ(store_->FindUser(owner, owner)->photo_count, 1);
  EXPECT_EQ(store_->DetailedStats().rollbacks, 0);
}

TEST_F(WriterTest, CommandWithoutASavepointDoesNotAffectItsBatch) {
  // Sessions are created without a savepoint: an exception loses the whole
  // batch.
  const UserId user = std::get<User>(*Do(NewUser("ansel"))).id;
  ExecuteBesides(
      "CREATE TRIGGER breaks BEFORE INSERT ON sessions "
      "WHEN new.token_hash = x'00' BEGIN SELECT raise(ABORT, 'broken'); END");
  const CreateSession login{
      user, "token", clock_.Now() + absl::Hours(1), "hash", {}};
  CreateSession breaking = login;
  breaking.token_hash = std::string(1, '\0');
  std::vector<Command> commands;
  commands.push_back(NewUser("bea"));
  commands.push_back(login);
  commands.push_back(breaking);
  commands.push_back(NewUser("cleo"));

  const std::vector<Result> results = DoTogether(std::move(commands));

  EXPECT_THAT(results[0], IsOk());
  EXPECT_THAT(results[1], IsOk());
  EXPECT_THAT(results[2], StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(results[3], IsOk());
  EXPECT_THAT(store_->FindUser(UserId{}, "bea"), IsOk());
  EXPECT_THAT(store_->FindUser(UserId{}, "cleo"), IsOk());
  EXPECT_THAT(store_->FindSession("token"), IsOk());
  EXPECT_EQ(store_->DetailedStats().rollbacks, 1);
}

TEST_F(WriterTest, FullQueueRefusesWithADelay) {
  Open(/*max_commands=*/2);
  Pause pause(*store_);
  absl::BlockingCounter answered(2);
  for (const char* handle : {"one", "two"}) {
    store_->Submit(NewUser(handle), {},
                   [&](Result) { answered.DecrementCount(); });
  }
  EXPECT_EQ(store_->DetailedStats().queue_depth, 2);

  const Result refused = Do(NewUser("three"));

  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GT(RetryDelayOf(refused.status()).value(), absl::ZeroDuration());
  EXPECT_EQ(store_->DetailedStats().queue_rejections, 1);
  pause.End();
  answered.Wait();
  EXPECT_THAT(store_->FindUser(UserId{}, "two"), IsOk());
  EXPECT_THAT(Do(NewUser("three")), IsOk());
}

TEST_F(WriterTest, QueueIsBoundedInBytesToo) {
  Open(/*max_commands=*/100, /*max_bytes=*/10'000);

  EXPECT_THAT(Do(NewUser(std::string(10'000, 'x'))),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Do(NewUser("small")), IsOk());
}

TEST_F(WriterTest, ExpiredCommandHasNoEffect) {
  WriteOptions options;
  options.deadline = clock_.Now() + absl::Seconds(1);
  EXPECT_THAT(Do(NewUser("early"), options), IsOk());

  clock_.Advance(absl::Seconds(1));

  EXPECT_THAT(Do(NewUser("late"), options),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(store_->FindUser(UserId{}, "late"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store_->DetailedStats().commands_expired, 1);
}

TEST_F(WriterTest, IdsGrowWhenTheClockJumpsBackAcrossARestart) {
  const UserId before = std::get<User>(*Do(NewUser("one"))).id;
  ASSERT_THAT(Do(DeleteUser{before}), IsOk());
  clock_.Advance(-absl::Hours(24 * 365));
  Open();

  EXPECT_GT(std::get<User>(*Do(NewUser("two"))).id, before);
}

TEST_F(WriterTest, ClosingFinishesQueuedCommandsAndRefusesLaterOnes) {
  Pause pause(*store_);
  absl::Notification answered;
  Result queued;
  store_->Submit(NewUser("queued"), {}, [&](Result result) {
    queued = std::move(result);
    answered.Notify();
  });
  std::thread closing([this] { store_->Close(); });
  pause.End();
  closing.join();

  answered.WaitForNotification();
  EXPECT_THAT(queued, IsOk());
  EXPECT_THAT(Do(NewUser("late")), StatusIs(absl::StatusCode::kUnavailable));
  Open();
  EXPECT_THAT(store_->FindUser(UserId{}, "queued"), IsOk());
  EXPECT_THAT(store_->FindUser(UserId{}, "late"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(WriterTest, AnsweredWritesSurviveACrash) {
  ASSERT_THAT(Do(NewUser("ansel")), IsOk());
  // A copy of the files of a running store has the state after a crash.
  const testing::TempDir disk;
  std::filesystem::copy(folder_.path(), disk.path());
  std::filesystem::remove(disk.path() / "pinhole.db-shm");

  SqliteOptions options;
  options.path = disk.path() / "pinhole.db";
  options.clock = &clock_;
  const auto after = OpenSqliteStore(options).value();

  EXPECT_THAT(after->FindUser(UserId{}, "ansel"), IsOk());
}

TEST_F(WriterTest, LongLogIsCheckpointed) {
  // About 3,000 pages.
  const UserId user = std::get<User>(*Do(NewUser("ansel"))).id;
  const std::string text(2000, 'x');
  for (int i = 0; i < 1200; ++i) {
    const std::string key = fmt::format("key{}", i);
    ASSERT_THAT(Do(RecordUpload{key}), IsOk());
    ASSERT_THAT(Do(AddPhoto{user,
                            key,
                            text,
                            text,
                            Visibility::kPublic,
                            1,
                            1,
                            1,
                            "image/png",
                            {}}),
                IsOk());
    // The log is reset after a checkpoint; pages copied before do not count.
    ASSERT_LE(store_->DetailedStats().wal_frames_copied,
              store_->DetailedStats().wal_frames);
  }

  EXPECT_GE(store_->DetailedStats().checkpoints, 1);
  EXPECT_LT(store_->DetailedStats().wal_frames, 4000);
}

}  // namespace
}  // namespace pinhole::store

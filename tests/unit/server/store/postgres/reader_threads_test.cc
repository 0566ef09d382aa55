// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/readers/reader_threads.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/schema/schema.h"
#include "tests/support/manual_clock.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::ManualClock;
using ::pinhole::testing::PostgresCluster;
using ::pinhole::testing::StatusIs;
using ::pinhole::testing::TestDatabase;
using ::testing::ElementsAre;

class ReaderThreadsTest : public ::testing::Test {
 protected:
  ReaderThreadsTest() {
    auto db = Connection::Open(
        {.uri = database_.uri(), .kind = ConnectionKind::kUpgrade});
    EXPECT_THAT(db, IsOk());
    EXPECT_THAT(Migrate(**db), IsOk());
  }

  ReaderThreads::Options Options() {
    return {.uri = database_.uri(), .clock = &clock_, .threads = 2};
  }
  ReaderThreads::Options Unreachable() {
    ReaderThreads::Options options = Options();
    options.uri = "postgres://nobody@/x?host=/does/not/exist";
    return options;
  }
  static absl::Status LatestPhoto(const PostgresReader& reader) {
    return reader.LatestPhoto().status();
  }
  static absl::Status Run(ReaderThreads& threads, ReaderThreads::Read read) {
    absl::Status result;
    absl::Notification done;
    threads.Submit(std::move(read), [&](absl::Status status) {
      result = std::move(status);
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }

  ManualClock clock_;
  TestDatabase database_;
};

TEST_F(ReaderThreadsTest, ReadsGoOnAfterACrashOfTheServer) {
  ReaderThreads threads(Options());
  threads.Start();
  ASSERT_THAT(Run(threads, LatestPhoto), IsOk());
  std::thread reading([&] {
    while (threads.stats().repeats == 0) {
      EXPECT_THAT(Run(threads, LatestPhoto), IsOk());
    }
  });
  // The server ends with the thread that started it.
  PostgresCluster::Shared().Crash();
  PostgresCluster::Shared().Start();
  reading.join();
  EXPECT_THAT(Run(threads, LatestPhoto), IsOk());
}

TEST_F(ReaderThreadsTest, RefusesReadsBeyondTheBound) {
  ReaderThreads::Options options = Options();
  options.max_waiting = 2;
  ReaderThreads threads(options);
  absl::BlockingCounter waiting(2);
  for (int i = 0; i < 2; ++i) {
    threads.Submit(LatestPhoto, [&](absl::Status status) {
      EXPECT_THAT(status, IsOk());
      waiting.DecrementCount();
    });
  }
  EXPECT_THAT(Run(threads, LatestPhoto),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(threads.stats().rejections, 1);
  threads.Start();
  waiting.Wait();
  EXPECT_THAT(Run(threads, LatestPhoto), IsOk());
}

TEST_F(ReaderThreadsTest, ReadsRunInTheOrderOfSubmission) {
  ReaderThreads::Options options = Options();
  options.threads = 1;
  ReaderThreads threads(options);
  std::vector<int> order;
  absl::BlockingCounter missing(3);
  for (int i = 0; i < 3; ++i) {
    threads.Submit(
        [&order, i](const PostgresReader&) {
          order.push_back(i);
          return absl::OkStatus();
        },
        [&](const absl::Status&) { missing.DecrementCount(); });
  }
  threads.Start();
  missing.Wait();
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST_F(ReaderThreadsTest, OtherErrorsAreNotRepeated) {
  ReaderThreads threads(Options());
  threads.Start();
  int calls = 0;
  EXPECT_THAT(Run(threads,
                  [&](const PostgresReader&) {
                    ++calls;
                    return absl::NotFoundError("no such photo");
                  }),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(calls, 1);
}

TEST_F(ReaderThreadsTest, GivesUpWhenThePatienceIsOver) {
  ReaderThreads::Options options = Unreachable();
  options.patience = absl::Milliseconds(50);
  ReaderThreads threads(options);
  threads.Start();
  EXPECT_THAT(Run(threads, LatestPhoto),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(threads.stats().waiting, 0);
}

TEST_F(ReaderThreadsTest, AThreadThatCannotConnectLeavesReadsToTheOthers) {
  auto db = Connection::Open(
      {.uri = database_.uri(), .kind = ConnectionKind::kUpgrade});
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT((*db)->Execute("CREATE ROLE one LOGIN CONNECTION LIMIT 1; "
                             "GRANT SELECT ON ALL TABLES IN SCHEMA public "
                             "TO one"),
              IsOk());
  {
    ReaderThreads::Options options = Options();
    options.uri = absl::StrReplaceAll(database_.uri(), {{"postgres@", "one@"}});
    ReaderThreads threads(options);
    threads.Start();
    for (int round = 0; round < 20; ++round) {
      absl::Notification go_on;
      absl::BlockingCounter missing(2);
      const auto count = [&](const absl::Status& status) {
        EXPECT_THAT(status, IsOk());
        missing.DecrementCount();
      };
      threads.Submit(
          [&](const PostgresReader& reader) {
            go_on.WaitForNotification();
            return LatestPhoto(reader);
          },
          count);
      threads.Submit(LatestPhoto, count);
      go_on.Notify();
      missing.Wait();
    }
  }
  EXPECT_THAT((*db)->Execute("DROP OWNED BY one; DROP ROLE one"), IsOk());
}

TEST_F(ReaderThreadsTest, StopAnswersEverythingThatWaits) {
  ReaderThreads::Options options = Unreachable();
  options.patience = absl::InfiniteDuration();
  ReaderThreads threads(options);
  threads.Start();
  std::atomic<int> answered = 0;
  const auto count = [&](const absl::Status& status) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
    ++answered;
  };
  for (int i = 0; i < 10; ++i) threads.Submit(LatestPhoto, count);
  threads.Stop();
  EXPECT_EQ(answered, 10);
  threads.Submit(LatestPhoto, count);
  EXPECT_EQ(answered, 11);
}

TEST_F(ReaderThreadsTest, StopFinishesReadsThatHaveAConnection) {
  ReaderThreads::Options options = Options();
  options.threads = 1;
  ReaderThreads threads(options);
  threads.Start();
  ASSERT_THAT(Run(threads, LatestPhoto), IsOk());
  absl::Notification begun;
  absl::Notification stopping;
  std::atomic<int> answered = 0;
  const auto count = [&](const absl::Status& status) {
    EXPECT_THAT(status, IsOk());
    ++answered;
  };
  threads.Submit(
      [&](const PostgresReader&) {
        begun.Notify();
        stopping.WaitForNotification();
        return absl::OkStatus();
      },
      count);
  threads.Submit(LatestPhoto, count);
  begun.WaitForNotification();
  std::thread stop([&] { threads.Stop(); });
  stopping.Notify();
  stop.join();
  EXPECT_EQ(answered, 2);
}

}  // namespace
}  // namespace pinhole::postgres

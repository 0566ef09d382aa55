// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/async/blocking_executor.h"
#include "base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/guesses/guess_buckets.h"
#include "server/store/postgres/guesses/postgres_guess_counter.h"
#include "server/store/postgres/schema/schema.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::PostgresCluster;
using ::pinhole::testing::StatusIs;
using ::pinhole::testing::TestDatabase;
using enum absl::StatusCode;
using enum GuessLimit;

constexpr GuessCharge kPlaceCharge = {kPlace, 1};
constexpr GuessCharge kNetworkCharge = {kNetwork, 2};
constexpr GuessCharge kAccountCharge = {kAccount, 3};

std::unique_ptr<Connection> Open(const std::string& uri, ConnectionKind kind) {
  return Connection::Open({.uri = uri, .kind = kind}).value();
}

class GuessesTest : public ::testing::Test {
 protected:
  GuessesTest() {
    EXPECT_THAT(Migrate(*Open(database_.uri(), ConnectionKind::kUpgrade)),
                IsOk());
    db_ = Open(database_.uri(), ConnectionKind::kReader);
  }

  absl::Duration Charge(std::vector<GuessCharge> charges) {
    return ChargeGuess(*db_, charges, now_).value();
  }
  int ChargeAll(const std::vector<GuessCharge>& charges) {
    int charged = 0;
    while (Charge(charges) == absl::ZeroDuration()) ++charged;
    return charged;
  }
  std::int64_t CountRows() {
    return db_->QueryOnce("SELECT count(*) FROM throttle").value()[0].Int(0);
  }

  const TestDatabase database_;
  std::unique_ptr<Connection> db_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

TEST_F(GuessesTest, LimitsAreThoseOfTheMemory) {
  for (const GuessLimit limit : {kPlace, kNetwork, kAccount, kOwner}) {
    const RateLimiter::Options options = OptionsOf(limit);
    EXPECT_EQ(ChargeAll({{limit, 7}}), options.burst);
    EXPECT_EQ(Charge({{limit, 7}}), options.interval);
  }
}

TEST_F(GuessesTest, TheFirstEmptyBucketInOrderDecides) {
  ChargeAll({kPlaceCharge});
  ChargeAll({kNetworkCharge});

  EXPECT_EQ(Charge({kPlaceCharge, kNetworkCharge}), absl::Seconds(30));
  EXPECT_EQ(Charge({kNetworkCharge, kPlaceCharge}), absl::Seconds(5));
}

TEST_F(GuessesTest, ARefusedGuessIsChargedToNoBucket) {
  ChargeAll({kPlaceCharge});
  for (int i = 0; i < 50; ++i) {
    Charge({kNetworkCharge, kPlaceCharge, kAccountCharge});
  }

  EXPECT_EQ(ChargeAll({kNetworkCharge}), 30);
  EXPECT_EQ(ChargeAll({kAccountCharge}), 100);
}

TEST_F(GuessesTest, ARefundReturnsOneTokenToEachBucket) {
  ChargeAll({kPlaceCharge});
  ChargeAll({kNetworkCharge});

  EXPECT_THAT(RefundGuess(*db_, std::vector{kPlaceCharge, kNetworkCharge}),
              IsOk());
  EXPECT_EQ(ChargeAll({kPlaceCharge}), 1);
  EXPECT_EQ(ChargeAll({kNetworkCharge}), 1);
}

TEST_F(GuessesTest, AClockThatIsSetBackEmptiesABucketAtWorst) {
  Charge({kPlaceCharge});
  now_ -= absl::Hours(1);

  EXPECT_EQ(Charge({kPlaceCharge}), absl::Seconds(30));
}

TEST_F(GuessesTest, OnlyFullBucketsAreDeleted) {
  Charge({kPlaceCharge, kNetworkCharge});
  now_ += absl::Seconds(6);
  EXPECT_THAT(DeleteFullBuckets(*db_, now_), IsOk());

  EXPECT_EQ(CountRows(), 1);
  EXPECT_EQ(ChargeAll({kPlaceCharge}), 9);
}

TEST_F(GuessesTest, TheCounterDeletesFullBuckets) {
  const SystemClock clock;
  ReaderThreads threads(
      {.uri = database_.uri(), .clock = &clock, .threads = 1});
  threads.Start();
  PostgresGuessCounter counter(threads);
  for (std::uint64_t key = 0; key < 1000; ++key) {
    now_ += absl::Seconds(1);
    std::vector<GuessCharge> charges = {{kPlace, key}};
    auto charge = counter.Charge(std::move(charges), now_);
    EXPECT_THAT(BlockingExecutor().Run(std::move(charge)).status(), IsOk());
  }
  threads.Stop();

  EXPECT_LE(CountRows(), 31);
}

TEST_F(GuessesTest, StoppingTheThreadsFinishesRefunds) {
  const SystemClock clock;
  ChargeAll({kPlaceCharge});
  ReaderThreads threads(
      {.uri = database_.uri(), .clock = &clock, .threads = 1});
  threads.Start();
  PostgresGuessCounter counter(threads);
  // Ensures that there is a connection.
  std::vector<GuessCharge> other = {kNetworkCharge};
  auto charge = counter.Charge(std::move(other), now_);
  EXPECT_THAT(BlockingExecutor().Run(std::move(charge)).status(), IsOk());
  for (int i = 0; i < 5; ++i) counter.Refund({kPlaceCharge});
  threads.Stop();

  EXPECT_EQ(ChargeAll({kPlaceCharge}), 5);
}

TEST_F(GuessesTest, ConcurrentGuessesAreCountedExactlyAndDoNotDeadlock) {
  constexpr int kThreads = 4;
  std::atomic<int> charged = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto db = Open(database_.uri(), ConnectionKind::kReader);
      std::vector<GuessCharge> charges = {kNetworkCharge, kAccountCharge};
      if (i % 2 == 1) std::swap(charges[0], charges[1]);
      for (int j = 0; j < 50; ++j) {
        const auto delay = ChargeGuess(*db, charges, now_);
        EXPECT_THAT(delay.status(), IsOk());
        if (delay.ok() && *delay == absl::ZeroDuration()) ++charged;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(charged, 30);
  EXPECT_EQ(ChargeAll({kAccountCharge}), 70);
}

class GuessesInACrashTest : public ::testing::Test {
 protected:
  GuessesInACrashTest() {
    EXPECT_THAT(Migrate(*Open(uri_, ConnectionKind::kUpgrade)), IsOk());
    threads_.Start();
  }

  absl::StatusOr<absl::Duration> Charge() {
    std::vector<GuessCharge> charges = {kPlaceCharge};
    auto charge = counter_.Charge(std::move(charges),
                                  absl::FromUnixSeconds(1'700'000'000));
    return BlockingExecutor().Run(std::move(charge));
  }

  PostgresCluster cluster_;
  const std::string uri_ = cluster_.Uri(cluster_.CreateDatabase());
  const SystemClock clock_;
  ReaderThreads threads_{{.uri = uri_,
                          .clock = &clock_,
                          .threads = 1,
                          .patience = absl::Milliseconds(200)}};
  PostgresGuessCounter counter_{threads_};
};

TEST_F(GuessesInACrashTest, GuessesAreRefusedMeanwhileAndForgottenAfterwards) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(*Charge(), absl::ZeroDuration());
  EXPECT_GT(*Charge(), absl::ZeroDuration());

  cluster_.Crash();
  EXPECT_THAT(Charge().status(), StatusIs(kUnavailable));
  cluster_.Start();
  EXPECT_EQ(*Charge(), absl::ZeroDuration());
}

}  // namespace
}  // namespace pinhole::postgres

// SPDX-License-Identifier: Apache-2.0

#include "base/rate_limiter.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace pinhole {
namespace {

constexpr std::uint64_t kAnsel = 1;
constexpr std::uint64_t kDorothea = 2;

class RateLimiterTest : public ::testing::Test {
 protected:
  absl::Duration Take(std::uint64_t key) { return limiter_.Take(key, now_); }
  // How many can be taken at once.
  int TakeAll(std::uint64_t key) {
    int taken = 0;
    while (Take(key) == absl::ZeroDuration()) ++taken;
    return taken;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  RateLimiter limiter_{
      {.interval = absl::Seconds(2), .burst = 3, .max_keys = 8}};
};

TEST_F(RateLimiterTest, ABurstIsAllowedAndNotMore) {
  EXPECT_EQ(TakeAll(kAnsel), 3);
}

TEST_F(RateLimiterTest, AnEmptyBucketSaysWhenItHasOneAgain) {
  TakeAll(kAnsel);
  EXPECT_EQ(Take(kAnsel), absl::Seconds(2));

  now_ += absl::Seconds(1.5);
  EXPECT_EQ(Take(kAnsel), absl::Seconds(0.5));

  now_ += absl::Seconds(0.5);
  EXPECT_EQ(TakeAll(kAnsel), 1);
}

TEST_F(RateLimiterTest, ARefusalCostsNothing) {
  TakeAll(kAnsel);
  for (int i = 0; i < 100; ++i) Take(kAnsel);

  now_ += absl::Seconds(2);
  EXPECT_EQ(Take(kAnsel), absl::ZeroDuration());
}

TEST_F(RateLimiterTest, ABucketFillsToItsBurstOnly) {
  TakeAll(kAnsel);

  now_ += absl::Hours(1);
  EXPECT_EQ(TakeAll(kAnsel), 3);
}

TEST_F(RateLimiterTest, EachKeyHasABucketOfItsOwn) {
  TakeAll(kAnsel);

  EXPECT_EQ(TakeAll(kDorothea), 3);
}

TEST_F(RateLimiterTest, WhatIsGivenBackCanBeTakenAgain) {
  TakeAll(kAnsel);

  limiter_.GiveBack(kAnsel);
  EXPECT_EQ(TakeAll(kAnsel), 1);
}

TEST_F(RateLimiterTest, AFullBucketTakesNothingBack) {
  Take(kAnsel);
  now_ += absl::Hours(1);

  for (int i = 0; i < 10; ++i) limiter_.GiveBack(kAnsel);
  limiter_.GiveBack(kDorothea);
  EXPECT_EQ(TakeAll(kAnsel), 3);
}

TEST_F(RateLimiterTest, AClockSetBackEmptiesABucketAtWorst) {
  TakeAll(kAnsel);

  now_ -= absl::Hours(1);
  EXPECT_EQ(Take(kAnsel), absl::Seconds(2));
  now_ += absl::Seconds(2);
  EXPECT_EQ(TakeAll(kAnsel), 1);
}

TEST_F(RateLimiterTest, BucketsAreBoundedInNumber) {
  for (std::uint64_t key = 0; key < 1000; ++key) {
    EXPECT_EQ(Take(key), absl::ZeroDuration());
    EXPECT_LE(limiter_.size(), 8u);
  }
}

TEST_F(RateLimiterTest, FullBucketsGoBeforeOthers) {
  for (std::uint64_t key = 100; key < 107; ++key) Take(key);
  now_ += absl::Seconds(2);  // They are full again.
  TakeAll(kAnsel);

  for (std::uint64_t key = 200; key < 204; ++key) Take(key);
  EXPECT_EQ(TakeAll(kAnsel), 0);
}

TEST_F(RateLimiterTest, NoMoreIsTakenByManyThreadsThanByOne) {
  std::atomic<int> taken = 0;
  const auto take_many = [&] {
    for (int j = 0; j < 1000; ++j) {
      if (Take(kAnsel) == absl::ZeroDuration()) ++taken;
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) threads.emplace_back(take_many);
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(taken, 3);
}

}  // namespace
}  // namespace pinhole

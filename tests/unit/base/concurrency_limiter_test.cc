// SPDX-License-Identifier: Apache-2.0

#include "base/concurrency_limiter.h"

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace pinhole {
namespace {

TEST(PlacesTest, EachKeyHasItsOwnPlaces) {
  ConcurrencyLimiter places;
  const auto one = places.Take(1, 2);
  const auto two = places.Take(1, 2);

  EXPECT_TRUE(one && two);
  EXPECT_FALSE(places.Take(1, 2));
  EXPECT_TRUE(places.Take(2, 2));
}

TEST(PlacesTest, APlaceIsGivenBackOnceHoweverItWasMoved) {
  ConcurrencyLimiter places;
  auto first = places.Take(1, 1);
  std::optional<ConcurrencyLimiter::Slot> moved = std::move(first);
  first.reset();
  EXPECT_FALSE(places.Take(1, 1));

  moved.reset();
  auto again = places.Take(1, 1);
  ASSERT_TRUE(again);
  auto other = places.Take(2, 1);
  *again = *std::move(other);  // Gives back the place of 1.
  other.reset();
  EXPECT_TRUE(places.Take(1, 1));
  EXPECT_FALSE(places.Take(2, 1));
}

TEST(PlacesTest, ThreadsNeverHaveMoreThanThereAre) {
  ConcurrencyLimiter places;
  std::atomic<int> held = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5000; ++n) {
        const auto place = places.Take(7, 2);
        if (!place) continue;
        EXPECT_LE(++held, 2);
        --held;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(places.Take(7, 1));
}

}  // namespace
}  // namespace pinhole

// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/knee.h"

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

// A closed loop of `users` on `workers` that take 10 ms for an operation.
LoadPoint At(double users, double workers) {
  return {
      .load = users,
      .throughput = std::min(users, workers) * 100,
      .mean_response = absl::Milliseconds(10) * std::max(users / workers, 1.0)};
}

std::vector<LoadPoint> Ladder(double workers) {
  std::vector<LoadPoint> points;
  for (const double users : {1, 2, 4, 8, 16, 32, 64}) {
    points.push_back(At(users, workers));
  }
  return points;
}

TEST(KneeTest, IsWhereEveryWorkerIsBusy) {
  EXPECT_EQ(Knee(Ladder(8)), 3);
  EXPECT_EQ(Knee(Ladder(1)), 0);
}

TEST(KneeTest, OfAnOpenQueueIsHalfItsCapacity) {
  // Kleinrock's result for M/M/1: response is 1 / (capacity - rate).
  std::vector<LoadPoint> points;
  for (int rate = 10; rate < 1'000; rate += 10) {
    points.push_back({.load = 1.0 * rate,
                      .throughput = 1.0 * rate,
                      .mean_response = absl::Seconds(1.0 / (1'000 - rate))});
  }

  const auto knee = Knee(points);

  ASSERT_TRUE(knee.has_value());
  EXPECT_EQ(points[*knee].load, 500);
}

TEST(KneeTest, ThereIsNoneWhereNothingWasMeasured) {
  EXPECT_EQ(Knee({}), std::nullopt);
  EXPECT_EQ(Knee({LoadPoint{.load = 1}}), std::nullopt);
}

TEST(PlateauTest, BeginsWhereThroughputStopsRising) {
  EXPECT_EQ(Plateau(Ladder(8)), 3);
}

TEST(PlateauTest, ThereIsNoneWhileThroughputRises) {
  EXPECT_EQ(Plateau(Ladder(64)), std::nullopt);
  // Level once is not yet a plateau.
  EXPECT_EQ(Plateau(Ladder(32)), std::nullopt);
  std::vector<LoadPoint> pause = Ladder(64);
  pause[2].throughput = pause[1].throughput;
  EXPECT_EQ(Plateau(pause), std::nullopt);
  EXPECT_EQ(Plateau({}), std::nullopt);
}

TEST(PlateauTest, TheOrderOfTheStepsDoesNotMatter) {
  std::vector<LoadPoint> points = Ladder(8);
  std::reverse(points.begin(), points.end());

  const auto plateau = Plateau(points);

  ASSERT_TRUE(plateau.has_value());
  EXPECT_EQ(points[*plateau].load, 8);
}

TEST(PlateauTest, StepsThatAreCloseSayNothing) {
  // Three steps within 6 %: throughput had no room to rise.
  std::vector<LoadPoint> points = {At(100, 1'000), At(102, 1'000),
                                   At(104, 1'000)};
  EXPECT_EQ(Plateau(points), std::nullopt);

  points.push_back(At(200, 1'000));
  points.push_back(At(400, 1'000));
  EXPECT_EQ(Plateau(points), std::nullopt);
}

TEST(PlateauTest, FallingThroughputIsAPlateauToo) {
  std::vector<LoadPoint> points = Ladder(16);
  points[5].throughput *= 0.9;
  points[6].throughput *= 0.7;

  EXPECT_EQ(Plateau(points), 4);
}

}  // namespace
}  // namespace pinhole::lab

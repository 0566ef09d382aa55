// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/usl.h"

#include <string>
#include <vector>

#include "client/lab/core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::HasSubstr;

// A public example of the usl packages.
std::vector<UslPoint> Published() {
  return {{1, 955.16},    {5, 4315.54},   {10, 7867.61}, {15, 9645.37},
          {20, 10798.52}, {25, 12075.41}, {30, 12118.04}};
}

std::vector<UslPoint> Law(const UslFit& law, double noise = 0) {
  Random random(4);
  std::vector<UslPoint> points;
  for (const double users : {1, 2, 4, 8, 12, 16, 24, 32}) {
    points.push_back(
        {users, law.At(users) * random.Between(1 - noise, 1 + noise)});
  }
  return points;
}

TEST(UslTest, FitsThePublishedPoints) {
  const auto fit = FitUsl(Published());

  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->lambda, 1001.10, 0.01);
  EXPECT_NEAR(fit->sigma, 0.027346, 1e-6);
  EXPECT_NEAR(fit->kappa, 0.00077036, 1e-8);
  EXPECT_NEAR(fit->r_squared, 0.99786, 1e-5);
  EXPECT_NEAR(fit->PeakUsers().value(), 35.53, 0.01);
  EXPECT_NEAR(fit->PeakThroughput().value(), 12310.3, 0.1);
}

TEST(UslTest, FindsTheCoefficientsAgain) {
  for (const UslFit& law :
       {UslFit{.lambda = 1, .sigma = 0.5, .kappa = 0.1},
        UslFit{.lambda = 40'000, .sigma = 0.02, .kappa = 1e-5},
        UslFit{.lambda = 7, .sigma = 0, .kappa = 0.002},
        UslFit{.lambda = 120, .sigma = 0.9, .kappa = 0}}) {
    const auto fit = FitUsl(Law(law));
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_NEAR(fit->lambda / law.lambda, 1, 1e-4);
    EXPECT_NEAR(fit->sigma, law.sigma, 1e-4);
    EXPECT_NEAR(fit->kappa, law.kappa, 1e-5);
  }
}

TEST(UslTest, NoiseMovesTheFitOnlyALittle) {
  const UslFit law{.lambda = 500, .sigma = 0.05, .kappa = 0.001};
  const auto fit = FitUsl(Law(law, 0.03));

  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->lambda, law.lambda, 50);
  EXPECT_NEAR(fit->PeakThroughput().value(), law.PeakThroughput().value(), 200);
}

TEST(UslTest, WithoutCrosstalkThereIsACeilingAndNoPeak) {
  const auto fit = FitUsl(Law({.lambda = 100, .sigma = 0.2, .kappa = 0}));

  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->kappa, 0);
  EXPECT_EQ(fit->PeakUsers(), std::nullopt);
  EXPECT_EQ(fit->PeakThroughput(), std::nullopt);
  EXPECT_NEAR(fit->Ceiling().value(), 500, 0.5);
  EXPECT_THAT(fit->Summary(), HasSubstr("20.0 % of the work is serial"));
  EXPECT_THAT(fit->Summary(), HasSubstr("approach 500/s"));
}

TEST(UslTest, CoefficientsAreNeverNegative) {
  // More than twice as much with twice the users: unbounded least squares would
  // make sigma negative.
  std::vector<UslPoint> points = {
      {1, 100}, {2, 215}, {4, 440}, {8, 890}, {16, 1'700}};
  const auto fit = FitUsl(points);

  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->sigma, 0);
  EXPECT_GE(fit->kappa, 0);
}

TEST(UslTest, DoesNotLookBeyondTwiceWhatWasMeasured) {
  const auto fit = FitUsl(Published());
  ASSERT_TRUE(fit.ok());

  EXPECT_TRUE(fit->Predict(60).ok());
  EXPECT_EQ(fit->Predict(61).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(fit->Summary(), HasSubstr("peaks at 36 users with 12310/s"));

  // Its peak is at 316 users, and 32 were measured.
  const auto far = FitUsl(Law({.lambda = 10, .sigma = 0, .kappa = 1e-5}));
  ASSERT_TRUE(far.ok());
  EXPECT_THAT(far->Summary(), HasSubstr("still grows at 32 users"));
}

TEST(UslTest, FewLevelsAreNoFit) {
  std::vector<UslPoint> points = Published();
  points.resize(4);
  // The same levels again add none.
  points.insert(points.end(), points.begin(), points.begin() + 4);
  const auto fit = FitUsl(points);

  EXPECT_EQ(fit.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(fit.status().message()),
              HasSubstr("no fit: 4 different numbers of users"));
}

TEST(UslTest, WhatDoesNotFollowTheLawIsNoFit) {
  const auto fit =
      FitUsl({{1, 900}, {2, 100}, {4, 800}, {8, 150}, {16, 850}, {32, 90}});

  EXPECT_EQ(fit.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(fit.status().message()), HasSubstr("no fit"));
}

TEST(UslTest, NothingAchievedIsNoFit) {
  EXPECT_FALSE(FitUsl({{1, 0}, {2, 0}, {4, 0}, {8, 0}, {16, 0}}).ok());
  EXPECT_FALSE(FitUsl({}).ok());
}

}  // namespace
}  // namespace pinhole::lab

// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/timetable.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

std::vector<absl::Duration> Starts(Arrivals arrivals, double rate,
                                   std::uint64_t seed, int count) {
  Timetable timetable(arrivals, rate, seed);
  std::vector<absl::Duration> starts;
  for (int i = 0; i < count; ++i) starts.push_back(timetable.Next());
  return starts;
}

std::vector<double> Gaps(const std::vector<absl::Duration>& starts) {
  std::vector<double> gaps;
  absl::Duration last;
  for (const absl::Duration start : starts) {
    gaps.push_back(absl::ToDoubleSeconds(start - last));
    last = start;
  }
  return gaps;
}

TEST(TimetableTest, PoissonKeepsItsRate) {
  constexpr int kCount = 100'000;
  for (const double rate : {0.5, 42.0, 12'345.0}) {
    const auto starts = Starts(Arrivals::kPoisson, rate, 7, kCount);
    const double expected = kCount / rate;
    // The sum of n gaps varies by sqrt(n) of them.
    EXPECT_NEAR(absl::ToDoubleSeconds(starts.back()), expected,
                4 * expected / std::sqrt(kCount));
  }
}

TEST(TimetableTest, PoissonGapsAreExponential) {
  const auto gaps = Gaps(Starts(Arrivals::kPoisson, 1, 3, 100'000));
  double squares = 0;
  int longer_than_mean = 0;
  for (const double gap : gaps) {
    ASSERT_GE(gap, 0);
    squares += (gap - 1) * (gap - 1);
    if (gap > 1) ++longer_than_mean;
  }
  const auto count = static_cast<double>(gaps.size());

  EXPECT_NEAR(squares / count, 1, 0.05);
  EXPECT_NEAR(longer_than_mean / count, std::exp(-1), 0.01);
}

TEST(TimetableTest, PoissonGapsDoNotDependOnTheOneBefore) {
  const auto gaps = Gaps(Starts(Arrivals::kPoisson, 1, 11, 100'000));
  double product = 0;
  for (std::size_t i = 1; i < gaps.size(); ++i) {
    product += (gaps[i] - 1) * (gaps[i - 1] - 1);
  }

  EXPECT_NEAR(product / static_cast<double>(gaps.size()), 0, 0.02);
}

TEST(TimetableTest, SameSeedSameTableAndAnotherSeedAnother) {
  const auto table = Starts(Arrivals::kPoisson, 100, 1, 1'000);

  EXPECT_EQ(Starts(Arrivals::kPoisson, 100, 1, 1'000), table);
  EXPECT_NE(Starts(Arrivals::kPoisson, 100, 2, 1'000), table);
}

TEST(TimetableTest, ConstantGapsDoNotDrift) {
  // 1/3 s and 1/7 s are no sums of quarters of nanoseconds.
  for (const int rate : {3, 7, 1'000}) {
    Timetable timetable(Arrivals::kConstant, rate, 1);
    constexpr int kSeconds = 2'000;
    for (int i = 1; i <= rate * kSeconds; ++i) {
      const absl::Duration start = timetable.Next();
      if (i % rate != 0) continue;
      ASSERT_EQ(start, absl::Seconds(i / rate)) << rate;
    }
  }
}

TEST(TimetableTest, ConstantGapsAreEqual) {
  for (const double gap : Gaps(Starts(Arrivals::kConstant, 30, 1, 5'000))) {
    EXPECT_NEAR(gap, 1.0 / 30, 1e-9);
  }
}

}  // namespace
}  // namespace pinhole::lab

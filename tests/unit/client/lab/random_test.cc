// SPDX-License-Identifier: Apache-2.0

// What random.h and zipf.h promise.

#include "client/lab/core/random.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "client/lab/core/zipf.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

constexpr std::size_t kThings = 1'000;
constexpr int kDraws = 200'000;

std::vector<int> Counts(const Zipf& zipf, std::uint64_t seed) {
  Random random(seed);
  std::vector<int> counts(kThings);
  for (int i = 0; i < kDraws; ++i) ++counts[zipf.Draw(random)];
  return counts;
}

Zipf Popularity(std::uint64_t seed) {
  Random random(seed);
  return Zipf(kThings, kYcsbTheta, random);
}

TEST(RandomTest, IsTheSameOnEveryMachine) {
  // From the reference implementation of SplitMix64 (Vigna), seed 1234567.
  Random random(1234567);

  EXPECT_EQ(random.Next(), 6457827717110365317U);
  EXPECT_EQ(random.Next(), 3203168211198807973U);
  EXPECT_EQ(random.Next(), 9817491932198370423U);
}

TEST(RandomTest, NamesAndIndicesHaveStreamsOfTheirOwn) {
  EXPECT_EQ(Random(1, "a", 0).Next(), Random(1, "a", 0).Next());
  EXPECT_NE(Random(1, "a", 0).Next(), Random(2, "a", 0).Next());
  EXPECT_NE(Random(1, "a", 0).Next(), Random(1, "b", 0).Next());
  EXPECT_NE(Random(1, "a", 0).Next(), Random(1, "a", 1).Next());
}

TEST(RandomTest, ExponentialHasMeanAndTail) {
  Random random(5);
  double sum = 0;
  int long_ones = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.Exponential();
    ASSERT_GE(value, 0);
    sum += value;
    if (value > 3) ++long_ones;
  }

  EXPECT_NEAR(sum / kDraws, 1, 0.01);
  EXPECT_NEAR(1.0 * long_ones / kDraws, std::exp(-3), 0.002);
}

TEST(ZipfTest, TheHottestHasItsShare) {
  const Zipf zipf = Popularity(1);
  const std::vector<int> counts = Counts(zipf, 2);
  // 1 / (1 + 1/2^0.99 + ... + 1/1000^0.99).
  EXPECT_NEAR(zipf.Share(0), 0.1294, 0.0005);
  for (const std::size_t rank : {0, 1, 9, 99}) {
    const double expected = zipf.Share(rank);
    const double spread = std::sqrt(expected / kDraws);
    EXPECT_NEAR(1.0 * counts[zipf.Ranked(rank)] / kDraws, expected, 4 * spread)
        << rank;
  }
}

TEST(ZipfTest, SharesFallByThePowerLaw) {
  const Zipf zipf = Popularity(1);

  EXPECT_NEAR(zipf.Share(0) / zipf.Share(1), std::pow(2, 0.99), 1e-9);
  EXPECT_NEAR(zipf.Share(9) / zipf.Share(99), std::pow(10, 0.99), 1e-9);
}

TEST(ZipfTest, HotOnesAreNoNeighbours) {
  const Zipf zipf = Popularity(3);
  std::vector<int> hottest;
  for (std::size_t k = 0; k < 10; ++k) {
    hottest.push_back(static_cast<int>(zipf.Ranked(k)));
  }
  std::sort(hottest.begin(), hottest.end());

  // In order they would be 0 to 9.
  EXPECT_GT(hottest.back() - hottest.front(), 500);
}

TEST(ZipfTest, EveryThingCanComeUp) {
  std::vector<int> counts = Counts(Popularity(1), 2);

  EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 0);
}

TEST(ZipfTest, SameSeedSameDrawsAndAnotherSeedAnotherOrder) {
  EXPECT_EQ(Counts(Popularity(1), 2), Counts(Popularity(1), 2));
  EXPECT_NE(Counts(Popularity(1), 2), Counts(Popularity(1), 3));
  EXPECT_NE(Popularity(1).Ranked(0), Popularity(2).Ranked(0));
}

TEST(ZipfTest, OneThingIsAlwaysDrawn) {
  Random random(1);
  const Zipf zipf(1, kYcsbTheta, random);

  EXPECT_EQ(zipf.Draw(random), 0);
  EXPECT_EQ(zipf.Share(0), 1);
}

}  // namespace
}  // namespace pinhole::lab

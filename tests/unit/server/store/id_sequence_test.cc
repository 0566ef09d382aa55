// SPDX-License-Identifier: Apache-2.0

#include "server/store/queue/id_sequence.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::store {
namespace {

using ::testing::Gt;
using ::testing::Le;

const absl::Time kNow = absl::FromUnixMillis(1'700'000'000'000);

TEST(IdSequenceTest, IdsRiseWhenTheClockGoesBack) {
  IdSequence ids(0);
  const std::int64_t first = ids.Next(kNow);
  const std::int64_t second = ids.Next(kNow - absl::Hours(1));
  EXPECT_THAT(second, Gt(first));
  EXPECT_THAT(ids.Next(kNow + absl::Milliseconds(1)), Gt(second));
}

TEST(IdSequenceTest, FirstIdIsAboveThoseOfOtherNodes) {
  IdSequence others(0, 1023);
  const std::int64_t last = others.Next(kNow);
  EXPECT_THAT(IdSequence(last, 0).Next(kNow), Gt(last));
}

TEST(IdSequenceTest, NodesHaveNoIdInCommon) {
  std::set<std::int64_t> all;
  for (const int node : {0, 1, 1023}) {
    IdSequence ids(0, node);
    for (int i = 0; i < 5000; ++i) all.insert(ids.Next(kNow));
  }
  EXPECT_EQ(all.size(), 15'000u);
}

TEST(IdSequenceTest, BoundIsAboveAllIdsOfTheSameTime) {
  IdSequence ids(0, 7);
  for (const absl::Time now : {kNow, kNow - absl::Hours(1)}) {
    const std::int64_t bound = ids.Bound(now, 5000);
    for (int i = 0; i < 5000; ++i) EXPECT_THAT(ids.Next(now), Le(bound));
  }
}

}  // namespace
}  // namespace pinhole::store

// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/threshold.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::HasSubstr;

// 100 feeds of 1 to 100 ms, one failed; 50 likes of 5 ms; in 10 s.
StepFigures Step() {
  StepFigures step;
  step.measured = absl::Seconds(10);
  step.achieved = 15;
  OperationFigures& feed = step.operations[Operation::kFeed];
  feed.count = 101;
  feed.failed = 1;
  for (int i = 1; i <= 100; ++i) feed.response.Record(absl::Milliseconds(i));
  OperationFigures& like = step.operations[Operation::kLike];
  like.count = 50;
  for (int i = 0; i < 50; ++i) like.response.Record(absl::Milliseconds(5));
  step.operations[Operation::kUpload] = {.count = 3, .failed = 3};
  return step;
}

// The breach, "" if it holds, or the error.
std::string Outcome(std::string_view text) {
  const auto threshold = ParseThreshold(text);
  if (!threshold.ok()) return std::string(threshold.status().message());
  return Breach(*threshold, Step()).value_or("");
}

TEST(ThresholdTest, WhatHoldsIsNoBreach) {
  EXPECT_EQ(Outcome("p99(feed)<100ms"), "");
  EXPECT_EQ(Outcome("p50(feed)<51ms"), "");
  EXPECT_EQ(Outcome("p99<100ms"), "");
  EXPECT_EQ(Outcome("mean(like)<5.1ms"), "");
  EXPECT_EQ(Outcome("max<0.2s"), "");
  EXPECT_EQ(Outcome("errors(feed)<1%"), "");
  EXPECT_EQ(Outcome("errors(like)<0.1%"), "");
  EXPECT_EQ(Outcome("rate>14.5"), "");
  EXPECT_EQ(Outcome("rate(feed)>9"), "");
}

TEST(ThresholdTest, ABreachNamesTheFigureAndTheLimit) {
  EXPECT_EQ(Outcome("p99(feed)<80ms"), "p99(feed) was 99.0 ms, limit 80 ms");
  EXPECT_EQ(Outcome("p99.9(feed)<0.1s"),
            "p99.9(feed) was 100 ms, limit 100 ms");
  EXPECT_EQ(Outcome("p50<900us"), "p50 was 25.0 ms, limit 900 us");
  EXPECT_EQ(Outcome("mean(like)<5ms"), "mean(like) was 5 ms, limit 5 ms");
  EXPECT_EQ(Outcome("max<100ms"), "max was 100 ms, limit 100 ms");
  EXPECT_EQ(Outcome("errors<1%"), "errors was 2.6 %, limit 1 %");
  EXPECT_EQ(Outcome("errors(feed)<0.005"),
            "errors(feed) was 0.99 %, limit 0.5 %");
  EXPECT_EQ(Outcome("rate>100"), "rate was 15/s, limit 100/s");
  EXPECT_EQ(Outcome("rate(like)>6"), "rate(like) was 5/s, limit 6/s");
}

TEST(ThresholdTest, MoreCanBeTheLimitToo) {
  EXPECT_EQ(Outcome("p50(feed)>10ms"), "");
  EXPECT_EQ(Outcome("rate<10"), "rate was 15/s, limit 10/s");
}

TEST(ThresholdTest, WhatWasNotMeasuredDoesNotHold) {
  EXPECT_THAT(Outcome("p99(photo)<1s"), HasSubstr("nothing was called"));
  EXPECT_THAT(Outcome("errors(photo)<1%"), HasSubstr("nothing was called"));
  EXPECT_THAT(Outcome("p99(upload)<1s"), HasSubstr("nothing succeeded"));
}

TEST(ThresholdTest, WhatIsNoThresholdIsExplained) {
  EXPECT_THAT(Outcome("p99=100ms"), HasSubstr("must contain < or >"));
  EXPECT_THAT(Outcome("p99(feed<100ms"), HasSubstr(") is missing"));
  EXPECT_THAT(Outcome("p99(feeds)<100ms"),
              HasSubstr("unknown operation 'feeds'"));
  EXPECT_THAT(Outcome("p99()<100ms"), HasSubstr("unknown operation ''"));
  EXPECT_THAT(Outcome("speed>1"), HasSubstr("unknown metric 'speed'"));
  EXPECT_THAT(Outcome("p100<1s"), HasSubstr("unknown metric 'p100'"));
  EXPECT_THAT(Outcome("p0<1s"), HasSubstr("unknown metric 'p0'"));
  EXPECT_THAT(Outcome("p<1s"), HasSubstr("unknown metric 'p'"));
  EXPECT_THAT(Outcome("pinf<1s"), HasSubstr("unknown metric 'pinf'"));
  EXPECT_THAT(Outcome("<1s"), HasSubstr("unknown metric ''"));
  EXPECT_THAT(Outcome("p99<100"), HasSubstr("must be a duration with a unit"));
  EXPECT_THAT(Outcome("p99<-1ms"), HasSubstr("must be a duration with a unit"));
  EXPECT_THAT(Outcome("p99<inf"), HasSubstr("must be a duration with a unit"));
  EXPECT_THAT(Outcome("errors<"), HasSubstr("'' is not a number"));
  EXPECT_THAT(Outcome("errors<1ms"), HasSubstr("'1ms' is not a number"));
  EXPECT_THAT(Outcome("errors<5"), HasSubstr("must be at most 100%"));
  EXPECT_THAT(Outcome("rate>10%"), HasSubstr("'10%' is not a number"));
  EXPECT_THAT(Outcome("rate>nan"), HasSubstr("'nan' is not a number"));
}

}  // namespace
}  // namespace pinhole::lab

// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/verdict.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void Add(OperationFigures& figures, int count, absl::Duration response) {
  figures.count += count;
  for (int i = 0; i < count; ++i) figures.response.Record(response);
}

void Fail(OperationFigures& figures, int count) {
  figures.count += count;
  figures.failed += count;
}

// Ten seconds of an open loop without any fault: 5,000 operations of 20 ms.
class VerdictTest : public ::testing::Test {
 protected:
  VerdictTest() {
    Add(feed_, 4'000, absl::Milliseconds(20));
    Add(like_, 1'000, absl::Milliseconds(20));
    step_.offered = 500;
    step_.achieved = 500;
    step_.measured = absl::Seconds(10);
    step_.in_flight_mid = 10;
    step_.in_flight_end = 10;
  }

  Verdict Judged() const { return Judge(step_, {}); }

  std::vector<Cause> Causes() const {
    std::vector<Cause> causes;
    for (const Reason& reason : Judged().reasons) {
      causes.push_back(reason.cause);
    }
    return causes;
  }

  std::string FirstReason() const {
    const Verdict verdict = Judged();
    return verdict.reasons.empty() ? "" : verdict.reasons[0].text;
  }

  StepFigures step_;
  OperationFigures& feed_ = step_.operations[Operation::kFeed];
  OperationFigures& like_ = step_.operations[Operation::kLike];
};

TEST_F(VerdictTest, WithoutFaultItPasses) {
  const Verdict verdict = Judged();

  EXPECT_TRUE(verdict.passed);
  EXPECT_TRUE(verdict.enough_samples);
  EXPECT_FALSE(verdict.generator_limited);
  EXPECT_THAT(verdict.reasons, IsEmpty());
}

TEST_F(VerdictTest, SlowForMoreThanOneInAHundredFails) {
  Add(feed_, 35, absl::Milliseconds(300));
  EXPECT_TRUE(Judged().passed);

  Add(feed_, 35, absl::Milliseconds(300));
  EXPECT_FALSE(Judged().passed);
  EXPECT_EQ(FirstReason(), "p99 of all operations was 300 ms, limit 100 ms");
}

TEST_F(VerdictTest, TheLimitItselfIsTooSlow) {
  step_.operations.clear();
  Add(step_.operations[Operation::kFeed], 5'000, absl::Milliseconds(100));

  EXPECT_THAT(Causes(), ElementsAre(Cause::kLatency, Cause::kLatency));
}

TEST_F(VerdictTest, AnOperationOfItsOwnIsJudgedFromAThousandSamples) {
  OperationFigures& photo = step_.operations[Operation::kPhoto];
  Add(feed_, 100'000, absl::Milliseconds(20));
  Add(photo, 999, absl::Milliseconds(150));
  EXPECT_TRUE(Judged().passed);

  Add(photo, 1, absl::Milliseconds(150));
  EXPECT_EQ(FirstReason(), "p99 of photo was 150 ms, limit 100 ms");
}

TEST_F(VerdictTest, ARareOperationIsJudgedByItsErrors) {
  OperationFigures& upload = step_.operations[Operation::kUpload];
  Add(upload, 20, absl::Milliseconds(20));
  Fail(upload, 1);
  EXPECT_TRUE(Judged().passed);

  Fail(upload, 1);
  EXPECT_THAT(Causes(), ElementsAre(Cause::kErrors));
  EXPECT_EQ(FirstReason(), "2 of 22 upload failed (9.09 %), limit 1 %");
}

TEST_F(VerdictTest, OneInAHundredMayFailButNoMore) {
  Fail(feed_, 30);
  Fail(like_, 8);
  EXPECT_TRUE(Judged().passed);

  Fail(feed_, 15);
  EXPECT_THAT(Causes(), ElementsAre(Cause::kErrors, Cause::kErrors));
}

TEST_F(VerdictTest, AchievingLessThanOfferedFails) {
  step_.achieved = 491;
  EXPECT_TRUE(Judged().passed);

  step_.achieved = 489;
  EXPECT_THAT(Causes(), ElementsAre(Cause::kThroughput));
  EXPECT_EQ(FirstReason(), "achieved 489.0/s of 500.0/s offered (97.8 %)");
}

TEST_F(VerdictTest, ThreeOperationsUnderWayAreNoLostThroughput) {
  // 10 in ten seconds, of which 7 ended in time.
  step_.offered = 1;
  step_.achieved = 0.7;
  EXPECT_TRUE(Judged().passed);

  step_.achieved = 0.6;
  EXPECT_THAT(Causes(), ElementsAre(Cause::kThroughput));
}

TEST_F(VerdictTest, AGrowingBacklogFails) {
  step_.in_flight_mid = 40;
  step_.in_flight_end = 60 + 25;
  EXPECT_TRUE(Judged().passed);

  step_.in_flight_end = 86;
  EXPECT_THAT(Causes(), ElementsAre(Cause::kBacklog));
  EXPECT_EQ(FirstReason(), "calls in flight grew from 40 to 86");
}

TEST_F(VerdictTest, AFewCallsAreNoBacklog) {
  step_.offered = 10;
  step_.achieved = 10;
  step_.in_flight_mid = 0;
  step_.in_flight_end = 4;
  EXPECT_TRUE(Judged().passed);

  step_.in_flight_end = 5;
  EXPECT_FALSE(Judged().passed);
}

TEST_F(VerdictTest, WhatIsWorkedOffInHalfTheLimitIsNoBacklog) {
  // 500/s for 50 ms.
  step_.in_flight_mid = 0;
  step_.in_flight_end = 25;
  EXPECT_TRUE(Judged().passed);

  step_.in_flight_end = 26;
  EXPECT_FALSE(Judged().passed);
}

TEST_F(VerdictTest, AClosedLoopHasNeitherBacklogNorOffer) {
  step_.offered = 0;
  step_.in_flight_mid = 1;
  step_.in_flight_end = 20;

  EXPECT_TRUE(Judged().passed);
}

TEST_F(VerdictTest, NothingDoneIsNotPassed) {
  EXPECT_THAT(Judge({}, {}).reasons, testing::SizeIs(1));

  step_.operations.clear();
  Fail(step_.operations[Operation::kFeed], 1);
  EXPECT_FALSE(Judged().passed);
}

TEST_F(VerdictTest, AStepEndedEarlyIsNotPassed) {
  step_.hopeless = true;

  EXPECT_FALSE(Judged().passed);
}

TEST_F(VerdictTest, FewSamplesFailOnlyWhenItIsCertain) {
  step_.operations.clear();
  step_.offered = step_.achieved = 5;
  OperationFigures& feed = step_.operations[Operation::kFeed];
  Add(feed, 49, absl::Milliseconds(20));
  Add(feed, 1, absl::Milliseconds(300));
  EXPECT_TRUE(Judged().passed);
  EXPECT_FALSE(Judged().enough_samples);

  Add(feed, 4, absl::Milliseconds(300));
  EXPECT_THAT(Causes(), ElementsAre(Cause::kLatency));
  EXPECT_THAT(FirstReason(), HasSubstr("at least 300 ms"));
  EXPECT_THAT(FirstReason(), HasSubstr("from 54 samples"));
}

TEST_F(VerdictTest, ALagThatIsLittleOfTheLimitSpoilsNothing) {
  step_.generator.send_lag_p99 = absl::Milliseconds(40);

  EXPECT_FALSE(Judge(step_, {.p99 = absl::Seconds(1)}).generator_limited);
  EXPECT_TRUE(Judge(step_, {.p99 = absl::Milliseconds(500)}).generator_limited);
}

TEST_F(VerdictTest, TheGeneratorIsToldApartFromTheServer) {
  step_.generator = {.send_lag_p99 = absl::Milliseconds(5), .cpu_share = 0.8};
  EXPECT_FALSE(Judged().generator_limited);

  step_.generator.send_lag_p99 = absl::Milliseconds(6);
  EXPECT_TRUE(Judged().generator_limited);
  EXPECT_TRUE(Judged().passed);
  EXPECT_THAT(Judged().generator_reasons,
              ElementsAre("calls were sent late: p99 6 ms, limit 5 ms"));

  step_.generator = {.cpu_share = 0.81};
  EXPECT_TRUE(Judged().generator_limited);
}

TEST(HopelessTest, AFifthFailedIsEnough) {
  EXPECT_FALSE(Hopeless({.ended = 100, .failed = 20}, {}));
  EXPECT_TRUE(Hopeless({.ended = 100, .failed = 21}, {}));
  // Ten calls say little.
  EXPECT_FALSE(Hopeless({.ended = 10, .failed = 9}, {}));
}

TEST(HopelessTest, AQueueOfTenLimitsIsEnough) {
  EXPECT_FALSE(Hopeless({.ended = 9, .in_flight = 100, .rate = 100}, {}));
  EXPECT_TRUE(Hopeless({.ended = 9, .in_flight = 101, .rate = 100}, {}));
  EXPECT_FALSE(Hopeless({.ended = 9, .in_flight = 50, .rate = 1}, {}));
  // Users of a closed loop are all in flight.
  EXPECT_FALSE(Hopeless({.ended = 9, .in_flight = 9'999}, {}));
}

TEST(VerdictNamesTest, CausesHaveTheNamesOfReports) {
  EXPECT_EQ(NameOf(Cause::kLatency), "latency");
  EXPECT_EQ(NameOf(Cause::kErrors), "errors");
  EXPECT_EQ(NameOf(Cause::kThroughput), "throughput");
  EXPECT_EQ(NameOf(Cause::kBacklog), "backlog");
}

}  // namespace
}  // namespace pinhole::lab

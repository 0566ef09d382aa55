// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/inconclusive.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

report::Step Step(const char* purpose, bool generator_limited) {
  report::Step step;
  step.set_purpose(purpose);
  step.set_generator_limited(generator_limited);
  step.set_enough_samples(true);
  return step;
}

TEST(InconclusiveTest, RunWithinTheMeansOfTheLabIsConclusive) {
  report::Report report;
  *report.add_steps() = Step("ladder", false);
  *report.add_steps() = Step("confirm", false);
  report.mutable_rate_limit()->set_outcome("found");
  report.mutable_users_limit()->set_outcome("never_broke");

  EXPECT_EQ(WhyInconclusive(report), "");
}

TEST(InconclusiveTest, LadderStepOrLimitOfTheLabsIsNot) {
  report::Report ladder;
  *ladder.add_steps() = Step("ladder", true);
  report::Report search;
  search.mutable_users_limit()->set_outcome("generator_limited");

  EXPECT_THAT(WhyInconclusive(ladder), HasSubstr("the lab, not the server"));
  EXPECT_THAT(WhyInconclusive(search), HasSubstr("the lab, not the server"));
}

TEST(InconclusiveTest, StepOnTheWayOfASearchMayBeLimitedByTheLab) {
  report::Report report;
  *report.add_steps() = Step("grow", true);

  EXPECT_EQ(WhyInconclusive(report), "");
}

TEST(InconclusiveTest, UnconfirmedLimitAndTooFewAnswersAreNamed) {
  report::Report unconfirmed;
  unconfirmed.mutable_rate_limit()->set_outcome("not_confirmed");
  report::Report few;
  *few.add_steps() = Step("confirm", false);
  few.mutable_steps(0)->set_enough_samples(false);
  few.mutable_steps(0)->set_passed(true);

  EXPECT_THAT(WhyInconclusive(unconfirmed), HasSubstr("did not pass again"));
  EXPECT_THAT(WhyInconclusive(few), HasSubstr("too few answers"));
}

TEST(InconclusiveTest, ALoadThatClearlyFailedToConfirmIsFirmEvidence) {
  report::Report report;
  *report.add_steps() = Step("confirm", false);
  report.mutable_steps(0)->set_enough_samples(false);
  report.mutable_rate_limit()->set_outcome("found");

  EXPECT_EQ(WhyInconclusive(report), "");
}

TEST(InconclusiveTest, VariantOfAnAblationIsNamed) {
  report::Report report;
  *report.add_variants()->add_steps() = Step("ladder", false);
  report::Variant& variant = *report.add_variants();
  variant.set_name("+ cache");
  *variant.add_steps() = Step("ladder", true);

  EXPECT_THAT(WhyInconclusive(report),
              AllOf(HasSubstr("'+ cache'"), HasSubstr("the lab")));
}

}  // namespace
}  // namespace pinhole::lab

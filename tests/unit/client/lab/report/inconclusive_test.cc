// SPDX-License-Identifier: Apache-2.0

// The result of a report without a firm conclusion.

#include <string>

#include "client/lab/report/summary.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Result(const report::Report& report) {
  std::string text;
  for (const Item& item : ResultItems(report)) {
    text += item.label + ": " + item.text + "\n";
  }
  return text;
}

TEST(InconclusiveResultTest, AblationComparesNothingIfTheLabWasTheLimit) {
  report::Report report;
  for (const double rate : {15.0, 351.0}) {
    report::Limit& limit = *report.add_variants()->mutable_rate_limit();
    limit.set_highest_passing(rate);
    limit.set_outcome("found");
  }
  EXPECT_THAT(Result(report), HasSubstr("15 to 351"));

  report.set_inconclusive("the lab was the limit");

  EXPECT_THAT(Result(report),
              AllOf(HasSubstr("Result: inconclusive. The lab was the limit."),
                    Not(HasSubstr("15 to 351"))));
}

TEST(InconclusiveResultTest, AnInterruptedVariantIsNotComparedWithTheFirst) {
  report::Report report;
  for (const char* outcome : {"found", "interrupted"}) {
    report::Limit& limit = *report.add_variants()->mutable_rate_limit();
    limit.set_highest_passing(10);
    limit.set_outcome(outcome);
  }
  EXPECT_THAT(Result(report), Not(HasSubstr("Highest rate")));

  report.mutable_variants(1)->mutable_rate_limit()->set_outcome("found");
  EXPECT_THAT(Result(report), HasSubstr("10 to 10 (1x)"));
}

TEST(InconclusiveResultTest, AdviceOnALoadNeedsAConfirmedLimit) {
  report::Report report;
  report.mutable_rate_limit()->set_highest_passing(100);
  report.mutable_rate_limit()->set_outcome("found");
  EXPECT_THAT(Result(report), HasSubstr("run at no more than 70 ops/s"));

  for (const char* outcome :
       {"never_broke", "not_confirmed", "generator_limited", "interrupted"}) {
    report.mutable_rate_limit()->set_outcome(outcome);
    EXPECT_THAT(Result(report), Not(HasSubstr("run at no more than")))
        << outcome;
  }
}

}  // namespace
}  // namespace pinhole::lab

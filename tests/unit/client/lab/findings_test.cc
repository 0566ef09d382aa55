// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/findings.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FindingsTest : public ::testing::Test {
 protected:
  std::vector<std::string> Ids(double own_cores = 0) {
    std::vector<std::string> ids;
    for (const auto& finding : FindingsOf(step_, 2, own_cores)) {
      ids.push_back(finding.id());
    }
    return ids;
  }

  report::Step step_;
  report::Resources& server_ = *step_.mutable_resources();
};

TEST_F(FindingsTest, ServerWithNothingToDoHasNone) {
  server_.set_cpu_cores(0.1);

  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_F(FindingsTest, HashingIsTheLimitWhereItHasTheCores) {
  server_.set_cpu_cores(1.9);
  server_.set_hash_cores(1.8);

  const auto findings = FindingsOf(step_, 2, 0);

  ASSERT_EQ(findings.front().id(), "hashing");
  EXPECT_EQ(findings.front().severity(), "limit");
  EXPECT_THAT(findings.front().evidence(), HasSubstr("1.80 of 2 cores"));
}

TEST_F(FindingsTest, WriteLockIsTheLimitWhereItIsAlwaysHeld) {
  server_.set_write_lock_share(0.95);

  EXPECT_THAT(Ids(), ElementsAre("write_lock"));
}

TEST_F(FindingsTest, LockErrorsComeBeforeAllElseIfTheyAreMany) {
  server_.set_write_lock_share(0.95);
  step_.mutable_total()->set_ok(1000);
  server_.set_busy_errors(10);
  EXPECT_THAT(Ids(), ElementsAre("busy", "write_lock"));

  server_.set_busy_errors(3);
  EXPECT_THAT(Ids(), ElementsAre("write_lock", "busy"));
}

TEST_F(FindingsTest, CommitIsTheDisksFaultOnlyWhereTheDiskIsWaitedFor) {
  server_.set_commit_share(0.8);
  server_.set_fsync_share(0.7);
  EXPECT_THAT(Ids(), ElementsAre("fsync"));

  server_.set_fsync_share(0.2);
  EXPECT_THAT(Ids(), ElementsAre("commit"));
}

TEST_F(FindingsTest, WaitNeverOutweighsAResourceThatIsUsedUp) {
  server_.set_write_lock_share(0.85);
  server_.set_pool_wait_p99_ms(500);
  server_.set_commit_p99_ms(500);

  EXPECT_EQ(Ids().front(), "write_lock");
}

TEST_F(FindingsTest, ServerThatDoesNotSayItsCpusIsNoError) {
  EXPECT_THAT(FindingsOf(step_, 0, 0), IsEmpty());
}

TEST_F(FindingsTest, LabsOwnCoresCountWhereTheyAreTheServers) {
  server_.set_cpu_cores(1);

  EXPECT_THAT(Ids(0), IsEmpty());
  EXPECT_THAT(Ids(0.9), ElementsAre("cpu"));
}

TEST_F(FindingsTest, LabThatCannotKeepUpIsNeverTheServersFault) {
  step_.set_generator_limited(true);
  server_.set_write_lock_share(0.95);

  EXPECT_EQ(Ids().front(), "generator");
}

TEST_F(FindingsTest, WithoutMetricsNothingIsSaidOfTheServer) {
  server_.set_write_lock_share(0.95);
  server_.set_error("no metrics");

  EXPECT_THAT(Ids(), IsEmpty());
}

}  // namespace
}  // namespace pinhole::lab

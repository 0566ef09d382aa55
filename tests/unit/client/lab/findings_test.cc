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
using ::testing::Not;
using ::testing::SizeIs;

class FindingsTest : public ::testing::Test {
 protected:
  // "cpu limit", ...
  std::vector<std::string> Severities(double own_cores = 0) {
    std::vector<std::string> severities;
    for (const auto& finding : FindingsOf(step_, 2, own_cores)) {
      severities.push_back(finding.id() + " " + finding.severity());
    }
    return severities;
  }

  void Machine(double busy, double steal) {
    step_.mutable_machine()->set_cpus(2);
    step_.mutable_machine()->set_busy_cores(busy);
    step_.mutable_machine()->set_steal_cores(steal);
  }

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

TEST_F(FindingsTest, IdleServerHasNoSaturatedResource) {
  server_.set_cpu_cores(0.1);

  const auto findings = FindingsOf(step_, 2, 0);

  ASSERT_EQ(findings.size(), 1);
  EXPECT_EQ(findings.front().id(), "none");
  EXPECT_EQ(findings.front().severity(), "note");
  EXPECT_THAT(findings.front().evidence(),
              HasSubstr("no saturated resource was found"));
}

TEST_F(FindingsTest, SaturatedHashingIsTheLimit) {
  server_.set_cpu_cores(1.9);
  server_.set_hash_cores(1.8);

  const auto findings = FindingsOf(step_, 2, 0);

  ASSERT_EQ(findings.front().id(), "hashing");
  EXPECT_EQ(findings.front().severity(), "limit");
  EXPECT_THAT(findings.front().evidence(), HasSubstr("1.80 of the 1.90 cores"));
}

TEST_F(FindingsTest, HashingThatTheLabLeavesNothingElseIsSaturated) {
  server_.set_cpu_cores(1.5);
  server_.set_hash_cores(1.4);

  EXPECT_THAT(Severities(/*own_cores=*/0.5),
              ElementsAre("hashing limit", "cpu warning"));
}

TEST_F(FindingsTest, HashingIsSaturatedWhereItsThreadsAre) {
  server_.set_cpu_cores(1.05);
  server_.set_hash_cores(0.95);
  EXPECT_THAT(Severities(), ElementsAre("none note", "hashing note"));

  server_.set_hash_threads(1);
  EXPECT_THAT(Severities(), ElementsAre("hashing limit"));
}

TEST_F(FindingsTest, HalfUsedHashingIsNotTheLimitWhileOtherProgramsAreBusy) {
  server_.set_cpu_cores(0.6);
  server_.set_hash_cores(0.5);
  Machine(/*busy=*/2, /*steal=*/0);

  const auto findings = FindingsOf(step_, 2, 0.2);

  ASSERT_EQ(findings.front().id(), "other_programs");
  EXPECT_EQ(findings.front().severity(), "limit");
  EXPECT_THAT(findings.front().evidence(),
              HasSubstr("other programs used 1.20 of 2 cores"));
  for (std::size_t i = 1; i < findings.size(); ++i) {
    EXPECT_EQ(findings[i].severity(), "note") << findings[i].id();
  }
}

TEST_F(FindingsTest, HalfUsedHashingIsNotTheLimitOfAnIdleMachineEither) {
  server_.set_cpu_cores(0.6);
  server_.set_hash_cores(0.5);
  Machine(0.8, 0);

  EXPECT_THAT(Severities(0.2), ElementsAre("none note", "hashing note"));
}

TEST_F(FindingsTest, StolenTimeCountsAsOtherPrograms) {
  server_.set_cpu_cores(1);
  Machine(1, 0.95);

  const auto findings = FindingsOf(step_, 2, 0);

  ASSERT_EQ(findings.front().id(), "other_programs");
  EXPECT_THAT(findings.front().evidence(),
              HasSubstr("0.95 of them by other virtual machines"));
}

TEST_F(FindingsTest, OtherProgramsOnAMachineWithIdleCoresAreOnlyNoted) {
  server_.set_cpu_cores(0.5);
  Machine(1.2, 0);

  EXPECT_THAT(Severities(), ElementsAre("none note", "other_programs note"));
}

TEST_F(FindingsTest, FullMachineWithFewOtherProgramsIsTheServersCpu) {
  server_.set_cpu_cores(1.3);
  Machine(1.95, 0);

  EXPECT_THAT(Severities(0.4), ElementsAre("cpu limit", "other_programs note"));
}

TEST_F(FindingsTest, PressureIsPartOfTheEvidence) {
  Machine(2, 0);
  step_.mutable_machine()->set_pressure_share(0.4);

  EXPECT_THAT(FindingsOf(step_, 2, 0).front().evidence(),
              HasSubstr("40 % of the time a task waited for a CPU"));
}

TEST_F(FindingsTest, WriteLockIsTheLimitWhereItIsAlwaysHeld) {
  server_.set_write_lock_share(0.95);
  EXPECT_THAT(Severities(), ElementsAre("write_lock limit"));

  server_.set_write_lock_share(0.85);
  EXPECT_THAT(Severities(), ElementsAre("none note", "write_lock note"));
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
  server_.set_write_lock_share(1);
  server_.set_commit_share(0.8);
  server_.set_fsync_share(0.7);
  EXPECT_THAT(Severities(), ElementsAre("fsync limit", "write_lock warning"));

  server_.set_fsync_share(0.2);
  EXPECT_THAT(Severities(), ElementsAre("commit limit", "write_lock warning"));
}

TEST_F(FindingsTest, CommitsAreNotTheLimitWhileTheWriterIsIdle) {
  server_.set_commit_share(0.6);
  server_.set_commit_p99_ms(500);

  EXPECT_THAT(Severities(), ElementsAre("none note", "commit note"));
}

TEST_F(FindingsTest, CommitsOfPostgresAreTimedAsAWhole) {
  server_.set_commit_share(0.6);
  server_.set_commit_p99_ms(500);

  const auto findings = FindingsOf(step_, 2, 0);

  ASSERT_EQ(findings.size(), 2);
  EXPECT_EQ(findings.back().id(), "commit");
  EXPECT_THAT(findings.back().evidence(), Not(HasSubstr("syncing")));
  EXPECT_THAT(findings.back().advice(), HasSubstr("standby"));
}

TEST_F(FindingsTest, WaitNeverOutweighsAResourceThatIsUsedUp) {
  server_.set_write_lock_share(0.9);
  server_.set_pool_wait_p99_ms(500);
  server_.set_commit_p99_ms(500);

  EXPECT_EQ(Ids().front(), "write_lock");
}

TEST_F(FindingsTest, ServerThatDoesNotSayItsCpusIsNoError) {
  EXPECT_THAT(FindingsOf(step_, 0, 0), SizeIs(1));
}

TEST_F(FindingsTest, LabsOwnCoresCountWhereTheyAreTheServers) {
  server_.set_cpu_cores(1);

  EXPECT_THAT(Ids(0), ElementsAre("none"));
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
  Machine(2, 0);

  EXPECT_THAT(Ids(), IsEmpty());
}

}  // namespace
}  // namespace pinhole::lab

// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/stages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

report::Operation OperationOf(const std::string& name, double p50_ms) {
  report::Operation operation;
  operation.set_name(name);
  operation.set_ok(1000);
  operation.mutable_response()->set_p50_ms(p50_ms);
  return operation;
}

report::Step& AddStep(report::Report& report, std::uint32_t users, double rate,
                      bool passed = true) {
  report::Step& step = *report.add_steps();
  step.set_kind("closed");
  step.set_purpose("ladder");
  step.set_users(users);
  step.set_achieved(rate);
  step.set_passed(passed);
  step.mutable_total()->set_ok(1000);
  step.mutable_total()->mutable_response()->set_p99_ms(40);
  return step;
}

report::Report ReportOf(const std::string& engine) {
  report::Report report;
  report.mutable_config()->set_profile("mix");
  report.mutable_config()->set_connections(128);
  report.mutable_config()->set_slo_p99_ms(100);
  report.mutable_config()->set_slo_errors(0.01);
  if (!engine.empty()) {
    (*report.mutable_environment()->mutable_database())["engine"] = engine;
  }
  return report;
}

// A run that keeps all five promises.
report::Report GoodRun(const std::string& engine) {
  report::Report report = ReportOf(engine);
  report::Step& step = AddStep(report, 500, 450);
  *step.add_operations() = OperationOf("feed", 30);
  *step.add_operations() = OperationOf("like", 3);
  *step.add_operations() = OperationOf("comment", 7.5);
  *step.add_operations() = OperationOf("register", 80);
  return report;
}

absl::StatusOr<Stages> StagesOf(const report::Report& sqlite,
                                const report::Report& postgres) {
  return CompareStages({"a.json", sqlite}, {"b.json", postgres});
}

Stages Compared(const report::Report& sqlite, const report::Report& postgres) {
  auto stages = StagesOf(sqlite, postgres);
  EXPECT_TRUE(stages.ok()) << stages.status();
  return stages.ok() ? *std::move(stages) : Stages();
}

std::vector<std::string> Broken(const report::Report& postgres) {
  std::vector<std::string> broken;
  for (const Promise& promise :
       Compared(GoodRun("sqlite"), postgres).promises) {
    if (!promise.kept) broken.push_back(promise.figure);
  }
  return broken;
}

TEST(StagesTest, FiveRowsShowTheFiguresBesideThoseOfTheTutorial) {
  const std::string text =
      StagesText(Compared(GoodRun("sqlite"), GoodRun("postgresql")));

  EXPECT_THAT(text, ContainsRegex(
                        "concurrent users +broke at 5 +500 +500\\+ +500 +yes"));
  EXPECT_THAT(text, ContainsRegex("requests/s +1\\.5 +450 +150\\+ +450 +yes"));
  EXPECT_THAT(
      text,
      ContainsRegex("errors +35\\.71 % +0\\.00 % +below 1 % +0\\.00 % +yes"));
  EXPECT_THAT(
      text, ContainsRegex("writes, p50 +1 to 2 ms +3 to 7\\.50 ms +5 to 10 ms "
                          "+3 to 7\\.50 ms +yes"));
  EXPECT_THAT(text, ContainsRegex("connections +– +128 +100\\+ +128 +yes"));
  EXPECT_THAT(text, HasSubstr("PostgreSQL: b.json, the step of 500 users; p99 "
                              "40 ms.\n"));
}

TEST(StagesTest, EachPromiseCanBeBroken) {
  EXPECT_THAT(Broken(GoodRun("postgresql")), IsEmpty());

  report::Report report = GoodRun("postgresql");
  report.mutable_steps(0)->set_users(499);
  EXPECT_THAT(Broken(report), ElementsAre("concurrent users"));

  report = GoodRun("postgresql");
  report.mutable_steps(0)->set_achieved(149);
  EXPECT_THAT(Broken(report), ElementsAre("requests/s"));

  report = GoodRun("postgresql");
  (*report.mutable_steps(0)->mutable_total()->mutable_errors())["X"] = 11;
  EXPECT_THAT(Broken(report), ElementsAre("errors"));

  report = GoodRun("postgresql");
  report.mutable_steps(0)
      ->mutable_operations(1)
      ->mutable_response()
      ->set_p50_ms(10.5);
  EXPECT_THAT(Broken(report), ElementsAre("writes, p50"));

  report = GoodRun("postgresql");
  report.mutable_config()->set_connections(99);
  EXPECT_THAT(Broken(report), ElementsAre("connections"));
}

TEST(StagesTest, UsersThatMissedTheServiceLevelKeepNoPromise) {
  report::Report report = GoodRun("postgresql");
  report.mutable_steps(0)->set_passed(false);

  EXPECT_THAT(Broken(report), ElementsAre("concurrent users"));
  EXPECT_THAT(StagesText(Compared(GoodRun("sqlite"), report)),
              AllOf(HasSubstr("broke at 500"),
                    HasSubstr("it missed the service level")));
}

TEST(StagesTest, TheMostUsersThatPassedStandForARun) {
  report::Report report = ReportOf("sqlite");
  AddStep(report, 1, 100);
  AddStep(report, 64, 400);
  AddStep(report, 32, 300);
  AddStep(report, 128, 200, /*passed=*/false);
  AddStep(report, 1000, 1000).set_generator_limited(true);
  AddStep(report, 2000, 1000).set_cut_short(true);
  report::Step& open = AddStep(report, 0, 5000);
  open.set_kind("open");

  const Stages stages = Compared(report, GoodRun("postgresql"));

  EXPECT_EQ(stages.sqlite.users, 64);
  EXPECT_EQ(stages.sqlite.rate, 400);
  // 64 users use 64 of the 128 connections.
  EXPECT_EQ(stages.sqlite.connections, 64);
}

TEST(StagesTest, ALimitThatIsNotConfirmedDoesNotStandForARun) {
  report::Report report = ReportOf("sqlite");
  AddStep(report, 32, 300);
  AddStep(report, 64, 400);
  AddStep(report, 64, 350, /*passed=*/false).set_purpose("confirm");

  EXPECT_EQ(Compared(report, GoodRun("postgresql")).sqlite.users, 32);
}

TEST(StagesTest, TheFewestUsersStandForARunThatNeverPassed) {
  report::Report report = ReportOf("sqlite");
  AddStep(report, 5, 2, /*passed=*/false);
  AddStep(report, 10, 1, /*passed=*/false);

  const Stages stages = Compared(report, GoodRun("postgresql"));

  EXPECT_EQ(stages.sqlite.users, 5);
  EXPECT_FALSE(stages.sqlite.passed);
}

TEST(StagesTest, ReportsInTheWrongOrderAreRefusedByName) {
  const auto stages = StagesOf(GoodRun("postgresql"), GoodRun("sqlite"));

  EXPECT_EQ(stages.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(stages.status().message(),
              AllOf(HasSubstr("a.json was measured on PostgreSQL"),
                    HasSubstr("the first file must be a report of a server on "
                              "SQLite")));
}

TEST(StagesTest, TwoReportsOfOneStoreAreRefused) {
  // A server of a version that had no other store.
  report::Report sqlite = GoodRun("");
  (*sqlite.mutable_environment()->mutable_database())["journal_mode"] = "wal";

  EXPECT_THAT(StagesOf(sqlite, sqlite).status().message(),
              HasSubstr("b.json was measured on SQLite"));
}

TEST(StagesTest, AReportWithoutMetricsIsTakenForItsPlace) {
  const Stages stages = Compared(GoodRun(""), GoodRun(""));

  EXPECT_THAT(stages.notes,
              ElementsAre(AllOf(HasSubstr("a.json"), HasSubstr("SQLite")),
                          AllOf(HasSubstr("b.json"), HasSubstr("PostgreSQL"))));
  EXPECT_THAT(Compared(GoodRun("sqlite"), GoodRun("postgresql")).notes,
              IsEmpty());
}

TEST(StagesTest, AReportWithoutUsersIsRefused) {
  report::Report report = ReportOf("postgresql");
  AddStep(report, 0, 5000).set_kind("open");

  const auto stages = StagesOf(GoodRun("sqlite"), report);

  EXPECT_EQ(stages.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      stages.status().message(),
      AllOf(HasSubstr("b.json has no completed step with concurrent users"),
            HasSubstr("pinhole lab stress --users 500")));
}

TEST(StagesTest, RunsOfDifferentLoadsAreUnlike) {
  EXPECT_THAT(Compared(GoodRun("sqlite"), GoodRun("postgresql")).unlike,
              IsEmpty());

  report::Report report = GoodRun("postgresql");
  report.mutable_config()->set_profile("reader");
  report.mutable_config()->set_slo_p99_ms(500);

  EXPECT_THAT(Compared(GoodRun("sqlite"), report).unlike,
              ElementsAre(HasSubstr("load: 'mix' and 'reader'"),
                          HasSubstr("service level: 'p99 below 100 ms")));
}

TEST(StagesTest, WarningsOfBothRunsAreShown) {
  report::Report report = GoodRun("postgresql");
  report.mutable_environment()->add_warnings("the server is a Debug build");

  EXPECT_THAT(StagesText(Compared(GoodRun("sqlite"), report)),
              HasSubstr("Warning of b.json: the server is a Debug build.\n"));
}

TEST(StagesTest, JsonHoldsTheFiguresAsNumbers) {
  const std::string json =
      StagesJson(Compared(GoodRun("sqlite"), GoodRun("postgresql")));

  EXPECT_THAT(json, HasSubstr(R"("report":"b.json")"));
  EXPECT_THAT(json, HasSubstr(R"("rate":450)"));
  EXPECT_THAT(json, HasSubstr(R"("writeHighMs":7.5)"));
  EXPECT_THAT(json, HasSubstr(R"("kept":true)"));
  EXPECT_THAT(json, Not(HasSubstr("–")));
}

}  // namespace
}  // namespace pinhole::lab

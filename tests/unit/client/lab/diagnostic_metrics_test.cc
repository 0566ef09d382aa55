// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/diagnostic_metrics.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kOfEveryServer[] = R"(grpc_server_handled_total 1
grpc_server_handling_seconds_count 1
pinhole_rpc_part_seconds_total 1
pinhole_password_hash_cpu_seconds_total 1
process_cpu_seconds_total 1
process_open_fds 10
process_max_fds 1000
)";
constexpr char kOfPostgres[] =
    R"(pinhole_db_info{engine="postgresql",version="15.18",schema_version="3"} 1
)";
constexpr char kOfSqlite[] = R"(pinhole_db_info{journal_mode="wal"} 1
pinhole_db_write_lock_held_seconds_total 1
pinhole_cache_requests_total 1
)";

std::vector<Check> ChecksOf(const std::string& text) {
  const auto page = MetricsPage::Parse(kOfEveryServer + text);
  EXPECT_TRUE(page.ok()) << page.status();
  std::vector<Check> checks;
  if (page.ok()) CheckPage(*page, checks);
  return checks;
}

std::vector<Check> NotOk(const std::vector<Check>& checks) {
  std::vector<Check> failed;
  for (const Check& check : checks) {
    if (check.result != Check::Result::kOk) failed.push_back(check);
  }
  return failed;
}

TEST(DiagnosticMetricsTest, AServerOnPostgresNeedsNoFiguresOfSqlite) {
  const auto checks =
      ChecksOf(std::string(kOfPostgres) + "pinhole_db_writable 1\n");

  EXPECT_THAT(checks, Each(Field(&Check::result, Check::Result::kOk)));
  EXPECT_THAT(checks,
              Contains(AllOf(
                  Field(&Check::name, "PostgreSQL"),
                  Field(&Check::figure, "version 15.18, schema version 3"))));
  EXPECT_THAT(checks,
              Not(Contains(Field(&Check::name, HasSubstr("write-ahead")))));
}

TEST(DiagnosticMetricsTest, APostgresThatTakesNoWritesIsAFailure) {
  EXPECT_THAT(
      NotOk(ChecksOf(std::string(kOfPostgres) + "pinhole_db_writable 0\n")),
      ElementsAre(AllOf(Field(&Check::name, "database takes writes"),
                        Field(&Check::hint, HasSubstr("PostgreSQL")))));
}

TEST(DiagnosticMetricsTest, AServerOnSqliteMustHaveItsFigures) {
  // The commits are missing.
  EXPECT_THAT(
      NotOk(ChecksOf(std::string(kOfSqlite) + "pinhole_db_writable 1\n")),
      ElementsAre(
          AllOf(Field(&Check::name, "metrics"),
                Field(&Check::figure,
                      "pinhole_db_commit_duration_seconds_count missing"))));
}

}  // namespace
}  // namespace pinhole::lab

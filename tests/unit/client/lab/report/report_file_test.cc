// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/report_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/client/lab/report/fixture.h"

namespace pinhole::lab {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::pinhole::testing::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ReportFileTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const {
    return (folder_.path() / name).string();
  }

  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file),
            std::istreambuf_iterator<char>()};
  }

  std::string ErrorFor(const std::string& json) const {
    const auto report = ReportFromJson(json, "old.json");
    EXPECT_EQ(report.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(report.status().message());
  }

  pinhole::testing::TempDir folder_;
};

TEST_F(ReportFileTest, NothingIsLostOnTheWay) {
  const report::Report report = testing::BreakingReport();

  ASSERT_THAT(WriteReportFile(ReportToJson(report), Path("a.json")), IsOk());
  const auto read = ReadReport(Path("a.json"));

  ASSERT_THAT(read.status(), IsOk());
  EXPECT_TRUE(MessageDifferencer::Equals(*read, report));
}

TEST_F(ReportFileTest, CompactJsonIsTheSameReport) {
  const report::Report report = testing::StressReport();

  const auto read =
      ReportFromJson(ReportToJson(report, JsonForm::kCompact), "a.json");

  ASSERT_THAT(read.status(), IsOk());
  EXPECT_TRUE(MessageDifferencer::Equals(*read, report));
}

TEST_F(ReportFileTest, ZerosAndTheSchemaAreWritten) {
  const std::string json = ReportToJson(report::Report());

  EXPECT_THAT(
      json, AllOf(HasSubstr("\"pinhole.lab/1\""), HasSubstr("\"seconds\": 0")));
}

TEST_F(ReportFileTest, FieldsOfNewerProgramsAreIgnored) {
  const auto report = ReportFromJson(
      R"({"schema": "pinhole.lab/1", "command": "stress", "moon": {"a": 1}})",
      "new.json");

  ASSERT_THAT(report.status(), IsOk());
  EXPECT_EQ(report->command(), "stress");
}

TEST_F(ReportFileTest, FieldsThatEarlierProgramsWroteAreIgnored) {
  const auto report = ReportFromJson(
      R"({"schema": "pinhole.lab/1", "command": "stress",
          "knee": {"step": 2, "summary": "at 10 users"},
          "usl": {"fits": true, "users": [1, 2]}})",
      "old.json");

  ASSERT_THAT(report.status(), IsOk());
  EXPECT_EQ(report->command(), "stress");
}

TEST_F(ReportFileTest, ErrorsNameTheFileAndWhatIsWrong) {
  EXPECT_EQ(ErrorFor("<html>"), "old.json is not JSON");
  EXPECT_EQ(ErrorFor(""), "old.json is not JSON");
  EXPECT_EQ(ErrorFor("{}"),
            "old.json is not a report of the lab: it has no schema");
  EXPECT_EQ(ErrorFor(R"({"schema": "pinhole.lab/2"})"),
            "old.json has the schema 'pinhole.lab/2'; this program reads "
            "'pinhole.lab/1'");
}

TEST_F(ReportFileTest, AnotherSchemaIsNamedThoughItsFieldsCannotBeRead) {
  EXPECT_THAT(ErrorFor(R"({"schema": "pinhole.lab/2", "steps": 7})"),
              HasSubstr("has the schema 'pinhole.lab/2'"));
}

TEST_F(ReportFileTest, AFieldOfTheWrongKindIsAnError) {
  EXPECT_THAT(ErrorFor(R"({"schema": "pinhole.lab/1", "steps": 7})"),
              AllOf(HasSubstr("old.json is not a report"), HasSubstr("steps")));
}

TEST_F(ReportFileTest, AMissingFileIsNamed) {
  const auto report = ReadReport(Path("none.json"));

  EXPECT_EQ(report.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("none.json"));
}

TEST_F(ReportFileTest, AFolderIsNoReport) {
  EXPECT_THAT(ReadReport(Path("")).status(), Not(IsOk()));
}

TEST_F(ReportFileTest, AFileIsReplacedAndNothingIsLeftBeside) {
  ASSERT_THAT(WriteReportFile("old and longer", Path("a")), IsOk());
  ASSERT_THAT(WriteReportFile("new", Path("a")), IsOk());

  EXPECT_EQ(Read(Path("a")), "new");
  const auto files = std::filesystem::directory_iterator(folder_.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(ReportFileTest, WhatCannotBeWrittenLeavesNothing) {
  EXPECT_EQ(WriteReportFile("text", Path("none/a")).code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(ReportFileTest, ADeviceIsWrittenToAndNotReplaced) {
  EXPECT_THAT(WriteReportFile("text", "/dev/null"), IsOk());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace pinhole::lab

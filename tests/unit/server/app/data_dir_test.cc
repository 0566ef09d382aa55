// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/data_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::app {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class DataDirTest : public ::testing::Test {
 protected:
  testing::TempDir temp_;
  const std::filesystem::path path_ = temp_.path() / "deep" / "data";
};

TEST_F(DataDirTest, IsCreatedForTheOwnerOnly) {
  ASSERT_THAT(DataDir::Open(path_), IsOk());

  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(DataDirTest, SecondServerIsRefusedWithTheProcessIdOfTheFirst) {
  const auto first = DataDir::Open(path_);
  ASSERT_THAT(first, IsOk());

  EXPECT_THAT(DataDir::Open(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(std::to_string(getpid())),
                             HasSubstr(path_.string()))));
}

TEST_F(DataDirTest, IsFreeAgainAfterwards) {
  ASSERT_THAT(DataDir::Open(path_), IsOk());

  EXPECT_THAT(DataDir::Open(path_), IsOk());
}

TEST_F(DataDirTest, UnfinishedRestoreCanOnlyBeRestoredAgain) {
  ASSERT_THAT(DataDir::Open(path_), IsOk());
  std::filesystem::create_directory(path_ / "restoring");

  EXPECT_THAT(DataDir::Open(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("run it again")));
  EXPECT_THAT(DataDir::Open(path_, DataDir::For::kRestore), IsOk());
}

TEST_F(DataDirTest, PhotosWithoutTheirDatabaseAreRefused) {
  std::filesystem::create_directories(path_ / "photos" / "ab");

  EXPECT_THAT(DataDir::Open(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("missing or empty")));
  std::ofstream(path_ / "pinhole.db").close();
  EXPECT_THAT(DataDir::Open(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition));

  std::ofstream(path_ / "pinhole.db") << "rows";
  EXPECT_THAT(DataDir::Open(path_), IsOk());
}

TEST_F(DataDirTest, FileInItsPlaceIsRefused) {
  const std::filesystem::path file = temp_.path() / "file";
  std::ofstream(file) << "no folder";

  EXPECT_THAT(DataDir::Open(file),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("not a directory")));
}

}  // namespace
}  // namespace pinhole::app

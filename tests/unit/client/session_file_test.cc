// SPDX-License-Identifier: Apache-2.0

#include "client/cli/commands/session_file.h"

#include <sys/stat.h>

#include <fstream>
#include <iostream>
#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::cli {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;

class SessionFileTest : public ::testing::Test {
 protected:
  int Mode() const {
    struct stat info {};
    EXPECT_EQ(stat(path_.c_str(), &info), 0);
    return static_cast<int>(info.st_mode & 0777);
  }

  const pinhole::testing::TempDir folder_;
  const std::filesystem::path path_ = folder_.path() / "state" / "session.json";
  SessionFile file_{path_};
};

TEST_F(SessionFileTest, KeepsOneSessionForEachServer) {
  ASSERT_THAT(file_.Save("a:1", {"ansel", "secret-a"}), IsOk());
  ASSERT_THAT(file_.Save("b:2", {"dorothea", "secret-b"}), IsOk());

  EXPECT_EQ((*file_.Find("a:1"))->token, "secret-a");
  EXPECT_EQ((*file_.Find("b:2"))->handle, "dorothea");
  EXPECT_FALSE(file_.Find("c:3")->has_value());
}

TEST_F(SessionFileTest, RemoveForgetsOneServerOnly) {
  ASSERT_THAT(file_.Save("a:1", {"ansel", "x"}), IsOk());
  ASSERT_THAT(file_.Save("b:2", {"ansel", "y"}), IsOk());

  ASSERT_THAT(file_.Remove("a:1"), IsOk());

  EXPECT_FALSE(file_.Find("a:1")->has_value());
  EXPECT_TRUE(file_.Find("b:2")->has_value());
}

TEST_F(SessionFileTest, OnlyTheOwnerMayReadIt) {
  ASSERT_THAT(file_.Save("a:1", {"ansel", "secret"}), IsOk());
  EXPECT_EQ(Mode(), 0600);

  chmod(path_.c_str(), 0644);
  ASSERT_THAT(file_.Save("a:1", {"ansel", "new"}), IsOk());

  EXPECT_EQ(Mode(), 0600);
}

TEST_F(SessionFileTest, SavingReplacesTheFileAndLeavesNoOther) {
  ASSERT_THAT(file_.Save("a:1", {"ansel", "old"}), IsOk());
  std::ifstream reader(path_);

  ASSERT_THAT(file_.Save("a:1", {"ansel", "new"}), IsOk());

  // Who opened the file before still reads all of the old one.
  const std::string text((std::istreambuf_iterator<char>(reader)),
                         std::istreambuf_iterator<char>());
  EXPECT_THAT(text, ::testing::HasSubstr("old"));
  const std::filesystem::directory_iterator entries(path_.parent_path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(SessionFileTest, DamagedFileIsReportedAndKept) {
  std::filesystem::create_directories(path_.parent_path());
  std::ofstream(path_) << "{ not json";

  EXPECT_THAT(file_.Find("a:1"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(file_.Save("a:1", {"ansel", "x"}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(SessionPathTest, FollowsTheEnvironment) {
  std::map<std::string, std::string> variables = {{"HOME", "/home/ansel"}};
  const Terminal terminal{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .env = [&](const std::string& name) { return variables[name]; },
      .ask_secret = {}};

  EXPECT_EQ(SessionPath(terminal),
            "/home/ansel/.local/state/pinhole/session.json");
  variables["XDG_STATE_HOME"] = "/state";
  EXPECT_EQ(SessionPath(terminal), "/state/pinhole/session.json");
  variables["PINHOLE_SESSION_FILE"] = "/tmp/mine";
  EXPECT_EQ(SessionPath(terminal), "/tmp/mine");
}

}  // namespace
}  // namespace pinhole::cli

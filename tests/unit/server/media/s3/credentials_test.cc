// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/credentials.h"

#include <filesystem>
#include <fstream>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::media::s3 {
namespace {

using ::pinhole::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CredentialsTest : public ::testing::Test {
 protected:
  absl::StatusOr<Credentials> Read(std::string_view text) {
    std::ofstream(path()) << text;
    return ReadCredentials(path());
  }
  std::filesystem::path path() const { return dir_.path() / "credentials"; }

 private:
  const testing::TempDir dir_;
};

TEST_F(CredentialsTest, DefaultSectionIsRead) {
  EXPECT_EQ(
      *Read("# A comment.\n"
            "[other]\n"
            "aws_access_key_id = wrong\n"
            "\n"
            "[default]\r\n"
            "aws_access_key_id = AKIA\r\n"
            "region = eu-west-1\n"
            "aws_secret_access_key=a/b+c==\n"
            "; Another comment.\n"
            "[third]\n"
            "aws_secret_access_key = wrong\n"),
      (Credentials{.access_key_id = "AKIA", .secret_access_key = "a/b+c=="}));
}

TEST_F(CredentialsTest, SessionTokenIsRead) {
  EXPECT_EQ(Read("[default]\naws_access_key_id = A\naws_secret_access_key = B\n"
                 "aws_session_token = T=\n")
                ->session_token,
            "T=");
}

TEST_F(CredentialsTest, IncompleteFilesAreRefused) {
  for (const char* text :
       {"", "[default]\n", "[default]\naws_access_key_id = A\n",
        "[default]\naws_secret_access_key = B\n",
        "aws_access_key_id = A\naws_secret_access_key = B\n"}) {
    EXPECT_THAT(Read(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr("must set aws_access_key_id")))
        << text;
  }
}

TEST_F(CredentialsTest, ErrorNamesTheLineAndNotItsContent) {
  EXPECT_THAT(Read("[default]\nsecret-on-a-line-of-its-own\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("line 2"), Not(HasSubstr("secret")))));
}

TEST_F(CredentialsTest, MissingFileIsNamed) {
  EXPECT_THAT(
      ReadCredentials(path()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path().string())));
}

}  // namespace
}  // namespace pinhole::media::s3

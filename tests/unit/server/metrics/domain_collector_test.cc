// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/domain_collector.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::metrics {
namespace {

using ::pinhole::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

class DomainCollectorTest : public ::testing::Test {
 protected:
  std::string Page() const {
    return prometheus::TextSerializer().Serialize(
        DomainCollector(world_.accounts, world_.photos, world_.renditions)
            .Collect());
  }
  absl::Status LogIn(const std::string& password) {
    domain::LoginAttempt attempt;
    attempt.handle = "ansel";
    attempt.password = password;
    return world_.Run(world_.accounts.LogIn(std::move(attempt))).status();
  }

  testing::SqliteWorld world_;
};

TEST_F(DomainCollectorTest, LoginsAreCountedByResult) {
  domain::NewUser ansel;
  ansel.handle = "ansel";
  ansel.password = "moonrise over hernandez";
  ASSERT_THAT(world_.Run(world_.accounts.Register(ansel)), IsOk());

  EXPECT_THAT(LogIn("moonrise over hernandez"), IsOk());
  EXPECT_FALSE(LogIn("sunset").ok());
  EXPECT_FALSE(LogIn("noon").ok());

  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("pinhole_logins_total{result=\"ok\"} 1\n"));
  EXPECT_THAT(
      page, HasSubstr("pinhole_logins_total{result=\"bad_credentials\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("pinhole_logins_total{result=\"limited\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("pinhole_logins_total{result=\"locked\"} 0\n"));
}

TEST_F(DomainCollectorTest, HashesAreTimedByOperation) {
  domain::NewUser ansel;
  ansel.handle = "ansel";
  ansel.password = "moonrise over hernandez";
  ASSERT_THAT(world_.Run(world_.accounts.Register(ansel)), IsOk());
  EXPECT_THAT(LogIn("moonrise over hernandez"), IsOk());

  const std::string page = Page();

  for (const char* operation : {"hash", "verify"}) {
    EXPECT_THAT(page,
                HasSubstr(std::string("pinhole_password_hash_duration_seconds_"
                                      "count{operation=\"") +
                          operation + "\"} 1\n"));
  }
  EXPECT_THAT(page,
              Not(HasSubstr("pinhole_password_hash_cpu_seconds_total 0\n")));
}

TEST_F(DomainCollectorTest, UploadsAreCountedBySize) {
  const Photo photo = world_.AddPhoto(world_.AddUser("ansel"));

  EXPECT_THAT(Page(), HasSubstr("pinhole_photo_upload_size_bytes_sum " +
                                std::to_string(photo.size_bytes) + "\n"));
}

}  // namespace
}  // namespace pinhole::metrics

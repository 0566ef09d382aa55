// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/connection_uri.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConnectionUriTest, MessagesShowHostsButNoPassword) {
  EXPECT_EQ(RedactedUri("postgres://me:secret@a:1,b:2/db?sslmode=require"),
            "postgres://me@a:1,b:2/db");
  EXPECT_EQ(RedactedUri("postgres://me@a/db?password=secret"),
            "postgres://me@a/db");
  EXPECT_EQ(RedactedUri("host=a port=5 user=me password=secret dbname=db"),
            "postgres://me@a:5/db");
}

TEST(ConnectionUriTest, AnInvalidUriIsRefusedWithoutItsText) {
  EXPECT_THAT(CheckUri("postgres://a,b/db"), IsOk());
  const absl::Status status = CheckUri("postgres://me:secret@[::1/db");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               Not(HasSubstr("secret"))));
  EXPECT_THAT(RedactedUri("postgres://me:secret@[::1/db"),
              Not(HasSubstr("secret")));
}

TEST(ConnectionUriTest, ReturnsParameters) {
  EXPECT_EQ(UriParameter("postgres://a/db?options=-c%20x%3D1", "options"),
            "-c x=1");
  EXPECT_EQ(UriParameter("postgres://a/db", "options"), "");
}

}  // namespace
}  // namespace pinhole::postgres

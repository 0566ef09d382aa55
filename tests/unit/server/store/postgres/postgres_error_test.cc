// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/postgres_error.h"

#include <optional>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::StatusIs;

TEST(PostgresErrorTest, EachKindHasACodeAndAReason) {
  const struct {
    const char* state;
    absl::StatusCode code;
    std::optional<Reason> reason;
    bool lost;
    bool conflict;
  } kCases[] = {
      {"08006", absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
       true, false},
      {"57P01", absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
       true, false},
      {"25006", absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
       true, false},
      {"40001", absl::StatusCode::kUnavailable, Reason::kDatabaseBusy, false,
       true},
      {"40P01", absl::StatusCode::kUnavailable, Reason::kDatabaseBusy, false,
       true},
      {"55P03", absl::StatusCode::kUnavailable, Reason::kDatabaseBusy, false,
       true},
      {"57014", absl::StatusCode::kUnavailable, Reason::kDatabaseBusy, false,
       false},
      {"53100", absl::StatusCode::kResourceExhausted, Reason::kDiskFull, false,
       false},
      {"XX001", absl::StatusCode::kDataLoss, std::nullopt, false, false},
      {"42601", absl::StatusCode::kInternal, std::nullopt, false, false},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.state);
    const absl::Status status = ErrorOf(test.state, "what happened");
    EXPECT_THAT(status, StatusIs(test.code, ::testing::HasSubstr("what")));
    EXPECT_EQ(ReasonOf(status), test.reason);
    EXPECT_EQ(IsConnectionLost(status), test.lost);
    EXPECT_EQ(IsConflict(status), test.conflict);
    EXPECT_EQ(SqlStateOf(status), test.state);
  }
  EXPECT_FALSE(IsConnectionLost(absl::UnavailableError("another")));
}

}  // namespace
}  // namespace pinhole::postgres

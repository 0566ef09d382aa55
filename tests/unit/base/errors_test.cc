// SPDX-License-Identifier: Apache-2.0

#include "base/errors.h"

#include "gtest/gtest.h"

namespace pinhole {
namespace {

TEST(ErrorsTest, InvalidFieldNamesFieldAndRule) {
  const absl::Status status = InvalidField("photo.caption", "is too long");

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "photo.caption is too long");
  EXPECT_EQ(FieldOf(status), "photo.caption");
  EXPECT_EQ(RuleOf(status), "is too long");
  EXPECT_EQ(ReasonOf(status), Reason::kInvalidField);
}

TEST(ErrorsTest, AFieldCanHaveAReasonWithAnotherCode) {
  const absl::Status status =
      InvalidField("Range", "is past the end", Reason::kRangeNotSatisfiable);

  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(FieldOf(status), "Range");
}

TEST(ErrorsTest, OverloadIsWhatNoSingleClientCaused) {
  for (const Reason reason :
       {Reason::kTooManyCalls, Reason::kOverloaded, Reason::kWriteQueueFull,
        Reason::kHashQueueFull, Reason::kResourceExhausted}) {
    const absl::Status status = MakeError(reason, "no");
    EXPECT_TRUE(IsOverload(WithRetryDelay(status, absl::Seconds(1)))) << reason;
    EXPECT_FALSE(IsOverload(status)) << reason;
  }
  for (const Reason reason :
       {Reason::kConcurrencyLimited, Reason::kDiskFull, Reason::kLoginThrottled,
        Reason::kRateLimited, Reason::kTooManyAccounts, Reason::kTooManyUploads,
        Reason::kDatabaseBusy}) {
    EXPECT_FALSE(
        IsOverload(WithRetryDelay(MakeError(reason, "no"), absl::Seconds(1))))
        << reason;
  }
}

TEST(ErrorsTest, DetailsAddUp) {
  const absl::Status status = WithRetryDelay(
      MakeError(Reason::kWriteQueueFull, "full"), absl::Milliseconds(250));

  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), Reason::kWriteQueueFull);
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(250));
  EXPECT_EQ(FieldOf(status), std::nullopt);
}

}  // namespace
}  // namespace pinhole

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
}

TEST(ErrorsTest, DetailsAddUp) {
  const absl::Status status =
      WithRetryDelay(WithReason(absl::ResourceExhaustedError("full"), "QUEUE"),
                     absl::Milliseconds(250));

  EXPECT_EQ(ReasonOf(status), "QUEUE");
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(250));
  EXPECT_EQ(FieldOf(status), std::nullopt);
}

}  // namespace
}  // namespace pinhole

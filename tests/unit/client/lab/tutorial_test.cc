// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/tutorial.h"

#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

TEST(TutorialTest, EachOperationOfItsStoryWithAFigureHasOne) {
  EXPECT_EQ(TutorialMs(Operation::kRegister), 89);
  EXPECT_EQ(TutorialMs(Operation::kLogin), 70);
  EXPECT_EQ(TutorialMs(Operation::kFeed), 2);
  EXPECT_EQ(TutorialMs(Operation::kLike), 2);
  EXPECT_EQ(TutorialMs(Operation::kFollow), 1);
  EXPECT_FALSE(TutorialMs(Operation::kUpload).has_value());
}

}  // namespace
}  // namespace pinhole::lab

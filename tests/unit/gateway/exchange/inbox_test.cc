// SPDX-License-Identifier: Apache-2.0

#include "gateway/exchange/inbox.h"

#include <memory>

#include "gtest/gtest.h"

namespace pinhole::gateway {
namespace {

class InboxTest : public ::testing::Test {
 protected:
  const std::shared_ptr<Inbox> inbox_ =
      std::make_shared<Inbox>(std::make_shared<boost::asio::io_context>(1));
};

// Only the first reason was kept, so a client's leaving went unseen once the
// server had begun to stop.
TEST_F(InboxTest, HangUpIsSeenAfterADrain) {
  inbox_->Abort(AbortReason::kDrain);
  inbox_->Abort(AbortReason::kHangup);

  EXPECT_EQ(inbox_->abort, AbortReason::kHangup);
}

TEST_F(InboxTest, LighterReasonDoesNotHideAWeightierOne) {
  inbox_->Abort(AbortReason::kCut);
  inbox_->Abort(AbortReason::kDeadline);

  EXPECT_EQ(inbox_->abort, AbortReason::kCut);
}

TEST_F(InboxTest, EachChangeIsTold) {
  int changes = 0;
  inbox_->on_change = [&changes] { ++changes; };

  inbox_->Abort(AbortReason::kDrain);
  inbox_->Abort(AbortReason::kDrain);

  EXPECT_EQ(changes, 2);
}

}  // namespace
}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection/waiting_connections.h"

#include "boost/asio/io_context.hpp"
#include "gateway/connection/connection.h"
#include "gtest/gtest.h"

namespace pinhole::gateway {
namespace {

constexpr WaitingConnections::Client kHere = std::nullopt;
constexpr WaitingConnections::Client kThere = 1;
constexpr WaitingConnections::Client kElsewhere = 2;

class WaitingConnectionsTest : public ::testing::Test {
 protected:
  Connection NewConnection() {
    return {Transport(boost::asio::ip::tcp::socket(io_), nullptr), limits_};
  }

  const Limits limits_ = {};
  boost::asio::io_context io_;
  Connection first_ = NewConnection();
  Connection second_ = NewConnection();
  Connection third_ = NewConnection();
  WaitingConnections waiting_;
};

TEST_F(WaitingConnectionsTest, LongestComesFirst) {
  EXPECT_EQ(waiting_.TakeOldest(), nullptr);
  waiting_.Add(first_, kThere);
  waiting_.Add(second_, kHere);
  waiting_.Add(third_, kThere);
  waiting_.Remove(first_);
  waiting_.Add(first_, kThere);

  EXPECT_EQ(waiting_.TakeOldest(), &second_);
  EXPECT_EQ(waiting_.TakeOldest(), &third_);
  EXPECT_EQ(waiting_.TakeOldest(), &first_);
  EXPECT_EQ(waiting_.TakeOldest(), nullptr);
}

TEST_F(WaitingConnectionsTest, ClientsHaveTheirOwn) {
  waiting_.Add(first_, kElsewhere);
  waiting_.Add(second_, kThere);
  waiting_.Add(third_, kThere);

  EXPECT_EQ(waiting_.TakeOldestOf(kThere), &second_);
  EXPECT_EQ(waiting_.TakeOldestOf(kThere), &third_);
  EXPECT_EQ(waiting_.TakeOldestOf(kThere), nullptr);
  EXPECT_EQ(waiting_.TakeOldestOf(kHere), nullptr);
  EXPECT_EQ(waiting_.TakeOldest(), &first_);
}

TEST_F(WaitingConnectionsTest, RemovingWhatDoesNotWaitIsHarmless) {
  waiting_.Remove(first_);
  waiting_.Add(first_, kThere);
  EXPECT_EQ(waiting_.TakeOldest(), &first_);
  waiting_.Remove(first_);
}

}  // namespace
}  // namespace pinhole::gateway

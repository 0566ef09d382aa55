// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection/connection_counts.h"

#include <string>

#include "gtest/gtest.h"

namespace pinhole::gateway {
namespace {

ConnectionCounts::Client ClientAt(const std::string& address) {
  return ConnectionCounts::ClientOf(boost::asio::ip::make_address(address));
}

TEST(ConnectionCountsTest, OneClientGetsNoMoreThanTheirShare) {
  ConnectionCounts counts(2);
  const auto client = ClientAt("203.0.113.9");
  counts.Add(client);
  EXPECT_FALSE(counts.IsFull(client));
  counts.Add(client);

  EXPECT_TRUE(counts.IsFull(client));
  EXPECT_FALSE(counts.IsFull(ClientAt("203.0.113.8")));

  counts.Remove(client);
  EXPECT_FALSE(counts.IsFull(client));
}

TEST(ConnectionCountsTest, ThisMachineIsNotCounted) {
  for (const char* address :
       {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(ClientAt(address).has_value()) << address;
  }
  ConnectionCounts counts(1);
  for (int i = 0; i < 10; ++i) counts.Add(ClientAt("::1"));
  EXPECT_FALSE(counts.IsFull(ClientAt("::1")));
  counts.Remove(ClientAt("::1"));
}

TEST(ConnectionCountsTest, AnIpv6ClientIsItsNetworkOf64Bits) {
  EXPECT_EQ(ClientAt("2001:db8:1:2::1"), ClientAt("2001:db8:1:2:3::9"));
  EXPECT_NE(ClientAt("2001:db8:1:2::1"), ClientAt("2001:db8:1:3::1"));
  EXPECT_EQ(ClientAt("::ffff:203.0.113.9"), ClientAt("203.0.113.9"));
}

}  // namespace
}  // namespace pinhole::gateway

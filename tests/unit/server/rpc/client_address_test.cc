// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/client_address.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::rpc {
namespace {

using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kStranger[] = "ipv4:203.0.113.9:50412";

TrustedProxies Trust(const std::vector<std::string>& texts) {
  return TrustedProxies::Parse(texts).value();
}

// `forwarded` are the lines of x-forwarded-for.
ClientAddress Find(const std::string& peer,
                   const std::vector<std::string>& forwarded = {},
                   const TrustedProxies& proxies = {}) {
  std::vector<std::pair<std::string, std::string>> metadata = {
      {"authorization", "Bearer token"}};
  for (const std::string& line : forwarded) {
    metadata.emplace_back("x-forwarded-for", line);
  }
  metadata.emplace_back("x-request-id", "id");
  return FindClient(metadata, peer, proxies);
}

// What is counted for an address that calls without a proxy.
std::uint64_t Network(const std::string& address) {
  const bool v6 = address.find(':') != std::string::npos;
  return Find(v6 ? "ipv6:[" + address + "]:1" : "ipv4:" + address + ":1")
      .network;
}

TEST(ClientAddressTest, WhoCallsFromThisMachineIsLocal) {
  for (const char* peer :
       {"ipv4:127.0.0.1:5", "ipv4:127.9.9.9:5", "ipv6:[::1]:5",
        "ipv6:%5B::1%5D:5", "ipv6:[::ffff:127.0.0.1]:5",
        "unix:", "unix:/run/pinhole.sock", "unix-abstract:x"}) {
    EXPECT_TRUE(Find(peer).local) << peer;
  }
}

TEST(ClientAddressTest, WhoCallsFromElsewhereIsCountedByAddress) {
  EXPECT_FALSE(Find(kStranger).local);
  EXPECT_EQ(Find(kStranger).network, Find("ipv4:203.0.113.9:1").network);
  EXPECT_NE(Find(kStranger).network, Find("ipv4:203.0.113.8:1").network);
}

TEST(ClientAddressTest, AnIpv6ClientIsCountedByItsNetworkOf64Bits) {
  EXPECT_EQ(Network("2001:db8:1:2::1"), Network("2001:db8:1:2:ffff::9"));
  EXPECT_NE(Network("2001:db8:1:2::1"), Network("2001:db8:1:3::1"));
  EXPECT_EQ(Find("ipv6:%5B2001:db8:1:2::1%5D:7").network,
            Network("2001:db8:1:2::1"));
  EXPECT_EQ(Find("ipv6:[fe80::1%25eth0]:7").network, Network("fe80::1"));
}

TEST(ClientAddressTest, AnIpv4AddressInIpv6FormIsTheSame) {
  EXPECT_EQ(Network("::ffff:203.0.113.9"), Network("203.0.113.9"));
}

TEST(ClientAddressTest, AProxyOnThisMachineSaysWhoCalls) {
  const ClientAddress client = Find("ipv4:127.0.0.1:5", {"203.0.113.9"});

  EXPECT_FALSE(client.local);
  EXPECT_EQ(client.network, Network("203.0.113.9"));
}

TEST(ClientAddressTest, AStrangerIsNotBelieved) {
  EXPECT_EQ(Find(kStranger, {"127.0.0.1"}).network, Find(kStranger).network);
  EXPECT_FALSE(Find(kStranger, {"127.0.0.1"}).local);
}

TEST(ClientAddressTest, WhatAStrangerSaidToAProxyIsNotBelieved) {
  const ClientAddress client =
      Find("unix:", {"127.0.0.1, 198.51.100.1, 203.0.113.9, 127.0.0.1"});

  EXPECT_FALSE(client.local);
  EXPECT_EQ(client.network, Network("203.0.113.9"));
}

TEST(ClientAddressTest, AChainOfTrustedProxiesIsFollowed) {
  const TrustedProxies proxies = Trust({"10.0.0.0/8", "2001:db8:aaaa::/48"});
  const std::vector<std::string> chain = {"203.0.113.9",
                                          "2001:db8:aaaa::7, 10.20.30.40"};

  EXPECT_EQ(Find("ipv4:10.0.0.1:5", chain, proxies).network,
            Network("203.0.113.9"));
  EXPECT_EQ(Find("ipv4:10.0.0.1:5", chain).network, Network("10.0.0.1"));
}

TEST(ClientAddressTest, AClientThatIsAProxyIsCountedItself) {
  const ClientAddress client =
      Find("ipv4:10.0.0.1:5", {}, Trust({"10.0.0.0/8"}));

  EXPECT_FALSE(client.local);
  EXPECT_EQ(client.network, Network("10.0.0.1"));
}

TEST(ClientAddressTest, NonsenseEndsTheWalkAtTheLastThatIsGood) {
  const TrustedProxies proxies = Trust({"10.0.0.1"});
  for (const char* nonsense : {"unknown", "", " ", "1.2.3", "_hidden", ",",
                               "203.0.113.9, ,", "1.2.3.4.5", "::g"}) {
    const ClientAddress client = Find("ipv4:10.0.0.1:5", {nonsense}, proxies);
    EXPECT_FALSE(client.local) << nonsense;
    EXPECT_EQ(client.network, Network("10.0.0.1")) << nonsense;
  }
}

TEST(ClientAddressTest, EntriesMayHavePortsAndSpaces) {
  for (const char* entry : {"203.0.113.9:4711", "  203.0.113.9  ",
                            "[::ffff:203.0.113.9]:4711", "x,203.0.113.9"}) {
    EXPECT_EQ(Find("unix:", {entry}).network, Network("203.0.113.9")) << entry;
  }
}

TEST(ClientAddressTest, AnUnknownPeerIsNotOfThisMachine) {
  EXPECT_FALSE(Find("").local);
  EXPECT_FALSE(Find("somewhere", {"127.0.0.1"}).local);
}

TEST(TrustedProxiesTest, NetworksMayEndInsideAByte) {
  const TrustedProxies proxies = Trust({"10.0.0.0/9", "192.0.2.7"});
  const auto contains = [&proxies](const char* address) {
    return proxies.Contain(ParseIpAddress(address).value());
  };

  EXPECT_TRUE(contains("10.127.255.255"));
  EXPECT_TRUE(contains("::ffff:10.0.0.1"));
  EXPECT_FALSE(contains("10.128.0.0"));
  EXPECT_TRUE(contains("192.0.2.7"));
  EXPECT_FALSE(contains("192.0.2.6"));
  EXPECT_FALSE(contains("2001:db8::1"));
}

TEST(TrustedProxiesTest, AllOfIpv4IsNotAllOfIpv6) {
  const TrustedProxies proxies = Trust({"0.0.0.0/0"});

  EXPECT_TRUE(proxies.Contain(ParseIpAddress("203.0.113.9").value()));
  EXPECT_FALSE(proxies.Contain(ParseIpAddress("2001:db8::1").value()));
}

TEST(TrustedProxiesTest, WhatIsNoNetworkIsRefused) {
  for (const char* text :
       {"", "proxy.example", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/",
        "10.0.0.0/8x", "/8", "10.0.0.1:80", "[::1]:80", "::1/129"}) {
    EXPECT_THAT(TrustedProxies::Parse({"10.0.0.1", text}),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
  EXPECT_THAT(TrustedProxies::Parse({"10/8"}).status().message(),
              HasSubstr("\"10/8\" must be an address or a network"));
}

}  // namespace
}  // namespace pinhole::rpc

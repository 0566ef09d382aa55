// SPDX-License-Identifier: Apache-2.0

#include "base/net/client_address.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kStranger[] = "ipv4:203.0.113.9:50412";
constexpr char kHere[] = "ipv4:127.0.0.1:50412";

using Headers = ClientAddressResolver::Headers;

TrustedProxies Trust(const std::vector<std::string>& texts) {
  return TrustedProxies::Parse(texts).value();
}

// `forwarded` are the lines of x-forwarded-for.
ClientAddress Find(const std::string& peer,
                   const std::vector<std::string>& forwarded = {},
                   const TrustedProxies& proxies = {}) {
  Headers headers = {{"authorization", "Bearer token"}};
  for (const std::string& line : forwarded) {
    headers.emplace_back("x-forwarded-for", line);
  }
  headers.emplace_back("x-request-id", "id");
  return ClientAddressResolver(proxies).Find(headers, peer, "localhost:8080");
}

// With headers besides x-forwarded-for, to a host.
ClientAddress Ask(const Headers& headers, const std::string& host = "localhost",
                  const std::string& peer = kHere,
                  const TrustedProxies& proxies = {}) {
  return ClientAddressResolver(proxies).Find(headers, peer, host);
}

bool IsUnknown(const ClientAddress& client) {
  return !client.local && client.network == 0 && client.Text() == "unknown";
}

// What is counted for an address that calls without a proxy.
std::uint64_t Network(const std::string& address) {
  const bool v6 = address.find(':') != std::string::npos;
  return Find(v6 ? "ipv6:[" + address + "]:1" : "ipv4:" + address + ":1")
      .network;
}

TEST(ClientAddressTest, CallersOnThisMachineAreLocal) {
  for (const char* peer :
       {"ipv4:127.0.0.1:5", "ipv4:127.9.9.9:5", "ipv6:[::1]:5",
        "ipv6:%5B::1%5D:5", "ipv6:[::ffff:127.0.0.1]:5",
        "unix:", "unix:/run/pinhole.sock", "unix-abstract:x"}) {
    EXPECT_TRUE(Find(peer).local) << peer;
    EXPECT_EQ(Find(peer).Text(), "127.0.0.1") << peer;
  }
}

TEST(ClientAddressTest, CallersElsewhereAreCountedByAddress) {
  EXPECT_FALSE(Find(kStranger).local);
  EXPECT_EQ(Find(kStranger).Text(), "203.0.113.9");
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

TEST(ClientAddressTest, AProxyOnThisMachineIsNotBelievedUnlessItIsNamed) {
  for (const char* peer : {kHere, "ipv6:[::1]:5", "unix:"}) {
    EXPECT_TRUE(IsUnknown(Find(peer, {"203.0.113.9"}))) << peer;
    EXPECT_TRUE(IsUnknown(Find(peer, {"127.0.0.1"}))) << peer;

    const ClientAddress client =
        Find(peer, {"203.0.113.9"}, Trust({"127.0.0.1", "::1", "unix"}));

    EXPECT_FALSE(client.local);
    EXPECT_EQ(client.Text(), "203.0.113.9");
    EXPECT_EQ(client.network, Network("203.0.113.9"));
  }
  EXPECT_TRUE(IsUnknown(Find("unix:", {"203.0.113.9"}, Trust({"127.0.0.1"}))));
  EXPECT_TRUE(IsUnknown(Find(kHere, {"203.0.113.9"}, Trust({"unix"}))));
}

TEST(ClientAddressTest, AnyHeaderOfAProxyMeansThatACallIsNotLocal) {
  for (const char* name :
       {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
        "x-forwarded-port", "x-forwarded", "x-real-ip", "via", "true-client-ip",
        "x-original-forwarded-for"}) {
    for (const char* value : {"203.0.113.9", "127.0.0.1", "", "\xff", "\t"}) {
      EXPECT_TRUE(IsUnknown(Ask({{name, value}}))) << name << ": " << value;
      EXPECT_TRUE(IsUnknown(Ask({{name, value}}, "localhost", "unix:")));
    }
    EXPECT_FALSE(
        Ask({{name, "\xff"}}, "localhost", kHere, Trust({"127.0.0.1"})).local)
        << name;
  }
}

TEST(ClientAddressTest, AHostElsewhereMeansThatACallIsNotLocal) {
  for (const char* host :
       {"photos.example", "photos.example:8080", "203.0.113.1", "[2001:db8::1]",
        "127.example.org", "localhost.example", "localhost@photos.example",
        "[::1", "[::1]x", "127.0.0.1:x", "notlocalhost", "0.0.0.0"}) {
    EXPECT_TRUE(IsUnknown(Ask({}, host))) << host;
    EXPECT_TRUE(IsUnknown(Ask({}, host, "unix:"))) << host;
    EXPECT_FALSE(Ask({}, host, kHere, Trust({"127.0.0.1"})).local) << host;
  }
  for (const char* host :
       {"", "localhost", "LocalHost:8080", "localhost.", "pinhole.localhost:80",
        "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "[::1]", "::1",
        "[::ffff:127.0.0.1]:1"}) {
    EXPECT_TRUE(Ask({}, host).local) << host;
  }
}

TEST(ClientAddressTest, AStrangerIsNotBelieved) {
  EXPECT_EQ(Find(kStranger, {"127.0.0.1"}).network, Find(kStranger).network);
  EXPECT_FALSE(Find(kStranger, {"127.0.0.1"}).local);
  EXPECT_EQ(Ask({}, "localhost", kStranger).network, Find(kStranger).network);
}

TEST(ClientAddressTest, WhatAStrangerSaidToAProxyIsNotBelieved) {
  const ClientAddress client =
      Find(kHere, {"127.0.0.1, 198.51.100.1, 203.0.113.9, 127.0.0.1"},
           Trust({"127.0.0.1"}));

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

TEST(ClientAddressTest, AProxyThatCallsForItselfIsCountedItself) {
  const ClientAddress client =
      Find("ipv4:10.0.0.1:5", {}, Trust({"10.0.0.0/8"}));

  EXPECT_FALSE(client.local);
  EXPECT_EQ(client.network, Network("10.0.0.1"));
}

TEST(ClientAddressTest, ACallerThroughAProxyIsLimitedOnItsMachineToo) {
  const TrustedProxies proxies = Trust({"10.0.0.0/8", "127.0.0.1"});
  for (const char* peer : {kHere, "ipv4:10.0.0.1:5"}) {
    EXPECT_EQ(Find(peer, {"127.0.0.1"}, proxies).Text(), "127.0.0.1");
    EXPECT_FALSE(Find(peer, {"127.0.0.1"}, proxies).local);
    EXPECT_EQ(Find(peer, {"127.0.0.2"}, proxies).Text(), "127.0.0.2");
    EXPECT_FALSE(Find(peer, {"127.0.0.2"}, proxies).local);
  }
}

TEST(ClientAddressTest, AProxyThatNamesNobodyIsNotLocal) {
  const TrustedProxies proxies = Trust({"127.0.0.1"});
  for (const ClientAddress& client :
       {Ask({}, "photos.example", kHere, proxies),
        Ask({{"via", "1.1 proxy"}}, "localhost", kHere, proxies),
        Ask({{"forwarded", "for=203.0.113.9"}}, "", kHere, proxies)}) {
    EXPECT_FALSE(client.local);
    EXPECT_EQ(client.Text(), "127.0.0.1");
  }
  EXPECT_TRUE(Ask({}, "localhost", kHere, proxies).local);
}

TEST(ClientAddressTest, WhatCannotBeReadIsUnknown) {
  const TrustedProxies proxies = Trust({"10.0.0.1", "127.0.0.1"});
  for (const std::string nonsense :
       {"unknown", "", " ", "1.2.3", "_hidden", ",", "203.0.113.9, ,",
        "1.2.3.4.5", "::g", "\xff", "\t", "203.0.113.9,\xff", "127.0.0.1\xff",
        "127.0.0.1:x", "[::1", "[::1]x", "203.0.113.9;127.0.0.1",
        "\"127.0.0.1\"", "for=127.0.0.1"}) {
    for (const char* peer : {"ipv4:10.0.0.1:5", kHere}) {
      EXPECT_TRUE(IsUnknown(Find(peer, {nonsense}, proxies))) << nonsense;
      EXPECT_TRUE(IsUnknown(Find(peer, {"127.0.0.1", nonsense}, proxies)))
          << nonsense;
    }
  }
  EXPECT_TRUE(
      IsUnknown(Find(kHere, {std::string("127.0.0.1\0", 10)}, proxies)));
}

TEST(ClientAddressTest, EntriesMayHavePortsAndBlanks) {
  for (const char* entry :
       {"203.0.113.9:4711", "  203.0.113.9  ", "\t203.0.113.9\t",
        "[::ffff:203.0.113.9]:4711", "x,203.0.113.9", "\xff, 203.0.113.9"}) {
    EXPECT_EQ(Find(kHere, {entry}, Trust({"127.0.0.1"})).network,
              Network("203.0.113.9"))
        << entry;
  }
}

TEST(ClientAddressTest, AnUnknownPeerIsUnknown) {
  EXPECT_TRUE(IsUnknown(Find("")));
  EXPECT_TRUE(IsUnknown(Find("somewhere", {"127.0.0.1"})));
}

TEST(ClientAddressResolverTest, EachProxyThatIsNotNamedIsToldOfOnce) {
  std::vector<std::string> told;
  const ClientAddressResolver finder(
      Trust({"10.0.0.1"}),
      [&told](std::string_view address) { told.emplace_back(address); });
  const auto forward = [&finder](const std::string& peer) {
    finder.Find({{"x-forwarded-for", "203.0.113.9"}}, peer, "localhost");
  };
  finder.Find({}, kHere, "localhost");
  finder.Find({}, kStranger, "photos.example");
  finder.Find({}, "ipv4:10.0.0.1:5", "photos.example");
  forward("ipv4:10.0.0.1:5");
  EXPECT_THAT(told, ElementsAre());
  finder.Find({}, "ipv4:127.0.0.2:5", "photos.example");
  EXPECT_THAT(told, ElementsAre("127.0.0.2"));

  for (const char* peer : {kHere, "ipv4:127.0.0.1:9", "unix:", "unix:/x",
                           "ipv6:[2001:db8::1]:1", ""}) {
    forward(peer);
  }
  EXPECT_THAT(told,
              ElementsAre("127.0.0.2", "127.0.0.1", "unix", "2001:db8::1"));

  // Strangers cannot fill the log.
  for (int i = 0; i < 100; ++i) {
    forward("ipv4:198.51.100." + std::to_string(i) + ":1");
  }
  EXPECT_EQ(told.size(), 8u);
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

TEST(TrustedProxiesTest, AnythingElseIsRefused) {
  for (const char* text :
       {"", "proxy.example", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/",
        "10.0.0.0/8x", "/8", "10.0.0.1:80", "[::1]:80", "[::1]", "::1/129",
        "fe80::1%eth0", "unix:", "unix/8", "loopback"}) {
    EXPECT_EQ(TrustedProxies::Parse({"10.0.0.1", text}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
  EXPECT_THAT(std::string(TrustedProxies::Parse({"10/8"}).status().message()),
              HasSubstr("\"10/8\" must be the address or the network"));
}

}  // namespace
}  // namespace pinhole

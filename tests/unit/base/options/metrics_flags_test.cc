// SPDX-License-Identifier: Apache-2.0

#include "base/options/metrics_flags.h"

#include <string>
#include <utility>
#include <vector>

#include "base/net/local_address.h"
#include "base/options/command_line.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

using ::testing::HasSubstr;

class MetricsFlagsTest : public ::testing::Test {
 protected:
  void Parse(std::vector<std::string> arguments) {
    EXPECT_FALSE(app_.Parse(std::move(arguments)));
  }

  CommandLine app_{"test", ""};
  const MetricsFlags flags_{app_};
};

TEST_F(MetricsFlagsTest, AnAddressOfTheNetworkHasToBeMeant) {
  Parse({});

  EXPECT_TRUE(flags_.Check("127.0.0.1:9464").ok());
  EXPECT_TRUE(flags_.Check("[::1]:9464").ok());
  // A bare port could be every address, and a list has others in it.
  for (const char* open : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "9464",
                           "127.0.0.1:1,0.0.0.0:1"}) {
    EXPECT_THAT(std::string(flags_.Check(open).message()),
                HasSubstr("--metrics-on-network"))
        << open;
  }
}

TEST_F(MetricsFlagsTest, AnAddressOfTheNetworkMayBeMeant) {
  Parse({"--metrics-on-network"});

  EXPECT_TRUE(flags_.Check("0.0.0.0:9464").ok());
  EXPECT_FALSE(flags_.OnHttp("0.0.0.0:8080")) << "that is another address";
}

TEST_F(MetricsFlagsTest, HttpHasThemOnLoopback) {
  Parse({});

  EXPECT_TRUE(flags_.OnHttp("localhost:8080"));
  EXPECT_FALSE(flags_.OnHttp("0.0.0.0:8080"));
  EXPECT_TRUE(flags_.ForLoopbackOnly());
}

TEST_F(MetricsFlagsTest, HttpHasThemEverywhereIfThatIsSaid) {
  Parse({"--http-metrics", "on"});

  EXPECT_TRUE(flags_.OnHttp("0.0.0.0:8080"));
  EXPECT_FALSE(flags_.ForLoopbackOnly());
}

TEST_F(MetricsFlagsTest, HttpHasThemNowhereIfThatIsSaid) {
  Parse({"--http-metrics", "off"});

  EXPECT_FALSE(flags_.OnHttp("127.0.0.1:8080"));
}

TEST(LocalAddressTest, OnlyThisMachineIsLocal) {
  for (const char* local : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1",
                            "[::1]:1", "unix:/run/x.sock"}) {
    EXPECT_TRUE(IsLocalAddress(local)) << local;
  }
  for (const char* open : {"0.0.0.0:1", "[::]:1", "example.org:1",
                           "127.example.org:1", "127.1:1", ""}) {
    EXPECT_FALSE(IsLocalAddress(open)) << open;
  }
}

TEST(LocalAddressTest, AHostOfLoopbackIsANameOrANumberOfIt) {
  for (const char* local :
       {"localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:8080",
        "127.9.9.9", "[::1]", "[::1]:8080"}) {
    EXPECT_TRUE(IsLoopbackHost(local)) << local;
  }
  for (const char* other :
       {"", ":8080", "photos.example.org", "localhost.example.org",
        "127.0.0.1.example.org", "127.example.org:80", "unix:8080", "unix",
        "[::2]:80", "::1", "192.0.2.1", "0.0.0.0", "localhost:1@example.org",
        "me@localhost", "localhost:http"}) {
    EXPECT_FALSE(IsLoopbackHost(other)) << other;
  }
}

}  // namespace
}  // namespace pinhole

// SPDX-License-Identifier: Apache-2.0

#include "client/lab/observe/instance.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUrl[] = "http://localhost:9464/metrics";

MetricsPage PageOf(const std::string& instance) {
  return MetricsPage::Parse("pinhole_instance_info{instance_id=\"" + instance +
                            "\"} 1\n")
      .value();
}

class InstanceTest : public ::testing::Test {
 protected:
  const Target grpc_ = {Dialect::kGrpc, {"localhost:8443"}};
  const Target http_ = {Dialect::kHttp, {"localhost:8080"}};
};

TEST_F(InstanceTest, PageOfTheServerIsAccepted) {
  EXPECT_EQ(CompareInstances({"aa"}, PageOf("aa"), grpc_, kUrl).value(), "");
  EXPECT_EQ(CompareInstances({"aa", "bb"}, PageOf("bb"), http_, kUrl).value(),
            "");
}

TEST_F(InstanceTest, PageOfAnotherServerIsAnErrorThatNamesBothAndTheOption) {
  const auto compared = CompareInstances({"aa"}, PageOf("bb"), grpc_, kUrl);

  EXPECT_TRUE(absl::IsInvalidArgument(compared.status()));
  EXPECT_THAT(std::string(compared.status().message()),
              AllOf(HasSubstr(kUrl), HasSubstr("grpc://localhost:8443"),
                    HasSubstr("--metrics URL"), HasSubstr("--metrics off"),
                    Not(HasSubstr("gateway"))));
}

TEST_F(InstanceTest, MismatchBehindAGatewayHintsAtSeveralServers) {
  for (const auto& compared :
       {CompareInstances({"aa"}, PageOf("bb"), http_, kUrl),
        CompareInstances({"aa", "cc"}, PageOf("bb"), grpc_, kUrl)}) {
    EXPECT_THAT(std::string(compared.status().message()),
                HasSubstr("several servers behind it"));
  }
}

TEST_F(InstanceTest, ServerWithoutAnIdentifierIsAWarning) {
  EXPECT_THAT(CompareInstances({}, PageOf("aa"), grpc_, kUrl).value(),
              AllOf(HasSubstr(kUrl), HasSubstr("the server does not report")));
  EXPECT_THAT(CompareInstances({"aa"}, MetricsPage::Parse("up 1\n").value(),
                               grpc_, kUrl)
                  .value(),
              HasSubstr("the page does not report"));
}

}  // namespace
}  // namespace pinhole::lab

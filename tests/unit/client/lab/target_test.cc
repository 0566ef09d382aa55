// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/target.h"

#include <string>

#include "client/lab/run/lab.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TargetTest, SchemeSaysTheDialect) {
  EXPECT_EQ(ParseTarget("127.0.0.1:50051")->dialect, Dialect::kGrpc);
  EXPECT_EQ(ParseTarget("grpc://[::1]:50051")->dialect, Dialect::kGrpc);
  EXPECT_EQ(ParseTarget("http://localhost:8080/")->dialect, Dialect::kHttp);
}

TEST(TargetTest, SeveralOfOneKindTakeTurns) {
  const auto target = ParseTarget("http://a:1,http://b:2");

  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_THAT(target->addresses, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(target->Text(), "http://a:1,http://b:2");
}

TEST(TargetTest, TlsIsAScheme) {
  const auto target = ParseTarget("grpcs://a:1,grpcs://b:2");

  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->dialect, Dialect::kGrpc);
  EXPECT_TRUE(target->secure);
  EXPECT_THAT(target->addresses, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(target->Text(), "grpcs://a:1,grpcs://b:2");
  EXPECT_FALSE(ParseTarget("grpc://a:1")->secure);
}

TEST(TargetTest, FilesOfTlsAreLookedAtOnlyWhereTheyAreUsed) {
  Target target = *ParseTarget("grpcs://a:1");
  target.tls.authorities = "/nowhere.pem";
  EXPECT_THAT(std::string(target.CheckTls().message()),
              HasSubstr("cannot read /nowhere.pem"));

  target.secure = false;
  EXPECT_TRUE(target.CheckTls().ok());
}

TEST(TargetTest, WhatIsWrongIsNamed) {
  const std::pair<const char*, const char*> wrong[] = {
      {"ftp://a:1", "scheme"},
      {"https://a:1", "scheme"},
      {"localhost", "no port"},
      {"http://a:1/v1", "path"},
      {"grpc://a:1,http://b:2", "mixes"},
      {"grpc://a:1,grpcs://b:2", "mixes"}};
  for (const auto& [text, rule] : wrong) {
    const auto target = ParseTarget(text);

    EXPECT_EQ(target.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(target.status().message()), HasSubstr(rule))
        << text;
  }
}

TEST(TargetTest, MetricsAreOnTheTargetsHost) {
  EXPECT_EQ(MetricsUrlOf(*ParseTarget("http://photos.example:8080")),
            "http://photos.example:9464/metrics");
  EXPECT_EQ(MetricsUrlOf(*ParseTarget("unix:/run/pinhole.sock:0")),
            "http://127.0.0.1:9464/metrics");
}

}  // namespace
}  // namespace pinhole::lab

// SPDX-License-Identifier: Apache-2.0

#include "gateway/http_flags.h"

#include <sys/resource.h>

#include <string>
#include <utility>
#include <vector>

#include "base/options/command_line.h"
#include "base/process/file_limit.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The options, or what is wrong with the flags.
struct Parsed {
  HttpServer::Options options;
  std::string error;
};

Parsed Parse(std::vector<std::string> arguments) {
  CommandLine app("test", "");
  HttpFlags flags(app);
  if (const auto exit = app.Parse(std::move(arguments))) {
    return {.options = {}, .error = exit->text};
  }
  return {.options = flags.Resolve(), .error = ""};
}

TEST(HttpFlagsTest, PlainAndWithoutCorsByDefault) {
  const auto parsed = Parse({});

  EXPECT_EQ(parsed.error, "");
  EXPECT_FALSE(parsed.options.tls.has_value());
  EXPECT_THAT(parsed.options.answers.cors_origins, ElementsAre());
  EXPECT_EQ(parsed.options.limits.connections, Limits().connections);
  EXPECT_EQ(parsed.options.limits.json_bytes, Limits().json_bytes);
  EXPECT_EQ(parsed.options.limits.idle_time, Limits().idle_time);
}

TEST(HttpFlagsTest, OriginsMayBeRepeatedAndJoined) {
  EXPECT_THAT(Parse({"--cors-origin", "https://a.example", "--cors-origin",
                     "https://b.example,https://c.example"})
                  .options.answers.cors_origins,
              ElementsAre("https://a.example", "https://b.example",
                          "https://c.example"));
  EXPECT_THAT(Parse({"--cors-origin", "a.example"}).error,
              HasSubstr("is not an origin"));
}

TEST(HttpFlagsTest, HeadersThatComeBackMayBeReadByPages) {
  const auto parsed = Parse({"--return-header", "x-quota,x-shard"});

  EXPECT_THAT(parsed.options.headers.answers,
              ElementsAre("x-quota", "x-shard"));
  EXPECT_THAT(parsed.options.answers.exposed_headers,
              ElementsAre("x-quota", "x-shard"));
}

TEST(HttpFlagsTest, NamesInJsonAreCanonicalUnlessProtoNamesAreChosen) {
  EXPECT_EQ(Parse({}).options.json_names, JsonNames::kJson);
  EXPECT_EQ(Parse({"--json-names", "proto"}).options.json_names,
            JsonNames::kProto);
  EXPECT_THAT(Parse({"--json-names", "camel"}).error,
              HasSubstr("--json-names"));
}

TEST(HttpFlagsTest, CertificateNeedsItsKey) {
  EXPECT_THAT(Parse({"--tls-certificate", "/dev/null"}).error,
              HasSubstr("--tls-key"));
  EXPECT_THAT(Parse({"--tls-key", "/dev/null"}).error,
              HasSubstr("--tls-certificate"));
  EXPECT_THAT(
      Parse({"--tls-certificate", "/nowhere", "--tls-key", "/dev/null"}).error,
      HasSubstr("/nowhere"));
}

TEST(HttpFlagsTest, LimitsAreSet) {
  const auto parsed =
      Parse({"--http-max-connections", "20000", "--http-max-json-bytes", "4096",
             "--http-idle-seconds", "90"});

  EXPECT_EQ(parsed.options.limits.connections, 20'000u);
  EXPECT_EQ(parsed.options.limits.json_bytes, 4096u);
  EXPECT_EQ(parsed.options.limits.idle_time, absl::Seconds(90));
}

TEST(FileLimitTest, IsRaisedToWhatIsPermitted) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit lower = before;
  lower.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);

  RaiseFileLimit();

  rlimit after{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
}

}  // namespace
}  // namespace pinhole::gateway

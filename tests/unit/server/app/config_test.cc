// SPDX-License-Identifier: Apache-2.0

#include "server/app/config.h"

#include <stdlib.h>

#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace pinhole::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::variant<Config, ExitRequest> Parse(
    std::initializer_list<const char*> arguments) {
  std::vector<const char*> argv = {"pinhole-server"};
  argv.insert(argv.end(), arguments);
  return ParseConfig(static_cast<int>(argv.size()), argv.data());
}

TEST(ConfigTest, DefaultsListenOnLoopback) {
  const Config config = std::get<Config>(Parse({}));

  EXPECT_THAT(config.grpc_listen, ElementsAre("127.0.0.1:50051"));
  EXPECT_EQ(config.http_listen, "127.0.0.1:8080");
  EXPECT_EQ(config.metrics_listen, "127.0.0.1:9464");
}

TEST(ConfigTest, OffDisablesAListener) {
  const Config config = std::get<Config>(
      Parse({"--http-listen", "off", "--metrics-listen", "off"}));

  EXPECT_EQ(config.http_listen, "");
  EXPECT_EQ(config.metrics_listen, "");
}

TEST(ConfigTest, BackupsGoIntoTheDataDirectoryByDefault) {
  EXPECT_EQ(std::get<Config>(Parse({"--data-dir", "/srv/data"})).BackupDir(),
            "/srv/data/backups");
  EXPECT_EQ(std::get<Config>(
                Parse({"--data-dir", "/srv/data", "--backup-dir", "/mnt/b"}))
                .BackupDir(),
            "/mnt/b");
}

TEST(ConfigTest, PhotosAreInTheDataDirectoryByDefault) {
  EXPECT_EQ(std::get<Config>(Parse({"--data-dir", "/srv/data"})).MediaDir(),
            "/srv/data/photos");
  EXPECT_EQ(std::get<Config>(
                Parse({"--data-dir", "/srv/data", "--media-dir", "/mnt/p"}))
                .MediaDir(),
            "/mnt/p");
}

TEST(ConfigTest, PhotosCannotBeAmongUploadsInProgress) {
  Config config;
  config.data_dir = "/nowhere/data";
  for (const char* media_dir : {"/nowhere/data/tmp", "/nowhere/data/tmp/photos",
                                "/nowhere/other/../data/./tmp/"}) {
    config.media_dir = media_dir;
    EXPECT_THAT(std::string(CheckConfig(config).message()),
                HasSubstr("uploads in progress"))
        << media_dir;
  }
  for (const char* media_dir : {"/nowhere/data", "/nowhere/tmp", "/tmp"}) {
    config.media_dir = media_dir;
    EXPECT_TRUE(CheckConfig(config).ok()) << media_dir;
  }
}

TEST(ConfigTest, PhotosCanBeInABucket) {
  const testing::TempDir dir;
  const std::string key = dir.path() / "key";
  std::ofstream(key) << "[default]\naws_access_key_id = A\n"
                        "aws_secret_access_key = B\n";
  Config config = std::get<Config>(
      Parse({"--media", "s3://photos/a", "--s3-endpoint", "http://s3.test",
             "--s3-region", "eu-1", "--s3-addressing", "virtual-host",
             "--s3-credentials", key.c_str()}));
  EXPECT_TRUE(config.s3.enabled());
  EXPECT_EQ(config.s3.bucket.url, "s3://photos/a");
  EXPECT_EQ(config.s3.bucket.endpoint, "http://s3.test");
  EXPECT_EQ(config.s3.bucket.region, "eu-1");
  EXPECT_EQ(config.s3.bucket.addressing, media::s3::Addressing::kVirtualHost);
  EXPECT_TRUE(CheckConfig(config).ok()) << CheckConfig(config);
  EXPECT_EQ(FindCredentials(config.s3)->secret_access_key, "B");
  EXPECT_FALSE(std::get<Config>(Parse({})).s3.enabled());

  config.media_dir = "/srv/photos";
  EXPECT_THAT(std::string(CheckConfig(config).message()),
              HasSubstr("--media and --media-dir exclude each other"));
  config.media_dir.clear();
  config.s3.bucket.url = "photos";
  EXPECT_THAT(std::string(CheckConfig(config).message()),
              HasSubstr("--media must be s3://BUCKET"));
  EXPECT_THAT(
      std::string(
          CheckConfig(std::get<Config>(Parse({"--s3-redirects"}))).message()),
      HasSubstr("--s3-redirects needs --media"));
}

TEST(ConfigTest, AccessKeyOfTheBucketComesFromTheEnvironment) {
  S3Options options;
  options.bucket.url = "s3://photos";
  unsetenv("AWS_ACCESS_KEY_ID");
  EXPECT_THAT(std::string(FindCredentials(options).status().message()),
              HasSubstr("set AWS_ACCESS_KEY_ID in the environment"));
  setenv("AWS_ACCESS_KEY_ID", "A", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "B", 1);
  setenv("AWS_SESSION_TOKEN", "T", 1);
  EXPECT_EQ(FindCredentials(options).value(),
            (media::s3::Credentials{.access_key_id = "A",
                                    .secret_access_key = "B",
                                    .session_token = "T"}));
  for (const char* name :
       {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}) {
    unsetenv(name);
  }
}

TEST(ConfigTest, HelpNamesTheCommands) {
  EXPECT_THAT(std::get<ExitRequest>(Parse({"--help"})).text,
              HasSubstr("pinhole-server restore --from"));
}

TEST(ConfigTest, DiskMayStallForHalfAMinuteByDefault) {
  EXPECT_EQ(std::get<Config>(Parse({})).disk_stall, absl::Seconds(30));
  EXPECT_EQ(std::get<Config>(Parse({"--disk-stall-seconds", "2.5"})).disk_stall,
            absl::Seconds(2.5));
  EXPECT_EQ(std::get<ExitRequest>(Parse({"--disk-stall-seconds", "0"})).code,
            2);
}

TEST(ConfigTest, GrpcListensOnSeveralAddresses) {
  const Config config = std::get<Config>(
      Parse({"--grpc-listen", "127.0.0.1:0,unix:/run/pinhole.sock"}));

  EXPECT_THAT(config.grpc_listen,
              ElementsAre("127.0.0.1:0", "unix:/run/pinhole.sock"));
}

TEST(ConfigTest, CallersHaveLimitsByDefault) {
  const CallLimits limits = std::get<Config>(Parse({})).limits;
  EXPECT_EQ(limits.rates.per_user, 50);
  EXPECT_EQ(limits.rates.per_address, 100);
  EXPECT_EQ(limits.max_calls, 10'000);
  EXPECT_EQ(limits.user_uploads, 8);
  EXPECT_TRUE(limits.logins.enabled);

  const Config config = std::get<Config>(Parse({"--user-rate",
                                                "0",
                                                "--address-rate",
                                                "2.5",
                                                "--max-calls",
                                                "7",
                                                "--user-watches",
                                                "3",
                                                "--user-uploads",
                                                "5",
                                                "--user-calls",
                                                "4",
                                                "--address-calls",
                                                "6",
                                                "--address-accounts",
                                                "0.5",
                                                "--grpc-max-connections",
                                                "8",
                                                "--login-throttle",
                                                "off",
                                                "--trusted-proxy",
                                                "10.0.0.0/8,2001:db8::1"}));
  const CallLimits& told = config.limits;
  EXPECT_EQ(told.rates.per_user, 0);
  EXPECT_EQ(told.rates.per_address, 2.5);
  EXPECT_EQ(told.max_calls, 7);
  EXPECT_EQ(told.shares.user_watches, 3);
  EXPECT_EQ(told.user_uploads, 5);
  EXPECT_EQ(told.shares.per_user, 4);
  EXPECT_EQ(told.shares.per_address, 6);
  EXPECT_EQ(told.address_accounts, 0.5);
  EXPECT_EQ(told.grpc_connections.most, 8);
  EXPECT_FALSE(told.logins.enabled);
  EXPECT_TRUE(
      config.trusted_proxies.Contain(ParseIpAddress("2001:db8::1").value()));
}

TEST(ConfigTest, AProxyIsNamedByItsAddress) {
  const ExitRequest refused =
      std::get<ExitRequest>(Parse({"--trusted-proxy", "proxy.example"}));

  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.text, HasSubstr("must be the address or the network"));
}

TEST(ConfigTest, FlagOverridesEnvironment) {
  setenv("PINHOLE_DATA_DIR", "/from/environment", 1);
  const Config from_environment = std::get<Config>(Parse({}));
  const Config from_flag = std::get<Config>(Parse({"--data-dir", "/flag"}));
  unsetenv("PINHOLE_DATA_DIR");

  EXPECT_EQ(from_environment.data_dir, "/from/environment");
  EXPECT_EQ(from_flag.data_dir, "/flag");
}

TEST(ConfigTest, HttpHasTheOptionsOfTheGateway) {
  const Config config = std::get<Config>(
      Parse({"--tls-certificate", "/dev/null", "--tls-key", "/dev/null",
             "--cors-origin", "https://app.example"}));

  EXPECT_EQ(config.http.tls->key, "/dev/null");
  EXPECT_THAT(config.http.answers.cors_origins,
              ElementsAre("https://app.example"));
}

TEST(ConfigTest, GrpcIsPlainUnlessItHasACertificateAndItsKey) {
  EXPECT_FALSE(std::get<Config>(Parse({})).grpc_tls.has_value());

  const Config config = std::get<Config>(
      Parse({"--grpc-tls-certificate", "/dev/null", "--grpc-tls-key",
             "/dev/null", "--grpc-tls-client-ca", "/dev/null"}));
  ASSERT_TRUE(config.grpc_tls.has_value());
  EXPECT_EQ(config.grpc_tls->client_authorities, "/dev/null");

  for (const char* flag :
       {"--grpc-tls-certificate", "--grpc-tls-key", "--grpc-tls-client-ca"}) {
    EXPECT_EQ(std::get<ExitRequest>(Parse({flag, "/dev/null"})).code, 2);
  }
}

TEST(ConfigTest, CheckConfigReadsTheNamedFiles) {
  Config config;
  EXPECT_TRUE(CheckConfig(config).ok()) << CheckConfig(config);

  config.data_dir = "/dev/null";
  EXPECT_THAT(std::string(CheckConfig(config).message()),
              HasSubstr("--data-dir: /dev/null is not a directory"));

  config.data_dir = "/nowhere/yet";
  config.media_dir = "/dev/null";
  EXPECT_THAT(std::string(CheckConfig(config).message()),
              HasSubstr("--media-dir: /dev/null is not a directory"));

  config.media_dir.clear();
  config.grpc_tls = {.certificate = "/dev/null", .key = "/dev/null"};
  EXPECT_THAT(std::string(CheckConfig(config).message()),
              HasSubstr("the TLS certificate /dev/null"));
}

TEST(ConfigTest, DrainDelayCanBeSet) {
  EXPECT_EQ(std::get<Config>(Parse({})).drain.delay, absl::ZeroDuration());
  EXPECT_EQ(
      std::get<Config>(Parse({"--drain-delay-seconds", "2.5"})).drain.delay,
      absl::Seconds(2.5));
}

TEST(ConfigTest, LogHasTheOptionsOfTheGateway) {
  const LogOptions log =
      std::get<Config>(Parse({"--log-level", "warn", "--log-format", "json",
                              "--log-slow-ms", "20"}))
          .log;

  EXPECT_EQ(log.level, LogLevel::kWarning);
  EXPECT_EQ(log.format, LogFormat::kJson);
  EXPECT_EQ(log.slow, absl::Milliseconds(20));
}

TEST(ConfigTest, NaiveProfileDisablesEveryOptimization) {
  const Profile profile =
      std::get<Config>(Parse({"--profile", "naive"})).profile;

  EXPECT_FALSE(profile.reuse_connections);
  EXPECT_FALSE(profile.wait_when_busy);
  EXPECT_FALSE(profile.queue_writes);
  EXPECT_EQ(profile.cache_mib, 0);
  EXPECT_FALSE(profile.pool_hashes);
  EXPECT_THAT(profile.Warnings(), SizeIs(5));
}

TEST(ConfigTest, OptimizationsCanBeEnabledOneByOne) {
  const Profile profile =
      std::get<Config>(Parse({"--profile", "naive", "--writes", "queued",
                              "--cache-mib", "8"}))
          .profile;

  EXPECT_TRUE(profile.queue_writes);
  EXPECT_EQ(profile.cache_mib, 8);
  EXPECT_FALSE(profile.reuse_connections);
  EXPECT_THAT(profile.Warnings(), SizeIs(3));
}

TEST(ConfigTest, DefaultProfileWarnsOfNothing) {
  EXPECT_THAT(std::get<Config>(Parse({})).profile.Warnings(), SizeIs(0));
}

TEST(ConfigTest, WrongUsageExitsWith2AndNamesTheFlag) {
  for (const auto& arguments :
       {std::initializer_list<const char*>{"--http-listen", "nonsense"},
        {"--http-listen", "127.0.0.1:99999"},
        {"--http-listen", "unix:/x"},
        {"--loops", "-1"},
        {"--log-level", "loud"},
        {"--registration", "invited"},
        {"--reflection", "perhaps"}}) {
    const auto exit = std::get<ExitRequest>(Parse(arguments));

    EXPECT_EQ(exit.code, 2);
    EXPECT_THAT(exit.text, HasSubstr(*arguments.begin()));
  }
  EXPECT_EQ(std::get<ExitRequest>(Parse({"--no-such-flag"})).code, 2);
}

TEST(ConfigTest, HelpAndVersionExitWith0) {
  EXPECT_THAT(std::get<ExitRequest>(Parse({"--help"})).text,
              HasSubstr("--data-dir"));
  EXPECT_EQ(std::get<ExitRequest>(Parse({"--help"})).code, 0);
  EXPECT_THAT(std::get<ExitRequest>(Parse({"--version"})).text,
              HasSubstr("pinhole-server"));
}

// Adds the flags that allow listening on a network.
std::variant<Config, ExitRequest> ParseOpen(
    std::initializer_list<const char*> arguments) {
  std::vector<const char*> argv = {"pinhole-server",
                                   "--grpc-on-network-despite-floods",
                                   "--clear-text-on-network"};
  argv.insert(argv.end(), arguments);
  return ParseConfig(static_cast<int>(argv.size()), argv.data());
}

TEST(ConfigTest, ReflectionIsServedOnLoopbackOnlyByDefault) {
  EXPECT_TRUE(std::get<Config>(Parse({})).ServesReflection());
  EXPECT_FALSE(std::get<Config>(ParseOpen({"--grpc-listen", "0.0.0.0:1"}))
                   .ServesReflection());
  EXPECT_FALSE(
      std::get<Config>(ParseOpen({"--grpc-listen", "127.0.0.1:1,192.0.2.1:1"}))
          .ServesReflection());
  EXPECT_TRUE(std::get<Config>(ParseOpen({"--grpc-listen", "0.0.0.0:1",
                                          "--reflection", "on"}))
                  .ServesReflection());
  EXPECT_FALSE(
      std::get<Config>(Parse({"--reflection", "off"})).ServesReflection());
}

TEST(ConfigTest, RegistrationIsOpenUnlessClosed) {
  EXPECT_EQ(std::get<Config>(Parse({})).registration,
            domain::Registration::kOpen);
  EXPECT_EQ(std::get<Config>(Parse({"--registration", "closed"})).registration,
            domain::Registration::kClosed);
}

TEST(ConfigTest, ImportIsOffUnlessAllowed) {
  EXPECT_FALSE(std::get<Config>(Parse({})).allow_import);
  EXPECT_TRUE(std::get<Config>(Parse({"--allow-import"})).allow_import);
  EXPECT_FALSE(
      std::get<Config>(Parse({"--allow-import-on-network"})).allow_import);
}

TEST(ConfigTest, ImportOnTheNetworkNeedsASecondFlag) {
  for (const auto& [flag, address] :
       {std::pair{"--grpc-listen", "0.0.0.0:1"},
        {"--grpc-listen", "127.0.0.1:1,192.0.2.1:1"},
        {"--http-listen", "[::]:1"}}) {
    const auto refused =
        std::get<ExitRequest>(Parse({"--allow-import", flag, address}));
    const auto told = ParseOpen(
        {"--allow-import", "--allow-import-on-network", flag, address});

    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.text, HasSubstr(flag));
    EXPECT_THAT(refused.text, HasSubstr("--allow-import-on-network"));
    EXPECT_TRUE(std::get<Config>(told).allow_import);
  }
  // Not reachable from other machines, or without imports.
  EXPECT_TRUE(std::get<Config>(
                  Parse({"--allow-import", "--grpc-listen",
                         "unix:/run/pinhole.sock", "--http-listen", "off"}))
                  .allow_import);
}

TEST(ConfigTest, MetricsOnTheNetworkNeedAFlag) {
  const auto refused =
      std::get<ExitRequest>(Parse({"--metrics-listen", "0.0.0.0:1"}));
  const auto told =
      Parse({"--metrics-listen", "0.0.0.0:1", "--metrics-on-network"});

  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.text, HasSubstr("--metrics-listen 0.0.0.0:1"));
  EXPECT_THAT(refused.text, HasSubstr("--metrics-on-network"));
  EXPECT_EQ(std::get<Config>(told).metrics_listen, "0.0.0.0:1");
}

TEST(ConfigTest, GrpcOnTheNetworkNeedsAFlag) {
  for (const char* address :
       {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "photos.example:1",
        "127.0.0.1:1,192.0.2.1:1", "unix:/x,0.0.0.0:1"}) {
    const auto refused = std::get<ExitRequest>(
        Parse({"--grpc-listen", address, "--clear-text-on-network"}));

    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.text, HasSubstr("rapid resets"));
    EXPECT_THAT(refused.text, HasSubstr("--grpc-on-network-despite-floods"));
    EXPECT_TRUE(
        std::holds_alternative<Config>(ParseOpen({"--grpc-listen", address})))
        << address;
  }
  for (const char* address :
       {"127.0.0.1:1", "[::1]:1", "localhost:1", "unix:/run/pinhole.sock"}) {
    EXPECT_TRUE(
        std::holds_alternative<Config>(Parse({"--grpc-listen", address})))
        << address;
  }
}

TEST(ConfigTest, PlaintextOnTheNetworkNeedsAFlag) {
  const auto http =
      std::get<ExitRequest>(Parse({"--http-listen", "0.0.0.0:1"}));
  const auto grpc = std::get<ExitRequest>(Parse(
      {"--grpc-listen", "0.0.0.0:1", "--grpc-on-network-despite-floods"}));

  EXPECT_EQ(http.code, 2);
  EXPECT_THAT(http.text, HasSubstr("--http-listen 0.0.0.0:1"));
  EXPECT_THAT(http.text, HasSubstr("--tls-certificate"));
  EXPECT_THAT(http.text, HasSubstr("--clear-text-on-network"));
  EXPECT_EQ(grpc.code, 2);
  EXPECT_THAT(grpc.text, HasSubstr("--grpc-listen 0.0.0.0:1"));
  EXPECT_THAT(grpc.text, HasSubstr("--grpc-tls-certificate"));
  EXPECT_EQ(
      std::get<Config>(ParseOpen({"--http-listen", "0.0.0.0:1"})).http_listen,
      "0.0.0.0:1");
}

TEST(ConfigTest, HttpServesMetricsOnLoopbackOnlyByDefault) {
  EXPECT_TRUE(std::get<Config>(Parse({})).http_metrics);
  EXPECT_FALSE(
      std::get<Config>(ParseOpen({"--http-listen", "0.0.0.0:1"})).http_metrics);
  EXPECT_TRUE(std::get<Config>(ParseOpen({"--http-listen", "0.0.0.0:1",
                                          "--http-metrics", "on"}))
                  .http_metrics);
  EXPECT_FALSE(std::get<Config>(Parse({"--http-metrics", "off"})).http_metrics);
}

}  // namespace
}  // namespace pinhole::app

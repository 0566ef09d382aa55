// SPDX-License-Identifier: Apache-2.0

#include "gateway/metrics_listener.h"

#include <map>
#include <memory>
#include <string>

#include "base/metrics/process_collector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/gateway/fake_upstream.h"
#include "tests/unit/gateway/front/raw_client.h"

namespace pinhole::gateway {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

class MetricsListenerTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& listen) {
    return StartMetricsListener(
        listen, [this] { return text_; }, upstream_);
  }

  // With a Host that is not this machine.
  RawClient::Answer Ask(const HttpServer& server, const std::string& line,
                        const std::string& headers = "") {
    return RawClient(server.address()).Request(line, headers);
  }

  FakeUpstream upstream_;
  std::string text_ = std::string(2000, '#') + "\na_total 1\n";
};

TEST_F(MetricsListenerTest, PortZeroPicksAFreeOneAndSaysWhich) {
  const auto exporter = Start("127.0.0.1:0");

  ASSERT_THAT(exporter, IsOk());
  EXPECT_THAT((*exporter)->address(), ::testing::StartsWith("127.0.0.1:"));
  EXPECT_NE((*exporter)->address(), "127.0.0.1:0");
}

TEST_F(MetricsListenerTest, TakenPortIsRefusedByItsAddress) {
  const auto first = Start("127.0.0.1:0");
  ASSERT_THAT(first, IsOk());

  EXPECT_THAT(
      Start((*first)->address()),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr((*first)->address())));
}

TEST_F(MetricsListenerTest, ScrapesGetThePageAndItsVersion) {
  const auto server = Start("127.0.0.1:0").value();

  const auto page = Ask(*server, "GET /metrics");

  EXPECT_EQ(page.code, 200);
  EXPECT_EQ(page.body, text_);
  EXPECT_TRUE(
      page.Has("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"))
      << page.head;
  const auto head = Ask(*server, "HEAD /metrics");
  EXPECT_EQ(head.code, 200);
  EXPECT_TRUE(head.Has("version=0.0.4")) << head.head;
  EXPECT_EQ(Ask(*server, "POST /metrics", "Content-Length: 0\r\n").code, 405);
}

TEST_F(MetricsListenerTest, UnknownPathsDoNotLeadToDocsThatAreNotServed) {
  const auto server = Start("127.0.0.1:0").value();

  const auto answer = Ask(*server, "GET /x");

  EXPECT_EQ(answer.code, 404);
  EXPECT_EQ(answer.body.find("/docs"), std::string::npos) << answer.body;
}

TEST_F(MetricsListenerTest, ThePageIsPackedOnlyForThoseWhoTakeIt) {
  const auto server = Start("127.0.0.1:0").value();
  const auto packed = [&](const std::string& accepted) {
    return Ask(*server, "GET /metrics", "Accept-Encoding: " + accepted + "\r\n")
        .Has("content-encoding: gzip\r\n");
  };

  EXPECT_TRUE(packed("gzip"));
  EXPECT_TRUE(packed("br, gzip;q=0.5"));
  EXPECT_FALSE(packed("gzip;q=0"));
  EXPECT_FALSE(packed("*;q=0"));
  EXPECT_FALSE(packed("identity"));
}

TEST_F(MetricsListenerTest, ThereIsNoApi) {
  const auto server = Start("127.0.0.1:0").value();

  for (const char* path : {"/", "/docs", "/openapi.json", "/v1/photos"}) {
    EXPECT_EQ(Ask(*server, std::string("GET ") + path).code, 404) << path;
  }
}

TEST(ProcessCollectorTest, ReportsThisProcess) {
  std::map<std::string, double> values;
  for (const prometheus::MetricFamily& family : ProcessCollector().Collect()) {
    const prometheus::ClientMetric& metric = family.metric.at(0);
    values[family.name] = metric.counter.value + metric.gauge.value;
  }

  EXPECT_GT(values["process_resident_memory_bytes"], 1e6);
  EXPECT_GT(values["process_virtual_memory_bytes"], 1e6);
  EXPECT_GE(values["process_open_fds"], 3);
  EXPECT_GT(values["process_max_fds"], 3);
  EXPECT_GE(values["process_threads"], 1);
  EXPECT_GT(values["process_start_time_seconds"], 1.6e9);
}

}  // namespace
}  // namespace pinhole::gateway

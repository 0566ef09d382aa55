// SPDX-License-Identifier: Apache-2.0

#include "gateway/metrics_listener.h"

#include <map>
#include <string>

#include "absl/time/clock.h"
#include "gateway/process_collector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::gateway {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

TEST(MetricsListenerTest, PortZeroPicksAFreeOneAndSaysWhich) {
  const auto exporter = MetricsListener::Start("127.0.0.1:0");

  ASSERT_THAT(exporter, IsOk());
  EXPECT_THAT((*exporter)->address(), ::testing::StartsWith("127.0.0.1:"));
  EXPECT_NE((*exporter)->address(), "127.0.0.1:0");
}

TEST(MetricsListenerTest, TakenPortIsRefusedByItsAddress) {
  const auto first = MetricsListener::Start("127.0.0.1:0");
  ASSERT_THAT(first, IsOk());

  EXPECT_THAT(
      MetricsListener::Start((*first)->address()),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr((*first)->address())));
}

TEST(MetricsListenerTest, EndsAtOnce) {
  for (const char* listen : {"127.0.0.1:0", "0.0.0.0:0"}) {
    auto exporter = MetricsListener::Start(listen);
    ASSERT_THAT(exporter, IsOk()) << listen;
    const absl::Time begin = absl::Now();

    exporter->reset();

    // CivetWeb by itself takes two seconds.
    EXPECT_LT(absl::Now() - begin, absl::Seconds(1)) << listen;
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

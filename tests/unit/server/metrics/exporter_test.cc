// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/exporter.h"

#include <map>
#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/metrics/process_collector.h"
#include "tests/support/status_matchers.h"

namespace pinhole::metrics {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

TEST(ExporterTest, PortZeroPicksAFreeOneAndSaysWhich) {
  const auto exporter = Exporter::Start("127.0.0.1:0");

  ASSERT_THAT(exporter, IsOk());
  EXPECT_THAT((*exporter)->address(), ::testing::StartsWith("127.0.0.1:"));
  EXPECT_NE((*exporter)->address(), "127.0.0.1:0");
}

TEST(ExporterTest, TakenPortIsRefusedByItsAddress) {
  const auto first = Exporter::Start("127.0.0.1:0");
  ASSERT_THAT(first, IsOk());

  EXPECT_THAT(
      Exporter::Start((*first)->address()),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr((*first)->address())));
}

TEST(ExporterTest, EndsAtOnce) {
  for (const char* listen : {"127.0.0.1:0", "0.0.0.0:0"}) {
    auto exporter = Exporter::Start(listen);
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
}  // namespace pinhole::metrics

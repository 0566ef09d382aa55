// SPDX-License-Identifier: Apache-2.0

#include "client/lab/observe/metrics_page.h"

#include "client/lab/observe/resources.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::DoubleNear;

MetricsPage Page(std::string_view text) {
  return MetricsPage::Parse(text).value();
}

TEST(MetricsPageTest, SamplesAreFoundByNameAndLabels) {
  const MetricsPage page = Page(
      "# HELP calls_total Calls.\n"
      "# TYPE calls_total counter\n"
      "calls_total{method=\"Get\",code=\"OK\"} 3\n"
      "calls_total{method=\"Get\",code=\"Unavailable\"} 2\n"
      "calls_total{method=\"Put\",code=\"OK\"} 10\n"
      "up 1 1700000000123\n");

  EXPECT_EQ(page.Sum("calls_total"), 15);
  EXPECT_EQ(page.Sum("calls_total", {{"method", "Get"}}), 5);
  EXPECT_EQ(page.Sum("calls_total", {{"method", "Get"}, {"code", "OK"}}), 3);
  EXPECT_EQ(page.Sum("calls_total", {{"method", "Delete"}}), 0);
  EXPECT_EQ(page.Sum("up"), 1);
  EXPECT_FALSE(page.Has("down"));
}

TEST(MetricsPageTest, LabelsMayHoldAnyCharacter) {
  const MetricsPage page =
      Page("a{text=\"quote \\\" brace } comma , back \\\\ line \\n\"} 1\n");

  EXPECT_EQ(page.Of("a").front().labels.at("text"),
            "quote \" brace } comma , back \\ line \n");
}

TEST(MetricsPageTest, WhatIsNoMetricIsNamed) {
  for (const char* text :
       {"<html>", "a{b=\"c\"", "a{b} 1", "a nothing", "a", "{} 1"}) {
    const auto page = MetricsPage::Parse(text);

    EXPECT_EQ(page.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(std::string(page.status().message()).find(text),
              std::string::npos);
  }
}

TEST(MetricsPageTest, QuantileOfAHistogramIsThatOfTheTimeBetween) {
  const auto histogram = [](int small, int middle, int all) {
    return Page(
        fmt::format("h_bucket{{le=\"0.001\"}} {}\n"
                    "h_bucket{{le=\"0.01\"}} {}\n"
                    "h_bucket{{le=\"+Inf\"}} {}\n",
                    small, middle, all));
  };
  const MetricsPage before = histogram(1000, 1000, 1000);

  // 100 values, all in the bucket up to 10 ms: the middle of it is the median.
  EXPECT_THAT(HistogramQuantile(0.5, "h", before, histogram(1000, 1100, 1100)),
              DoubleNear(0.0055, 1e-9));
  // Beyond the last bound, it is at least that.
  EXPECT_THAT(HistogramQuantile(0.99, "h", before, histogram(1000, 1000, 1100)),
              DoubleNear(0.01, 1e-9));
  EXPECT_EQ(HistogramQuantile(0.5, "h", before, before), 0);
}

TEST(ResourcesTest, CountersBecomeSharesOfTheTime) {
  const auto page = [](double lock, double cpu, double hash, int calls) {
    return Page(fmt::format(
        "pinhole_db_write_lock_held_seconds_total {}\n"
        "process_cpu_seconds_total {}\n"
        "pinhole_password_hash_cpu_seconds_total {}\n"
        "grpc_server_handling_seconds_count{{grpc_method=\"GetFeed\"}} {}\n"
        "pinhole_rpc_part_seconds_total{{grpc_method=\"GetFeed\","
        "part=\"query\"}} {}\n",
        lock, cpu, hash, calls, calls * 0.002));
  };

  const report::Resources resources =
      ResourcesBetween(page(1, 10, 5, 100), page(9, 25, 15, 300), 10);

  EXPECT_DOUBLE_EQ(resources.write_lock_share(), 0.8);
  EXPECT_DOUBLE_EQ(resources.cpu_cores(), 1.5);
  EXPECT_DOUBLE_EQ(resources.hash_cores(), 1);
  ASSERT_EQ(resources.time_spent_size(), 1);
  EXPECT_EQ(resources.time_spent(0).method(), "GetFeed");
  EXPECT_EQ(resources.time_spent(0).calls(), 200);
  EXPECT_THAT(resources.time_spent(0).part_ms().at("query"),
              DoubleNear(2, 1e-9));
}

TEST(ResourcesTest, StatementsCountOnlyBesideCaches) {
  const auto page = [](int number, const std::string& more) {
    return Page(
        fmt::format("pinhole_db_queries_total{{kind=\"read\"}} {0}\n"
                    "grpc_server_handled_total {0}\n{1}",
                    number, more));
  };
  const auto per_operation = [&](const std::string& more) {
    return ResourcesBetween(page(1, more), page(9, more), 10)
        .queries_per_operation();
  };

  EXPECT_DOUBLE_EQ(per_operation("pinhole_cache_requests_total 0\n"), 1);
  EXPECT_EQ(per_operation(""), 0);
}

}  // namespace
}  // namespace pinhole::lab

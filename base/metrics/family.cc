// SPDX-License-Identifier: Apache-2.0

#include "base/metrics/family.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace pinhole {
namespace {

prometheus::ClientMetric ToMetric(prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return metric;
}

prometheus::MetricFamily Family(std::string name, std::string help,
                                prometheus::MetricType type,
                                const std::string& label,
                                const std::vector<Series>& series) {
  prometheus::MetricFamily family{std::move(name), std::move(help), type, {}};
  for (const Series& each : series) {
    family.metric.push_back(ToMetric(type, each.value));
    family.metric.back().label = {{label, each.label}};
  }
  return family;
}

}  // namespace

prometheus::MetricFamily Counter(std::string name, std::string help,
                                 double value) {
  constexpr auto kType = prometheus::MetricType::Counter;
  return {std::move(name), std::move(help), kType, {ToMetric(kType, value)}};
}

prometheus::MetricFamily Gauge(std::string name, std::string help,
                               double value) {
  constexpr auto kType = prometheus::MetricType::Gauge;
  return {std::move(name), std::move(help), kType, {ToMetric(kType, value)}};
}

prometheus::MetricFamily Counter(std::string name, std::string help,
                                 const std::string& label,
                                 const std::vector<Series>& series) {
  return Family(std::move(name), std::move(help),
                prometheus::MetricType::Counter, label, series);
}

prometheus::MetricFamily Gauge(std::string name, std::string help,
                               const std::string& label,
                               const std::vector<Series>& series) {
  return Family(std::move(name), std::move(help), prometheus::MetricType::Gauge,
                label, series);
}

prometheus::ClientMetric ToMetric(const HistogramCounts& counts) {
  prometheus::ClientMetric metric;
  std::int64_t so_far = 0;
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    so_far += counts.counts[i];
    const double bound = i < counts.bounds.size()
                             ? counts.bounds[i]
                             : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back(
        {static_cast<std::uint64_t>(so_far), bound});
  }
  metric.histogram.sample_count = static_cast<std::uint64_t>(so_far);
  metric.histogram.sample_sum = counts.sum;
  return metric;
}

prometheus::MetricFamily HistogramFamily(std::string name, std::string help,
                                         const HistogramCounts& counts) {
  return {std::move(name),
          std::move(help),
          prometheus::MetricType::Histogram,
          {ToMetric(counts)}};
}

}  // namespace pinhole

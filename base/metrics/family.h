// SPDX-License-Identifier: Apache-2.0

// Helpers for collectors that compute metric families at scrape time.

#pragma once

#include <string>
#include <vector>

#include "base/histogram.h"
#include "prometheus/metric_family.h"

namespace pinhole {

// A series of a family with one label.
struct Series {
  std::string label;  // The value of the label.
  double value = 0;
};

// A family with one series and no label.
prometheus::MetricFamily Counter(std::string name, std::string help,
                                 double value);
prometheus::MetricFamily Gauge(std::string name, std::string help,
                               double value);

// A family with one label, named `label`.
prometheus::MetricFamily Counter(std::string name, std::string help,
                                 const std::string& label,
                                 const std::vector<Series>& series);
prometheus::MetricFamily Gauge(std::string name, std::string help,
                               const std::string& label,
                               const std::vector<Series>& series);

// The series of a histogram, without a family.
prometheus::ClientMetric ToMetric(const HistogramCounts& counts);

prometheus::MetricFamily HistogramFamily(std::string name, std::string help,
                                         const HistogramCounts& counts);

}  // namespace pinhole

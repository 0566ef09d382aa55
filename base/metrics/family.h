// SPDX-License-Identifier: Apache-2.0

// Metric families for collectors that compute their values at the scrape.

#ifndef PINHOLE_BASE_METRICS_FAMILY_H_
#define PINHOLE_BASE_METRICS_FAMILY_H_

#include <string>
#include <vector>

#include "base/histogram.h"
#include "prometheus/metric_family.h"

namespace pinhole {

// One series of a family: its value and what tells it from the others.
struct Series {
  std::string label;  // The value of the family's label.
  double value = 0;
};

// With one series and no label.
prometheus::MetricFamily Counter(std::string name, std::string help,
                                 double value);
prometheus::MetricFamily Gauge(std::string name, std::string help,
                               double value);

// With one label, named `label`.
prometheus::MetricFamily Counter(std::string name, std::string help,
                                 const std::string& label,
                                 const std::vector<Series>& series);
prometheus::MetricFamily Gauge(std::string name, std::string help,
                               const std::string& label,
                               const std::vector<Series>& series);

// A histogram's series without its family.
prometheus::ClientMetric ToMetric(const HistogramCounts& counts);

prometheus::MetricFamily HistogramFamily(std::string name, std::string help,
                                         const HistogramCounts& counts);

}  // namespace pinhole

#endif  // PINHOLE_BASE_METRICS_FAMILY_H_

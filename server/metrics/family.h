// SPDX-License-Identifier: Apache-2.0

// Metric families with one series without labels, for collectors that compute
// their values at the scrape.

#ifndef PINHOLE_SERVER_METRICS_FAMILY_H_
#define PINHOLE_SERVER_METRICS_FAMILY_H_

#include <string>

#include "prometheus/metric_family.h"

namespace pinhole::metrics {

prometheus::MetricFamily Counter(std::string name, std::string help,
                                 double value);
prometheus::MetricFamily Gauge(std::string name, std::string help,
                               double value);

}  // namespace pinhole::metrics

#endif  // PINHOLE_SERVER_METRICS_FAMILY_H_

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace pinhole {

// The standard process metrics (process_cpu_seconds_total and others), read
// from /proc at each scrape, since prometheus-cpp does not provide them.
// Thread-safe.
class ProcessCollector final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace pinhole

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "server/store/store.h"

namespace pinhole::metrics {

// The statistics that every store has.  Runs no query.
// Thread-safe.
class StoreCollector final : public prometheus::Collectable {
 public:
  // `store` must outlive this object.
  explicit StoreCollector(const Store& store) : store_(store) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Store& store_;
};

}  // namespace pinhole::metrics

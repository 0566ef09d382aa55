// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "server/store/postgres/postgres_store.h"

namespace pinhole::metrics {

// The statistics that only a PostgreSQL store has.  Runs no query.
// Thread-safe.
class PostgresCollector final : public prometheus::Collectable {
 public:
  // `store` must outlive this object.
  explicit PostgresCollector(const PostgresStore& store) : store_(store) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const PostgresStore& store_;
};

}  // namespace pinhole::metrics

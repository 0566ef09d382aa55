// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "server/store/sqlite/sqlite_store.h"

namespace pinhole::metrics {

// The statistics that only an SQLite store has.  Runs no query.  Thread-safe.
class SqliteCollector final : public prometheus::Collectable {
 public:
  // `store` must outlive this object.
  explicit SqliteCollector(const SqliteStore& store) : store_(store) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const SqliteStore& store_;
};

}  // namespace pinhole::metrics

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "server/domain/accounts.h"
#include "server/domain/photos.h"
#include "server/domain/renditions.h"

namespace pinhole::metrics {

// Logins, password hashes, uploads and the rebuilding of renditions.
// Thread-safe.
class DomainCollector final : public prometheus::Collectable {
 public:
  // All arguments must outlive this object.
  DomainCollector(const domain::Accounts& accounts,
                  const domain::Photos& photos,
                  const domain::Renditions& renditions)
      : accounts_(accounts), photos_(photos), renditions_(renditions) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const domain::Accounts& accounts_;
  const domain::Photos& photos_;
  const domain::Renditions& renditions_;
};

}  // namespace pinhole::metrics

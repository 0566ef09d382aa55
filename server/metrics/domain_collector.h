// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_METRICS_DOMAIN_COLLECTOR_H_
#define PINHOLE_SERVER_METRICS_DOMAIN_COLLECTOR_H_

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "server/domain/accounts.h"
#include "server/domain/photos.h"

namespace pinhole::metrics {

// Logins, password hashes and uploads.  Thread-safe.
class DomainCollector final : public prometheus::Collectable {
 public:
  // Both arguments must outlive this object.
  DomainCollector(const domain::Accounts& accounts,
                  const domain::Photos& photos)
      : accounts_(accounts), photos_(photos) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const domain::Accounts& accounts_;
  const domain::Photos& photos_;
};

}  // namespace pinhole::metrics

#endif  // PINHOLE_SERVER_METRICS_DOMAIN_COLLECTOR_H_

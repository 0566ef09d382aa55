// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_METRICS_LISTENER_H_
#define PINHOLE_GATEWAY_METRICS_LISTENER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "prometheus/collectable.h"
#include "prometheus/exposer.h"

namespace pinhole::gateway {

// Serves GET /metrics on an address of its own.
class MetricsListener {
 public:
  // Errors: UNAVAILABLE (`listen`, HOST:PORT, cannot be listened on).
  static absl::StatusOr<std::unique_ptr<MetricsListener>> Start(
      const std::string& listen);
  ~MetricsListener();

  // Adds `collectable` to the page for as long as both live.
  void Add(std::shared_ptr<prometheus::Collectable> collectable);

  // HOST:PORT with the real port.
  const std::string& address() const { return address_; }

 private:
  MetricsListener(std::unique_ptr<prometheus::Exposer> exposer,
                  std::string address);

  const std::string address_;
  // The exposer keeps weak references only.
  std::vector<std::shared_ptr<prometheus::Collectable>> collectables_;
  std::unique_ptr<prometheus::Exposer> exposer_;  // Ends first.
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_METRICS_LISTENER_H_

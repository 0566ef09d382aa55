// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_METRICS_LISTENER_H_
#define PINHOLE_GATEWAY_METRICS_LISTENER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "prometheus/exposer.h"
#include "prometheus/registry.h"

namespace pinhole::gateway {

// Serves /metrics, on threads of its own.
class MetricsListener {
 public:
  // `listen` is HOST:PORT; port 0 picks a free one.  prometheus-cpp shares the
  // registry between the exposer and whoever counts.
  // Errors: UNAVAILABLE (the address is none, or taken).
  static absl::StatusOr<std::unique_ptr<MetricsListener>> Start(
      const std::string& listen,
      const std::shared_ptr<prometheus::Registry>& registry);

  // HOST:PORT with the real port.
  const std::string& address() const { return address_; }

 private:
  explicit MetricsListener(const std::string& listen);

  prometheus::Exposer exposer_;
  std::string address_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_METRICS_LISTENER_H_

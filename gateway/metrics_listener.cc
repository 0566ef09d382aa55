// SPDX-License-Identifier: Apache-2.0

#include "gateway/metrics_listener.h"

#include <exception>

namespace pinhole::gateway {

MetricsListener::MetricsListener(const std::string& listen)
    : exposer_(listen),
      address_(listen.substr(0, listen.rfind(':') + 1) +
               std::to_string(exposer_.GetListeningPorts().front())) {}

absl::StatusOr<std::unique_ptr<MetricsListener>> MetricsListener::Start(
    const std::string& listen,
    const std::shared_ptr<prometheus::Registry>& registry) {
  std::unique_ptr<MetricsListener> listener;
  try {
    listener.reset(new MetricsListener(listen));
  } catch (const std::exception&) {
    return absl::UnavailableError("cannot listen for metrics on " + listen);
  }
  listener->exposer_.RegisterCollectable(registry);
  return listener;
}

}  // namespace pinhole::gateway

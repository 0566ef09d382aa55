// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_METRICS_LISTENER_H_
#define PINHOLE_GATEWAY_METRICS_LISTENER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/http_server.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// Serves /metrics on an address of its own, by the code that serves it beside
// the API.  The paths of health checks are there, too, and nothing else; none
// of it is counted or logged, so that a page is not changed by its reading.
// `metrics` makes the page (see `HttpServer::Options`); `upstream` must outlive
// the server.
// Errors: INVALID_ARGUMENT (`listen` is not HOST:PORT), UNAVAILABLE (it cannot
// be listened on).
absl::StatusOr<std::unique_ptr<HttpServer>> StartMetricsListener(
    const std::string& listen, std::function<std::string()> metrics,
    Upstream& upstream);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_METRICS_LISTENER_H_

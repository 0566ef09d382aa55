// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/http_server.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// Serves /metrics and the paths of health checks on an address of its own.
// These requests are neither counted nor logged, so that reading the metrics
// does not change them.  `metrics` returns the text (see
// `HttpServer::Options`). `upstream` must outlive the server.
// Errors: INVALID_ARGUMENT (`listen` is not HOST:PORT), UNAVAILABLE (cannot
// listen on it).
absl::StatusOr<std::unique_ptr<HttpServer>> StartMetricsListener(
    const std::string& listen, std::function<std::string()> metrics,
    Upstream& upstream);

}  // namespace pinhole::gateway

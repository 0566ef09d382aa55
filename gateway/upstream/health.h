// SPDX-License-Identifier: Apache-2.0

// How a server is asked whether it serves: grpc.health.v1.

#ifndef PINHOLE_GATEWAY_UPSTREAM_HEALTH_H_
#define PINHOLE_GATEWAY_UPSTREAM_HEALTH_H_

#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

const Upstream::Method& HealthMethod();
Upstream::MessagePtr HealthQuestion();

// What `Upstream::Check` tells of the answer: OK or UNAVAILABLE.
UpstreamReply Readiness(const UpstreamReply& answer);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_UPSTREAM_HEALTH_H_

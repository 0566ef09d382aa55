// SPDX-License-Identifier: Apache-2.0

// Calls grpc.health.v1 to ask whether a server is serving.

#pragma once

#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

const Upstream::Method& HealthMethod();
Upstream::MessagePtr HealthRequest();

// Converts the response into the reply of `Upstream::Check`: OK or UNAVAILABLE.
// The metadata is what else the server says about itself, by names for people:
// `durability`.
UpstreamReply Readiness(const UpstreamReply& answer);

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

// The only file of the gateway that knows which services it serves.

#pragma once

#include <string>
#include <vector>

#include "gateway/openapi/openapi.h"
#include "gateway/upstream/channel_pool.h"

namespace pinhole::gateway {

// Returns the full names of Pinhole's services, in the order in which
// documentation should show them.  Their descriptors are linked in.
std::vector<std::string> ServiceNames();

// Describes the API for /openapi.json and /docs.
ApiInfo DescribeApi(std::string version);

// Returns the call that tells whether a backend accepts a token.
TokenCheck MakeTokenCheck();

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_SERVICES_H_
#define PINHOLE_GATEWAY_SERVICES_H_

#include <string>
#include <vector>

#include "gateway/openapi/openapi.h"
#include "gateway/upstream/channel_pool.h"

namespace pinhole::gateway {

// The full names of the services that the binary is the door of, all of them
// linked in.
std::vector<std::string> Services();

// What they are, for those who read about them.
ApiInfo Describe();

// How a backend is asked whether a token is good.
SignInQuestion AskWhoCalls();

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_SERVICES_H_

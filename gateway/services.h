// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_SERVICES_H_
#define PINHOLE_GATEWAY_SERVICES_H_

#include <string>
#include <vector>

namespace pinhole::gateway {

// The full names of the services that the binary is the door of, all of them
// linked in.
std::vector<std::string> Services();

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_SERVICES_H_

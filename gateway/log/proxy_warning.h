// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_LOG_PROXY_WARNING_H_
#define PINHOLE_GATEWAY_LOG_PROXY_WARNING_H_

#include <string_view>

namespace pinhole::gateway {

// Tells the operator of a proxy that is not named; see v1::ClientFinder.
void WarnOfUnnamedProxy(std::string_view address);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_LOG_PROXY_WARNING_H_

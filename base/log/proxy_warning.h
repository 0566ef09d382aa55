// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_LOG_PROXY_WARNING_H_
#define PINHOLE_BASE_LOG_PROXY_WARNING_H_

#include <string_view>

namespace pinhole {

// Warns the operator of an untrusted proxy; see ClientAddressResolver.
void WarnOfUntrustedProxy(std::string_view address);

}  // namespace pinhole

#endif  // PINHOLE_BASE_LOG_PROXY_WARNING_H_

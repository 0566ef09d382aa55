// SPDX-License-Identifier: Apache-2.0

#include "base/log/proxy_warning.h"

#include "base/log/log.h"

namespace pinhole {

void WarnOfUntrustedProxy(std::string_view address) {
  LogWarning(
      "requests from {} appear to come through a proxy, according to their "
      "headers or their Host, but this proxy is not trusted, so all clients "
      "behind it share the limits of one address; if it is your proxy or "
      "gateway, start with --trusted-proxy {}",
      address, address);
}

}  // namespace pinhole

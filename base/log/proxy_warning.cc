// SPDX-License-Identifier: Apache-2.0

#include "base/log/proxy_warning.h"

#include <string>

#include "spdlog/spdlog.h"

namespace pinhole {

void WarnOfUnnamedProxy(std::string_view address) {
  const std::string name(address);
  spdlog::warn(
      "requests from {} seem to come through a proxy, as their headers or "
      "their Host say, but it is not named, so all callers behind it share the "
      "limits of one address; if it is a proxy or gateway of yours, start with "
      "--trusted-proxy {}",
      name, name);
}

}  // namespace pinhole

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/net/ip_address.h"

namespace pinhole {

// The proxies and gateways whose forwarding headers are trusted, as configured
// by the operator.  Loopback is trusted only if configured.
class TrustedProxies {
 public:
  TrustedProxies() = default;

  // Each of `texts` is ADDRESS, ADDRESS/BITS, or "unix" for all peers on Unix
  // sockets.  Errors: INVALID_ARGUMENT with a message for the operator.
  static absl::StatusOr<TrustedProxies> Parse(
      const std::vector<std::string>& texts);

  bool Contain(const IpAddress& address) const;
  bool contain_unix_sockets() const { return unix_sockets_; }

 private:
  struct Network {
    IpAddress address;
    int bits = 128;
  };
  std::vector<Network> networks_;
  bool unix_sockets_ = false;
};

}  // namespace pinhole

// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_NET_TRUSTED_PROXIES_H_
#define PINHOLE_BASE_NET_TRUSTED_PROXIES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/net/ip_address.h"

namespace pinhole {

// The proxies and gateways that the operator names: what they say about their
// callers is believed.  Loopback has to be named like any other address.
class TrustedProxies {
 public:
  TrustedProxies() = default;

  // Each is ADDRESS, ADDRESS/BITS, or "unix" for all that connect through a
  // Unix socket.  Errors: INVALID_ARGUMENT, in words for the operator.
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

#endif  // PINHOLE_BASE_NET_TRUSTED_PROXIES_H_

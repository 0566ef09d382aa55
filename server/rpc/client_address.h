// SPDX-License-Identifier: Apache-2.0

// Client address: whom limits by address count.
//
// A call names its peer, and `x-forwarded-for` names who came before it, each
// proxy adding the one it was called by on the right.  What a proxy says can be
// believed only as far as the proxy is: so we walk from the peer to the left
// while the address at hand is a trusted proxy's, and stop at the first that is
// none.  Everything left of it is what a stranger says about itself.
//
// Loopback and Unix sockets are trusted always: the gateway, in this process or
// beside it, and whoever else is on this machine has all of it anyway.

#ifndef PINHOLE_SERVER_RPC_CLIENT_ADDRESS_H_
#define PINHOLE_SERVER_RPC_CLIENT_ADDRESS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::rpc {

// IPv4 addresses are kept in their IPv6 form, ::ffff:a.b.c.d, so that the two
// ways to write one are one.
using IpAddress = std::array<std::uint8_t, 16>;

// "192.0.2.1", "2001:db8::1", with or without a port ("192.0.2.1:5",
// "[2001:db8::1]:5") or a zone.  Nothing if it is none.
std::optional<IpAddress> ParseIpAddress(std::string_view text);

// Who is believed about whom it was called by, besides this machine.
class TrustedProxies {
 public:
  TrustedProxies() = default;

  // Each is ADDRESS or ADDRESS/BITS.
  // Errors: INVALID_ARGUMENT, in words for the operator.
  static absl::StatusOr<TrustedProxies> Parse(
      const std::vector<std::string>& texts);

  bool Contain(const IpAddress& address) const;

 private:
  struct Network {
    IpAddress address;
    int bits = 128;
  };
  std::vector<Network> networks_;
};

struct ClientAddress {
  // On this machine, or behind a proxy on it that does not name its clients.
  bool local = false;
  // What is counted as one: an IPv4 address, or the first 64 bits of an IPv6
  // address, which is the least that one customer has.  0 if it is unknown.
  std::uint64_t network = 0;
};

// `metadata` as it came with the call; `peer` as gRPC writes it:
// "ipv4:192.0.2.1:5", "ipv6:[2001:db8::1]:5" (also with %5B and %5D), "unix:".
ClientAddress FindClient(
    const std::vector<std::pair<std::string, std::string>>& metadata,
    std::string_view peer, const TrustedProxies& proxies);

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_CLIENT_ADDRESS_H_

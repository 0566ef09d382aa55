// SPDX-License-Identifier: Apache-2.0

// Client address: who limits by address count, for both doors.
//
// The peer of a connection is known; all else is what somebody says.  Proxies
// that the operator names are believed: starting at the peer, x-forwarded-for
// is followed from right to left for as long as the address at hand is that of
// a trusted proxy, and the first that is not is the client.  What stands left
// of it is what the client says about itself.
//
// The client is on this machine, and not limited, only if the peer is loopback
// or a Unix socket, the request has no header that a proxy adds
// (`IsForwarding`), and it is for a local host (`IsLocalHost`).  Whoever comes
// through a proxy is limited, also from the proxy's own machine.
//
// What cannot be read, and a caller through a proxy on this machine that is not
// named, is unknown: limited, together with all others that are unknown.

#ifndef PINHOLE_BASE_NET_CLIENT_ADDRESS_H_
#define PINHOLE_BASE_NET_CLIENT_ADDRESS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "base/net/ip_address.h"
#include "base/net/trusted_proxies.h"

namespace pinhole {

struct ClientAddress {
  // On this machine: not limited.
  bool local = false;
  // What is counted as one: an IPv4 address, or the first 64 bits of an IPv6
  // address, the least that one customer has.  0 if it is unknown.
  std::uint64_t network = 0;
  // Empty if it is unknown or local.
  std::optional<IpAddress> address = {};

  // As an entry of x-forwarded-for: "127.0.0.1" if it is local, "unknown" if it
  // is unknown (as in RFC 7239, section 6.2).
  std::string Text() const;
};

// Whether proxies tell with the header of this lower-case name that they, or
// whom, they forward.
bool IsForwarding(std::string_view name);

// Whether HOST or HOST:PORT names this machine: loopback, localhost or a name
// below it; also if it is empty.
bool IsLocalHost(std::string_view host);

// Thread-safe.
class ClientFinder {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  // Told the address ("unix" for a Unix socket) of a peer that seems to be a
  // proxy but is not trusted: each address once, and only the first eight,
  // since anybody can send such a header.
  using OnUnnamedProxy = std::function<void(std::string_view address)>;

  explicit ClientFinder(TrustedProxies proxies = {},
                        OnUnnamedProxy on_unnamed_proxy = nullptr);

  // `headers` as they came, with names in lower case; `peer` as gRPC writes it:
  // "ipv4:192.0.2.1:5", "ipv6:[2001:db8::1]:5" (also with %5B and %5D),
  // "unix:". `host` is what the request was for: Host or :authority.
  ClientAddress Find(const Headers& headers, std::string_view peer,
                     std::string_view host) const;

 private:
  // The peer, or whom a proxy names; unknown if it has no address, unless it
  // is a Unix socket.
  struct Hop {
    std::optional<IpAddress> address;
    bool here = false;  // Loopback, or a Unix socket.
    bool trusted = false;
  };
  Hop At(const IpAddress& address) const;
  Hop AtPeer(std::string_view peer) const;
  // Whom the headers name, from a trusted peer.
  Hop Follow(Hop hop, const Headers& headers) const;
  static ClientAddress Counted(const Hop& hop);
  void TellOf(const Hop& proxy) const;

  const TrustedProxies proxies_;
  const OnUnnamedProxy on_unnamed_proxy_;
  mutable absl::Mutex mutex_;
  mutable absl::flat_hash_set<std::string> told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_NET_CLIENT_ADDRESS_H_

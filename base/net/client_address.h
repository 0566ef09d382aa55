// SPDX-License-Identifier: Apache-2.0

// The address of a client for limits by address, over gRPC and HTTP.
//
// Only the peer address of the connection is certain; headers can be forged.
// Trusted proxies are configured by the operator.  Beginning with the peer, the
// addresses of x-forwarded-for are followed from right to left while the
// current address is a trusted proxy; the first that is not is the client.
// Entries to its left were sent by the client and are ignored.
//
// A client is local, and not limited, only if the peer is loopback or a Unix
// socket, the request has none of the headers that proxies add
// (`IsForwardingHeader`), and its host is local (`IsLocalHost`).  Clients
// behind a proxy are limited, even if they are on the proxy's machine.
//
// A client is unknown if an address cannot be parsed, or if a proxy on this
// machine is not trusted.  All unknown clients share one limit.

#pragma once

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
  // On this machine, so not limited.
  bool local = false;
  // The key for limits: an IPv4 address, or the first 64 bits of an IPv6
  // address, which is the smallest network of one customer.  0 if unknown.
  std::uint64_t network = 0;
  // Empty if unknown or local.
  std::optional<IpAddress> address = {};

  // The entry for x-forwarded-for: the address, "127.0.0.1" if local, or
  // "unknown" (RFC 7239, section 6.2).
  std::string Text() const;
};

// Whether proxies add the header `name`, in lower case, to requests that they
// forward.
bool IsForwardingHeader(std::string_view name);

// Whether `host`, as HOST or HOST:PORT, is empty, a loopback address, localhost
// or a name below localhost.
bool IsLocalHost(std::string_view host);

// Determines the address of the client of a request.  Thread-safe.
class ClientAddressResolver {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  // Called with the address ("unix" for a Unix socket) of a peer that appears
  // to be a proxy but is not trusted.  Called once for each address and at most
  // eight times, since any client can send such a header.
  using OnUntrustedProxy = std::function<void(std::string_view address)>;

  explicit ClientAddressResolver(TrustedProxies proxies = {},
                                 OnUntrustedProxy on_untrusted_proxy = nullptr);

  // `headers` are in the order of the request, with names in lower case. `peer`
  // has the format of gRPC: "ipv4:192.0.2.1:5", "ipv6:[2001:db8::1]:5" (also
  // with %5B and %5D), "unix:".  `host` is the request's Host or :authority.
  ClientAddress Find(const Headers& headers, std::string_view peer,
                     std::string_view host) const;

 private:
  // A step on the way of the request: its peer or an entry of x-forwarded-for.
  // Its origin is unknown if `address` is empty and `local` is false.
  struct Hop {
    std::optional<IpAddress> address;
    bool local = false;  // Loopback or a Unix socket.
    bool trusted = false;
  };
  Hop At(const IpAddress& address) const;
  Hop AtPeer(std::string_view peer) const;
  // The client according to the headers, beginning with the peer `hop`.
  Hop Follow(Hop hop, const Headers& headers) const;
  static ClientAddress ToClient(const Hop& hop);
  void ReportUntrusted(const Hop& proxy) const;

  const TrustedProxies proxies_;
  const OnUntrustedProxy on_untrusted_proxy_;
  mutable absl::Mutex mutex_;
  mutable absl::flat_hash_set<std::string> reported_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole

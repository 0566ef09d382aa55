// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "boost/asio/ip/address.hpp"

namespace pinhole::gateway {

// Counts the connections of each client, so that one client cannot use all of
// them.  IPv6 addresses are counted by their first 64 bits, the smallest
// network that a provider assigns to a customer.  Connections from loopback are
// not counted: they come from a reverse proxy, or from a user who controls the
// machine anyway.  For the HTTP thread only.
class ConnectionCounts {
 public:
  explicit ConnectionCounts(std::size_t most) : most_(most) {}

  using Client = std::optional<std::uint64_t>;  // Nothing: not counted.
  static Client ClientOf(const boost::asio::ip::address& address);

  // Whether `client` has the maximum number of connections.
  bool IsFull(Client client) const;
  void Add(Client client);
  // Call it once for each `Add`.
  void Remove(Client client);

 private:
  const std::size_t most_;
  absl::flat_hash_map<std::uint64_t, std::size_t> counts_;
};

}  // namespace pinhole::gateway

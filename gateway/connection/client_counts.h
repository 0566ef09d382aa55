// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_CLIENT_COUNTS_H_
#define PINHOLE_GATEWAY_CONNECTION_CLIENT_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "boost/asio/ip/address.hpp"

namespace pinhole::gateway {

// How many connections each client has, so that one cannot take all there are.
// Of an IPv6 address the first 64 bits count, which is the least that one
// customer has.  Those from this machine are not counted: it is a proxy's, or
// of somebody who has all of it anyway.  For the HTTP thread only.
class ClientCounts {
 public:
  explicit ClientCounts(std::size_t most) : most_(most) {}

  using Client = std::optional<std::uint64_t>;  // None: not counted.
  static Client ClientOf(const boost::asio::ip::address& address);

  // Whether they have as many as they may.
  bool IsFull(Client client) const;
  // Counts one more.
  void Add(Client client);
  // For each `Add`.
  void Remove(Client client);

 private:
  const std::size_t most_;
  absl::flat_hash_map<std::uint64_t, std::size_t> counts_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_CLIENT_COUNTS_H_

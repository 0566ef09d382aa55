// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "gateway/connection/connection_counts.h"

namespace pinhole::gateway {

class Connection;

// The connections on which no request is being served: idle ones, and those
// whose next request has not arrived completely.  When a limit of connections
// is reached, the one that has waited longest is closed to admit a new one.
// For the HTTP thread only.
class WaitingConnections {
 public:
  using Client = ConnectionCounts::Client;

  // Adds a connection of `client` that waits from now on.
  void Add(Connection& connection, Client client);
  // Does nothing if `connection` does not wait.
  void Remove(Connection& connection);

  // Removes and returns the connection that has waited longest, of all clients
  // or of one; null if there is none.
  Connection* TakeOldest();
  Connection* TakeOldestOf(Client client);

 private:
  using Turn = std::uint64_t;  // Increases with each `Add`.
  struct Entry {
    Turn turn;
    Client client;
  };

  Turn next_ = 0;
  std::map<Turn, Connection*> all_;
  absl::flat_hash_map<std::uint64_t, std::set<Turn>> of_client_;
  absl::flat_hash_map<Connection*, Entry> entries_;
};

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_WAITING_CONNECTIONS_H_
#define PINHOLE_GATEWAY_CONNECTION_WAITING_CONNECTIONS_H_

#include <cstdint>
#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "gateway/connection/client_counts.h"

namespace pinhole::gateway {

class Connection;

// The connections on which no request is being answered: idle ones, and those
// whose next request has not arrived completely.  When the limit of connections
// is reached, the one that has waited longest is closed to admit a new one. For
// the HTTP thread only.
class WaitingConnections {
 public:
  using Client = ClientCounts::Client;

  // From now on `connection`, of `client`, waits.
  void Add(Connection& connection, Client client);
  // It does not wait any more.  Nothing happens if it did not.
  void Remove(Connection& connection);

  // Removes and returns the one that has waited longest, of all or of one
  // client's; null if none waits.
  Connection* TakeLongest();
  Connection* TakeLongestOf(Client client);

 private:
  using Turn = std::uint64_t;  // Grows with each `Add`.
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

#endif  // PINHOLE_GATEWAY_CONNECTION_WAITING_CONNECTIONS_H_

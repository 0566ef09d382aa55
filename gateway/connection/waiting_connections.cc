// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection/waiting_connections.h"

namespace pinhole::gateway {

void WaitingConnections::Add(Connection& connection, Client client) {
  const Turn turn = next_++;
  all_.emplace(turn, &connection);
  entries_[&connection] = {turn, client};
  if (client) of_client_[*client].insert(turn);
}

void WaitingConnections::Remove(Connection& connection) {
  const auto found = entries_.find(&connection);
  if (found == entries_.end()) return;
  const Entry entry = found->second;
  entries_.erase(found);
  all_.erase(entry.turn);
  if (!entry.client) return;
  const auto turns = of_client_.find(*entry.client);
  turns->second.erase(entry.turn);
  if (turns->second.empty()) of_client_.erase(turns);
}

Connection* WaitingConnections::TakeOldest() {
  if (all_.empty()) return nullptr;
  Connection* const longest = all_.begin()->second;
  Remove(*longest);
  return longest;
}

Connection* WaitingConnections::TakeOldestOf(Client client) {
  if (!client) return nullptr;
  const auto turns = of_client_.find(*client);
  if (turns == of_client_.end()) return nullptr;
  Connection* const longest = all_.at(*turns->second.begin());
  Remove(*longest);
  return longest;
}

}  // namespace pinhole::gateway

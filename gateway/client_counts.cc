// SPDX-License-Identifier: Apache-2.0

#include "gateway/client_counts.h"

namespace pinhole::gateway {

ClientCounts::Client ClientCounts::ClientOf(
    const boost::asio::ip::address& address) {
  if (address.is_loopback()) return std::nullopt;
  if (address.is_v4()) return address.to_v4().to_uint();
  const auto v6 = address.to_v6();
  const auto bytes = v6.to_bytes();
  const bool mapped = v6.is_v4_mapped();
  if (mapped && bytes[12] == 127) return std::nullopt;
  std::uint64_t client = 0;
  for (std::size_t i = mapped ? 12 : 0; i < (mapped ? 16u : 8u); ++i) {
    client = client << 8 | bytes[i];
  }
  return client;
}

bool ClientCounts::IsFull(Client client) const {
  if (!client) return false;
  const auto count = counts_.find(*client);
  return count != counts_.end() && count->second >= most_;
}

void ClientCounts::Add(Client client) {
  if (client) ++counts_[*client];
}

void ClientCounts::Remove(Client client) {
  if (!client) return;
  const auto count = counts_.find(*client);
  if (--count->second == 0) counts_.erase(count);
}

}  // namespace pinhole::gateway

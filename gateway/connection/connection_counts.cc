// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection/connection_counts.h"

#include "base/net/ip_address.h"

namespace pinhole::gateway {

ConnectionCounts::Client ConnectionCounts::ClientOf(
    const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  const IpAddress bytes =
      (address.is_v6() ? address.to_v6()
                       : ip::make_address_v6(ip::v4_mapped, address.to_v4()))
          .to_bytes();
  if (IsLoopback(bytes)) return std::nullopt;
  return NetworkOf(bytes);
}

bool ConnectionCounts::IsFull(Client client) const {
  if (!client) return false;
  const auto count = counts_.find(*client);
  return count != counts_.end() && count->second >= most_;
}

void ConnectionCounts::Add(Client client) {
  if (client) ++counts_[*client];
}

void ConnectionCounts::Remove(Client client) {
  if (!client) return;
  const auto count = counts_.find(*client);
  if (--count->second == 0) counts_.erase(count);
}

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#include "gateway/client_counts.h"

#include "pinhole/v1/ip_address.h"

namespace pinhole::gateway {

ClientCounts::Client ClientCounts::ClientOf(
    const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  const v1::IpAddress bytes =
      (address.is_v6() ? address.to_v6()
                       : ip::make_address_v6(ip::v4_mapped, address.to_v4()))
          .to_bytes();
  if (v1::IsLoopback(bytes)) return std::nullopt;
  return v1::NetworkOf(bytes);
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

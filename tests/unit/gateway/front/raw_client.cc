// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/gateway/front/raw_client.h"

// The C library's tcp_info, which a header included with this one might bring,
// ends before the count of received bytes.
#include <linux/tcp.h>
#include <sys/ioctl.h>

namespace pinhole::gateway {

// What the kernel of the other side has received less what waits there to be
// read.  The sender's own count of what is under way would not do: until it is
// acknowledged, it contains what the other side has already.
std::size_t RawClient::BytesReadByPeer() const {
  sockaddr_in mine{};
  socklen_t size = sizeof(mine);
  getsockname(socket_, reinterpret_cast<sockaddr*>(&mine), &size);
  for (int other = 0; other < 1024; ++other) {
    sockaddr_in peer{};
    size = sizeof(peer);
    if (getpeername(other, reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
        peer.sin_port != mine.sin_port) {
      continue;
    }
    int waiting = 0;
    ioctl(other, FIONREAD, &waiting);
    tcp_info info{};
    size = sizeof(info);
    getsockopt(other, IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_bytes_received - static_cast<std::size_t>(waiting);
  }
  return 0;
}

}  // namespace pinhole::gateway

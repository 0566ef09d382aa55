// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_HTTP_LIMITS_H_
#define PINHOLE_GATEWAY_HTTP_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "base/net/body_timeout.h"

namespace pinhole::gateway {

// What one client may take of the gateway.
struct Limits {
  std::uint32_t header_bytes = 16 * 1024;  // Beyond: 431, or 414.
  std::uint64_t json_bytes = 1024 * 1024;  // Body. Beyond: 413.
  std::size_t json_depth = 64;             // Nesting. Beyond: 400.
  std::size_t chunk_bytes = 128 * 1024;    // Of raw bytes, a message.
  // Of raw bytes in the one message of a unary call (gRPC takes 4 MiB by
  // default).  Beyond: 413.
  std::uint64_t http_body_bytes = 4'000'000;
  // Beyond: the one that has waited longest for a request is closed; if none
  // waits, a new one gets answers about health only.
  std::size_t connections = 10'000;
  // Of one address, but this machine's: the same among its own, but a new one
  // is closed.  0: a quarter of all.
  std::size_t connections_per_address = 0;
  absl::Duration header_time = absl::Seconds(10);  // Beyond: 408. TLS's, too.
  BodyTimeout::Options body_pace = {};             // Slower: 408.
  absl::Duration json_time = absl::Seconds(60);    // Of a JSON body: 408.
  absl::Duration write_time = absl::Seconds(30);   // Without a byte: cut.
  absl::Duration idle_time = absl::Seconds(60);    // Between requests.
  // Of a call: without `Grpc-Timeout`, and at most.  Streams and raw bytes have
  // no deadline unless the client sets one.
  absl::Duration default_timeout = absl::Seconds(30);
  absl::Duration max_timeout = absl::Minutes(5);
  // Both for what administrators do: a backup takes long.
  absl::Duration admin_timeout = absl::Hours(6);
  // Of a stream: after so much silence its head is sent without a message, and
  // later something that says nothing, so that nobody takes it for dead.
  absl::Duration head_time = absl::Seconds(5);
  absl::Duration heartbeat_time = absl::Seconds(15);
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_LIMITS_H_

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "base/net/body_timeout.h"

namespace pinhole::gateway {

// Limits for clients of the gateway.  A number after "Beyond" is the HTTP
// status of the response.
struct Limits {
  // Request line and headers.  Beyond: 414, 431.
  std::uint32_t header_bytes = 16 * 1024;
  // A JSON body.  Beyond: 413.
  std::uint64_t json_bytes = 1024 * 1024;
  // Nesting of JSON.  Beyond: 400.
  std::size_t json_depth = 64;
  // Bytes of an upload in one message.
  std::size_t chunk_bytes = 128 * 1024;
  // Raw bytes in the one message of a unary call; gRPC's default limit is
  // 4 MiB.  Beyond: 413.
  std::uint64_t http_body_bytes = 4'000'000;
  // Connections.  Beyond, the one that has waited longest for a request is
  // closed; if none waits, the new one can only check the health.
  std::size_t connections = 10'000;
  // Connections from one address, loopback excepted.  Beyond, one of its
  // waiting connections is closed, or else the new one.  0: a quarter of
  // `connections`.
  std::size_t connections_per_address = 0;
  // For a request line and headers, or a TLS handshake.  Beyond: 408.
  absl::Duration header_time = absl::Seconds(10);
  // For the progress of a body.  Beyond: 408.
  BodyTimeout::Options body_timeout = {};
  // For a JSON body.  Beyond: 408.
  absl::Duration json_time = absl::Seconds(60);
  // For a write without progress.  Beyond, the connection is closed.
  absl::Duration write_time = absl::Seconds(30);
  // Between requests.  Beyond, the connection is closed.
  absl::Duration idle_time = absl::Seconds(60);
  // The default and maximum deadline of a call.  Streams, uploads and downloads
  // have no deadline unless the client sets one.
  absl::Duration default_timeout = absl::Seconds(30);
  absl::Duration max_timeout = absl::Minutes(5);
  // Both for administrators: backups take long.
  absl::Duration admin_timeout = absl::Hours(6);
  // After this silence a stream sends its head without a message, and later a
  // heartbeat, so that proxies do not close it.
  absl::Duration head_time = absl::Seconds(5);
  absl::Duration heartbeat_time = absl::Seconds(15);
};

}  // namespace pinhole::gateway

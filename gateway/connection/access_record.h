// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_ACCESS_RECORD_H_
#define PINHOLE_GATEWAY_CONNECTION_ACCESS_RECORD_H_

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "base/net/client_address.h"

namespace pinhole::gateway {

// An HTTP request that has been answered, for metrics and the log.  The views
// are good while it is told of.
struct AccessRecord {
  // Of few values each, so both may be labels: a standard HTTP method or
  // `_OTHER`; the template of the matched rule ("/v1/{name=photos/*}"), or
  // `_other` if none matched.
  std::string_view method;
  std::string_view route;
  int code = 0;  // The HTTP status; 499 if the client went away first.
  absl::Duration took;
  // Of heads and bodies, without TLS.  A request that came before its turn
  // counts with the one before it.
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;

  // No labels: every request has its own.
  std::string_view request_id = {};
  std::string_view peer = {};         // ipv4:ADDRESS:PORT
  std::string_view traceparent = {};  // Of the call; empty if none was made.
  bool streamed = false;              // It took as long as its client liked.
  ClientAddress client = {};          // Only of one that was refused.
};

// Whether the fault was the client's: an answer of 4xx, except that it went
// away.
inline bool WasRefused(int code) {
  return code >= 400 && code < 500 && code != 499;
}

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_ACCESS_RECORD_H_

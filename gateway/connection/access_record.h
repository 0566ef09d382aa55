// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "base/net/client_address.h"

namespace pinhole::gateway {

// A finished HTTP request, for metrics and the log.  The views are valid during
// the call that passes the record.
struct AccessRecord {
  // These two have few values, so that they can be labels: a standard HTTP
  // method or `_OTHER`; the template of the matched rule
  // ("/v1/{name=photos/*}") or `_other` if no rule matched.
  std::string_view method;
  std::string_view route;
  int code = 0;  // The HTTP status; 499 if the client left before the response.
  absl::Duration took;
  // Bytes of heads and bodies, without TLS.  A pipelined request counts with
  // the one before it.
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;

  // These are different for every request and must not be labels.
  std::string_view request_id = {};
  std::string_view peer = {};  // ipv4:ADDRESS:PORT
  std::string_view traceparent =
      {};                     // Of the upstream call; empty if there was none.
  bool streamed = false;      // Its duration depended on the client.
  ClientAddress client = {};  // Set only for rejected requests.
};

// Whether the response was a client error (4xx).
inline bool WasRefused(int code) {
  return code >= 400 && code < 500 && code != 499;
}

}  // namespace pinhole::gateway

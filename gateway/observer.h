// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_OBSERVER_H_
#define PINHOLE_GATEWAY_OBSERVER_H_

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"

namespace pinhole::gateway {

// Sees every HTTP request, for metrics.  Abstract because the server and the
// gateway binary each keep metrics of their own.  Called on the HTTP thread.
//
// `method` is a standard HTTP method or `_OTHER`; `route` is the template of
// the matched rule ("/v1/{name=photos/*}"), or `_other` if none matched: both
// have few values, so both may be labels.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void Started(std::string_view method) = 0;
  // Once for each `Started`.  `code` is the HTTP status; 499 if the client went
  // away first.
  virtual void Finished(std::string_view method, std::string_view route,
                        int code, absl::Duration took) = 0;

  // What follows need not be counted.
  //
  // Once for each `Finished`: the bytes of heads and bodies, without TLS.  A
  // request that came before its turn counts with the one before it.
  virtual void Moved(std::string_view /*method*/, std::string_view /*route*/,
                     std::uint64_t /*received*/, std::uint64_t /*sent*/) {}
  virtual void ConnectionOpened() {}
  virtual void ConnectionClosed() {}
  // For want of room: see `Limits::connections`.
  virtual void ConnectionRefused() {}
  // A mistake of ours cut a connection.
  virtual void Faulted() {}
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_OBSERVER_H_

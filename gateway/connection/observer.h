// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_OBSERVER_H_
#define PINHOLE_GATEWAY_CONNECTION_OBSERVER_H_

#include <string_view>

#include "gateway/connection/access_record.h"

namespace pinhole::gateway {

// Sees every HTTP request, for metrics.  Abstract because the server and the
// gateway binary each keep metrics of their own.  Called on the HTTP thread.
class Observer {
 public:
  virtual ~Observer() = default;
  // `method` as in `AccessRecord`.
  virtual void Started(std::string_view method) = 0;
  // Once for each `Started`.
  virtual void Finished(const AccessRecord& request) = 0;

  // What follows need not be counted.
  virtual void ConnectionOpened() {}
  virtual void ConnectionClosed() {}
  // For want of room, or their address has enough: see `Limits::connections`.
  virtual void ConnectionRefused() {}
  // A mistake of ours cut a connection.
  virtual void Faulted() {}
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_OBSERVER_H_

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "gateway/connection/access_record.h"

namespace pinhole::gateway {

// Is notified of every HTTP request, for metrics.  Abstract because the server
// and the gateway have different metrics.  Called on the HTTP thread.
class Observer {
 public:
  virtual ~Observer() = default;
  // `method` as in `AccessRecord`.
  virtual void Started(std::string_view method) = 0;
  // Called once for each `Started`.
  virtual void Finished(const AccessRecord& request) = 0;

  // Overriding these is optional.
  virtual void ConnectionOpened() {}
  virtual void ConnectionClosed() {}
  // The limits of `Limits::connections` were reached.
  virtual void ConnectionRefused() {}
  // An unexpected exception closed a connection.
  virtual void Faulted() {}
};

}  // namespace pinhole::gateway

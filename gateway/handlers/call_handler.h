// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "gateway/connection/connection.h"
#include "gateway/exchange/exchange.h"
#include "gateway/exchange/inbox.h"
#include "gateway/exchange/server_context.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// What the handlers of calls work with.  Not for use through a pointer.
class CallHandler {
 protected:
  // `exchange` and `route` must outlive this object.
  CallHandler(Exchange& exchange, const Route& route)
      : exchange_(exchange),
        context_(exchange.context()),
        connection_(exchange.connection()),
        inbox_(exchange.inbox()),
        head_(exchange.head()),
        route_(route) {}
  ~CallHandler() = default;
  CallHandler(const CallHandler&) = delete;
  CallHandler& operator=(const CallHandler&) = delete;

  Exchange& exchange_;
  const ServerContext& context_;
  Connection& connection_;
  Inbox& inbox_;
  const RequestHead& head_;
  const Route& route_;
};

}  // namespace pinhole::gateway

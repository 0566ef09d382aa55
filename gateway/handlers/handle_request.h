// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "boost/asio/awaitable.hpp"
#include "gateway/connection/connection.h"
#include "gateway/exchange/server_context.h"

namespace pinhole::gateway {

// Answers the request that was read from `connection` and reports it.
// Afterwards the connection says whether another request may follow.  The
// arguments passed by reference must outlive the call.
boost::asio::awaitable<void> HandleRequest(const ServerContext& context,
                                           Connection& connection,
                                           Connection::HeadRead read);

}  // namespace pinhole::gateway

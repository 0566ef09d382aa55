// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "boost/asio/awaitable.hpp"
#include "gateway/exchange/exchange.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Makes the call of a request that has arrived completely and sends its answer:
// one message, raw bytes, or a stream of messages.
boost::asio::awaitable<void> MakeCall(Exchange& exchange, const Route& route,
                                      MessagePtr request);

}  // namespace pinhole::gateway

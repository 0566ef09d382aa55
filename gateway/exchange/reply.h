// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "boost/asio/awaitable.hpp"
#include "gateway/exchange/exchange.h"
#include "gateway/rules/route.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// Sends the one reply of a call: an error, raw bytes, or the message as JSON.
// Without a reply the call was aborted, and `Exchange::AnswerAbort` follows.
boost::asio::awaitable<void> SendReplyOrAbort(
    Exchange& exchange, const Route& route,
    const std::optional<UpstreamReply>& reply);

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>

#include "boost/asio/awaitable.hpp"
#include "gateway/exchange/exchange.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Reads the JSON body of a request, decompressed; empty if it has none.
// Nothing if the request was refused or its client is gone.
boost::asio::awaitable<std::optional<std::string>> ReadJsonBody(
    Exchange& exchange, const Route& route);

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string_view>

#include "boost/asio/awaitable.hpp"
#include "gateway/exchange/exchange.h"

namespace pinhole::gateway {

// The path if it is one of /healthz, /livez and /readyz, with static lifetime.
std::optional<std::string_view> FindHealthPath(std::string_view path);

// Answers /healthz and /livez, which say that the process runs, and /readyz,
// which also asks the upstream whether it serves.
boost::asio::awaitable<void> AnswerHealth(Exchange& exchange,
                                          std::string_view path);

}  // namespace pinhole::gateway

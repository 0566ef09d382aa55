// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "boost/asio/awaitable.hpp"
#include "gateway/exchange/exchange.h"

namespace pinhole::gateway {

inline constexpr std::string_view kMetricsPath = "/metrics";

// Whether /metrics exists for this request: it may be limited to loopback.
bool ServesMetrics(const Exchange& exchange);

// Answers /metrics.
boost::asio::awaitable<void> AnswerMetrics(Exchange& exchange);

}  // namespace pinhole::gateway

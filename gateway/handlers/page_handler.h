// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "boost/asio/awaitable.hpp"
#include "gateway/exchange/exchange.h"
#include "gateway/exchange/pages.h"

namespace pinhole::gateway {

// Answers GET and HEAD of a page that the gateway itself has.
boost::asio::awaitable<void> AnswerPage(Exchange& exchange,
                                        const Pages::Page& page);

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

// The exchange about the metrics.

#include <string>
#include <utility>
#include <vector>

#include "boost/asio/co_spawn.hpp"
#include "boost/asio/thread_pool.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "gateway/compression.h"
#include "gateway/exchange.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

asio::awaitable<void> Exchange::AnswerMetrics() {
  route_label_ = kMetricsPath;
  if (head_.method != "GET" && !IsHead()) {
    std::vector<std::string> allowed = {"GET", "HEAD"};
    co_await AnswerAllowed(std::move(allowed));
    co_return;
  }
  // Text and gzip take milliseconds, in which everybody else would wait.
  const auto make = [this]() -> asio::awaitable<Response> {
    Response response;
    response.headers.emplace_back("Content-Type",
                                  "text/plain; version=0.0.4; charset=utf-8");
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = around_.metrics();
    CompressBody(head_, &response);
    co_return response;
  };
  Response response =
      co_await asio::co_spawn(around_.workers, make, asio::use_awaitable);
  co_await Send(std::move(response));
}

}  // namespace pinhole::gateway

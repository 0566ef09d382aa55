// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/metrics_handler.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/net/local_address.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "gateway/http/compression.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// The host of the request.  A target in absolute form takes precedence over the
// Host header (RFC 9112, section 3.2.2).
std::string_view HostOf(const RequestHead& head) {
  const std::string_view target = head.target;
  const std::size_t scheme = target.find("://");
  if (target.empty() || target.front() == '/' ||
      scheme == std::string_view::npos) {
    return head.Header("host");
  }
  const std::string_view rest = target.substr(scheme + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

}  // namespace

bool ServesMetrics(const Exchange& exchange) {
  const ServerContext& context = exchange.context();
  if (!context.metrics) return false;
  return !context.metrics_for_loopback_only ||
         IsLoopbackHost(HostOf(exchange.head()));
}

asio::awaitable<void> AnswerMetrics(Exchange& exchange) {
  exchange.SetRoute(kMetricsPath);
  if (exchange.head().method != "GET" && !exchange.IsHead()) {
    std::vector<std::string> allowed = {"GET", "HEAD"};
    co_await exchange.AnswerAllowed(std::move(allowed));
    co_return;
  }
  // Formatting and compressing take milliseconds and would hold up all
  // connections.
  const auto make = [&exchange]() -> asio::awaitable<Response> {
    Response response;
    response.headers.emplace_back("Content-Type",
                                  "text/plain; version=0.0.4; charset=utf-8");
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = exchange.context().metrics();
    CompressBody(exchange.head(), &response);
    co_return response;
  };
  Response response = co_await asio::co_spawn(exchange.context().workers, make,
                                              asio::use_awaitable);
  co_await exchange.Send(std::move(response));
}

}  // namespace pinhole::gateway

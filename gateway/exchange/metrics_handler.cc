// SPDX-License-Identifier: Apache-2.0

// The exchange about the metrics.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/net/local_address.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/thread_pool.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "gateway/exchange/exchange.h"
#include "gateway/http/compression.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// The host that the request names: a target in absolute form takes precedence
// over the Host header (RFC 9112, section 3.2.2).
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

bool Exchange::HasMetrics() const {
  if (!around_.metrics) return false;
  return !around_.metrics_for_loopback_only || IsLoopbackHost(HostOf(head_));
}

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

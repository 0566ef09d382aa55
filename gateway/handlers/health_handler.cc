// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/health_handler.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "boost/json/object.hpp"
#include "boost/json/serialize.hpp"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

constexpr std::array<std::string_view, 3> kHealthPaths = {"/healthz", "/livez",
                                                          "/readyz"};

// Probes of load balancers usually have given up by then.
constexpr absl::Duration kReadyTimeout = absl::Seconds(5);

}  // namespace

std::optional<std::string_view> FindHealthPath(std::string_view path) {
  const auto* const found =
      std::find(kHealthPaths.begin(), kHealthPaths.end(), path);
  if (found == kHealthPaths.end()) return std::nullopt;
  return *found;
}

asio::awaitable<void> AnswerHealth(Exchange& exchange, std::string_view path) {
  const ServerContext& context = exchange.context();
  exchange.SetRoute(path);
  if (exchange.head().method != "GET" && !exchange.IsHead()) {
    std::vector<std::string> allowed = {"GET", "HEAD"};
    co_await exchange.AnswerAllowed(std::move(allowed));
    co_return;
  }
  boost::json::object report = {{"status", "ok"}};
  if (path == "/readyz") {
    if (!context.ready) {
      const absl::Status status =
          MakeError(Reason::kShuttingDown, "the server is stopping");
      co_await exchange.Refuse(status);
      co_return;
    }
    CallHeaders headers = exchange.MakeHeaders(kReadyTimeout);
    const auto call = context.upstream.Check(std::move(headers),
                                             exchange.inbox().ReplyReceiver());
    const auto verdict = co_await exchange.AwaitReply();
    if (!verdict) {
      co_await exchange.AnswerAbort();
      co_return;
    }
    if (verdict->status.code() != 0) {
      co_await exchange.SendError(verdict->status);
      co_return;
    }
    for (const auto& [key, value] : verdict->metadata) report[key] = value;
  }
  Response response;
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = boost::json::serialize(report);
  co_await exchange.Send(std::move(response));
}

}  // namespace pinhole::gateway

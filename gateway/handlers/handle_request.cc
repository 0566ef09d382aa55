// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/handle_request.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "base/errors.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "gateway/exchange/exchange.h"
#include "gateway/exchange/reply.h"
#include "gateway/handlers/health_handler.h"
#include "gateway/handlers/json_body.h"
#include "gateway/handlers/lines_handler.h"
#include "gateway/handlers/make_call.h"
#include "gateway/handlers/metrics_handler.h"
#include "gateway/handlers/page_handler.h"
#include "gateway/handlers/upload_handler.h"
#include "gateway/http/compression.h"
#include "gateway/http/cors.h"
#include "gateway/http/uri.h"
#include "gateway/transcode/json_limits.h"
#include "gateway/transcode/request_message.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// A shorter JSON body is read and parsed in less time than a backend takes to
// say whether its sender is signed in.
constexpr std::uint64_t kCostlyBytes = 4096;

std::string_view MethodLabel(std::string_view method) {
  constexpr std::array<std::string_view, 9> kKnown = {
      "GET",     "HEAD",  "POST",    "PUT",  "DELETE",
      "CONNECT", "TRACE", "OPTIONS", "PATCH"};
  const auto* const found = std::find(kKnown.begin(), kKnown.end(), method);
  return found == kKnown.end() ? "_OTHER" : *found;
}

asio::awaitable<void> AnswerPreflight(Exchange& exchange,
                                      std::string_view path) {
  const RequestHead& head = exchange.head();
  const ServerContext& context = exchange.context();
  const auto match =
      context.router.Find(head.Header("access-control-request-method"), path);
  std::vector<std::string> methods;
  if (match.ok() && match->route != nullptr) {
    exchange.SetRoute(match->route->template_text);
  } else if (match.ok()) {
    methods = match->allowed_methods;
  }
  Response response;
  response.code = 204;
  AddPreflightHeaders(head, context.answers, methods, &response);
  return exchange.Send(std::move(response));
}

// Asks the upstream, before the body is read, whether the caller may make the
// call.  False if the client has been told why not.
asio::awaitable<bool> Admit(Exchange& exchange, const Route& route) {
  const ServerContext& context = exchange.context();
  const RequestHead& head = exchange.head();
  const CallHeaders headers =
      exchange.MakeHeaders(context.limits.default_timeout);
  const bool costly =
      !route.raw_request &&
      (ContentEncoding(head) != Encoding::kIdentity ||
       head.content_length.value_or(kCostlyBytes) >= kCostlyBytes);
  const auto call = context.upstream.Admit(*route.method, headers, costly,
                                           exchange.inbox().ReplyReceiver());
  if (call == nullptr) co_return true;
  const auto reply = co_await exchange.AwaitReply();
  const bool admitted = reply && reply->status.code() == 0;
  if (admitted) exchange.SetAdmitted();
  if (!admitted) co_await SendReplyOrAbort(exchange, route, reply);
  co_return admitted;
}

asio::awaitable<void> AnswerRoute(Exchange& exchange,
                                  const Router::Match& match,
                                  std::string_view query) {
  const Route& route = *match.route;
  const RequestHead& head = exchange.head();
  const ServerContext& context = exchange.context();
  exchange.SetRoute(route.template_text, route.method->client_streaming() ||
                                             route.method->server_streaming());
  const std::string_view timeout = head.Header("grpc-timeout");
  if (!timeout.empty() && !ParseGrpcTimeout(timeout)) {
    const absl::Status status =
        InvalidField("Grpc-Timeout", "must be like 10S or 250m");
    co_await exchange.Refuse(status);
    co_return;
  }
  const absl::Status headers = CheckCallHeaders(head, context.headers);
  if (!headers.ok()) {
    co_await exchange.Refuse(headers);
    co_return;
  }
  if (head.has_body && !co_await Admit(exchange, route)) co_return;
  if (route.raw_request) {
    UploadHandler handler(exchange, route);
    co_await handler.Run(match.values, query);
    co_return;
  }
  if (route.method->client_streaming()) {
    LinesHandler handler(exchange, match, query);
    co_await handler.Run();
    co_return;
  }
  const auto body = co_await ReadJsonBody(exchange, route);
  if (!body) co_return;
  const auto parse = [&]() -> asio::awaitable<absl::StatusOr<MessagePtr>> {
    co_return MakeRequest(route, match.values, query, *body,
                          context.limits.json_depth);
  };
  absl::StatusOr<MessagePtr> request;
  if (body->size() <= kUndeclaredJsonBytes) {
    request = co_await parse();
  } else {  // Parsing takes milliseconds and would hold up all connections.
    request =
        co_await asio::co_spawn(context.workers, parse, asio::use_awaitable);
  }
  if (!request.ok()) {
    co_await exchange.Refuse(request.status());
  } else {
    co_await MakeCall(exchange, route, *std::move(request));
  }
}

asio::awaitable<void> Answer(Exchange& exchange) {
  const RequestHead& head = exchange.head();
  const ServerContext& context = exchange.context();
  if (head.method == "OPTIONS" && head.target == "*") {
    Response response;
    response.code = 204;
    co_await exchange.Send(std::move(response));
    co_return;
  }
  const auto target = SplitTarget(head.target);
  if (!target.ok()) {
    co_await exchange.Refuse(target.status());
    co_return;
  }
  if (IsPreflight(head, context.answers)) {
    co_await AnswerPreflight(exchange, target->path);
    co_return;
  }
  if (const auto health = FindHealthPath(target->path)) {
    co_await AnswerHealth(exchange, *health);
    co_return;
  }
  if (exchange.connection().health_only()) {
    const absl::Status status = MakeError(
        Reason::kTooManyConnections,
        "the server has as many connections as it may have; try again later");
    co_await exchange.Refuse(status);
    co_return;
  }
  if (const Pages::Page* page = context.pages.Find(target->path)) {
    co_await AnswerPage(exchange, *page);
    co_return;
  }
  if (target->path == kMetricsPath && ServesMetrics(exchange)) {
    co_await AnswerMetrics(exchange);
    co_return;
  }
  const auto match = context.router.Find(head.method, target->path);
  if (!match.ok()) {
    co_await exchange.Refuse(match.status());
  } else if (match->route != nullptr) {
    const std::string query =
        WithoutParameters(target->query, context.ignored_parameters);
    co_await AnswerRoute(exchange, *match, query);
  } else if (!match->allowed_methods.empty()) {
    std::vector<std::string> methods = match->allowed_methods;
    co_await exchange.AnswerAllowed(std::move(methods));
  } else {
    const bool has_docs = context.pages.Find("/docs") != nullptr;
    const absl::Status status = MakeError(
        Reason::kPathNotFound,
        has_docs ? "no method has this path; GET /docs lists all methods"
                 : "no method has this path");
    co_await exchange.Refuse(status);
  }
}

}  // namespace

asio::awaitable<void> HandleRequest(const ServerContext& context,
                                    Connection& connection,
                                    Connection::HeadRead read) {
  Exchange exchange(context, connection, std::move(read.head));
  const std::string_view method = MethodLabel(exchange.head().method);
  const absl::Time start = absl::Now();
  context.observer.Started(method);
  int code = 500;  // Reported if a handler throws.
  const absl::Cleanup report = [&] {
    exchange.Report(method, code, absl::Now() - start);
  };
  if (read.result == Connection::HeadRead::Result::kRefused) {
    co_await exchange.Refuse(read.status, read.refusal);
  } else {
    co_await Answer(exchange);
  }
  connection.Unwatch();
  code = exchange.code();
}

}  // namespace pinhole::gateway

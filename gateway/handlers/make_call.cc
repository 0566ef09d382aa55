// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/make_call.h"

#include <utility>

#include "gateway/exchange/reply.h"
#include "gateway/handlers/download_handler.h"
#include "gateway/handlers/stream_handler.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> MakeUnaryCall(Exchange& exchange, const Route& route,
                                    MessagePtr request) {
  const ServerContext& context = exchange.context();
  const bool administrators = route.method->options().GetExtension(
                                  v1::access) == v1::ACCESS_ADMINISTRATOR;
  CallHeaders headers =
      exchange.MakeHeaders(administrators ? context.limits.admin_timeout
                                          : context.limits.default_timeout);
  const auto call = context.upstream.Unary(*route.method, std::move(headers),
                                           std::move(request),
                                           exchange.inbox().ReplyReceiver());
  const auto reply = co_await exchange.AwaitReply();
  co_await SendReplyOrAbort(exchange, route, reply);
}

}  // namespace

asio::awaitable<void> MakeCall(Exchange& exchange, const Route& route,
                               MessagePtr request) {
  if (!route.method->server_streaming()) {
    co_await MakeUnaryCall(exchange, route, std::move(request));
  } else if (route.raw_response) {
    DownloadHandler handler(exchange, route);
    co_await handler.Run(std::move(request));
  } else {
    StreamHandler handler(exchange, route);
    co_await handler.Run(std::move(request));
  }
}

}  // namespace pinhole::gateway

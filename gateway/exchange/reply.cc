// SPDX-License-Identifier: Apache-2.0

#include "gateway/exchange/reply.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "gateway/http/disposition.h"
#include "gateway/transcode/raw_body.h"
#include "gateway/transcode/success.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

absl::StatusOr<Response> MakeResponse(const Route& route,
                                      const google::protobuf::Message& message,
                                      JsonNames names, HeaderList more) {
  if (route.raw_response) {
    ASSIGN_OR_RETURN(const DownloadHead head, GetDownloadHead(route, message));
    Response response;
    response.headers.emplace_back("Cache-Control", "no-store");
    AddContentHeaders(head.content_type, &response.headers);
    std::string scratch;
    response.body = GetDownloadChunk(route, message, &scratch);
    return response;
  }
  ASSIGN_OR_RETURN(Response response, MakeSuccess(route, message, names));
  for (auto& header : more) response.headers.push_back(std::move(header));
  return response;
}

}  // namespace

asio::awaitable<void> SendReplyOrAbort(
    Exchange& exchange, const Route& route,
    const std::optional<UpstreamReply>& reply) {
  if (!reply) {
    co_await exchange.AnswerAbort();
    co_return;
  }
  const ServerContext& context = exchange.context();
  HeaderList more = ResponseHeaders(reply->metadata, context.headers);
  if (reply->message == nullptr) {
    co_await exchange.SendError(reply->status, Refusal::kNone, std::move(more));
    co_return;
  }
  auto response =
      MakeResponse(route, *reply->message, context.json_names, std::move(more));
  if (response.ok()) {
    co_await exchange.Send(*std::move(response));
  } else {
    co_await exchange.Refuse(response.status());
  }
}

}  // namespace pinhole::gateway

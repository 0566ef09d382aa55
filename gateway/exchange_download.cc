// SPDX-License-Identifier: Apache-2.0

// The exchange that gives raw bytes.

#include <utility>

#include "gateway/call_headers.h"
#include "gateway/exchange.h"
#include "gateway/raw_body.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

asio::awaitable<std::optional<UpstreamReply>> Exchange::ReadUpstream(
    ResponseStream& stream) {
  stream.Read(inbox_->ReplyReceiver());
  co_return co_await AwaitReply();
}

asio::awaitable<void> Exchange::Download(MessagePtr request) {
  CallHeaders headers = MakeHeaders(absl::InfiniteDuration());
  const auto stream = around_.upstream.ServerStreaming(
      *route_->method, std::move(headers), std::move(request));
  const auto first = co_await ReadUpstream(*stream);
  if (!first) {
    co_await AnswerAbort();
    co_return;
  }
  if (first->message == nullptr && first->status.code() != 0) {
    co_await SendError(first->status);
    co_return;
  }
  std::optional<DownloadHead> head;
  if (first->message != nullptr)
    head = GetDownloadHead(*route_, *first->message);
  if (!head) {
    const absl::Status status = absl::InternalError("the answer has no head");
    co_await Refuse(status);
    co_return;
  }
  co_await SendDownload(*stream, *head);
}

asio::awaitable<void> Exchange::SendDownload(ResponseStream& stream,
                                             const DownloadHead& head) {
  Response response;
  if (!head.etag.empty()) response.headers.emplace_back("ETag", head.etag);
  // What a tag names never changes, but who may see it does.
  response.headers.emplace_back("Cache-Control", "private, max-age=3600");
  response.headers.emplace_back("Vary", "Authorization");
  if (MatchesEtag(head_.Header("if-none-match"), head.etag)) {
    response.code = 304;
    co_await Send(std::move(response));
    co_return;
  }
  response.headers.emplace_back("Content-Type", head.content_type.empty()
                                                    ? "application/octet-stream"
                                                    : head.content_type);
  response.headers.emplace_back("Content-Disposition", "inline");
  std::optional<std::uint64_t> length;
  if (head.size) length = static_cast<std::uint64_t>(*head.size);
  bool ok = co_await Begin(std::move(response), length);
  if (!ok || IsHead()) co_return;

  std::uint64_t sent = 0;
  std::string scratch;
  while (ok) {
    const auto reply = co_await ReadUpstream(stream);
    if (reply && reply->message == nullptr) {
      ok = reply->status.code() == 0 && sent == length.value_or(sent);
      if (ok) ok = co_await connection_.EndPieces();
      if (ok) co_return;
    }
    if (!reply || reply->message == nullptr) break;
    const std::string& chunk =
        GetDownloadChunk(*route_, *reply->message, &scratch);
    sent += chunk.size();
    ok = sent <= length.value_or(sent) && co_await connection_.SendPiece(chunk);
  }
  // Bytes are missing: a cut is what the client can tell from a whole file.
  code_ = 499;
  connection_.Cut();
}

}  // namespace pinhole::gateway

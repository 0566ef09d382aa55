// SPDX-License-Identifier: Apache-2.0

// The exchange whose answer is a message after the other, each a line of JSON.

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gateway/exchange.h"
#include "gateway/json.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// How long a stream may be silent before its headers are sent without a
// message: an error later than that cannot have a status of its own.
constexpr absl::Duration kFirstLineTime = absl::Seconds(1);

}  // namespace

asio::awaitable<void> Exchange::Stream(MessagePtr request) {
  CallHeaders headers = MakeHeaders(absl::InfiniteDuration());
  const auto stream = around_.upstream.ServerStreaming(
      *route_->method, std::move(headers), std::move(request));
  co_await SendLines(*stream);
}

asio::awaitable<bool> Exchange::BeginLines() {
  Response response;
  response.headers.emplace_back("Content-Type", "application/x-ndjson");
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return co_await Begin(std::move(response), std::nullopt);
}

asio::awaitable<void> Exchange::SendLines(ResponseStream& stream) {
  bool begun = false;
  bool ok = true;
  while (ok) {
    stream.Read(inbox_->ReplyReceiver());
    const absl::Time first = absl::Now() + kFirstLineTime;
    connection_.Watch(inbox_, begun ? deadline_ : std::min(first, deadline_));
    while (ok && !inbox_->reply && !inbox_->abort) {
      co_await inbox_->Wait();
      if (!begun && inbox_->abort == AbortReason::kDeadline &&
          absl::Now() < deadline_) {
        inbox_->abort.reset();
        begun = true;
        ok = co_await BeginLines();
        if (IsHead()) co_return;
        connection_.Watch(inbox_, deadline_);
      }
    }
    const bool here = inbox_->abort != AbortReason::kHangup &&
                      inbox_->abort != AbortReason::kCut;
    if (!ok || !here) break;
    UpstreamReply reply;
    if (inbox_->reply) {
      reply = *std::exchange(inbox_->reply, std::nullopt);
    } else {
      reply.status = AbortStatus();
    }
    if (!begun && reply.message == nullptr && reply.status.code() != 0) {
      co_await SendError(reply.status);
      co_return;
    }
    if (!begun) ok = co_await BeginLines();
    begun = true;
    if (IsHead()) co_return;
    std::string line;
    const bool ended = reply.message == nullptr;
    if (!ended) {
      auto json = MessageToJson(*reply.message);
      line = json.ok() ? *std::move(json)
                       : fmt::format(R"({{"error":{}}})",
                                     StatusToJson(ToProto(json.status())));
    } else if (reply.status.code() != 0) {
      line = fmt::format(R"({{"error":{}}})", StatusToJson(reply.status));
    }
    if (!line.empty()) line += '\n';
    ok = ok && co_await connection_.SendPiece(line);
    if (!ended) continue;
    ok = ok && co_await connection_.EndPieces();
    if (ok) co_return;
  }
  code_ = 499;
  connection_.Cut();
}

}  // namespace pinhole::gateway

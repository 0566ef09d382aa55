// SPDX-License-Identifier: Apache-2.0

// The exchange whose answer is a message after the other.

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "gateway/exchange/exchange.h"
#include "gateway/transcode/success.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// The news that a call goes on may come just before the one that it has failed;
// both are on their way by then.
constexpr absl::Duration kBelieveBegin = absl::Milliseconds(20);

}  // namespace

asio::awaitable<void> Exchange::Stream(MessagePtr request) {
  const auto form = ChooseStreamForm(head_.headers);
  if (!form) {
    const absl::Status status = absl::InvalidArgumentError(
        "the answer is a stream; accept text/event-stream or "
        "application/x-ndjson");
    co_await Refuse(status, Refusal::kNotAcceptable);
    co_return;
  }
  const absl::Status resumed =
      ApplyLastEventId(*route_, head_.Header("last-event-id"), *request);
  if (!resumed.ok()) {
    co_await Refuse(resumed);
    co_return;
  }
  CallHeaders headers = MakeHeaders(absl::InfiniteDuration());
  const auto stream = around_.upstream.ServerStreaming(
      *route_->method, std::move(headers), std::move(request));
  stream->AwaitBegin(inbox_->BeginReceiver());
  co_await SendRecords(*stream, *form);
}

asio::awaitable<void> Exchange::SendRecords(ResponseStream& stream,
                                            StreamForm form) {
  bool last = false;
  while (!last) {
    stream.Read(inbox_->ReplyReceiver());
    auto reply = co_await AwaitRecord(form);
    if (begun_ && IsHead()) co_return;
    if (!reply) break;
    std::string record;
    last = reply->message == nullptr;
    if (!last) {
      const auto json = ResponseToJson(*route_, *reply->message);
      if (json.ok()) {
        record = MessageRecord(form, *route_, *reply->message, *json);
      } else {
        reply->status = ToProto(json.status());
        last = true;
      }
    }
    if (reply->status.code() != 0) {
      if (!begun_) {
        HeaderList more = AnswerHeaders(reply->metadata, around_.headers);
        co_await SendError(std::move(reply->status), Refusal::kNone,
                           std::move(more));
        co_return;
      }
      AddRequestInfo(request_id_, &reply->status);
      record = ErrorRecord(form, StatusToJson(reply->status));
    }
    if (!begun_ && !co_await BeginRecords(form, reply->metadata)) break;
    if (IsHead()) co_return;
    if (!co_await connection_.SendPiece(record)) break;
    if (last && co_await connection_.EndPieces()) co_return;
  }
  code_ = 499;
  connection_.Cut();
}

asio::awaitable<std::optional<UpstreamReply>> Exchange::AwaitRecord(
    StreamForm form) {
  const Limits& limits = around_.limits;
  absl::Time due =
      absl::Now() + (begun_ ? limits.heartbeat_time : limits.head_time);
  while (!inbox_->reply && !inbox_->abort) {
    if (!begun_ && inbox_->begun) {
      due = std::min(due, absl::Now() + kBelieveBegin);
    }
    const bool silence = due < deadline_;
    connection_.Watch(inbox_->AbortReceiver(), silence ? due : deadline_);
    co_await inbox_->Wait();
    if (!silence || inbox_->abort != AbortReason::kDeadline) continue;
    inbox_->abort.reset();
    if (inbox_->reply) continue;
    bool ok = false;
    if (begun_) {
      ok = co_await connection_.SendPiece(HeartbeatRecord(form));
    } else {
      const Metadata metadata = inbox_->begun.value_or(Metadata());
      ok = co_await BeginRecords(form, metadata);
    }
    if (!ok || IsHead()) co_return std::nullopt;
    due = absl::Now() + limits.heartbeat_time;
  }
  if (inbox_->abort == AbortReason::kHangup ||
      inbox_->abort == AbortReason::kCut) {
    co_return std::nullopt;
  }
  if (inbox_->reply) co_return std::exchange(inbox_->reply, std::nullopt);
  UpstreamReply reply;
  reply.status = AbortStatus();
  co_return reply;
}

asio::awaitable<bool> Exchange::BeginRecords(StreamForm form,
                                             const Metadata& metadata) {
  Response response = StreamHead(form);
  for (auto& header : AnswerHeaders(metadata, around_.headers)) {
    response.headers.push_back(std::move(header));
  }
  begun_ = true;
  if (!co_await Begin(std::move(response), std::nullopt)) co_return false;
  if (IsHead()) co_return true;
  co_return co_await connection_.SendPiece(StreamPreamble(form));
}

}  // namespace pinhole::gateway

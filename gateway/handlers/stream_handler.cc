// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/stream_handler.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "gateway/transcode/success.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// How long a reply may follow the start of a call.  A call that fails at once
// can be reported as started just before its error arrives.
constexpr absl::Duration kBeginGrace = absl::Milliseconds(20);

}  // namespace

asio::awaitable<void> StreamHandler::Run(MessagePtr request) {
  const auto form = ChooseStreamForm(head_.headers);
  if (!form) {
    const absl::Status status =
        MakeError(Reason::kNotAcceptable,
                  "the answer is a stream; accept text/event-stream or "
                  "application/x-ndjson");
    co_await exchange_.Refuse(status, Refusal::kNotAcceptable);
    co_return;
  }
  const absl::Status resumed =
      ApplyLastEventId(route_, head_.Header("last-event-id"), *request);
  if (!resumed.ok()) {
    co_await exchange_.Refuse(resumed);
    co_return;
  }
  CallHeaders headers = exchange_.MakeHeaders(absl::InfiniteDuration());
  const auto stream = context_.upstream.ServerStreaming(
      *route_.method, std::move(headers), std::move(request));
  stream->AwaitBegin(inbox_.BeginReceiver());
  co_await SendRecords(*stream, *form);
}

asio::awaitable<void> StreamHandler::SendRecords(ResponseStream& stream,
                                                 StreamForm form) {
  bool last = false;
  while (!last) {
    stream.Read(inbox_.ReplyReceiver());
    auto reply = co_await AwaitRecord(form);
    if (begun_ && exchange_.IsHead()) co_return;
    if (!reply) break;
    std::string record;
    last = reply->message == nullptr;
    if (!last) {
      const auto json =
          ResponseToJson(route_, *reply->message, context_.json_names);
      if (json.ok()) {
        record = MessageRecord(form, route_, *reply->message, *json);
      } else {
        reply->status = ToProto(json.status());
        last = true;
      }
    }
    if (reply->status.code() != 0) {
      if (!begun_) {
        HeaderList more = ResponseHeaders(reply->metadata, context_.headers);
        co_await exchange_.SendError(std::move(reply->status), Refusal::kNone,
                                     std::move(more));
        co_return;
      }
      AddCommonDetails(exchange_.request_id(), &reply->status);
      record = ErrorRecord(form, StatusToJson(reply->status));
    }
    if (!begun_ && !co_await BeginRecords(form, reply->metadata)) break;
    if (exchange_.IsHead()) co_return;
    if (!co_await connection_.SendPiece(record)) break;
    if (last && co_await connection_.EndPieces()) co_return;
  }
  exchange_.Abandon();
}

asio::awaitable<std::optional<UpstreamReply>> StreamHandler::AwaitRecord(
    StreamForm form) {
  const Limits& limits = context_.limits;
  absl::Time due =
      absl::Now() + (begun_ ? limits.heartbeat_time : limits.head_time);
  while (!inbox_.reply && !inbox_.abort) {
    if (!begun_ && inbox_.begun) {
      due = std::min(due, absl::Now() + kBeginGrace);
    }
    const bool silence = due < exchange_.deadline();
    connection_.Watch(inbox_.AbortReceiver(),
                      silence ? due : exchange_.deadline());
    co_await inbox_.Wait();
    if (!silence || inbox_.abort != AbortReason::kDeadline) continue;
    inbox_.abort.reset();
    if (inbox_.reply) continue;
    bool ok = false;
    if (begun_) {
      ok = co_await connection_.SendPiece(HeartbeatRecord(form));
    } else {
      const Metadata metadata = inbox_.begun.value_or(Metadata());
      ok = co_await BeginRecords(form, metadata);
    }
    if (!ok || exchange_.IsHead()) co_return std::nullopt;
    due = absl::Now() + limits.heartbeat_time;
  }
  if (inbox_.abort == AbortReason::kHangup ||
      inbox_.abort == AbortReason::kCut) {
    co_return std::nullopt;
  }
  if (inbox_.reply) co_return std::exchange(inbox_.reply, std::nullopt);
  UpstreamReply reply;
  reply.status = exchange_.AbortStatus();
  co_return reply;
}

asio::awaitable<bool> StreamHandler::BeginRecords(StreamForm form,
                                                  const Metadata& metadata) {
  Response response = StreamHead(form);
  for (auto& header : ResponseHeaders(metadata, context_.headers)) {
    response.headers.push_back(std::move(header));
  }
  begun_ = true;
  if (!co_await exchange_.Begin(std::move(response), std::nullopt))
    co_return false;
  if (exchange_.IsHead()) co_return true;
  co_return co_await connection_.SendPiece(StreamPreamble(form));
}

}  // namespace pinhole::gateway

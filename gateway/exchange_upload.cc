// SPDX-License-Identifier: Apache-2.0

// The exchange that takes raw bytes.

#include <utility>

#include "gateway/call_headers.h"
#include "gateway/compression.h"
#include "gateway/exchange.h"
#include "gateway/raw_body.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

using BodyResult = Connection::BodyRead::Result;

}  // namespace

asio::awaitable<void> Exchange::Upload(std::string_view query) {
  if (ContentEncoding(head_) != Encoding::kIdentity) {
    co_await RefuseEncoding("identity");
    co_return;
  }
  std::string type = MediaType(head_.Header("content-type"));
  if (type == "application/json") {
    const absl::Status status = absl::InvalidArgumentError(
        "the body must be the bytes of the file, with their media type as "
        "Content-Type; everything else goes into the query");
    co_await Refuse(status, Refusal::kMediaType);
    co_return;
  }
  // What curl --data-binary says of any file: taken as not stated.
  if (type == "application/x-www-form-urlencoded") type.clear();
  auto first = MakeUploadHead(*route_, query, type, head_.content_length);
  if (!first.ok()) {
    co_await Refuse(first.status());
    co_return;
  }
  CallHeaders headers = MakeHeaders(absl::InfiniteDuration());
  const auto stream = around_.upstream.ClientStreaming(
      *route_->method, std::move(headers), inbox_->ReplyReceiver());
  co_await SendUpload(*stream, *std::move(first));
}

asio::awaitable<void> Exchange::SendUpload(RequestStream& stream,
                                           MessagePtr first) {
  // An early error must be told even while the client is slow to send.
  inbox_->on_change = [this] {
    if (inbox_->reply) connection_.InterruptRead();
  };
  bool more = co_await WriteUpstream(stream, std::move(first));
  if (more && head_.expects_continue) {
    more = co_await connection_.SendContinue();
  }
  BodyResult result = BodyResult::kInterrupted;
  while (more && !inbox_->reply) {
    auto read = co_await connection_.ReadBody(around_.limits.chunk_bytes);
    result = read.result;
    if (result != BodyResult::kData) break;
    MessagePtr chunk = MakeUploadChunk(*route_, std::move(read.data));
    more = co_await WriteUpstream(stream, std::move(chunk));
  }
  inbox_->on_change = nullptr;
  if (inbox_->reply) {
    // It may be an error about what was read, or one that came early.
  } else if (result == BodyResult::kTimeout ||
             result == BodyResult::kMalformed ||
             result == BodyResult::kBroken) {
    co_await RefuseBody(result);  // And leaving cancels the call.
    co_return;
  } else if (result == BodyResult::kEnd) {
    stream.WritesDone();
  }
  const auto reply = co_await AwaitReply();
  if (reply) {
    co_await SendReply(*reply);
  } else {
    co_await AnswerAbort();
  }
}

asio::awaitable<bool> Exchange::WriteUpstream(RequestStream& stream,
                                              MessagePtr message) {
  inbox_->wrote.reset();
  stream.Write(std::move(message), inbox_->WriteReceiver());
  connection_.Watch(inbox_, deadline_);
  while (!inbox_->wrote && !inbox_->reply) {
    if (inbox_->abort == AbortReason::kDrain) inbox_->abort.reset();
    if (inbox_->abort) break;
    co_await inbox_->Wait();
  }
  connection_.Unwatch();
  co_return inbox_->wrote.value_or(false) && !inbox_->abort;
}

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

// The kinds of exchange that stream: raw bytes up, raw bytes down, lines.

#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gateway/call_headers.h"
#include "gateway/exchange.h"
#include "gateway/json.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

using BodyResult = Connection::BodyRead::Result;

// How long a stream may be silent before its headers are sent without a
// message: an error later than that cannot have a status of its own.
constexpr absl::Duration kFirstLineTime = absl::Seconds(1);

}  // namespace

asio::awaitable<void> Exchange::Upload(std::string_view query) {
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
  } else if (result == BodyResult::kTimeout) {
    const absl::Status status =
        absl::DeadlineExceededError("the body did not arrive");
    co_await Refuse(status, Refusal::kTimeout);
    co_return;
  } else if (result == BodyResult::kBroken) {
    co_return;  // The client is gone: leaving cancels the call.
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
  AddHeaders(&response);
  std::optional<std::uint64_t> length;
  if (head.size) length = static_cast<std::uint64_t>(*head.size);
  bool ok = co_await connection_.BeginPieces(response, length);
  if (ok) code_ = response.code;
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
  AddHeaders(&response);
  const bool ok = co_await connection_.BeginPieces(response, std::nullopt);
  if (ok) code_ = response.code;
  co_return ok;
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

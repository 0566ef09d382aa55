// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/lines_handler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "gateway/exchange/reply.h"
#include "gateway/http/compression.h"
#include "gateway/transcode/json_limits.h"
#include "gateway/transcode/request_message.h"
#include "pinhole/v1/content_type.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

using BodyResult = Connection::BodyRead::Result;

// Returns the error with the number of its line, keeping its details.
absl::Status InLine(std::size_t number, const absl::Status& status) {
  const absl::string_view text = status.message();
  absl::Status result(status.code(),
                      fmt::format("line {}: {}", number,
                                  std::string_view(text.data(), text.size())));
  status.ForEachPayload(
      [&result](absl::string_view url, const absl::Cord& payload) {
        result.SetPayload(url, payload);
      });
  return result;
}

}  // namespace

asio::awaitable<void> LinesHandler::Run() {
  const std::string type = v1::MediaType(head_.Header("content-type"));
  // curl sends this type by default, so it counts as unspecified.
  if (!type.empty() && type != "application/x-ndjson" &&
      type != "application/x-www-form-urlencoded") {
    const absl::Status status = MakeError(
        Reason::kUnsupportedMediaType,
        "the body must be a line of JSON for each message; send Content-Type: "
        "application/x-ndjson");
    co_await exchange_.Refuse(status, Refusal::kMediaType);
    co_return;
  }
  // Lines are forwarded as they arrive; compression would delay them.
  if (ContentEncoding(head_) != Encoding::kIdentity) {
    co_await exchange_.RefuseEncoding("identity");
    co_return;
  }
  // Reports errors in path and query before the call starts.
  const auto probe = MakeRequest(route_, match_.values, query_, "",
                                 context_.limits.json_depth);
  if (!probe.ok()) {
    co_await exchange_.Refuse(probe.status());
    co_return;
  }
  CallHeaders headers = exchange_.MakeHeaders(absl::InfiniteDuration());
  const auto stream = context_.upstream.ClientStreaming(
      *route_.method, std::move(headers), inbox_.ReplyReceiver());
  exchange_.SetReplyInterruptsBody(true);
  const LinesEnd end = co_await ForwardLines(*stream);
  exchange_.SetReplyInterruptsBody(false);
  if (inbox_.reply) {
    // The reply may be an error about the body or may have come early.
  } else if (!end.status.ok()) {
    co_await exchange_.Refuse(end.status, end.refusal);
    co_return;
  } else if (end.result == BodyResult::kBroken) {
    co_return;  // The client is gone; destroying the stream cancels the call.
  } else if (end.result == BodyResult::kEnd) {
    stream->WritesDone();
  }
  const auto reply = co_await exchange_.AwaitReply();
  co_await SendReplyOrAbort(exchange_, route_, reply);
}

asio::awaitable<LinesHandler::LinesEnd> LinesHandler::ForwardLines(
    RequestStream& stream) {
  LinesEnd end;
  std::string text;  // Bytes received and not yet forwarded.
  std::size_t number = 0;
  if (head_.expects_continue && !co_await connection_.SendContinue()) {
    co_return end;
  }
  while (!inbox_.reply) {
    // Returns with the first byte, so that a line does not wait for the next
    // one.
    auto read = co_await connection_.ReadBody(context_.limits.chunk_bytes,
                                              absl::InfiniteDuration(), 1);
    end.result = read.result;
    if (read.result == BodyResult::kTimeout) {
      end.status =
          MakeError(Reason::kRequestTimeout, "the body did not arrive");
      end.refusal = Refusal::kTimeout;
      break;
    }
    std::size_t stop = text.size();  // There is no line break before it.
    text += read.data;
    if (read.result == BodyResult::kEnd) text += '\n';
    std::size_t begin = 0;
    for (; (stop = text.find('\n', stop)) != std::string::npos;
         begin = ++stop) {
      ++number;
      const std::string line = text.substr(begin, stop - begin);
      end.status = CheckLineSize(line.size(), number, &end.refusal);
      if (!end.status.ok()) co_return end;
      // Clients send empty lines as heartbeats.
      if (absl::StripAsciiWhitespace(line).empty()) continue;
      auto message = MakeRequest(route_, match_.values, query_, line,
                                 context_.limits.json_depth);
      if (!message.ok()) {
        end.status = InLine(number, message.status());
        co_return end;
      }
      MessagePtr one = *std::move(message);
      exchange_.BeginWrite(stream, std::move(one));
      if (!co_await exchange_.AwaitWrite()) co_return end;
    }
    text.erase(0, begin);
    end.status = CheckLineSize(text.size(), number + 1, &end.refusal);
    if (!end.status.ok() || read.result != BodyResult::kData) break;
  }
  co_return end;
}

absl::Status LinesHandler::CheckLineSize(std::size_t size, std::size_t number,
                                         Refusal* refusal) const {
  const std::uint64_t limit = MaxJsonBytes(*route_.method, context_.limits);
  if (size <= limit) return absl::OkStatus();
  *refusal = Refusal::kBodyTooLarge;
  return MakeError(
      Reason::kBodyTooLarge,
      fmt::format("line {}: must be at most {} bytes", number, limit));
}

}  // namespace pinhole::gateway

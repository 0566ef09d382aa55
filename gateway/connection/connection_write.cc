// SPDX-License-Identifier: Apache-2.0

// What a connection writes: answers, whole and in pieces.

#include <algorithm>

#include "absl/time/clock.h"
#include "boost/beast/http/status.hpp"
#include "fmt/format.h"
#include "gateway/connection/connection.h"

namespace pinhole::gateway {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
}

}  // namespace

asio::awaitable<bool> Connection::SendContinue() {
  co_return co_await Write("HTTP/1.1 100 Continue\r\n\r\n", "", "");
}

asio::awaitable<bool> Connection::Send(const Response& response,
                                       Content content) {
  reusable_ = MayReuse();
  const bool bare = response.code == 304 || response.code == 204;
  const std::string framing =
      bare ? "" : fmt::format("Content-Length: {}\r\n", response.body.size());
  const std::string head = FormatHead(response, framing);
  std::string_view body;
  if (content == Content::kSend && !bare) body = response.body;
  co_return co_await Write(head, body, "");
}

asio::awaitable<bool> Connection::BeginPieces(
    const Response& response, std::optional<std::uint64_t> length) {
  reusable_ = MayReuse() && (length.has_value() || !http_1_0_);
  chunked_answer_ = !length && !http_1_0_;
  const std::string framing =
      length            ? fmt::format("Content-Length: {}\r\n", *length)
      : chunked_answer_ ? "Transfer-Encoding: chunked\r\n"
                        : "";
  const std::string head = FormatHead(response, framing);
  co_return co_await Write(head, "", "");
}

asio::awaitable<bool> Connection::SendPiece(std::string_view piece) {
  if (piece.empty()) co_return true;  // An empty chunk would end the body.
  if (!chunked_answer_) co_return co_await Write("", piece, "");
  const std::string size = fmt::format("{:x}\r\n", piece.size());
  co_return co_await Write(size, piece, "\r\n");
}

asio::awaitable<bool> Connection::EndPieces() {
  if (!chunked_answer_) co_return true;
  co_return co_await Write("0\r\n\r\n", "", "");
}

std::string Connection::FormatHead(const Response& response,
                                   std::string_view framing) {
  const auto reason =
      http::obsolete_reason(static_cast<http::status>(response.code));
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n{}", response.code,
                  std::string_view(reason.data(), reason.size()),
                  absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(),
                                   absl::UTCTimeZone()),
                  framing);
  for (const auto& [name, value] : response.headers) {
    // A line break would begin another header: such a value is left out.
    if (!IsPrintable(value)) continue;
    head += fmt::format("{}: {}\r\n", name, value);
  }
  if (!reusable_) {
    head += "Connection: close\r\n";
  } else if (http_1_0_) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

asio::awaitable<bool> Connection::Write(std::string_view head,
                                        std::string_view body,
                                        std::string_view tail) {
  const Transport::Pieces pieces = {head, body, tail};
  const auto before = deadline_;  // Of a call that is being watched.
  in_io_ = true;
  SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.write_time));
  const bool ok = co_await transport_.Write(pieces);
  in_io_ = false;
  SetDeadline(before);
  traffic_.sent_bytes += head.size() + body.size() + tail.size();
  if (!ok) reusable_ = false;
  co_return ok;
}

}  // namespace pinhole::gateway

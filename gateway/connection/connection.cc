// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "base/net/host_port.h"
#include "boost/beast/http/status.hpp"
#include "fmt/format.h"

namespace pinhole::gateway {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto kRetryCancel = std::chrono::milliseconds(200);
constexpr auto kLingerTime = std::chrono::seconds(2);
// Memory grows with the bytes that arrive, not with the announced length.
constexpr std::size_t kFirstRoom = 128 * 1024;

// As gRPC writes a peer: "ipv4:192.0.2.1:5", "ipv6:[2001:db8::1]:5".
std::string PeerText(const asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  return (address.is_v6() ? "ipv6:" : "ipv4:") +
         HostPort{address.to_string(), endpoint.port()}.Text();
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
}

}  // namespace

Connection::Connection(Transport transport, const Limits& limits)
    : transport_(std::move(transport)),
      limits_(limits),
      parser_(limits.header_bytes),
      body_timeout_(limits.body_timeout),
      timer_(transport_.executor()) {
  error_code ignored;
  peer_ = PeerText(transport_.socket().remote_endpoint(ignored));
}

Connection::~Connection() = default;

bool Connection::MayReuse() {
  unread_ = !parser_.at_end() || !parser_.empty();
  return reusable_ && !draining_ && !health_only_ && parser_.at_end() &&
         parser_.keep_alive();
}

void Connection::InterruptRead() {
  interrupted_ = true;
  if (reading_body_) transport_.Cancel();
}

void Connection::Watch(AbortCallback abort, absl::Time deadline) {
  watcher_ = std::move(abort);
  if (draining_) {
    watcher_(transport_.socket().is_open() ? AbortReason::kDrain
                                           : AbortReason::kCut);
  }
  if (deadline == absl::InfiniteFuture()) {
    ClearDeadline();
  } else {
    SetDeadline(Clock::now() +
                absl::ToChronoNanoseconds(deadline - absl::Now()));
  }
  if (!waiting_readable_) AwaitReadable();
}

void Connection::AwaitReadable() {
  waiting_readable_ = true;
  transport_.AwaitReadable([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->waiting_readable_ = false;
    if (self->watcher_ == nullptr) return;
    if (!error) return self->OnReadable();
    // A new watch may have begun after the wait of the previous one was
    // cancelled.
    if (self->transport_.socket().is_open()) self->AwaitReadable();
  });
}

void Connection::Unwatch() {
  watcher_ = nullptr;
  ClearDeadline();
  if (waiting_readable_) transport_.Cancel();
}

// During a call, the connection becomes readable when the client hangs up or
// sends its next request early.  In the latter case a hang-up is noticed only
// by the next write.
void Connection::OnReadable() {
  switch (transport_.Peek()) {
    case Transport::Peeked::kBytes:
      return;
    case Transport::Peeked::kNothing:
      return AwaitReadable();
    case Transport::Peeked::kEnd:
      break;
  }
  // A copy, because the callback may call `Unwatch`.
  if (const auto watcher = watcher_) watcher(AbortReason::kHangup);
}

void Connection::BeginDrain() {
  draining_ = true;
  if (idle_) transport_.Cancel();
  if (const auto watcher = watcher_) watcher(AbortReason::kDrain);
}

void Connection::Cut() {
  draining_ = true;
  reusable_ = false;
  interrupted_ = true;
  transport_.Close();
  if (const auto watcher = watcher_) watcher(AbortReason::kCut);
}

void Connection::SetDeadline(Clock::time_point when) {
  deadline_ = when;
  timed_out_ = false;
  if (when < timer_expiry_) StartTimer(when);
}

void Connection::StartTimer(Clock::time_point when) {
  timer_expiry_ = when;
  timer_.expires_at(when);
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->OnTimer();
  });
}

void Connection::OnTimer() {
  timer_expiry_ = Clock::time_point::max();
  if (deadline_ == Clock::time_point::max()) return;
  if (Clock::now() < deadline_) return StartTimer(deadline_);
  if (in_io_) {
    timed_out_ = true;
    transport_.Cancel();
    // `Cancel` does not end an operation that is between two steps; repeat it.
    StartTimer(Clock::now() + kRetryCancel);
  } else {
    ClearDeadline();
    if (const auto watcher = watcher_) watcher(AbortReason::kDeadline);
  }
}

asio::awaitable<bool> Connection::Open() {
  in_io_ = true;
  idle_ = true;  // No response is outstanding.
  SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.header_time));
  const bool ok = co_await transport_.Handshake();
  ClearDeadline();
  idle_ = false;
  in_io_ = false;
  co_return ok;
}

asio::awaitable<bool> Connection::ReadMore() {
  const auto room = parser_.Room();
  const std::size_t size = co_await transport_.Read(room);
  parser_.Arrived(size);
  traffic_.received_bytes += size;
  co_return size > 0;
}

asio::awaitable<Connection::HeadRead> Connection::ReadHead() {
  interrupted_ = false;
  body_timeout_ = BodyTimeout(limits_.body_timeout);
  if (parser_.empty() && draining_) co_return HeadRead{};
  in_io_ = true;
  bool more = true;
  if (parser_.empty()) {
    idle_ = true;
    SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.idle_time));
    more = co_await ReadMore();
    idle_ = false;
    timed_out_ = false;  // An idle connection is closed without a response.
  }
  if (more) {
    SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.header_time));
  }
  RequestParser::Head parsed;
  while (more) {
    parsed = parser_.ParseHead();
    if (parsed.result != RequestParser::Result::kMore) break;
    more = co_await ReadMore();
  }
  ClearDeadline();
  in_io_ = false;
  co_return Take(std::move(parsed));
}

Connection::HeadRead Connection::Take(RequestParser::Head parsed) {
  HeadRead read;
  switch (parsed.result) {
    case RequestParser::Result::kMore:
      if (!timed_out_) return read;
      read.result = HeadRead::Result::kRefused;
      read.refusal = Refusal::kTimeout;
      read.status =
          MakeError(Reason::kRequestTimeout,
                    "the request line and headers took too long to arrive");
      reusable_ = false;
      return read;
    case RequestParser::Result::kRefused:
      read.result = HeadRead::Result::kRefused;
      read.refusal = parsed.refusal;
      read.status = std::move(parsed.status);
      // The end of the request is known only if its framing was valid.
      if (read.refusal != Refusal::kExpectation) reusable_ = false;
      return read;
    case RequestParser::Result::kDone:
      read.result = HeadRead::Result::kRequest;
      read.head = std::move(parsed.head);
      http_1_0_ = read.head.http_1_0;
  }
  return read;
}

asio::awaitable<Connection::BodyRead> Connection::ReadBody(std::size_t size,
                                                           absl::Duration time,
                                                           std::size_t enough) {
  const auto end = time == absl::InfiniteDuration()
                       ? Clock::time_point::max()
                       : Clock::now() + absl::ToChronoNanoseconds(time);
  BodyRead read;
  std::size_t filled = 0;
  auto parsed = RequestParser::Result::kMore;
  bool more = true;
  in_io_ = true;
  reading_body_ = true;
  while (more && !interrupted_ && filled < std::min(size, enough) &&
         !parser_.at_end()) {
    if (filled == read.data.size()) {
      read.data.resize(std::min(size, std::max(kFirstRoom, 2 * filled)));
    }
    const auto step = parser_.ParseBody(std::span(read.data).subspan(filled));
    filled += step.size;
    parsed = step.result;
    if (parsed == RequestParser::Result::kRefused) break;
    if (parsed == RequestParser::Result::kDone || filled >= enough) continue;
    const auto began = Clock::now();
    const std::uint64_t before = traffic_.received_bytes;
    SetDeadline(
        std::min(end, began + absl::ToChronoNanoseconds(body_timeout_.left())));
    const auto direct =
        parser_.DirectRoom(std::span(read.data).subspan(filled));
    if (direct.empty()) {
      more = co_await ReadMore();
    } else {
      const std::size_t size = co_await transport_.Read(direct);
      parser_.Took(size);
      traffic_.received_bytes += size;
      filled += size;
      more = size > 0;
    }
    body_timeout_.Received(traffic_.received_bytes - before,
                           absl::FromChrono(Clock::now() - began));
  }
  ClearDeadline();
  in_io_ = false;
  reading_body_ = false;
  read.data.resize(filled);
  using Result = BodyRead::Result;
  if (parsed == RequestParser::Result::kRefused) {
    read.result = Result::kMalformed;
  } else if (interrupted_) {
    read.result = Result::kInterrupted;
  } else if (!more) {
    read.result = timed_out_ ? Result::kTimeout : Result::kBroken;
  } else {
    read.result = filled > 0 ? Result::kData : Result::kEnd;
  }
  if (!more || parsed == RequestParser::Result::kRefused) reusable_ = false;
  co_return read;
}

asio::awaitable<void> Connection::Linger() {
  transport_.EndWriting();
  std::array<char, 16 * 1024> rest;
  bool more = unread_;
  in_io_ = true;
  SetDeadline(Clock::now() + kLingerTime);
  while (more && !timed_out_) {
    const std::size_t size = co_await transport_.Read(rest);
    more = size > 0;
  }
  ClearDeadline();
  transport_.Close();
}

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
    // A line break would begin another header, so such a value is left out.
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
  const auto before = deadline_;  // That of the call being watched.
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

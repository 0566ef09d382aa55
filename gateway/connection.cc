// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "boost/asio/redirect_error.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/buffer_body.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/status.hpp"
#include "fmt/format.h"

namespace pinhole::gateway {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using boost::system::error_code;

namespace {

constexpr auto kLingerTime = std::chrono::seconds(2);
constexpr auto kRetryCancel = std::chrono::milliseconds(200);

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
}

std::string Name(const asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  const std::string text = address.to_string();
  return address.is_v6() ? fmt::format("ipv6:[{}]:{}", text, endpoint.port())
                         : fmt::format("ipv4:{}:{}", text, endpoint.port());
}

}  // namespace

struct Connection::Parsing {
  boost::beast::flat_buffer buffer;
  std::optional<http::request_parser<http::buffer_body>> parser;
};

Connection::Connection(asio::ip::tcp::socket socket, const Limits& limits)
    : socket_(std::move(socket)),
      limits_(limits),
      parsing_(std::make_unique<Parsing>()),
      timer_(socket_.get_executor()) {
  error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  address_ = endpoint.address().to_string();
  peer_ = Name(endpoint);
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
}

Connection::~Connection() = default;

asio::awaitable<Connection::HeadRead> Connection::ReadHead() {
  auto& buffer = parsing_->buffer;
  auto& parser = parsing_->parser;
  parser.emplace();
  parser->header_limit(limits_.header_bytes);
  parser->body_limit(boost::none);
  interrupted_ = false;
  in_io_ = true;
  error_code error;
  if (buffer.size() == 0) {
    if (draining_) co_return HeadRead{};
    idle_ = true;
    SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.idle_time));
    const std::size_t size = co_await socket_.async_read_some(
        buffer.prepare(limits_.header_bytes),
        asio::redirect_error(use_awaitable, error));
    idle_ = false;
    if (error) {
      ClearDeadline();
      co_return HeadRead{};
    }
    buffer.commit(size);
  }
  SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.header_time));
  co_await http::async_read_header(socket_, buffer, *parser,
                                   asio::redirect_error(use_awaitable, error));
  ClearDeadline();
  in_io_ = false;
  if (!error) co_return TakeHead();
  if (error == http::error::header_limit ||
      error == http::error::buffer_overflow) {
    HeadRead refused;
    refused.result = HeadRead::Result::kRefused;
    // The request line comes first: without a target, it is what is too long.
    refused.refusal = parser->get().target().empty() ? Refusal::kTargetTooLong
                                                     : Refusal::kHeaderTooLarge;
    refused.status = absl::InvalidArgumentError(
        fmt::format("the request line and headers must be at most {} bytes",
                    limits_.header_bytes));
    reusable_ = false;
    co_return refused;
  }
  const bool malformed =
      error.category() == make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream &&
      error != http::error::partial_message;
  if (!malformed && !timed_out_) co_return HeadRead{};
  reusable_ = false;
  co_return RefuseHead(timed_out_);
}

Connection::HeadRead Connection::RefuseHead(bool timed_out) const {
  HeadRead refused;
  refused.result = HeadRead::Result::kRefused;
  refused.refusal = timed_out ? Refusal::kTimeout : Refusal::kNone;
  refused.status = absl::InvalidArgumentError(
      timed_out ? "the request took too long to arrive"
                : "the request is not well-formed HTTP/1.1");
  return refused;
}

Connection::HeadRead Connection::TakeHead() {
  const auto& message = parsing_->parser->get();
  HeadRead read;
  read.result = HeadRead::Result::kRequest;
  RequestHead& head = read.head;
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  bool has_host = false;
  bool has_transfer_encoding = false;
  for (const auto& field : message) {
    std::string name = absl::AsciiStrToLower(
        {field.name_string().data(), field.name_string().size()});
    has_host = has_host || name == "host";
    has_transfer_encoding =
        has_transfer_encoding || name == "transfer-encoding";
    head.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  http_1_0_ = head.http_1_0 = message.version() < 11;
  if (const auto length = parsing_->parser->content_length()) {
    head.content_length = *length;
  }
  const bool chunked = parsing_->parser->chunked();
  head.has_body = chunked || head.content_length.value_or(0) > 0;
  const std::string_view expect = head.Header("expect");
  head.expects_continue =
      !http_1_0_ &&
      absl::EqualsIgnoreCase({expect.data(), expect.size()}, "100-continue");
  if ((!has_host && !http_1_0_) || (has_transfer_encoding && !chunked)) {
    reusable_ = false;
    return RefuseHead(false);
  }
  return read;
}

asio::awaitable<Connection::BodyRead> Connection::ReadBody(std::size_t size) {
  auto& parser = *parsing_->parser;
  BodyRead read;
  read.data.resize(size);
  std::size_t filled = 0;
  error_code error;
  in_io_ = true;
  reading_body_ = true;
  while (filled < size && !parser.is_done() && !error && !interrupted_) {
    auto& body = parser.get().body();
    body.data = read.data.data() + filled;
    body.size = size - filled;
    body.more = true;
    SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.body_time));
    co_await http::async_read_some(socket_, parsing_->buffer, parser,
                                   asio::redirect_error(use_awaitable, error));
    filled = size - body.size;
    if (error == http::error::need_buffer) error = {};
  }
  ClearDeadline();
  in_io_ = false;
  reading_body_ = false;
  read.data.resize(filled);
  using Result = BodyRead::Result;
  if (interrupted_) {
    read.result = Result::kInterrupted;
  } else if (error) {
    read.result = timed_out_ ? Result::kTimeout : Result::kBroken;
  } else {
    read.result = filled > 0 ? Result::kData : Result::kEnd;
  }
  if (error) reusable_ = false;
  co_return read;
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

asio::awaitable<void> Connection::Linger() {
  error_code error;
  if (!unread_) {
    socket_.close(error);
    co_return;
  }
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  std::array<char, 16 * 1024> rest;
  in_io_ = true;
  SetDeadline(Clock::now() + kLingerTime);
  while (!error && !timed_out_) {
    co_await socket_.async_read_some(
        asio::buffer(rest), asio::redirect_error(use_awaitable, error));
  }
  ClearDeadline();
  socket_.close(error);
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
  const std::array<asio::const_buffer, 3> buffers = {
      asio::buffer(head.data(), head.size()),
      asio::buffer(body.data(), body.size()),
      asio::buffer(tail.data(), tail.size())};
  const auto before = deadline_;  // Of a call that is being watched.
  in_io_ = true;
  SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.write_time));
  error_code error;
  co_await asio::async_write(socket_, buffers,
                             asio::redirect_error(use_awaitable, error));
  in_io_ = false;
  SetDeadline(before);
  if (error) reusable_ = false;
  co_return !error;
}

bool Connection::MayReuse() {
  unread_ = !parsing_->parser->is_done();
  return reusable_ && !draining_ && parsing_->parser->is_done() &&
         parsing_->parser->keep_alive();
}

void Connection::InterruptRead() {
  interrupted_ = true;
  error_code ignored;
  if (reading_body_) socket_.cancel(ignored);
}

void Connection::Watch(std::shared_ptr<Inbox> inbox, absl::Time deadline) {
  watcher_ = std::move(inbox);
  if (deadline == absl::InfiniteFuture()) {
    ClearDeadline();
  } else {
    SetDeadline(Clock::now() +
                absl::ToChronoNanoseconds(deadline - absl::Now()));
  }
  if (waiting_readable_) return;
  waiting_readable_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     [weak = weak_from_this()](error_code error) {
                       const auto self = weak.lock();
                       if (self == nullptr) return;
                       self->waiting_readable_ = false;
                       if (!error) self->OnReadable();
                     });
}

void Connection::Unwatch() {
  watcher_ = nullptr;
  ClearDeadline();
  error_code ignored;
  if (waiting_readable_) socket_.cancel(ignored);
}

// Readable during a call: the end of the stream, or a request that comes early
// and has to wait (then a hang-up shows only when the answer is written).
void Connection::OnReadable() {
  char byte = 0;
  const auto size =
      recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool gone = size == 0 || (size < 0 && errno != EAGAIN);
  if (gone && watcher_ != nullptr) watcher_->Abort(AbortReason::kHangup);
}

void Connection::BeginDrain() {
  draining_ = true;
  error_code ignored;
  if (idle_) socket_.cancel(ignored);
  if (const auto watcher = watcher_) watcher->Abort(AbortReason::kDrain);
}

void Connection::Cut() {
  draining_ = true;
  reusable_ = false;
  interrupted_ = true;
  error_code ignored;
  socket_.close(ignored);
  if (const auto watcher = watcher_) watcher->Abort(AbortReason::kCut);
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
    error_code ignored;
    socket_.cancel(ignored);
    // An operation between two steps is not cancelled: try again until it is.
    StartTimer(Clock::now() + kRetryCancel);
  } else {
    ClearDeadline();
    if (const auto watcher = watcher_) watcher->Abort(AbortReason::kDeadline);
  }
}

}  // namespace pinhole::gateway

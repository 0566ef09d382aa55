// SPDX-License-Identifier: Apache-2.0

// What a connection reads: heads, bodies, and what comes after the last answer.

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "boost/asio/redirect_error.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/read.hpp"
#include "fmt/format.h"
#include "gateway/connection_parsing.h"

namespace pinhole::gateway {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using boost::system::error_code;

namespace {

constexpr auto kLingerTime = std::chrono::seconds(2);

}  // namespace

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

asio::awaitable<Connection::BodyRead> Connection::ReadBody(std::size_t size,
                                                           std::size_t enough) {
  auto& parser = *parsing_->parser;
  BodyRead read;
  read.data.resize(size);
  std::size_t filled = 0;
  error_code error;
  in_io_ = true;
  reading_body_ = true;
  while (filled < std::min(size, enough) && !parser.is_done() && !error &&
         !interrupted_) {
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

}  // namespace pinhole::gateway

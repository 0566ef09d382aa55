// SPDX-License-Identifier: Apache-2.0

// What a connection reads: heads, bodies, and what comes after the last answer.

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/connection/connection.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

constexpr auto kLingerTime = std::chrono::seconds(2);
// Bodies get room as they arrive: what a client announces costs nothing.
constexpr std::size_t kFirstRoom = 128 * 1024;

}  // namespace

asio::awaitable<bool> Connection::Open() {
  in_io_ = true;
  idle_ = true;  // Nobody waits for an answer yet.
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
  body_pace_ = BodyTimeout(limits_.body_pace);
  if (parser_.empty() && draining_) co_return HeadRead{};
  in_io_ = true;
  bool more = true;
  if (parser_.empty()) {
    idle_ = true;
    SetDeadline(Clock::now() + absl::ToChronoNanoseconds(limits_.idle_time));
    more = co_await ReadMore();
    idle_ = false;
    timed_out_ = false;  // Idle for too long: closed without a word.
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
      read.status = absl::DeadlineExceededError(
          "the request line and headers took too long to arrive");
      reusable_ = false;
      return read;
    case RequestParser::Result::kRefused:
      read.result = HeadRead::Result::kRefused;
      read.refusal = parsed.refusal;
      read.status = std::move(parsed.status);
      // Where it ends is known only to be trusted if all else was right.
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
        std::min(end, began + absl::ToChronoNanoseconds(body_pace_.left())));
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
    body_pace_.Received(traffic_.received_bytes - before,
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

}  // namespace pinhole::gateway

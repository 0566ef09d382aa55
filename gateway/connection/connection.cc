// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection/connection.h"

#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"

namespace pinhole::gateway {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto kRetryCancel = std::chrono::milliseconds(200);

std::string Name(const asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  const std::string text = address.to_string();
  return address.is_v6() ? fmt::format("ipv6:[{}]:{}", text, endpoint.port())
                         : fmt::format("ipv4:{}:{}", text, endpoint.port());
}

}  // namespace

Connection::Connection(Transport transport, const Limits& limits)
    : transport_(std::move(transport)),
      limits_(limits),
      parser_(limits.header_bytes),
      body_pace_(limits.body_pace),
      timer_(transport_.executor()) {
  error_code ignored;
  const auto endpoint = transport_.socket().remote_endpoint(ignored);
  address_ = endpoint.address().to_string();
  peer_ = Name(endpoint);
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
    // The wait of an earlier watch was cancelled, and another began meanwhile.
    if (self->transport_.socket().is_open()) self->AwaitReadable();
  });
}

void Connection::Unwatch() {
  watcher_ = nullptr;
  ClearDeadline();
  if (waiting_readable_) transport_.Cancel();
}

// Readable during a call: the end of the stream, or a request that comes early
// and has to wait (then a hang-up shows only when the answer is written).
void Connection::OnReadable() {
  switch (transport_.Peek()) {
    case Transport::Peeked::kBytes:
      return;
    case Transport::Peeked::kNothing:
      return AwaitReadable();
    case Transport::Peeked::kEnd:
      break;
  }
  // A copy, since the callee may call `Unwatch`.
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
    // An operation between two steps is not cancelled: try again until it is.
    StartTimer(Clock::now() + kRetryCancel);
  } else {
    ClearDeadline();
    if (const auto watcher = watcher_) watcher(AbortReason::kDeadline);
  }
}

}  // namespace pinhole::gateway

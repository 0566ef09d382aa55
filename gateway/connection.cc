// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gateway/connection_parsing.h"

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
  if (draining_) {
    watcher_->Abort(socket_.is_open() ? AbortReason::kDrain
                                      : AbortReason::kCut);
  }
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

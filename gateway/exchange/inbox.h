// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/io_context.hpp"
#include "gateway/connection/abort.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// Collects the events that a request waits for while its call runs.  The
// upstream's callbacks arrive on any thread and are posted to the HTTP thread.
//
// The exchange and the callbacks share it, because callbacks may outlive the
// exchange.  They also share the io_context, so that a callback after the end
// of the server has no effect.  Only the receivers may be called on other
// threads.
class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(std::shared_ptr<boost::asio::io_context> io)
      : io_(std::move(io)) {}

  // Each returned callback may be called once and sets `begun`, `reply` or
  // `wrote`.
  BeginCallback BeginReceiver();
  ReplyCallback ReplyReceiver();
  WriteCallback WriteReceiver();

  // The returned callback may be called any number of times, on the HTTP
  // thread.
  AbortCallback AbortReceiver();

  // Keeps the reason of the highest rank.
  void Abort(AbortReason reason);

  // Waits for the next event; returns at once if one came since the last wait.
  boost::asio::awaitable<void> Wait();

  std::optional<Metadata> begun;
  std::optional<UpstreamReply> reply;
  std::optional<bool> wrote;
  std::optional<AbortReason> abort;
  // Called with each event, for code that waits elsewhere.
  std::function<void()> on_change;

 private:
  void Changed();

  const std::shared_ptr<boost::asio::io_context> io_;
  bool changed_ = false;
  absl::AnyInvocable<void()> waiter_;
};

}  // namespace pinhole::gateway

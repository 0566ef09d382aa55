// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_EXCHANGE_INBOX_H_
#define PINHOLE_GATEWAY_EXCHANGE_INBOX_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/io_context.hpp"
#include "gateway/connection/abort.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// What a request has to wait for while its call is under way, in one place: the
// upstream's callbacks come on any thread and land here, on the HTTP thread.
//
// Shared by the exchange and the callbacks, which may outlive it; they keep the
// io_context too, so that even a callback after the server's end is harmless.
// Apart from the receivers, for the HTTP thread only.
class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(std::shared_ptr<boost::asio::io_context> io)
      : io_(std::move(io)) {}

  // Each is for one callback; it fills `begun`, `reply` or `wrote`.
  BeginCallback BeginReceiver();
  ReplyCallback ReplyReceiver();
  WriteCallback WriteReceiver();

  // For any number of calls, on the HTTP thread.
  AbortCallback AbortReceiver();

  // Keeps the weightiest of the reasons that were given.
  void Abort(AbortReason reason);

  // Waits for the next change; returns at once if one came since the last wait.
  boost::asio::awaitable<void> Wait();

  std::optional<Metadata> begun;
  std::optional<UpstreamReply> reply;
  std::optional<bool> wrote;
  std::optional<AbortReason> abort;
  // Called with each change, for those who do not wait here.
  std::function<void()> on_change;

 private:
  void Changed();

  const std::shared_ptr<boost::asio::io_context> io_;
  bool changed_ = false;
  absl::AnyInvocable<void()> waiter_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_EXCHANGE_INBOX_H_

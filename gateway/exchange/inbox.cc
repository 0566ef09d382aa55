// SPDX-License-Identifier: Apache-2.0

#include "gateway/exchange/inbox.h"

#include <algorithm>
#include <utility>

#include "boost/asio/async_result.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/use_awaitable.hpp"

namespace pinhole::gateway {

namespace asio = boost::asio;

BeginCallback Inbox::BeginReceiver() {
  return [io = io_, self = shared_from_this()](Metadata metadata) mutable {
    asio::post(*io, [self = std::move(self),
                     metadata = std::move(metadata)]() mutable {
      self->begun = std::move(metadata);
      self->Changed();
    });
  };
}

ReplyCallback Inbox::ReplyReceiver() {
  return [io = io_, self = shared_from_this()](UpstreamReply reply) mutable {
    asio::post(*io,
               [self = std::move(self), reply = std::move(reply)]() mutable {
                 self->reply = std::move(reply);
                 self->Changed();
               });
  };
}

WriteCallback Inbox::WriteReceiver() {
  return [io = io_, self = shared_from_this()](bool ok) mutable {
    asio::post(*io, [self = std::move(self), ok] {
      self->wrote = ok;
      self->Changed();
    });
  };
}

AbortCallback Inbox::AbortReceiver() {
  return
      [self = shared_from_this()](AbortReason reason) { self->Abort(reason); };
}

void Inbox::Abort(AbortReason reason) {
  // An empty optional is less than any reason.
  abort = std::max(abort, std::optional(reason));
  Changed();
}

asio::awaitable<void> Inbox::Wait() {
  if (!std::exchange(changed_, false)) {
    auto start = [this](auto handler) {
      waiter_ = [handler = std::move(handler)]() mutable {
        std::move(handler)();
      };
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        start, asio::use_awaitable);
    changed_ = false;
  }
}

void Inbox::Changed() {
  changed_ = true;
  if (on_change) on_change();
  // The resumed coroutine may wait again, so the waiter is removed first.
  auto waiter = std::exchange(waiter_, nullptr);
  if (waiter) waiter();
}

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "boost/asio/awaitable.hpp"
#include "gateway/handlers/call_handler.h"
#include "gateway/handlers/event_stream.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Calls a method whose replies are a stream of messages and sends each as a
// record of the response (event_stream.h), with heartbeats in between.
class StreamHandler : CallHandler {
 public:
  // `exchange` and `route` must outlive this object.
  StreamHandler(Exchange& exchange, const Route& route)
      : CallHandler(exchange, route) {}

  boost::asio::awaitable<void> Run(MessagePtr request);

 private:
  boost::asio::awaitable<void> SendRecords(ResponseStream& stream,
                                           StreamForm form);
  // Waits for the next message or the end, and sends the head and heartbeats
  // when they are due.  Nothing if the client is gone or the request was HEAD.
  boost::asio::awaitable<std::optional<UpstreamReply>> AwaitRecord(
      StreamForm form);
  boost::asio::awaitable<bool> BeginRecords(StreamForm form,
                                            const Metadata& metadata);

  bool begun_ = false;  // The head of the response was sent.
};

}  // namespace pinhole::gateway

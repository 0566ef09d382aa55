// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "boost/asio/awaitable.hpp"
#include "gateway/handlers/call_handler.h"
#include "gateway/http/range.h"
#include "gateway/rules/route.h"
#include "gateway/transcode/raw_body.h"

namespace pinhole::gateway {

// Calls a method whose replies are raw bytes (`RawFields`) and sends them as
// one response, with ranges, entity tags and conditions (RFC 9110).
class DownloadHandler : CallHandler {
 public:
  // `exchange` and `route` must outlive this object.
  DownloadHandler(Exchange& exchange, const Route& route)
      : CallHandler(exchange, route) {}

  boost::asio::awaitable<void> Run(MessagePtr request);

 private:
  // A call whose first reply has arrived.
  struct Download {
    std::unique_ptr<ResponseStream> stream;
    MessagePtr first;
    DownloadHead head;
  };

  // Makes the call from `offset` on.  Nothing if an error has been sent.
  boost::asio::awaitable<std::optional<Download>> Open(
      const google::protobuf::Message& request, std::uint64_t offset);
  // The range begins beyond the end; `size` if it is known.
  boost::asio::awaitable<void> RefuseRange(std::optional<std::uint64_t> size);
  // If-Match does not name the version `etag`.
  boost::asio::awaitable<void> RefuseTag(const std::string& etag);
  boost::asio::awaitable<void> Redirect(const std::string& uri);
  boost::asio::awaitable<void> SendResponse(Download download,
                                            std::optional<ByteSpan> part);
  // Whether all bytes were sent: `length` of them if it is known, and with
  // `to_the_end` all that the call has.
  boost::asio::awaitable<bool> SendPieces(Download download,
                                          std::optional<std::uint64_t> length,
                                          bool to_the_end);
};

}  // namespace pinhole::gateway

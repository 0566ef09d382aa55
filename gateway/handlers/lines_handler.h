// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "boost/asio/awaitable.hpp"
#include "gateway/handlers/call_handler.h"
#include "gateway/rules/router.h"

namespace pinhole::gateway {

// Calls a method that takes a stream of messages: each line of the request body
// is one in JSON (NDJSON).
class LinesHandler : CallHandler {
 public:
  // The arguments must outlive this object; `query` is a view.
  LinesHandler(Exchange& exchange, const Router::Match& match,
               std::string_view query)
      : CallHandler(exchange, *match.route), match_(match), query_(query) {}

  boost::asio::awaitable<void> Run();

 private:
  // How the body ended, or what is wrong with one of its lines.
  struct LinesEnd {
    Connection::BodyRead::Result result =
        Connection::BodyRead::Result::kInterrupted;
    absl::Status status;
    Refusal refusal = Refusal::kNone;
  };
  boost::asio::awaitable<LinesEnd> ForwardLines(RequestStream& stream);
  absl::Status CheckLineSize(std::size_t size, std::size_t number,
                             Refusal* refusal) const;

  const Router::Match& match_;
  const std::string_view query_;
};

}  // namespace pinhole::gateway

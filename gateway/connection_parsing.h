// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_PARSING_H_
#define PINHOLE_GATEWAY_CONNECTION_PARSING_H_

#include <optional>

#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/buffer_body.hpp"
#include "boost/beast/http/parser.hpp"
#include "gateway/connection.h"

namespace pinhole::gateway {

// For the sources of `Connection` only: Beast compiles slowly.
struct Connection::Parsing {
  boost::beast::flat_buffer buffer;
  std::optional<
      boost::beast::http::request_parser<boost::beast::http::buffer_body>>
      parser;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_PARSING_H_

// SPDX-License-Identifier: Apache-2.0

// The least that Beast needs to answer GETs over kept-alive connections: no
// limits, no times, no routes.

#pragma once

#include <functional>
#include <iostream>
#include <string>
#include <utility>

#include "boost/asio.hpp"
#include "boost/beast/core.hpp"
#include "boost/beast/http.hpp"
#include "google/protobuf/util/json_util.h"

namespace pinhole::bench {

using BareRequest = boost::beast::http::request<boost::beast::http::empty_body>;
// Gives the JSON that answers.  An exception ends the connection.
using BareHandler =
    std::function<boost::asio::awaitable<std::string>(const BareRequest&)>;

// In the form that the gateway prints.
inline std::string BareJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!MessageToJsonString(message, &json, options).ok()) std::abort();
  return json;
}

inline boost::asio::awaitable<void> ServeBareConnection(
    boost::asio::ip::tcp::socket socket, const BareHandler& handler) {
  namespace http = boost::beast::http;
  using boost::asio::use_awaitable;
  socket.set_option(boost::asio::ip::tcp::no_delay(true));
  boost::beast::flat_buffer buffer;
  while (true) {
    BareRequest request;
    co_await http::async_read(socket, buffer, request, use_awaitable);
    http::response<http::string_body> response(http::status::ok, 11);
    response.set(http::field::content_type, "application/json");
    response.body() = co_await handler(request);
    response.prepare_payload();
    co_await http::async_write(socket, response, use_awaitable);
  }
}

inline boost::asio::awaitable<void> AcceptBare(
    boost::asio::ip::tcp::acceptor& acceptor, const BareHandler& handler) {
  while (true) {
    boost::asio::ip::tcp::socket socket =
        co_await acceptor.async_accept(boost::asio::use_awaitable);
    boost::asio::co_spawn(acceptor.get_executor(),
                          ServeBareConnection(std::move(socket), handler),
                          // It ends with an exception when the client goes.
                          [](const std::exception_ptr&) {});
  }
}

// On a free port of loopback and on this thread, until it is killed.
inline void ServeBare(boost::asio::io_context& io, const BareHandler& handler) {
  boost::asio::ip::tcp::acceptor acceptor(
      io, {boost::asio::ip::address_v4::loopback(), 0});
  boost::asio::co_spawn(io, AcceptBare(acceptor, handler),
                        boost::asio::detached);
  std::cout << "HTTP listening on 127.0.0.1:"
            << acceptor.local_endpoint().port() << "\nready" << std::endl;
  io.run();
}

}  // namespace pinhole::bench

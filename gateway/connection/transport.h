// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "boost/asio/any_io_executor.hpp"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "gateway/connection/tls.h"

namespace pinhole::gateway {

// The bytes of a connection, plaintext or TLS.
//
// OpenSSL works directly on the socket, and Asio only waits for readiness.
// Therefore every wait can be cancelled and repeated, and `Peek` sees decrypted
// bytes.  Asio's ssl::stream supports neither.
//
// For one thread; at most one read and one write at a time.
class Transport {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // A null session means plaintext.
  Transport(Socket socket, TlsSession tls);

  // Must be called first.  Returns whether it succeeded, like `Write`.
  boost::asio::awaitable<bool> Handshake();

  // Returns the number of bytes; 0 at the end or after a failure.
  boost::asio::awaitable<std::size_t> Read(std::span<char> to);

  using Pieces = std::array<std::string_view, 3>;
  boost::asio::awaitable<bool> Write(Pieces pieces);

  // Calls `handler` (of an error_code) when `Peek` may find something, or with
  // an error after `Cancel`.
  template <typename Handler>
  void AwaitReadable(Handler handler) {
    socket_.async_wait(Socket::wait_read, std::move(handler));
  }
  enum class Peeked { kBytes, kNothing, kEnd };
  Peeked Peek();

  // Makes pending operations fail.
  void Cancel();
  // Closes the sending direction.
  void EndWriting();
  void Close();

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }
  const Socket& socket() const { return socket_; }

 private:
  boost::asio::awaitable<bool> WriteTls(std::string_view piece);
  // Waits until OpenSSL can repeat the operation that returned `result`.
  boost::asio::awaitable<bool> AwaitTls(int result);

  Socket socket_;
  TlsSession tls_;
};

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_TRANSPORT_H_
#define PINHOLE_GATEWAY_CONNECTION_TRANSPORT_H_

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "boost/asio/any_io_executor.hpp"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "gateway/connection/tls.h"

namespace pinhole::gateway {

// The bytes of a connection, over TCP as they are or in TLS.
//
// TLS is OpenSSL on the socket itself, waiting for readiness only: so whatever
// waits may be cancelled and tried again, and `Peek` sees what the client wrote
// and not its encryption.  Asio's ssl::stream can do neither.
//
// For one thread; at most one read and one write under way.
class Transport {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // Without a session: plain.
  Transport(Socket socket, TlsSession tls);

  // Before all else.  Whether it succeeded, as for `Write`.
  boost::asio::awaitable<bool> Handshake();

  // How many bytes came; 0 at the end, and after a failure.
  boost::asio::awaitable<std::size_t> Read(std::span<char> to);

  using Pieces = std::array<std::string_view, 3>;
  boost::asio::awaitable<bool> Write(Pieces pieces);

  // Calls `handler` (of an error_code) when there may be something to `Peek`,
  // or with an error after `Cancel`.
  template <typename Handler>
  void AwaitReadable(Handler handler) {
    socket_.async_wait(Socket::wait_read, std::move(handler));
  }
  enum class Peeked { kBytes, kNothing, kEnd };
  Peeked Peek();

  // Ends what is under way; it fails.
  void Cancel();
  // Tells the client that this was all.
  void EndWriting();
  void Close();

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }
  const Socket& socket() const { return socket_; }

 private:
  boost::asio::awaitable<bool> WriteTls(std::string_view piece);
  // Waits for what OpenSSL wants before it can repeat what gave `result`.
  boost::asio::awaitable<bool> AwaitTls(int result);

  Socket socket_;
  TlsSession tls_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_TRANSPORT_H_

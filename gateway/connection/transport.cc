// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <limits>
#include <string>
#include <utility>

#include "boost/asio/redirect_error.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "boost/asio/write.hpp"

namespace pinhole::gateway {

namespace asio = boost::asio;
using asio::use_awaitable;
using boost::system::error_code;

namespace {

// Pieces that fit into one TLS record are sent as one.
constexpr std::size_t kRecordBytes = 16 * 1024;

}  // namespace

Transport::Transport(Socket socket, TlsSession tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.native_non_blocking(true, ignored);
}

asio::awaitable<bool> Transport::Handshake() {
  while (tls_ != nullptr) {
    if (!socket_.is_open()) co_return false;
    ERR_clear_error();
    const int result = SSL_do_handshake(tls_.get());
    if (result == 1) break;
    const bool go_on = co_await AwaitTls(result);
    if (!go_on) co_return false;
  }
  co_return true;
}

asio::awaitable<std::size_t> Transport::Read(std::span<char> to) {
  if (tls_ == nullptr) {
    error_code error;
    const std::size_t size = co_await socket_.async_read_some(
        asio::buffer(to.data(), to.size()),
        asio::redirect_error(use_awaitable, error));
    co_return error ? 0 : size;
  }
  // After a close the descriptor may belong to another connection.
  while (socket_.is_open()) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(tls_.get(), to.data(), to.size(), &size);
    if (result == 1) co_return size;
    const bool go_on = co_await AwaitTls(result);
    if (!go_on) break;
  }
  co_return 0;
}

asio::awaitable<bool> Transport::Write(Pieces pieces) {
  if (tls_ == nullptr) {
    std::array<asio::const_buffer, 3> buffers;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      buffers[i] = asio::buffer(pieces[i].data(), pieces[i].size());
    }
    error_code error;
    // Asio's default condition writes at most 64 KiB at a time.
    const auto all = [](const error_code& failure, std::size_t) {
      return failure ? 0 : std::numeric_limits<std::size_t>::max();
    };
    co_await asio::async_write(socket_, buffers, all,
                               asio::redirect_error(use_awaitable, error));
    co_return !error;
  }
  std::string joined;
  if (pieces[0].size() + pieces[1].size() + pieces[2].size() <= kRecordBytes) {
    for (std::string_view& piece : pieces) {
      joined += std::exchange(piece, std::string_view());
    }
    pieces[0] = joined;
  }
  for (const std::string_view piece : pieces) {
    const bool ok = co_await WriteTls(piece);
    if (!ok) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Transport::WriteTls(std::string_view piece) {
  while (!piece.empty()) {
    if (!socket_.is_open()) co_return false;
    ERR_clear_error();
    std::size_t size = 0;
    const int result =
        SSL_write_ex(tls_.get(), piece.data(), piece.size(), &size);
    piece.remove_prefix(size);
    if (result == 1) continue;
    const bool go_on = co_await AwaitTls(result);
    if (!go_on) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Transport::AwaitTls(int result) {
  const int why = SSL_get_error(tls_.get(), result);
  if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
    co_return false;
  }
  const auto what =
      why == SSL_ERROR_WANT_READ ? Socket::wait_read : Socket::wait_write;
  error_code error;
  co_await socket_.async_wait(what, asio::redirect_error(use_awaitable, error));
  co_return !error;
}

Transport::Peeked Transport::Peek() {
  if (!socket_.is_open()) return Peeked::kEnd;
  char byte = 0;
  if (tls_ == nullptr) {
    const auto size =
        recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size > 0) return Peeked::kBytes;
    return size < 0 && errno == EAGAIN ? Peeked::kNothing : Peeked::kEnd;
  }
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_peek_ex(tls_.get(), &byte, 1, &size);
  if (result == 1) return Peeked::kBytes;
  // It is a part of a record, or a record without data.
  return SSL_get_error(tls_.get(), result) == SSL_ERROR_WANT_READ
             ? Peeked::kNothing
             : Peeked::kEnd;
}

void Transport::Cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Transport::EndWriting() {
  if (!socket_.is_open()) return;
  if (tls_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(tls_.get());
  }
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Transport::Close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace pinhole::gateway

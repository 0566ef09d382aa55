// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "base/net/body_timeout.h"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/steady_timer.hpp"
#include "gateway/connection/abort.h"
#include "gateway/connection/transport.h"
#include "gateway/http/http_error.h"
#include "gateway/http/http_message.h"
#include "gateway/http/limits.h"
#include "gateway/http/request_parser.h"

namespace pinhole::gateway {

// One HTTP/1.1 connection: reads requests, writes responses, enforces the times
// and sizes of `Limits` and notices when the client leaves.
//
// For the HTTP thread only.  One coroutine reads and writes; functions that are
// not coroutines may be called meanwhile.  After a failed write, `reusable` is
// false.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `limits` must outlive the connection.
  Connection(Transport transport, const Limits& limits);
  ~Connection();

  // Must be called first: completes the TLS handshake, if any.  Returns whether
  // it succeeded.
  boost::asio::awaitable<bool> Open();

  struct HeadRead {
    enum class Result { kRequest, kClosed, kRefused };
    Result result = Result::kClosed;
    RequestHead head;                  // If kRequest.
    Refusal refusal = Refusal::kNone;  // If kRefused, like `status`.
    absl::Status status;
  };
  boost::asio::awaitable<HeadRead> ReadHead();

  struct BodyRead {
    enum class Result {
      kData,
      kEnd,
      kTimeout,
      kMalformed,  // The chunked encoding is malformed.
      kInterrupted,
      kBroken
    };
    Result result = Result::kBroken;
    std::string data;
  };
  // Reads until there are `size` bytes, or at least `enough`, or the body ends,
  // or `time` has passed.
  boost::asio::awaitable<BodyRead> ReadBody(
      std::size_t size, absl::Duration time = absl::InfiniteDuration(),
      std::size_t enough = std::string::npos);

  // Sends "100 Continue".  Like all functions that write, returns whether the
  // write succeeded.
  boost::asio::awaitable<bool> SendContinue();

  enum class Content { kSend, kLengthOnly };  // kLengthOnly: for HEAD.
  boost::asio::awaitable<bool> Send(const Response& response, Content content);

  // Sends a response in pieces: of `length` bytes in all, or chunked.
  boost::asio::awaitable<bool> BeginPieces(const Response& response,
                                           std::optional<std::uint64_t> length);
  boost::asio::awaitable<bool> SendPiece(std::string_view piece);
  boost::asio::awaitable<bool> EndPieces();

  // Closes the connection, but first discards what the client still sends, for
  // a moment, so that the client can read the last response.
  boost::asio::awaitable<void> Linger();

  // Ends the `ReadBody` under way, or the next one.
  void InterruptRead();

  // Until `Unwatch`, calls `abort` when `deadline` passes, when the client
  // hangs up, or when the server stops.
  void Watch(AbortCallback abort, absl::Time deadline);
  void Unwatch();

  // Serves only the next request, which must be a health check, because the
  // server has too many connections.
  void SetHealthOnly() { health_only_ = true; }
  bool health_only() const { return health_only_; }

  // Closes the connection if it is idle, else after the request under way.
  void BeginDrain();
  // Closes the connection immediately.
  void Cut();

  // Whether another request can follow the last response.
  bool reusable() const { return reusable_; }
  const std::string& peer() const { return peer_; }  // ipv4:ADDRESS:PORT

  // Bytes since the last call, heads included, TLS excluded.
  struct Traffic {
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
  };
  Traffic TakeTraffic() { return std::exchange(traffic_, Traffic()); }

 private:
  using Clock = std::chrono::steady_clock;

  // Returns whether more bytes have arrived.
  boost::asio::awaitable<bool> ReadMore();
  HeadRead Take(RequestParser::Head parsed);
  std::string FormatHead(const Response& response, std::string_view framing);
  boost::asio::awaitable<bool> Write(std::string_view head,
                                     std::string_view body,
                                     std::string_view tail);
  bool MayReuse();

  void SetDeadline(Clock::time_point when);
  void ClearDeadline() { deadline_ = Clock::time_point::max(); }
  void StartTimer(Clock::time_point when);
  void OnTimer();
  void OnReadable();
  void AwaitReadable();

  Transport transport_;
  const Limits& limits_;
  RequestParser parser_;
  BodyTimeout body_timeout_;  // For the current request.
  std::string peer_;

  bool http_1_0_ = false;
  bool chunked_answer_ = false;
  bool reusable_ = true;
  bool draining_ = false;
  bool health_only_ = false;
  bool idle_ = false;
  bool reading_body_ = false;
  bool unread_ = false;  // Bytes of the last request, or after it, are left.
  bool interrupted_ = false;

  // One timer for all deadlines; it is restarted only for an earlier deadline.
  boost::asio::steady_timer timer_;
  Clock::time_point timer_expiry_ = Clock::time_point::max();
  Clock::time_point deadline_ = Clock::time_point::max();
  bool in_io_ = false;  // The deadline is for a read or write.
  bool timed_out_ = false;

  AbortCallback watcher_;  // Empty if no call is under way.
  bool waiting_readable_ = false;

  Traffic traffic_;
};

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_CONNECTION_H_
#define PINHOLE_GATEWAY_CONNECTION_CONNECTION_H_

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

// One HTTP/1.1 connection: reads requests, writes answers, keeps the times and
// sizes of `Limits`, notices when the client goes away.
//
// For the HTTP thread only.  One coroutine reads and writes; the functions that
// are none may be called meanwhile.  After a failed write the connection is
// broken and says so in `reusable`.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `limits` must outlive the connection.
  Connection(Transport transport, const Limits& limits);
  ~Connection();

  // Before all else: TLS, where it is spoken.  Whether it succeeded.
  boost::asio::awaitable<bool> Open();

  struct HeadRead {
    enum class Result { kRequest, kClosed, kRefused };
    Result result = Result::kClosed;
    RequestHead head;                  // Of a request.
    Refusal refusal = Refusal::kNone;  // Of a refused one, with what follows.
    absl::Status status;
  };
  boost::asio::awaitable<HeadRead> ReadHead();

  struct BodyRead {
    enum class Result {
      kData,
      kEnd,
      kTimeout,
      kMalformed,  // Chunks that are none.
      kInterrupted,
      kBroken
    };
    Result result = Result::kBroken;
    std::string data;
  };
  // Reads until there are `size` bytes, or `enough`, or the body ends, for at
  // most `time` in all.
  boost::asio::awaitable<BodyRead> ReadBody(
      std::size_t size, absl::Duration time = absl::InfiniteDuration(),
      std::size_t enough = std::string::npos);

  // Says "100 Continue".  Whether it could be written, as for all that follow.
  boost::asio::awaitable<bool> SendContinue();

  enum class Content { kSend, kLengthOnly };  // The latter for HEAD.
  boost::asio::awaitable<bool> Send(const Response& response, Content content);

  // An answer in pieces: of `length` bytes, or until its end.
  boost::asio::awaitable<bool> BeginPieces(const Response& response,
                                           std::optional<std::uint64_t> length);
  boost::asio::awaitable<bool> SendPiece(std::string_view piece);
  boost::asio::awaitable<bool> EndPieces();

  // Reads what the client still sends, for a moment, so that it gets to read
  // the last answer; then closes.
  boost::asio::awaitable<void> Linger();

  // Ends a `ReadBody` under way, or the next one.
  void InterruptRead();

  // While a call is under way: calls `abort` when `deadline` passes, the client
  // hangs up or the server stops.  Until `Unwatch`.
  void Watch(AbortCallback abort, absl::Time deadline);
  void Unwatch();

  // Answers the next request, which must be about health, and closes: there is
  // no room for more.
  void SetHealthOnly() { health_only_ = true; }
  bool health_only() const { return health_only_; }

  // From now on: closes when idle, takes no further request.
  void BeginDrain();
  // Closes at once.
  void Cut();

  // Whether another request may follow the answer that was just sent.
  bool reusable() const { return reusable_; }
  const std::string& address() const { return address_; }
  const std::string& peer() const { return peer_; }  // ipv4:ADDRESS:PORT

  // What came and went since the last call, heads included, TLS not.
  struct Traffic {
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
  };
  Traffic TakeTraffic() { return std::exchange(traffic_, Traffic()); }

 private:
  using Clock = std::chrono::steady_clock;

  // Whether more bytes came.
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
  BodyTimeout body_pace_;  // Of the request at hand.
  std::string address_;
  std::string peer_;

  bool http_1_0_ = false;
  bool chunked_answer_ = false;
  bool reusable_ = true;
  bool draining_ = false;
  bool health_only_ = false;
  bool idle_ = false;
  bool reading_body_ = false;
  bool unread_ = false;  // More came than the last request, or less was read.
  bool interrupted_ = false;

  // One timer for all; it is only touched when a deadline gets nearer.
  boost::asio::steady_timer timer_;
  Clock::time_point timer_expiry_ = Clock::time_point::max();
  Clock::time_point deadline_ = Clock::time_point::max();
  bool in_io_ = false;  // The deadline is that of a read or write.
  bool timed_out_ = false;

  AbortCallback watcher_;  // Empty unless a call is under way.
  bool waiting_readable_ = false;

  Traffic traffic_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_CONNECTION_H_

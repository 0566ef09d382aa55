// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "boost/asio/awaitable.hpp"
#include "gateway/connection/connection.h"
#include "gateway/exchange/inbox.h"
#include "gateway/exchange/server_context.h"
#include "gateway/http/http_error.h"
#include "gateway/http/http_message.h"
#include "gateway/upstream/call_headers.h"
#include "gateway/upstream/upstream.h"
#include "google/protobuf/message.h"
#include "google/rpc/status.pb.h"

namespace pinhole::gateway {

using MessagePtr = std::unique_ptr<google::protobuf::Message>;

// One HTTP request and its response: what the handlers of all kinds of calls
// share.  A handler reads the request from `head` and `connection`, makes calls
// with `MakeHeaders` and `inbox`, and sends one response.
//
// For the HTTP thread only.  One handler uses an exchange at a time.
class Exchange {
 public:
  // `context` and `connection` must outlive the exchange.  `head` is empty if
  // the request could not be parsed.
  Exchange(const ServerContext& context, Connection& connection,
           RequestHead head);
  // Callbacks of the upstream that arrive later have no effect.
  ~Exchange() { inbox_->on_change = nullptr; }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const ServerContext& context() const { return context_; }
  Connection& connection() { return connection_; }
  Inbox& inbox() { return *inbox_; }
  const RequestHead& head() const { return head_; }
  bool IsHead() const { return head_.method == "HEAD"; }
  const std::string& request_id() const { return request_id_; }
  // The deadline of the call; infinite before `MakeHeaders`.
  absl::Time deadline() const { return deadline_; }

  // The `route` label of metrics and log, which must outlive the exchange, and
  // whether the duration of the call is up to its client.
  void SetRoute(std::string_view label, bool streamed = false) {
    route_label_ = label;
    streamed_ = streamed;
  }
  // Tells the observer and the access log how the exchange ended.
  void Report(std::string_view method, int code, absl::Duration took);

  // The headers of the call, with a deadline: the one that the client asks for,
  // at most the larger of the server's maximum and `default_timeout`; or else
  // `default_timeout` from now.
  CallHeaders MakeHeaders(absl::Duration default_timeout);
  // The upstream has let the caller send its body.
  void SetAdmitted() { admitted_ = true; }

  // Waits for the next reply; nothing if the call was aborted first.
  boost::asio::awaitable<std::optional<UpstreamReply>> AwaitReply();
  // Starts to read the next message of `stream`, then waits as `AwaitReply`.
  boost::asio::awaitable<std::optional<UpstreamReply>> Read(
      ResponseStream& stream);
  void BeginWrite(RequestStream& stream, MessagePtr message);
  // Waits for the end of the last write; whether the stream takes more.
  boost::asio::awaitable<bool> AwaitWrite();
  // Whether a reply interrupts the reading of the request body: an early error
  // has to reach a client that is still sending.
  void SetReplyInterruptsBody(bool interrupts);

  // Responses.  The plain functions need their arguments only for the call.
  boost::asio::awaitable<void> Refuse(const absl::Status& status,
                                      Refusal refusal = Refusal::kNone) {
    return SendError(ToProto(status), refusal, HeaderList());
  }
  boost::asio::awaitable<void> SendError(const google::rpc::Status& status) {
    return SendError(status, Refusal::kNone, HeaderList());
  }
  boost::asio::awaitable<void> SendError(google::rpc::Status status,
                                         Refusal refusal, HeaderList more);
  // The body has an encoding that the route does not take, but for `accepted`.
  boost::asio::awaitable<void> RefuseEncoding(std::string_view accepted);
  // Answers OPTIONS, or refuses a method that is not one of `methods`.
  boost::asio::awaitable<void> AnswerAllowed(std::vector<std::string> methods);
  // After an abort: an error if the deadline has passed; else the client cannot
  // read an answer, and the connection is cut.
  boost::asio::awaitable<void> AnswerAbort();
  // The error that an abort means to a stream.
  google::rpc::Status AbortStatus() const;
  boost::asio::awaitable<void> Send(Response response);
  // Begins a response in pieces, which are sent over the connection.  Whether
  // the head could be written.
  boost::asio::awaitable<bool> Begin(Response response,
                                     std::optional<std::uint64_t> length);
  // Cuts the connection because the response cannot be completed.
  void Abandon();

  // The status code sent; 499 if none was, or not all of the response.
  int code() const { return code_; }

 private:
  const ServerContext& context_;
  Connection& connection_;
  const RequestHead head_;
  const std::string request_id_;
  const std::shared_ptr<Inbox> inbox_;

  std::string_view route_label_ = "_other";
  bool streamed_ = false;
  absl::Time deadline_ = absl::InfiniteFuture();
  bool admitted_ = false;
  int code_ = 499;
  std::string traceparent_;  // Empty if no call was made.
};

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_EXCHANGE_EXCHANGE_H_
#define PINHOLE_GATEWAY_EXCHANGE_EXCHANGE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/thread_pool.hpp"
#include "gateway/connection/access_record.h"
#include "gateway/connection/connection.h"
#include "gateway/connection/observer.h"
#include "gateway/exchange/event_stream.h"
#include "gateway/exchange/inbox.h"
#include "gateway/exchange/pages.h"
#include "gateway/exchange/upload_body.h"
#include "gateway/http/answer.h"
#include "gateway/http/http_error.h"
#include "gateway/http/limits.h"
#include "gateway/http/range.h"
#include "gateway/rules/route.h"
#include "gateway/rules/router.h"
#include "gateway/transcode/raw_body.h"
#include "gateway/upstream/call_headers.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// What all requests share; outlives them.
struct Surroundings {
  const Router& router;
  const Pages& pages;
  Upstream& upstream;
  Observer& observer;
  const Limits& limits;
  const AnswerPolicy& answers;
  const std::vector<std::string>& ignored_parameters;
  // Also kept by the upstream's callbacks, which may outlive the server.
  std::shared_ptr<boost::asio::io_context> io;
  const HeaderPolicy& headers;
  const ClientFinder& clients;
  // Null: nobody keeps a log.
  const std::function<void(const AccessRecord&)>& on_answered;
  // Whether /readyz says so.
  const std::atomic<bool>& ready;
  // The text of /metrics; null if it is not served.
  const std::function<std::string()>& metrics;
  const bool metrics_for_loopback_only;
  boost::asio::thread_pool& workers;  // For what takes milliseconds.
};

inline constexpr std::string_view kMetricsPath = "/metrics";

// One request and its answer.  For the HTTP thread only.
class Exchange {
 public:
  // The arguments must outlive the exchange.
  Exchange(const Surroundings& around, Connection& connection,
           Connection::HeadRead read);
  // Callbacks that are still to come find nobody.
  ~Exchange() { inbox_->on_change = nullptr; }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Answers; afterwards the connection says whether it can go on.
  boost::asio::awaitable<void> Run();

 private:
  using MessagePtr = std::unique_ptr<google::protobuf::Message>;
  using Done = boost::asio::awaitable<void>;

  Done Answer();
  // To the observer and the log.
  void Report(std::string_view method, int code, absl::Duration took);
  Done AnswerRoute(const Router::Match& match, std::string_view query);
  // Before the body is read; false: the client has been told why not.
  boost::asio::awaitable<bool> Admit();
  Done AnswerHealth(std::string_view path);
  Done AnswerPage(const Pages::Page& page);
  // Whether there is /metrics for this request.
  bool HasMetrics() const;
  Done AnswerMetrics();
  // To OPTIONS, and to a method that is none of them.
  Done AnswerAllowed(std::vector<std::string> methods);
  Done AnswerPreflight(std::string_view path);

  // The call of a request that is all there.
  Done Call(MessagePtr request);
  // One for each kind of route.
  Done Unary(MessagePtr request);
  Done Upload(const std::vector<std::string>& values, std::string_view query);
  Done UploadBytes(const std::vector<std::string>& values,
                   std::string_view query);
  Done UploadForm(std::string_view query);
  Done Download(MessagePtr request);
  Done Stream(MessagePtr request);
  Done TakeLines(const Router::Match& match, std::string_view query);

  boost::asio::awaitable<std::optional<std::string>> ReadJsonBody();
  Done RefuseUpload(const absl::Status& status, Refusal refusal);
  // Until `EndUpload`, a reply interrupts the reading of the body.
  std::unique_ptr<RequestStream> BeginUpload();
  Done SendUpload(RequestStream& stream, MessagePtr first, UploadBody& body);
  // The answer, after what was read last.
  Done EndUpload(const UploadBody::Read& last);
  Done SendWhole(MessagePtr request, UploadBody& body);
  Done AnswerUpload(const UploadBody::Read& last);
  // A download of which the head has come.
  struct OpenDownload {
    std::unique_ptr<ResponseStream> stream;
    MessagePtr first;
    DownloadHead head;
  };
  // Nothing if the error is answered.
  boost::asio::awaitable<std::optional<OpenDownload>> BeginDownload(
      const google::protobuf::Message& request, std::uint64_t offset);
  Done RefuseRange(std::optional<std::uint64_t> size);
  // To a client that wants another version than there is.
  Done RefuseTag(const std::string& etag);
  Done SendDownload(OpenDownload download, std::optional<ByteSpan> part);
  // Whether all bytes were sent that were promised.
  boost::asio::awaitable<bool> SendPieces(OpenDownload download,
                                          std::optional<std::uint64_t> length,
                                          bool to_the_end);
  Done SendBytes(const google::protobuf::Message& message);
  Done SendRecords(ResponseStream& stream, StreamForm form);
  // Waits for the next message or the end; sends the head and heartbeats when
  // they are due.  Nothing if nobody is there to read, or the head was all.
  boost::asio::awaitable<std::optional<UpstreamReply>> AwaitRecord(
      StreamForm form);
  boost::asio::awaitable<bool> BeginRecords(StreamForm form,
                                            const Metadata& metadata);

  // How the lines of a body ended, or what is wrong with one.
  struct LinesEnd {
    Connection::BodyRead::Result result =
        Connection::BodyRead::Result::kInterrupted;
    absl::Status status;
    Refusal refusal = Refusal::kNone;
  };
  boost::asio::awaitable<LinesEnd> ForwardLines(RequestStream& stream,
                                                const Router::Match& match,
                                                std::string_view query);
  absl::Status CheckLineSize(std::size_t size, std::size_t number,
                             Refusal* refusal) const;

  void BeginWrite(RequestStream& stream, MessagePtr message);
  // Whether the last message was taken and the stream takes more.
  boost::asio::awaitable<bool> AwaitWrite();
  // Waits for the next message or the end; nothing if the call was aborted.
  boost::asio::awaitable<std::optional<UpstreamReply>> ReadUpstream(
      ResponseStream& stream);
  boost::asio::awaitable<std::optional<UpstreamReply>> AwaitReply();

  // The answer to an abort: an error if somebody is there to read it.
  Done AnswerAbort();
  // Plain functions: the arguments need not outlive the call.
  Done Refuse(const absl::Status& status, Refusal refusal = Refusal::kNone) {
    return SendError(ToProto(status), refusal, HeaderList());
  }
  Done SendError(const google::rpc::Status& status) {
    return SendError(status, Refusal::kNone, HeaderList());
  }
  // A body that did not arrive.
  Done RefuseBody(Connection::BodyRead::Result why);
  // `accepted`: what may be sent instead.
  Done RefuseEncoding(std::string_view accepted);
  Done SendError(google::rpc::Status status, Refusal refusal, HeaderList more);
  Done SendReply(const UpstreamReply& reply);
  Done Send(Response response);
  // Instead, for an answer in pieces; whether it could be written.
  boost::asio::awaitable<bool> Begin(Response response,
                                     std::optional<std::uint64_t> length);

  google::rpc::Status AbortStatus() const;
  // The call's headers with a deadline: the client's, or `otherwise` from now.
  CallHeaders MakeHeaders(absl::Duration otherwise);
  bool IsHead() const { return head_.method == "HEAD"; }

  const Surroundings& around_;
  Connection& connection_;
  const Connection::HeadRead read_;
  const RequestHead& head_;
  const std::string request_id_;
  const std::shared_ptr<Inbox> inbox_;

  const Route* route_ = nullptr;
  std::string_view route_label_ = "_other";
  absl::Time deadline_ = absl::InfiniteFuture();
  bool admitted_ = false;    // The upstream has said so.
  bool begun_ = false;       // A stream's head was sent.
  int code_ = 499;           // Until an answer is written.
  std::string traceparent_;  // Of a call.
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_EXCHANGE_EXCHANGE_H_

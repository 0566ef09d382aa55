// SPDX-License-Identifier: Apache-2.0

#include "gateway/exchange/exchange.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "gateway/http/compression.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

Exchange::Exchange(const ServerContext& context, Connection& connection,
                   RequestHead head)
    : context_(context),
      connection_(connection),
      head_(std::move(head)),
      request_id_(ChooseRequestId(head_.Header("x-request-id"))),
      inbox_(std::make_shared<Inbox>(context.io)) {}

void Exchange::Report(std::string_view method, int code, absl::Duration took) {
  const auto traffic = connection_.TakeTraffic();
  AccessRecord request = {.method = method,
                          .route = route_label_,
                          .code = code,
                          .took = took,
                          .received_bytes = traffic.received_bytes,
                          .sent_bytes = traffic.sent_bytes,
                          .request_id = request_id_,
                          .peer = connection_.peer(),
                          .traceparent = traceparent_,
                          .streamed = streamed_};
  if (WasRefused(code)) {
    request.client = context_.clients.Find(head_.headers, connection_.peer(),
                                           head_.Header("host"));
  }
  context_.observer.Finished(request);
  if (context_.on_answered) context_.on_answered(request);
}

CallHeaders Exchange::MakeHeaders(absl::Duration default_timeout) {
  CallHeaders headers =
      MakeCallHeaders(head_, request_id_,
                      context_.clients.Find(head_.headers, connection_.peer(),
                                            head_.Header("host")),
                      connection_.peer(), context_.headers);
  const auto asked = ParseGrpcTimeout(head_.Header("grpc-timeout"));
  const absl::Duration most =
      std::max(default_timeout, context_.limits.max_timeout);
  const absl::Duration timeout =
      asked ? std::min(*asked, most) : default_timeout;
  deadline_ = absl::Now() + timeout;
  headers.deadline = deadline_;
  headers.admitted = admitted_;
  traceparent_ = headers.traceparent;
  return headers;
}

asio::awaitable<std::optional<UpstreamReply>> Exchange::AwaitReply() {
  if (!inbox_->reply) connection_.Watch(inbox_->AbortReceiver(), deadline_);
  while (!inbox_->reply) {
    if (inbox_->abort == AbortReason::kDrain) inbox_->abort.reset();
    if (inbox_->abort) co_return std::nullopt;
    co_await inbox_->Wait();
  }
  connection_.Unwatch();
  co_return std::exchange(inbox_->reply, std::nullopt);
}

asio::awaitable<std::optional<UpstreamReply>> Exchange::Read(
    ResponseStream& stream) {
  stream.Read(inbox_->ReplyReceiver());
  return AwaitReply();
}

void Exchange::BeginWrite(RequestStream& stream, MessagePtr message) {
  inbox_->wrote.reset();
  stream.Write(std::move(message), inbox_->WriteReceiver());
}

asio::awaitable<bool> Exchange::AwaitWrite() {
  if (!inbox_->wrote) connection_.Watch(inbox_->AbortReceiver(), deadline_);
  while (!inbox_->wrote && !inbox_->reply) {
    if (inbox_->abort == AbortReason::kDrain) inbox_->abort.reset();
    if (inbox_->abort) break;
    co_await inbox_->Wait();
  }
  connection_.Unwatch();
  co_return inbox_->wrote.value_or(false) && !inbox_->abort;
}

void Exchange::SetReplyInterruptsBody(bool interrupts) {
  inbox_->on_change = nullptr;
  if (!interrupts) return;
  inbox_->on_change = [this] {
    if (inbox_->reply) connection_.InterruptRead();
  };
}

asio::awaitable<void> Exchange::SendError(google::rpc::Status status,
                                          Refusal refusal, HeaderList more) {
  AddCommonDetails(request_id_, &status);
  HttpError error = MakeHttpError(status, refusal);
  Response response;
  response.code = error.code;
  response.body = std::move(error.body);
  response.headers = std::move(more);
  response.headers.emplace_back("Content-Type", "application/json");
  for (auto& header : error.headers) {
    response.headers.push_back(std::move(header));
  }
  co_await Send(std::move(response));
}

asio::awaitable<void> Exchange::RefuseEncoding(std::string_view accepted) {
  HeaderList more;
  more.emplace_back("Accept-Encoding", std::string(accepted));
  return SendError(
      ToProto(InvalidField(
          "Content-Encoding",
          fmt::format("is not known here; send the body as {}", accepted),
          Reason::kUnsupportedMediaType)),
      Refusal::kMediaType, std::move(more));
}

asio::awaitable<void> Exchange::AnswerAllowed(
    std::vector<std::string> methods) {
  HeaderList allow;
  allow.emplace_back("Allow", FormatAllow(std::move(methods)));
  if (head_.method == "OPTIONS") {
    Response response;
    response.code = 204;
    response.headers = std::move(allow);
    return Send(std::move(response));
  }
  return SendError(ToProto(MakeError(Reason::kMethodNotAllowed,
                                     fmt::format("this path does not take {}",
                                                 head_.method))),
                   Refusal::kMethodNotAllowed, std::move(allow));
}

asio::awaitable<void> Exchange::AnswerAbort() {
  connection_.Unwatch();
  if (inbox_->abort == AbortReason::kDeadline) {
    const google::rpc::Status status = AbortStatus();
    co_await SendError(status);
  } else {
    connection_.Cut();
  }
}

google::rpc::Status Exchange::AbortStatus() const {
  if (inbox_->abort == AbortReason::kDeadline) {
    return ToProto(
        MakeError(Reason::kDeadlineExceeded, "the call took too long"));
  }
  return ToProto(MakeError(Reason::kShuttingDown, "the server is stopping"));
}

asio::awaitable<void> Exchange::Send(Response response) {
  CompressBody(head_, &response);
  AddCommonHeaders(head_, request_id_, context_.answers, &response);
  const auto content =
      IsHead() ? Connection::Content::kLengthOnly : Connection::Content::kSend;
  if (co_await connection_.Send(response, content)) code_ = response.code;
}

asio::awaitable<bool> Exchange::Begin(Response response,
                                      std::optional<std::uint64_t> length) {
  AddCommonHeaders(head_, request_id_, context_.answers, &response);
  const bool ok = co_await connection_.BeginPieces(response, length);
  if (ok) code_ = response.code;
  co_return ok;
}

void Exchange::Abandon() {
  code_ = 499;
  connection_.Cut();
}

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#include "gateway/exchange/exchange.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "fmt/format.h"
#include "gateway/http/compression.h"
#include "gateway/http/cors.h"
#include "gateway/http/uri.h"
#include "gateway/transcode/json_limits.h"
#include "gateway/transcode/request_message.h"
#include "gateway/transcode/success.h"
#include "gateway/upstream/call_headers.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// Whether the process lives, by either of its usual names, and whether its
// server serves.
constexpr std::array<std::string_view, 3> kHealthPaths = {"/healthz", "/livez",
                                                          "/readyz"};

// A shorter body of JSON is read and parsed in less time than it takes to ask
// another process whether its sender is signed in.
constexpr std::uint64_t kCostlyBytes = 4096;

std::string_view MethodLabel(std::string_view method) {
  constexpr std::array<std::string_view, 9> kKnown = {
      "GET",     "HEAD",  "POST",    "PUT",  "DELETE",
      "CONNECT", "TRACE", "OPTIONS", "PATCH"};
  const auto* const found = std::find(kKnown.begin(), kKnown.end(), method);
  return found == kKnown.end() ? "_OTHER" : *found;
}

}  // namespace

Exchange::Exchange(const Surroundings& around, Connection& connection,
                   Connection::HeadRead read)
    : around_(around),
      connection_(connection),
      read_(std::move(read)),
      head_(read_.head),
      request_id_(ChooseRequestId(head_.Header("x-request-id"))),
      inbox_(std::make_shared<Inbox>(around.io)) {}

asio::awaitable<void> Exchange::Run() {
  const std::string_view method = MethodLabel(head_.method);
  const absl::Time start = absl::Now();
  around_.observer.Started(method);
  int code = 500;  // What a fault leaves behind.
  const absl::Cleanup report = [&] {
    Report(method, code, absl::Now() - start);
  };
  if (read_.result == Connection::HeadRead::Result::kRefused) {
    co_await Refuse(read_.status, read_.refusal);
  } else {
    co_await Answer();
  }
  connection_.Unwatch();
  code = code_;
}

void Exchange::Report(std::string_view method, int code, absl::Duration took) {
  const auto traffic = connection_.TakeTraffic();
  const bool streamed =
      route_ != nullptr && (route_->method->client_streaming() ||
                            route_->method->server_streaming());
  AccessRecord request = {.method = method,
                          .route = route_label_,
                          .code = code,
                          .took = took,
                          .received_bytes = traffic.received_bytes,
                          .sent_bytes = traffic.sent_bytes,
                          .request_id = request_id_,
                          .peer = connection_.peer(),
                          .traceparent = traceparent_,
                          .streamed = streamed};
  if (WasRefused(code)) {
    request.client = around_.clients.Find(head_.headers, connection_.peer(),
                                          head_.Header("host"));
  }
  around_.observer.Finished(request);
  if (around_.on_answered) around_.on_answered(request);
}

asio::awaitable<void> Exchange::Answer() {
  if (head_.method == "OPTIONS" && head_.target == "*") {
    Response response;
    response.code = 204;
    co_await Send(std::move(response));
    co_return;
  }
  const auto target = SplitTarget(head_.target);
  if (!target.ok()) {
    co_await Refuse(target.status());
    co_return;
  }
  if (IsPreflight(head_, around_.answers)) {
    co_await AnswerPreflight(target->path);
    co_return;
  }
  const auto* const health =
      std::find(kHealthPaths.begin(), kHealthPaths.end(), target->path);
  if (health != kHealthPaths.end()) {
    co_await AnswerHealth(*health);
    co_return;
  }
  if (connection_.health_only()) {
    const absl::Status status = absl::UnavailableError(
        "the server has as many connections as it may have; try again later");
    co_await Refuse(status);
    co_return;
  }
  if (const Pages::Page* page = around_.pages.Find(target->path)) {
    co_await AnswerPage(*page);
    co_return;
  }
  if (target->path == kMetricsPath && HasMetrics()) {
    co_await AnswerMetrics();
    co_return;
  }
  const auto match = around_.router.Find(head_.method, target->path);
  if (!match.ok()) {
    co_await Refuse(match.status());
  } else if (match->route != nullptr) {
    const std::string query =
        WithoutParameters(target->query, around_.ignored_parameters);
    co_await AnswerRoute(*match, query);
  } else if (!match->allowed_methods.empty()) {
    std::vector<std::string> methods = match->allowed_methods;
    co_await AnswerAllowed(std::move(methods));
  } else {
    const absl::Status status =
        absl::NotFoundError("there is nothing at this path");
    co_await Refuse(status);
  }
}

asio::awaitable<void> Exchange::AnswerAllowed(
    std::vector<std::string> methods) {
  HeaderList allow;
  allow.emplace_back("Allow", FormatAllow(std::move(methods)));
  if (head_.method == "OPTIONS") {
    Response response;
    response.code = 204;
    response.headers = std::move(allow);
    co_await Send(std::move(response));
    co_return;
  }
  const absl::Status status = absl::UnimplementedError(
      fmt::format("this path does not take {}", head_.method));
  google::rpc::Status proto = ToProto(status);
  co_await SendError(std::move(proto), Refusal::kMethodNotAllowed,
                     std::move(allow));
}

asio::awaitable<void> Exchange::AnswerPreflight(std::string_view path) {
  const std::string_view asked = head_.Header("access-control-request-method");
  const auto match = around_.router.Find(asked, path);
  std::vector<std::string> methods;
  if (match.ok() && match->route != nullptr) {
    route_label_ = match->route->template_text;
  } else if (match.ok()) {
    methods = match->allowed_methods;
  }
  Response response;
  response.code = 204;
  AddPreflightHeaders(head_, around_.answers, methods, &response);
  co_await Send(std::move(response));
}

asio::awaitable<void> Exchange::AnswerRoute(const Router::Match& match,
                                            std::string_view query) {
  route_ = match.route;
  route_label_ = route_->template_text;
  const std::string_view timeout = head_.Header("grpc-timeout");
  if (!timeout.empty() && !ParseGrpcTimeout(timeout)) {
    const absl::Status status =
        InvalidField("Grpc-Timeout", "must be like 10S or 250m");
    co_await Refuse(status);
    co_return;
  }
  const absl::Status headers = CheckCallHeaders(head_, around_.headers);
  if (!headers.ok()) {
    co_await Refuse(headers);
    co_return;
  }
  if (head_.has_body && !co_await Admit()) co_return;
  if (route_->raw_request) {
    co_await Upload(match.values, query);
    co_return;
  }
  if (route_->method->client_streaming()) {
    co_await TakeLines(match, query);
    co_return;
  }
  const auto body = co_await ReadJsonBody();
  if (!body) co_return;
  const auto parse = [&]() -> asio::awaitable<absl::StatusOr<MessagePtr>> {
    co_return MakeRequest(*route_, match.values, query, *body,
                          around_.limits.json_depth);
  };
  absl::StatusOr<MessagePtr> request;
  if (body->size() <= kUndeclaredJsonBytes) {
    request = co_await parse();
  } else {  // It takes milliseconds, in which everybody else would wait.
    request =
        co_await asio::co_spawn(around_.workers, parse, asio::use_awaitable);
  }
  if (!request.ok()) {
    co_await Refuse(request.status());
  } else {
    co_await Call(*std::move(request));
  }
}

asio::awaitable<bool> Exchange::Admit() {
  const CallHeaders headers = MakeHeaders(around_.limits.default_timeout);
  const bool costly =
      !route_->raw_request &&
      (ContentEncoding(head_) != Encoding::kIdentity ||
       head_.content_length.value_or(kCostlyBytes) >= kCostlyBytes);
  const auto asked = around_.upstream.Admit(*route_->method, headers, costly,
                                            inbox_->ReplyReceiver());
  if (asked == nullptr) co_return true;
  const auto reply = co_await AwaitReply();
  admitted_ = reply && reply->status.code() == 0;
  if (!reply) {
    co_await AnswerAbort();
  } else if (!admitted_) {
    co_await SendReply(*reply);
  }
  co_return admitted_;
}

asio::awaitable<void> Exchange::Call(MessagePtr request) {
  if (!route_->method->server_streaming()) {
    co_await Unary(std::move(request));
  } else if (route_->raw_response) {
    co_await Download(std::move(request));
  } else {
    co_await Stream(std::move(request));
  }
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

asio::awaitable<void> Exchange::SendReply(const UpstreamReply& reply) {
  HeaderList more = AnswerHeaders(reply.metadata, around_.headers);
  if (reply.message == nullptr) {
    co_await SendError(reply.status, Refusal::kNone, std::move(more));
    co_return;
  }
  if (route_->raw_response) {
    co_await SendBytes(*reply.message);
    co_return;
  }
  auto response = MakeSuccess(*route_, *reply.message);
  if (!response.ok()) {
    co_await Refuse(response.status());
    co_return;
  }
  for (auto& header : more) response->headers.push_back(std::move(header));
  co_await Send(*std::move(response));
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
    return ToProto(absl::DeadlineExceededError("the call took too long"));
  }
  return ToProto(absl::UnavailableError("the server is stopping"));
}

asio::awaitable<void> Exchange::SendError(google::rpc::Status status,
                                          Refusal refusal, HeaderList more) {
  AddRequestInfo(request_id_, &status);
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

asio::awaitable<void> Exchange::Send(Response response) {
  CompressBody(head_, &response);
  AddCommonHeaders(head_, request_id_, around_.answers, &response);
  const auto content =
      IsHead() ? Connection::Content::kLengthOnly : Connection::Content::kSend;
  if (co_await connection_.Send(response, content)) code_ = response.code;
}

asio::awaitable<bool> Exchange::Begin(Response response,
                                      std::optional<std::uint64_t> length) {
  AddCommonHeaders(head_, request_id_, around_.answers, &response);
  const bool ok = co_await connection_.BeginPieces(response, length);
  if (ok) code_ = response.code;
  co_return ok;
}

CallHeaders Exchange::MakeHeaders(absl::Duration otherwise) {
  CallHeaders headers =
      MakeCallHeaders(head_, request_id_,
                      around_.clients.Find(head_.headers, connection_.peer(),
                                           head_.Header("host")),
                      connection_.peer(), around_.headers);
  const auto asked = ParseGrpcTimeout(head_.Header("grpc-timeout"));
  absl::Duration timeout = otherwise;
  // Who may take long unasked may also ask for long.
  const absl::Duration most = std::max(otherwise, around_.limits.max_timeout);
  if (asked) timeout = std::min(*asked, most);
  deadline_ = absl::Now() + timeout;
  headers.deadline = deadline_;
  headers.admitted = admitted_;
  traceparent_ = headers.traceparent;
  return headers;
}

}  // namespace pinhole::gateway

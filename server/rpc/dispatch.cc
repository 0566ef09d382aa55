// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/dispatch.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "base/bearer_token.h"
#include "base/errors.h"
#include "base/request_id.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/rpc/error_details.h"
#include "server/rpc/paced_reader.h"

namespace pinhole::rpc {
namespace {

absl::Status DeadlinePassed() {
  return MakeError(Reason::kDeadlineExceeded, "the deadline has passed");
}

absl::Status CheckNotOver(const Call& call, absl::Time now) {
  if (call.deadline <= now) {
    return DeadlinePassed();
  }
  if (call.stop.stop_requested()) {
    return MakeError(Reason::kCancelled, "the call was cancelled");
  }
  return absl::OkStatus();
}

// A handler that was stopped returns CANCELLED; the client gets the cause.
absl::Status WithCause(absl::Status status, const Call& call) {
  if (!absl::IsCancelled(status) || !call.stop.stop_requested()) return status;
  if (call.deadline <= absl::Now()) {
    return DeadlinePassed();
  }
  if (call.server_stopping) {
    return MakeError(Reason::kShuttingDown, "the server is shutting down");
  }
  return status;
}

absl::Status TooManyCalls(int most) {
  constexpr absl::Duration kRetryDelay = absl::Seconds(1);
  return WithRetryDelay(
      MakeError(Reason::kTooManyCalls,
                fmt::format("the server has {} calls in progress, the maximum; "
                            "retry in {}",
                            most, absl::FormatDuration(kRetryDelay))),
      kRetryDelay);
}

// The session token of the call; empty if it has none.
absl::StatusOr<std::string_view> TokenOf(const Call& call) {
  const auto sent = std::count_if(
      call.metadata.begin(), call.metadata.end(),
      [](const auto& header) { return header.first == "authorization"; });
  if (sent == 0) return std::string_view();
  const std::optional<std::string_view> token =
      sent == 1 ? ParseBearerToken(call.Header("authorization")) : std::nullopt;
  if (token) return *token;
  return MakeError(
      Reason::kInvalidAuthorization,
      "there must be exactly one authorization header, of the form `Bearer "
      "TOKEN`");
}

absl::Status CheckAccess(const Method& method, const Caller& caller) {
  if (method.access == v1::ACCESS_ANYONE) return absl::OkStatus();
  if (!caller.user) {
    return MakeError(
        Reason::kNotSignedIn,
        "sign in: send the token of a session as `authorization: Bearer "
        "TOKEN`");
  }
  if (method.access == v1::ACCESS_ADMINISTRATOR && !caller.administrator) {
    return MakeError(Reason::kAdministratorRequired,
                     "only administrators can do this");
  }
  return absl::OkStatus();
}

// An exception of a library is an internal error.
absl::Status Fault(const std::exception& thrown) {
  return MakeError(Reason::kInternal,
                   fmt::format("exception: {}", thrown.what()));
}

Task<absl::Status> Guarded(Call& call, Task<absl::Status> handler) {
  const ScopedCallTiming measured(&call.parts);
  call.parts.Enter(CallPhase::kRest);
  try {
    co_return co_await std::move(handler);
  } catch (const std::exception& thrown) {
    co_return Fault(thrown);
  }
}

class CountingReader final : public MessageReader {
 public:
  CountingReader(MessageReader& inner, const Method& method,
                 Dispatch::Observer& observer)
      : inner_(inner), method_(method), observer_(observer) {}

  Task<absl::StatusOr<bool>> Read(google::protobuf::Message* message) override {
    absl::StatusOr<bool> more = co_await inner_.Read(message);
    if (more.ok() && *more) observer_.MessageReceived(method_);
    co_return more;
  }

 private:
  MessageReader& inner_;
  const Method& method_;
  Dispatch::Observer& observer_;
};

class CountingWriter final : public MessageWriter {
 public:
  CountingWriter(MessageWriter& inner, const Method& method,
                 Dispatch::Observer& observer)
      : inner_(inner), method_(method), observer_(observer) {}

  Task<absl::Status> Begin() override { return inner_.Begin(); }

  Task<absl::Status> Write(google::protobuf::Message& message) override {
    absl::Status status = co_await inner_.Write(message);
    if (status.ok()) observer_.MessageSent(method_);
    co_return status;
  }

 private:
  MessageWriter& inner_;
  const Method& method_;
  Dispatch::Observer& observer_;
};

}  // namespace

Dispatch::Dispatch(const Registry& registry, Authenticate authenticate,
                   Observer& observer, Options options)
    : registry_(registry),
      authenticate_(std::move(authenticate)),
      observer_(observer),
      options_(std::move(options)),
      rates_(std::make_unique<RateLimits>(options_.rates)),
      concurrency_(std::make_unique<ConcurrencyLimits>(options_.concurrency)) {}

Task<google::rpc::Status> Dispatch::Unary(
    const Method& method, Call& call, const google::protobuf::Message& request,
    google::protobuf::Message* response) const {
  const int under_way = Begin(method, call);
  observer_.MessageReceived(method);
  absl::Status status = co_await Check(method, call, under_way);
  if (status.ok()) {
    Task<absl::Status> handler = method.unary(call, request, response);
    status = co_await Guarded(call, std::move(handler));
  }
  if (status.ok()) observer_.MessageSent(method);
  co_return End(method, call, std::move(status));
}

Task<google::rpc::Status> Dispatch::ClientStreaming(
    const Method& method, Call& call, MessageReader& requests,
    google::protobuf::Message* response) const {
  const int under_way = Begin(method, call);
  PacedReader paced(requests, call, options_.pace);
  CountingReader reader(paced, method, observer_);
  absl::Status status = co_await Check(method, call, under_way);
  if (status.ok()) {
    Task<absl::Status> handler =
        method.client_streaming(call, reader, response);
    status = co_await Guarded(call, std::move(handler));
  }
  if (status.ok()) observer_.MessageSent(method);
  co_return End(method, call, std::move(status));
}

Task<google::rpc::Status> Dispatch::ServerStreaming(
    const Method& method, Call& call, const google::protobuf::Message& request,
    MessageWriter& responses) const {
  const int under_way = Begin(method, call);
  observer_.MessageReceived(method);
  CountingWriter writer(responses, method, observer_);
  absl::Status status = co_await Check(method, call, under_way);
  if (status.ok()) {
    Task<absl::Status> handler = method.server_streaming(call, request, writer);
    status = co_await Guarded(call, std::move(handler));
  }
  co_return End(method, call, std::move(status));
}

Task<google::rpc::Status> Dispatch::BidiStreaming(
    const Method& method, Call& call, MessageReader& requests,
    MessageWriter& responses) const {
  const int under_way = Begin(method, call);
  CountingReader reader(requests, method, observer_);
  CountingWriter writer(responses, method, observer_);
  absl::Status status = co_await Check(method, call, under_way);
  if (status.ok()) {
    Task<absl::Status> handler = method.bidi_streaming(call, reader, writer);
    status = co_await Guarded(call, std::move(handler));
  }
  co_return End(method, call, std::move(status));
}

Task<google::rpc::Status> Dispatch::Admit(const Method& method,
                                          Call& call) const {
  FindClient(call);
  int under_way = 0;
  {
    absl::MutexLock lock(&mutex_);
    under_way = ++under_way_;
  }
  absl::Status status = co_await Check(method, call, under_way);
  call.slots.clear();
  const bool refused = !status.ok();
  if (refused) Begin(method, call);
  {
    absl::MutexLock lock(&mutex_);
    --under_way_;
  }
  if (!refused) co_return google::rpc::Status();
  co_return End(method, call, std::move(status));
}

google::rpc::Status Dispatch::Refuse(const Method& method, Call& call,
                                     const absl::Status& reason) const {
  Begin(method, call);
  // Requests that cannot be parsed count as well.
  absl::Status status = rates_->TakeForAddress(call.client, absl::Now());
  return End(method, call, status.ok() ? reason : status);
}

void Dispatch::WaitForCalls() const {
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return under_way_ == 0;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&none));
}

void Dispatch::FindClient(Call& call) const {
  if (call.client_known) return;
  call.client =
      options_.clients->Find(call.metadata, call.peer, call.authority);
}

int Dispatch::Begin(const Method& method, Call& call) const {
  call.parts.Begin(CallPhase::kAdmission);
  int under_way = 0;
  {
    absl::MutexLock lock(&mutex_);
    under_way = ++under_way_;
  }
  observer_.Started(method);
  const std::string_view wanted = call.Header("x-request-id");
  call.request_id = ChooseRequestId(wanted);
  const bool named = call.request_id == wanted;
  // A generated id is sent only with errors (see `End`): a trailer costs as
  // much as a read of the database.
  if (named) call.trailers.emplace_back("x-request-id", call.request_id);
  FindClient(call);
  const absl::Time now = absl::Now();
  if (method.access == v1::ACCESS_ADMINISTRATOR) {
    call.deadline = std::min(call.deadline, now + options_.max_admin_deadline);
  } else if (method.unary) {
    call.deadline = std::min(call.deadline, now + options_.max_deadline);
  } else if (method.client_streaming) {
    call.deadline = std::min(call.deadline, now + options_.max_upload_deadline);
  }
  return under_way;
}

// The address is counted before the token is checked, so that calls with bad
// tokens, and calls whose session is still being looked up, are limited too.
Task<absl::Status> Dispatch::Check(const Method& method, Call& call,
                                   int under_way) const {
  const absl::Time now = absl::Now();
  CO_RETURN_IF_ERROR(CheckNotOver(call, now));
  if (!IsOurs(method)) co_return concurrency_->TakeForAddress(method, call);
  if (under_way > options_.max_calls) {
    co_return TooManyCalls(options_.max_calls);
  }
  if (!call.admitted) {
    CO_RETURN_IF_ERROR(rates_->TakeForAddress(call.client, now));
  }
  if (options_.refusal) CO_RETURN_IF_ERROR(options_.refusal());
  CO_RETURN_IF_ERROR(concurrency_->TakeForAddress(method, call));
  try {
    if (method.access != v1::ACCESS_OPEN) {
      CO_ASSIGN_OR_RETURN(const std::string_view token, TokenOf(call));
      if (!token.empty()) {
        CO_ASSIGN_OR_RETURN(call.caller, co_await authenticate_(token));
      }
      CO_RETURN_IF_ERROR(CheckAccess(method, call.caller));
    }
    if (!call.admitted) {
      CO_RETURN_IF_ERROR(
          rates_->TakeForUser(call.client, call.caller.user, now));
    }
    co_return concurrency_->TakeForUser(method, call);
  } catch (const std::exception& thrown) {
    co_return Fault(thrown);
  }
}

google::rpc::Status Dispatch::End(const Method& method, Call& call,
                                  absl::Status status) const {
  status = WithCause(std::move(status), call);
  google::rpc::Status answer = ToClient(status, call);
  if (!status.ok() && call.Header("x-request-id") != call.request_id) {
    call.trailers.emplace_back("x-request-id", call.request_id);
  }
  call.parts.Enter(CallPhase::kRest);
  const absl::Duration took = call.parts.total();
  observer_.Handled(method, call, status, took);
  if (options_.on_ended) options_.on_ended(method, call, status, took);
  call.slots.clear();  // Before the destructor of this object can run.
  absl::MutexLock lock(&mutex_);
  --under_way_;
  return answer;
}

}  // namespace pinhole::rpc

// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/remote_upstream.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "gateway/upstream/health.h"
#include "gateway/upstream/remote_reply.h"
#include "gateway/upstream/remote_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

constexpr int kMaxChannels = 64;

void Fill(grpc::ClientContext& context, const CallHeaders& headers) {
  for (const auto& [key, value] : headers.metadata) {
    context.AddMetadata(key, value);
  }
  if (headers.deadline != absl::InfiniteFuture()) {
    context.set_deadline(absl::ToChronoTime(headers.deadline));
  }
}

std::string Path(const Upstream::Method& method) {
  return fmt::format("/{}/{}", method.service()->full_name(), method.name());
}

CallGuard Both(CallGuard one, CallGuard other) {
  return std::make_shared<std::pair<CallGuard, CallGuard>>(std::move(one),
                                                           std::move(other));
}

bool HasToken(const CallHeaders& headers) {
  return std::any_of(
      headers.metadata.begin(), headers.metadata.end(),
      [](const auto& entry) { return entry.first == "authorization"; });
}

// The server's reply to a call without a valid token.
UpstreamReply NotSignedIn() {
  UpstreamReply reply;
  reply.status = ToProto(MakeError(
      Reason::kNotSignedIn,
      "sign in: send the token of a session as `authorization: Bearer "
      "TOKEN`"));
  return reply;
}

// A unary call.  The tag of the pending operation shares the ownership.
struct UnaryState {
  explicit UnaryState(CallGuard guard) : guard(std::move(guard)) {}

  const CallGuard guard;  // Declared first, so that it is released last.
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
  grpc::ByteBuffer response;
  grpc::Status status;
};

UpstreamReply ReplyOf(UnaryState& state, const Descriptor& type) {
  UpstreamReply reply;
  reply.status = ToProto(state.status);
  if (state.status.ok()) {
    reply.message = ParseMessage(type, state.response);
    if (reply.message == nullptr) reply = UnparsableReply();
  }
  AddInitialMetadata(state.context, &reply.metadata);
  AddTrailingMetadata(state.context, &reply.metadata);
  return reply;
}

// Cancels the call when the exchange releases it.
class UnaryHandle final : public UpstreamCall {
 public:
  explicit UnaryHandle(std::shared_ptr<UnaryState> state)
      : state_(std::move(state)) {}
  ~UnaryHandle() override { state_->context.TryCancel(); }

 private:
  const std::shared_ptr<UnaryState> state_;
};

// Calls to several backends.
class CallGroup final : public UpstreamCall {
 public:
  std::vector<std::unique_ptr<UpstreamCall>> calls;
};

// Collects their replies.  The callbacks share it; they come on one thread.
struct ReadinessPoll {
  std::size_t left = 0;
  ReplyCallback done;

  void Count(const UpstreamReply& answer) {
    --left;
    UpstreamReply verdict = Readiness(answer);
    if (done && (left == 0 || verdict.status.code() == 0)) {
      std::exchange(done, nullptr)(std::move(verdict));
    }
  }
};

class Requests final : public RequestStream {
 public:
  explicit Requests(std::shared_ptr<RemoteStream> stream)
      : stream_(std::move(stream)) {}
  ~Requests() override { stream_->Cancel(); }

  void Write(std::unique_ptr<Message> message, WriteCallback done) override {
    stream_->Write(std::move(message), std::move(done));
  }
  void WritesDone() override { stream_->WritesDone(); }

 private:
  const std::shared_ptr<RemoteStream> stream_;
};

class Responses final : public ResponseStream {
 public:
  explicit Responses(std::shared_ptr<RemoteStream> stream)
      : stream_(std::move(stream)) {}
  ~Responses() override { stream_->Cancel(); }

  void Read(ReplyCallback done) override { stream_->Read(std::move(done)); }
  void AwaitBegin(BeginCallback done) override {
    stream_->AwaitBegin(std::move(done));
  }

 private:
  const std::shared_ptr<RemoteStream> stream_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RemoteUpstream>> RemoteUpstream::Create(
    const std::vector<std::string>& backends, RemoteUpstreamOptions options) {
  if (backends.empty())
    return absl::InvalidArgumentError("at least one backend is required");
  for (const std::string& backend : backends) {
    if (backend.empty()) {
      return absl::InvalidArgumentError(
          "the address of a backend must not be empty");
    }
  }
  if (options.channels < 1 || options.channels > kMaxChannels) {
    return absl::InvalidArgumentError(
        fmt::format("the channels to a backend must be 1 to {}", kMaxChannels));
  }
  return std::unique_ptr<RemoteUpstream>(new RemoteUpstream(backends, options));
}

RemoteUpstream::RemoteUpstream(const std::vector<std::string>& backends,
                               const RemoteUpstreamOptions& options)
    : token_check_(options.token_check),
      serving_(backends, options),
      channels_(backends, options.channels, options, serving_),
      stream_channels_(backends, options, serving_),
      calls_(nullptr, [this](std::nullptr_t) { calls_over_.Notify(); }) {
  poller_ = std::thread([this] { Poll(); });
}

RemoteUpstream::~RemoteUpstream() {
  // A cancelled stream still calls Finish, and gRPC aborts the process if that
  // happens on a queue that is shut down.
  calls_ = nullptr;
  calls_over_.WaitForNotification();
  queue_.Shutdown();
  poller_.join();
}

void RemoteUpstream::Poll() {
  pthread_setname_np(pthread_self(), "upstream");
  void* raw = nullptr;
  bool ok = false;
  while (queue_.Next(&raw, &ok)) {
    const std::unique_ptr<CompletionTag> tag(static_cast<CompletionTag*>(raw));
    tag->on_event(ok);
  }
}

std::unique_ptr<UpstreamCall> RemoteUpstream::Unary(const Method& method,
                                                    CallHeaders headers,
                                                    MessagePtr request,
                                                    ReplyCallback done) {
  return CallUnary(channels_.Next(), method, headers, *request,
                   std::move(done));
}

std::unique_ptr<UpstreamCall> RemoteUpstream::CallUnary(
    grpc::GenericStub& stub, const Method& method, const CallHeaders& headers,
    const Message& request, ReplyCallback done) {
  const auto state = std::make_shared<UnaryState>(calls_);
  Fill(state->context, headers);
  const grpc::ByteBuffer buffer = Serialize(request);
  state->call =
      stub.PrepareUnaryCall(&state->context, Path(method), buffer, &queue_);
  state->call->StartCall();
  state->call->Finish(
      &state->response, &state->status,
      MakeTag([state, type = method.output_type(), done = std::move(done)](
                  bool) mutable { done(ReplyOf(*state, *type)); }));
  return std::make_unique<UnaryHandle>(state);
}

std::unique_ptr<UpstreamCall> RemoteUpstream::Admit(const Method& method,
                                                    const CallHeaders& headers,
                                                    bool costly,
                                                    ReplyCallback done) {
  const v1::Access access = method.options().GetExtension(v1::access);
  if (access != v1::ACCESS_SIGNED_IN && access != v1::ACCESS_ADMINISTRATOR) {
    return nullptr;
  }
  if (!HasToken(headers)) {
    done(NotSignedIn());
    return std::make_unique<CallGroup>();
  }
  if (!costly || token_check_.method == nullptr) return nullptr;
  return CallUnary(channels_.Next(), *token_check_.method, headers,
                   *token_check_.request,
                   [done = std::move(done)](UpstreamReply reply) mutable {
                     reply.message = nullptr;
                     done(std::move(reply));
                   });
}

std::unique_ptr<UpstreamCall> RemoteUpstream::Check(CallHeaders headers,
                                                    ReplyCallback done) {
  const std::vector<grpc::GenericStub*> stubs = channels_.OneOfEach();
  auto asked = std::make_unique<CallGroup>();
  const auto poll = std::make_shared<ReadinessPoll>();
  poll->left = stubs.size();
  poll->done = std::move(done);
  const MessagePtr question = HealthRequest();
  for (grpc::GenericStub* stub : stubs) {
    asked->calls.push_back(CallUnary(
        *stub, HealthMethod(), headers, *question,
        [poll](const UpstreamReply& answer) { poll->Count(answer); }));
  }
  return asked;
}

std::unique_ptr<RequestStream> RemoteUpstream::ClientStreaming(
    const Method& method, CallHeaders headers, ReplyCallback done) {
  const StreamChannelPool::Lease lease = stream_channels_.Acquire();
  const auto stream =
      std::make_shared<RemoteStream>(Both(calls_, lease.held), method);
  Fill(stream->context(), headers);
  auto call =
      lease.stub->PrepareCall(&stream->context(), Path(method), &queue_);
  stream->SendMany(std::move(call), std::move(done));
  return std::make_unique<Requests>(stream);
}

std::unique_ptr<ResponseStream> RemoteUpstream::ServerStreaming(
    const Method& method, CallHeaders headers, MessagePtr request) {
  const StreamChannelPool::Lease lease = stream_channels_.Acquire();
  const auto stream =
      std::make_shared<RemoteStream>(Both(calls_, lease.held), method);
  Fill(stream->context(), headers);
  auto call =
      lease.stub->PrepareCall(&stream->context(), Path(method), &queue_);
  stream->SendOne(std::move(call), *request);
  return std::make_unique<Responses>(stream);
}

}  // namespace pinhole::gateway

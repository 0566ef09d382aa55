// SPDX-License-Identifier: Apache-2.0

#include "gateway/remote_upstream.h"

#include <pthread.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gateway/remote_reply.h"
#include "gateway/remote_stream.h"
#include "grpcpp/channel.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/channel_arguments.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

// A restarted server is tried again at least this often.
constexpr int kMaxReconnectBackoffMs = 2000;
constexpr int kMinReconnectBackoffMs = 100;
constexpr int kMaxMessageBytes = 16 * 1024 * 1024;
constexpr int kMaxChannels = 64;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(std::min<std::int64_t>(
      absl::ToInt64Milliseconds(duration), std::numeric_limits<int>::max()));
}

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

// A unary call; also owned by the pending tag.
struct UnaryState {
  explicit UnaryState(Presence presence) : presence(std::move(presence)) {}

  const Presence presence;  // First, so that it goes last.
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
    if (reply.message == nullptr) reply = Unreadable();
  }
  AddInitialMetadata(state.context, &reply.metadata);
  AddTrailingMetadata(state.context, &reply.metadata);
  return reply;
}

// Handles cancel their call when the exchange lets go of them.
class UnaryHandle final : public UpstreamCall {
 public:
  explicit UnaryHandle(std::shared_ptr<UnaryState> state)
      : state_(std::move(state)) {}
  ~UnaryHandle() override { state_->context.TryCancel(); }

 private:
  const std::shared_ptr<UnaryState> state_;
};

class Requests final : public RequestStream {
 public:
  explicit Requests(std::shared_ptr<RemoteStream> stream)
      : stream_(std::move(stream)) {}
  ~Requests() override { stream_->Cancel(); }

  void Write(std::unique_ptr<Message> message, WriteCallback done) override {
    stream_->Write(*message, std::move(done));
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

grpc::ChannelArguments Arguments(const RemoteUpstreamOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kMinReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                   kMinReconnectBackoffMs);
  // Channels to the same address would share one connection otherwise.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // A server whose machine is gone says nothing; without calls that would show
  // only when somebody waits.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                   Milliseconds(options.keepalive_time));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   Milliseconds(options.keepalive_timeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return arguments;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RemoteUpstream>> RemoteUpstream::Create(
    const std::vector<std::string>& backends, RemoteUpstreamOptions options) {
  if (backends.empty()) return absl::InvalidArgumentError("no backend given");
  for (const std::string& backend : backends) {
    if (backend.empty()) {
      return absl::InvalidArgumentError("a backend is empty");
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
    : calls_(nullptr, [this](std::nullptr_t) { calls_over_.Notify(); }) {
  const grpc::ChannelArguments arguments = Arguments(options);
  // Neighbours belong to different backends, so that turns spread the calls.
  for (int i = 0; i < options.channels; ++i) {
    for (const std::string& backend : backends) {
      auto channel = grpc::CreateCustomChannel(
          backend, grpc::InsecureChannelCredentials(), arguments);
      lines_.push_back({channel, std::make_unique<grpc::GenericStub>(channel)});
    }
  }
  poller_ = std::thread([this] { Poll(); });
}

RemoteUpstream::~RemoteUpstream() {
  // A cancelled stream still asks how it ended, and gRPC aborts the process
  // when it is asked that on a queue that is shut down.
  calls_ = nullptr;
  calls_over_.WaitForNotification();
  queue_.Shutdown();
  poller_.join();
}

grpc::GenericStub& RemoteUpstream::NextStub() {
  const std::size_t first = next_.fetch_add(1, std::memory_order_relaxed);
  if (lines_.size() == 1) return *lines_[0].stub;
  // One that is connected comes first, one that just failed comes last.  Asking
  // for its state makes an idle one connect, so that it is ready next time.
  grpc::GenericStub* best = nullptr;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& line = lines_[(first + i) % lines_.size()];
    const grpc_connectivity_state state =
        line.channel->GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) return *line.stub;
    if (best == nullptr && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
      best = line.stub.get();
    }
  }
  return best != nullptr ? *best : *lines_[first % lines_.size()].stub;
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
  const auto state = std::make_shared<UnaryState>(calls_);
  Fill(state->context, headers);
  const grpc::ByteBuffer buffer = Serialize(*request);
  state->call = NextStub().PrepareUnaryCall(&state->context, Path(method),
                                            buffer, &queue_);
  state->call->StartCall();
  state->call->Finish(
      &state->response, &state->status,
      MakeTag([state, type = method.output_type(), done = std::move(done)](
                  bool) mutable { done(ReplyOf(*state, *type)); }));
  return std::make_unique<UnaryHandle>(state);
}

std::unique_ptr<RequestStream> RemoteUpstream::ClientStreaming(
    const Method& method, CallHeaders headers, ReplyCallback done) {
  const auto stream = std::make_shared<RemoteStream>(calls_, method);
  Fill(stream->context(), headers);
  auto call = NextStub().PrepareCall(&stream->context(), Path(method), &queue_);
  stream->SendMany(std::move(call), std::move(done));
  return std::make_unique<Requests>(stream);
}

std::unique_ptr<ResponseStream> RemoteUpstream::ServerStreaming(
    const Method& method, CallHeaders headers, MessagePtr request) {
  const auto stream = std::make_shared<RemoteStream>(calls_, method);
  Fill(stream->context(), headers);
  auto call = NextStub().PrepareCall(&stream->context(), Path(method), &queue_);
  stream->SendOne(std::move(call), *request);
  return std::make_unique<Responses>(stream);
}

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#include "gateway/remote_upstream.h"

#include <pthread.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gateway/http_error.h"
#include "grpcpp/channel.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/channel_arguments.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Message;

// A restarted server is tried again at least this often.
constexpr int kMaxReconnectBackoffMs = 2000;
constexpr int kMinReconnectBackoffMs = 100;
constexpr int kMaxMessageBytes = 16 * 1024 * 1024;

// What the completion queue hands back: whom to tell.  The keeper holds the
// call until gRPC is through with it, whatever became of the handle.
struct Tag {
  absl::AnyInvocable<void(bool ok)> on_event;
};

void* MakeTag(absl::AnyInvocable<void(bool ok)> on_event) {
  return new Tag{std::move(on_event)};
}

grpc::ByteBuffer Serialize(const Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  // The slice was just made, so its bytes are nobody else's.
  message.SerializeWithCachedSizesToArray(
      const_cast<std::uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

std::unique_ptr<Message> Parse(const google::protobuf::Descriptor& type,
                               grpc::ByteBuffer& buffer) {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(&type)
          ->New());
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok() ||
      !message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return nullptr;
  }
  return message;
}

google::rpc::Status ToProto(const grpc::Status& status) {
  google::rpc::Status proto;
  // Details carry the whole google.rpc.Status, if they are one of the same
  // code.
  if (!status.error_details().empty() &&
      proto.ParseFromString(status.error_details()) &&
      proto.code() == status.error_code()) {
    return proto;
  }
  proto.Clear();
  proto.set_code(status.error_code());
  // Without details it is gRPC's own text, which names inner addresses.
  proto.set_message(status.error_code() == grpc::StatusCode::UNAVAILABLE
                        ? "the server cannot be reached; try again"
                        : status.error_message());
  return proto;
}

UpstreamReply Unreadable() {
  UpstreamReply reply;
  reply.status = gateway::ToProto(
      absl::InternalError("the server's answer cannot be read"));
  return reply;
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

// Cancels the call when the exchange lets go of it.
template <typename State, typename Interface>
class Handle : public Interface {
 public:
  explicit Handle(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~Handle() override { state_->context.TryCancel(); }

 protected:
  const std::shared_ptr<State> state_;  // Also owned by the pending tags.
};

struct UnaryState {
  explicit UnaryState(std::shared_ptr<void> presence)
      : presence(std::move(presence)) {}

  const std::shared_ptr<void> presence;  // First, so that it goes last.
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
  grpc::ByteBuffer response;
  grpc::Status status;
};

// A streaming call: one read, one write and the end may be pending at a time.
struct StreamState : std::enable_shared_from_this<StreamState> {
  StreamState(std::shared_ptr<void> presence, const Upstream::Method& method)
      : presence(std::move(presence)), response_type(*method.output_type()) {}

  const std::shared_ptr<void> presence;  // First, so that it goes last.
  const google::protobuf::Descriptor& response_type;
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
  grpc::ByteBuffer incoming;
  grpc::ByteBuffer outgoing;  // gRPC reads it until the write is done.
  grpc::Status status;

  // Begins the call.  gRPC takes no operation before it says that it has begun.
  void Start() {
    call->StartCall(MakeTag([self = shared_from_this()](bool) {
      std::vector<absl::AnyInvocable<void()>> waiting;
      {
        absl::MutexLock lock(&self->mutex);
        self->started = true;
        waiting.swap(self->waiting);
      }
      for (auto& operation : waiting) operation();
    }));
  }

  void WhenStarted(absl::AnyInvocable<void()> operation) {
    {
      absl::MutexLock lock(&mutex);
      if (!started) return waiting.push_back(std::move(operation));
    }
    operation();
  }

  absl::Mutex mutex;
  bool started ABSL_GUARDED_BY(mutex) = false;
  std::vector<absl::AnyInvocable<void()>> waiting ABSL_GUARDED_BY(mutex);

  void Read(ReplyCallback done) {
    call->Read(&incoming, MakeTag([self = shared_from_this(),
                                   done = std::move(done)](bool ok) mutable {
      if (!ok) return self->Finish(std::move(done), nullptr);
      UpstreamReply reply;
      reply.message = Parse(self->response_type, self->incoming);
      done(reply.message ? std::move(reply) : Unreadable());
    }));
  }

  // Learns how the call ended; `message` goes along if that was well.
  void Finish(ReplyCallback done, std::unique_ptr<Message> message) {
    call->Finish(&status,
                 MakeTag([self = shared_from_this(), done = std::move(done),
                          message = std::move(message)](bool) mutable {
                   UpstreamReply reply;
                   reply.status = ToProto(self->status);
                   if (self->status.ok()) reply.message = std::move(message);
                   done(std::move(reply));
                 }));
  }

  // The one response of a client-streaming call, then its status.
  void ReadOnly(ReplyCallback done) {
    call->Read(&incoming, MakeTag([self = shared_from_this(),
                                   done = std::move(done)](bool ok) mutable {
      std::unique_ptr<Message> message;
      if (ok) message = Parse(self->response_type, self->incoming);
      if (ok && message == nullptr) return done(Unreadable());
      self->Finish(std::move(done), std::move(message));
    }));
  }
};

class Requests final : public Handle<StreamState, RequestStream> {
 public:
  using Handle::Handle;

  void Write(std::unique_ptr<Message> message, WriteCallback done) override {
    state_->outgoing = Serialize(*message);
    state_->WhenStarted([state = state_, done = std::move(done)]() mutable {
      state->call->Write(state->outgoing,
                         MakeTag([state, done = std::move(done)](
                                     bool ok) mutable { done(ok); }));
    });
  }

  void WritesDone() override {
    state_->WhenStarted([state = state_] {
      state->call->WritesDone(MakeTag([state](bool) {}));
    });
  }
};

class Responses final : public Handle<StreamState, ResponseStream> {
 public:
  using Handle::Handle;

  void Read(ReplyCallback done) override {
    state_->WhenStarted([state = state_, done = std::move(done)]() mutable {
      state->Read(std::move(done));
    });
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<RemoteUpstream>> RemoteUpstream::Create(
    const std::vector<std::string>& backends) {
  if (backends.empty()) return absl::InvalidArgumentError("no backend given");
  for (const std::string& backend : backends) {
    if (backend.empty()) {
      return absl::InvalidArgumentError("a backend is empty");
    }
  }
  return std::unique_ptr<RemoteUpstream>(new RemoteUpstream(backends));
}

RemoteUpstream::RemoteUpstream(const std::vector<std::string>& backends)
    : calls_(nullptr, [this](std::nullptr_t) { calls_over_.Notify(); }) {
  for (const std::string& backend : backends) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kMinReconnectBackoffMs);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                     kMinReconnectBackoffMs);
    // Channels to the same address would share one connection otherwise.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    stubs_.push_back(
        std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
            backend, grpc::InsecureChannelCredentials(), arguments)));
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
  return *stubs_[next_.fetch_add(1, std::memory_order_relaxed) % stubs_.size()];
}

void RemoteUpstream::Poll() {
  pthread_setname_np(pthread_self(), "upstream");
  void* raw = nullptr;
  bool ok = false;
  while (queue_.Next(&raw, &ok)) {
    const std::unique_ptr<Tag> tag(static_cast<Tag*>(raw));
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
  state->call->Finish(&state->response, &state->status,
                      MakeTag([state, type = method.output_type(),
                               done = std::move(done)](bool) mutable {
                        UpstreamReply reply;
                        reply.status = ToProto(state->status);
                        if (state->status.ok()) {
                          reply.message = Parse(*type, state->response);
                          if (reply.message == nullptr) reply = Unreadable();
                        }
                        done(std::move(reply));
                      }));
  return std::make_unique<Handle<UnaryState, UpstreamCall>>(state);
}

std::unique_ptr<RequestStream> RemoteUpstream::ClientStreaming(
    const Method& method, CallHeaders headers, ReplyCallback done) {
  const auto state = std::make_shared<StreamState>(calls_, method);
  Fill(state->context, headers);
  state->call = NextStub().PrepareCall(&state->context, Path(method), &queue_);
  state->Start();
  state->WhenStarted([state, done = std::move(done)]() mutable {
    state->ReadOnly(std::move(done));
  });
  return std::make_unique<Requests>(state);
}

std::unique_ptr<ResponseStream> RemoteUpstream::ServerStreaming(
    const Method& method, CallHeaders headers, MessagePtr request) {
  const auto state = std::make_shared<StreamState>(calls_, method);
  Fill(state->context, headers);
  state->call = NextStub().PrepareCall(&state->context, Path(method), &queue_);
  state->outgoing = Serialize(*request);
  state->Start();
  state->WhenStarted([state] {
    state->call->WriteLast(state->outgoing, grpc::WriteOptions(),
                           MakeTag([state](bool) {}));
  });
  return std::make_unique<Responses>(state);
}

}  // namespace pinhole::gateway

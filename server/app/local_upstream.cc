// SPDX-License-Identifier: Apache-2.0

// All requests of the gateway's thread are posted to the call's loop, so the
// state of a call belongs to one thread and needs no lock.  Only the stop
// source is used by both.

#include "server/app/local_upstream.h"

#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/async/task.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"

namespace pinhole::app {
namespace {

using gateway::BeginCallback;
using gateway::ReplyCallback;
using gateway::UpstreamReply;
using gateway::WriteCallback;
using google::protobuf::Message;
using MessagePtr = std::unique_ptr<Message>;

// A call in progress; shared by its coroutine, its handle and posted work.
struct CallState {
  CallState(const rpc::Dispatch& dispatch, Executor& loop,
            const gateway::Upstream::Method& descriptor,
            gateway::CallHeaders headers)
      : dispatch(dispatch),
        loop(loop),
        method(dispatch.registry().Find(descriptor.full_name())),
        method_name(descriptor.full_name()) {
    call.metadata = std::move(headers.metadata);
    call.peer = std::move(headers.peer);
    call.client = headers.client;
    call.client_known = true;
    call.deadline = headers.deadline;
    call.admitted = headers.admitted;
    call.stop = stop.get_token();
  }
  virtual ~CallState() = default;

  // Called on the loop: the gateway has dropped the call.
  virtual void Cancelled() {}

  google::rpc::Status NoSuchMethod() const {
    return gateway::ToProto(
        MakeError(Reason::kMethodNotFound,
                  fmt::format("the method {} does not exist", method_name)));
  }

  const rpc::Dispatch& dispatch;
  Executor& loop;
  const rpc::Method* const method;
  const std::string method_name;
  std::stop_source stop;
  rpc::Call call;
};

// An event that a coroutine of the loop waits for.
class Wakeup {
 public:
  Task<void> Wait() {
    auto start = [this](absl::AnyInvocable<void(bool)> done) {
      done_ = std::move(done);
    };
    co_await FromCallback<bool>(std::move(start));
  }
  void Wake() {
    if (done_) std::exchange(done_, nullptr)(true);
  }

 private:
  absl::AnyInvocable<void(bool)> done_;
};

// Cancels the call on destruction by the gateway.
template <typename State, typename Interface>
class Handle : public Interface {
 public:
  explicit Handle(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~Handle() override {
    state_->stop.request_stop();
    // A unary call does not wait for the gateway.
    if constexpr (!std::is_same_v<State, CallState>) {
      state_->loop.Post([state = state_] { state->Cancelled(); });
    }
  }

 protected:
  const std::shared_ptr<State> state_;  // Shared with the call's coroutine.
};

Task<void> RunUnary(std::shared_ptr<CallState> state, MessagePtr request,
                    ReplyCallback done) {
  UpstreamReply reply;
  if (state->method == nullptr) {
    reply.status = state->NoSuchMethod();
  } else {
    MessagePtr response(state->method->response_prototype->New());
    reply.status = co_await state->dispatch.Unary(*state->method, state->call,
                                                  *request, response.get());
    if (reply.status.code() == 0) reply.message = std::move(response);
    reply.metadata = std::move(state->call.trailers);
  }
  done(std::move(reply));
}

Task<void> RunAdmit(std::shared_ptr<CallState> state, ReplyCallback done) {
  UpstreamReply reply;
  if (state->method == nullptr) {
    reply.status = state->NoSuchMethod();
  } else {
    reply.status = co_await state->dispatch.Admit(*state->method, state->call);
  }
  reply.metadata = std::move(state->call.trailers);
  done(std::move(reply));
}

struct ClientStreamState final : CallState, rpc::MessageReader {
  using CallState::CallState;

  Task<absl::StatusOr<bool>> Read(Message* message) override {
    while (next == nullptr && !ended && !cancelled) co_await wakeup.Wait();
    if (next != nullptr) {
      message->GetReflection()->Swap(message, next.get());
      next = nullptr;
      std::exchange(next_done, nullptr)(true);
      co_return true;
    }
    if (cancelled)
      co_return MakeError(Reason::kCancelled, "the client is gone");
    co_return false;
  }

  void Write(MessagePtr message, WriteCallback done) {
    if (finished) return done(false);
    next = std::move(message);
    next_done = std::move(done);
    wakeup.Wake();
  }
  void End() {
    ended = true;
    wakeup.Wake();
  }
  void Cancelled() override {
    cancelled = !ended;
    wakeup.Wake();
  }

  MessagePtr next;  // At most one: the gateway waits until it is read.
  WriteCallback next_done;
  bool ended = false;
  bool cancelled = false;
  bool finished = false;
  Wakeup wakeup;
};

Task<void> RunClientStream(std::shared_ptr<ClientStreamState> state,
                           ReplyCallback done) {
  UpstreamReply reply;
  if (state->method == nullptr) {
    reply.status = state->NoSuchMethod();
  } else {
    MessagePtr response(state->method->response_prototype->New());
    reply.status = co_await state->dispatch.ClientStreaming(
        *state->method, state->call, *state, response.get());
    if (reply.status.code() == 0) reply.message = std::move(response);
    reply.metadata = std::move(state->call.trailers);
  }
  state->finished = true;
  if (state->next_done) std::exchange(state->next_done, nullptr)(false);
  done(std::move(reply));
}

class Requests final
    : public Handle<ClientStreamState, gateway::RequestStream> {
 public:
  using Handle::Handle;

  void Write(MessagePtr message, WriteCallback done) override {
    state_->loop.Post([state = state_, message = std::move(message),
                       done = std::move(done)]() mutable {
      state->Write(std::move(message), std::move(done));
    });
  }
  void WritesDone() override {
    state_->loop.Post([state = state_] { state->End(); });
  }
};

struct ServerStreamState final : CallState, rpc::MessageWriter {
  using CallState::CallState;

  Task<absl::Status> Begin() override {
    begun = true;
    if (on_begin) std::exchange(on_begin, nullptr)({});
    co_return cancelled ? MakeError(Reason::kCancelled, "the client is gone")
                        : absl::OkStatus();
  }

  Task<absl::Status> Write(Message& message) override {
    while (next != nullptr && !cancelled) co_await wakeup.Wait();
    if (cancelled)
      co_return MakeError(Reason::kCancelled, "the client is gone");
    next.reset(message.New());
    next->GetReflection()->Swap(next.get(), &message);
    Deliver();
    co_return absl::OkStatus();
  }

  void Read(ReplyCallback done) {
    reader = std::move(done);
    Deliver();
  }
  void AwaitBegin(BeginCallback done) {
    if (begun) return done({});
    on_begin = std::move(done);
  }
  void Cancelled() override {
    cancelled = true;
    wakeup.Wake();
  }

  // Passes a message, or else the end, to a waiting reader.
  void Deliver() {
    if (!reader || (next == nullptr && !finished)) return;
    UpstreamReply reply;
    if (next != nullptr) {
      reply.message = std::move(next);
      wakeup.Wake();
    } else {
      reply.status = status;
      reply.metadata = std::move(call.trailers);
    }
    std::exchange(reader, nullptr)(std::move(reply));
  }

  MessagePtr next;  // At most one ahead of the reader.
  ReplyCallback reader;
  BeginCallback on_begin;
  google::rpc::Status status;
  bool begun = false;
  bool cancelled = false;
  bool finished = false;
  Wakeup wakeup;
};

Task<void> RunServerStream(std::shared_ptr<ServerStreamState> state,
                           MessagePtr request) {
  if (state->method == nullptr) {
    state->status = state->NoSuchMethod();
  } else {
    state->status = co_await state->dispatch.ServerStreaming(
        *state->method, state->call, *request, *state);
  }
  state->finished = true;
  state->Deliver();
}

class Responses final
    : public Handle<ServerStreamState, gateway::ResponseStream> {
 public:
  using Handle::Handle;

  void Read(ReplyCallback done) override {
    state_->loop.Post([state = state_, done = std::move(done)]() mutable {
      state->Read(std::move(done));
    });
  }
  void AwaitBegin(BeginCallback done) override {
    state_->loop.Post([state = state_, done = std::move(done)]() mutable {
      state->AwaitBegin(std::move(done));
    });
  }
};

}  // namespace

LocalUpstream::LocalUpstream(const rpc::Dispatch& dispatch,
                             std::vector<Executor*> loops)
    : dispatch_(dispatch), loops_(std::move(loops)) {}

Executor& LocalUpstream::NextLoop() {
  return *loops_[next_.fetch_add(1, std::memory_order_relaxed) % loops_.size()];
}

std::unique_ptr<gateway::UpstreamCall> LocalUpstream::Unary(
    const Method& method, gateway::CallHeaders headers, MessagePtr request,
    gateway::ReplyCallback done) {
  const auto state = std::make_shared<CallState>(dispatch_, NextLoop(), method,
                                                 std::move(headers));
  state->loop.Post(
      [state, request = std::move(request), done = std::move(done)]() mutable {
        Spawn(RunUnary(state, std::move(request), std::move(done)));
      });
  return std::make_unique<Handle<CallState, gateway::UpstreamCall>>(state);
}

std::unique_ptr<gateway::UpstreamCall> LocalUpstream::Admit(
    const Method& method, const gateway::CallHeaders& headers, bool /*costly*/,
    gateway::ReplyCallback done) {
  const auto state =
      std::make_shared<CallState>(dispatch_, NextLoop(), method, headers);
  state->loop.Post([state, done = std::move(done)]() mutable {
    Spawn(RunAdmit(state, std::move(done)));
  });
  return std::make_unique<Handle<CallState, gateway::UpstreamCall>>(state);
}

std::unique_ptr<gateway::RequestStream> LocalUpstream::ClientStreaming(
    const Method& method, gateway::CallHeaders headers,
    gateway::ReplyCallback done) {
  const auto state = std::make_shared<ClientStreamState>(
      dispatch_, NextLoop(), method, std::move(headers));
  state->loop.Post([state, done = std::move(done)]() mutable {
    Spawn(RunClientStream(state, std::move(done)));
  });
  return std::make_unique<Requests>(state);
}

std::unique_ptr<gateway::ResponseStream> LocalUpstream::ServerStreaming(
    const Method& method, gateway::CallHeaders headers, MessagePtr request) {
  const auto state = std::make_shared<ServerStreamState>(
      dispatch_, NextLoop(), method, std::move(headers));
  state->loop.Post([state, request = std::move(request)]() mutable {
    Spawn(RunServerStream(state, std::move(request)));
  });
  return std::make_unique<Responses>(state);
}

}  // namespace pinhole::app

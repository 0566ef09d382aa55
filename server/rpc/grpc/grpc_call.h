// SPDX-License-Identifier: Apache-2.0

// Calls through gRPC's asynchronous API; used only by the gRPC front
// (grpc_server.h).
//
// Messages are byte buffers, so one class per kind of call serves all methods.
// A call object waits for a call of its method, answers it, and deletes itself
// when its coroutine has ended, the status is sent, gRPC has reported the end
// of the call (which it does only for calls that began), and no read is
// outstanding.

#pragma once

#include <coroutine>
#include <stop_token>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "base/call_timing.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"
#include "server/rpc/call.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/grpc/async_service.h"
#include "server/rpc/grpc/completion.h"
#include "server/rpc/grpc/loop.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

class GrpcCall;

// The details of the result contain all of `status`.
grpc::Status ToGrpc(const google::rpc::Status& status);

// The calls of one loop.  Used on its thread only, except for `drained`.
struct LoopCalls {
  LoopCalls(Loop& loop, const Dispatch& dispatch, absl::Duration send_time)
      : loop(loop), dispatch(dispatch), send_time(send_time) {}

  // Stops calls whose deadline, or whose time to send a message, has passed,
  // and cancels calls whose client does not read.  Repeats itself every second.
  void Sweep();
  // Count call objects; after a shutdown, the last one sets `drained`.
  void AddObject() { ++objects; }
  void RemoveObject();
  // Ends all watches, including those that start later.
  void BeginShutdown();

  Loop& loop;
  const Dispatch& dispatch;
  const absl::Duration send_time;  // Time for a client to receive a message.
  absl::flat_hash_set<GrpcCall*> active;
  int objects = 0;  // Call objects, waiting and active.
  bool shutting_down = false;
  absl::Notification drained;  // Shutting down and no object left.
};

// Used on the thread of its loop only.
class GrpcCall {
 public:
  // Accepts calls of `service`'s method `index`, one after another.
  static void Accept(LoopCalls& loop_calls, AsyncService& service, int index);

  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  const Call& call() const { return call_; }
  const Method& method() const { return method_; }

  // Requests the call from gRPC.
  void Wait();

  // Stops the handler.
  void Stop();
  void StopForShutdown();
  // Cancels the call if the client has not received data since `then`.
  void CutIfSendingSince(absl::Time then);

 protected:
  // Forwards a completion to a member function.
  class Event final : public Completion {
   public:
    Event(GrpcCall* call, void (GrpcCall::*on)(bool ok))
        : call_(call), on_(on) {}
    void OnCompletion(bool ok) override { (call_->*on_)(ok); }

   private:
    GrpcCall* const call_;
    void (GrpcCall::*const on_)(bool ok);
  };

  // An operation that the call's coroutine awaits; one at a time:
  //
  //   operation.Begin();
  //   reader.Read(&bytes, &operation);
  //   const bool ok = co_await operation;
  //
  // `Abandon` ends the wait with false before the operation ends.
  class Operation final : public Completion {
   public:
    explicit Operation(GrpcCall* call) : call_(call) {}

    void Begin() { ++call_->operations_; }
    void OnCompletion(bool ok) override;
    void Abandon();

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiting_ = waiting;
      parts_ = CallTiming::Current();
      CallTiming::SetCurrent(nullptr);
    }
    bool await_resume() const noexcept {
      CallTiming::SetCurrent(parts_);
      return ok_;
    }

   private:
    GrpcCall* const call_;
    std::coroutine_handle<> waiting_;
    CallTiming* parts_ = nullptr;
    bool ok_ = false;
  };

  GrpcCall(LoopCalls& loop_calls, AsyncService& service, int index);
  virtual ~GrpcCall();

  bool stopped() const { return stop_.stop_requested(); }

  virtual void Request(Completion* accepted) = 0;
  virtual Task<google::rpc::Status> Answer() = 0;
  // Sends the response, if the call has one and `status` is OK, and the status.
  virtual void Finish(const grpc::Status& status, Completion* finished) = 0;
  // Ends a wait for a message of the client.
  virtual void AbandonRead() {}

  LoopCalls& loop_calls_;
  AsyncService& service_;
  const int index_;
  const Method& method_;
  grpc::ServerContext context_;
  Call call_;
  // When the message or status that is being sent was started.
  absl::Time sending_since_ = absl::InfiniteFuture();

 private:
  static Task<void> Run(GrpcCall* self);
  void FillCall();
  void OnAccepted(bool ok);
  void OnOver(bool ok);
  void OnFinished(bool ok);
  void DeleteIfOver();

  Event accepted_{this, &GrpcCall::OnAccepted};
  Event over_{this, &GrpcCall::OnOver};
  Event finished_{this, &GrpcCall::OnFinished};
  std::stop_source stop_;
  int operations_ = 0;
  bool is_over_ = false;
  bool is_finished_ = false;
};

}  // namespace pinhole::rpc

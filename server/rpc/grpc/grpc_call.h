// SPDX-License-Identifier: Apache-2.0

// One call through gRPC's asynchronous API; a part of the gRPC front
// (grpc_server.h), for nobody else.
//
// Messages are byte buffers here, so one class per kind of call serves all
// methods.  A call object is made to wait for a call of its method, answers it
// and deletes itself when nothing of it is under way any more: its coroutine
// has ended, the status is sent, gRPC has said that the call is over (which it
// does only for calls that began), and no read is outstanding.

#ifndef PINHOLE_SERVER_RPC_GRPC_GRPC_CALL_H_
#define PINHOLE_SERVER_RPC_GRPC_GRPC_CALL_H_

#include <stop_token>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "base/call_timing.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/call.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/grpc/loop.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// A service as gRPC sees it: names and kinds of its methods.
class AsyncService final : public grpc::Service {
 public:
  // All of one service.  They must outlive this object.
  explicit AsyncService(std::vector<const Method*> methods);

  const std::vector<const Method*>& methods() const { return methods_; }

  // These ask for the next call of a method, by its index.
  using grpc::Service::RequestAsyncClientStreaming;
  using grpc::Service::RequestAsyncServerStreaming;
  using grpc::Service::RequestAsyncUnary;

 private:
  const std::vector<const Method*> methods_;
  std::vector<std::string> names_;  // gRPC keeps pointers to them.
};

class GrpcCall;

// The calls of one loop.  Used on its thread only, except `drained`.
struct Lane {
  Lane(Loop& loop, const Dispatch& dispatch, absl::Duration send_time)
      : loop(loop), dispatch(dispatch), send_time(send_time) {}

  // Tells the calls to stop whose deadline, or whose time to send a message,
  // has passed, and cuts those whose client takes nothing; then every second.
  void Sweep();
  // The server shuts down: ends the watches, these and those still to come.
  void BeginShutdown();

  Loop& loop;
  const Dispatch& dispatch;
  const absl::Duration send_time;  // For a client to take a message.
  absl::flat_hash_set<GrpcCall*> active;
  int objects = 0;  // Calls awaited and active.
  bool shutting_down = false;
  absl::Notification drained;  // Shutting down, and no object is left.
};

// Used on the thread of its loop only.
class GrpcCall {
 public:
  // Waits for the next call of `service`'s method `index`, over and over.
  static void Accept(Lane& lane, AsyncService& service, int index);

  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  const Call& call() const { return call_; }
  const Method& method() const { return method_; }

  // Waits for the call.
  void Wait();

  // Tells the handler to stop.
  void Stop();
  void StopForShutdown();
  // If the client has not taken what is being sent since `then`.
  void CutIfSendingSince(absl::Time then);

 protected:
  // An event of gRPC, as a call of a member function.
  class Event final : public Completion {
   public:
    Event(GrpcCall* call, void (GrpcCall::*on)(bool ok))
        : call_(call), on_(on) {}
    void OnCompletion(bool ok) override { (call_->*on_)(ok); }

   private:
    GrpcCall* const call_;
    void (GrpcCall::*const on_)(bool ok);
  };

  // An operation that the call's coroutine waits for; one at a time:
  //
  //   operation.Begin();
  //   reader.Read(&bytes, &operation);
  //   const bool ok = co_await operation;
  //
  // `Abandon` makes a wait end with false before the operation does.
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

  GrpcCall(Lane& lane, AsyncService& service, int index);
  virtual ~GrpcCall();

  bool stopped() const { return stop_.stop_requested(); }

  virtual void Request(Completion* accepted) = 0;
  virtual Task<google::rpc::Status> Answer() = 0;
  // Sends the response, if the call has one and `status` is OK, and the status.
  virtual void Finish(const grpc::Status& status, Completion* finished) = 0;
  // Ends a wait for the client.
  virtual void AbandonRead() {}

  Lane& lane_;
  AsyncService& service_;
  const int index_;
  const Method& method_;
  grpc::ServerContext context_;
  Call call_;
  // A message or the answer, to a client that takes its time.
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

#endif  // PINHOLE_SERVER_RPC_GRPC_GRPC_CALL_H_

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "grpcpp/generic/async_generic_service.h"
#include "server/rpc/grpc/completion.h"
#include "server/rpc/grpc/grpc_call.h"

namespace pinhole::rpc {

// Answers calls of methods and services that the server does not have.  Without
// it gRPC would answer them, without details.  A call object waits for a call,
// answers it and deletes itself.
class UnknownMethodCall final {
 public:
  // Accepts calls, one after another.
  static void Accept(LoopCalls& loop_calls, grpc::AsyncGenericService& service);

  UnknownMethodCall(const UnknownMethodCall&) = delete;
  UnknownMethodCall& operator=(const UnknownMethodCall&) = delete;

 private:
  class Event final : public Completion {
   public:
    Event(UnknownMethodCall* call, void (UnknownMethodCall::*on)(bool ok))
        : call_(call), on_(on) {}
    void OnCompletion(bool ok) override { (call_->*on_)(ok); }

   private:
    UnknownMethodCall* const call_;
    void (UnknownMethodCall::*const on_)(bool ok);
  };

  UnknownMethodCall(LoopCalls& loop_calls, grpc::AsyncGenericService& service);
  ~UnknownMethodCall();

  void OnAccepted(bool ok);
  void OnFinished(bool) { delete this; }

  LoopCalls& loop_calls_;
  grpc::AsyncGenericService& service_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  Event accepted_{this, &UnknownMethodCall::OnAccepted};
  Event finished_{this, &UnknownMethodCall::OnFinished};
};

}  // namespace pinhole::rpc

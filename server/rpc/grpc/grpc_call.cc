// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/grpc_call.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "server/rpc/grpc/grpc_kinds.h"

namespace pinhole::rpc {
namespace {

grpc::internal::RpcMethod::RpcType KindOf(const Method& method) {
  if (method.client_streaming) {
    return grpc::internal::RpcMethod::CLIENT_STREAMING;
  }
  if (method.server_streaming) {
    return grpc::internal::RpcMethod::SERVER_STREAMING;
  }
  return grpc::internal::RpcMethod::NORMAL_RPC;
}

absl::Time FromGrpc(std::chrono::system_clock::time_point time) {
  return time == std::chrono::system_clock::time_point::max()
             ? absl::InfiniteFuture()
             : absl::FromChrono(time);
}

grpc::Status ToGrpc(const google::rpc::Status& status) {
  if (status.code() == 0) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      status.message(), status.SerializeAsString());
}

}  // namespace

AsyncService::AsyncService(std::vector<const Method*> methods)
    : methods_(std::move(methods)) {
  names_.reserve(methods_.size());  // Else they would move.
  for (const Method* method : methods_) {
    names_.push_back("/" + method->descriptor->service()->full_name() + "/" +
                     method->descriptor->name());
    AddMethod(new grpc::internal::RpcServiceMethod(  // AddMethod owns it.
        names_.back().c_str(), KindOf(*method), nullptr));
    MarkMethodRaw(static_cast<int>(names_.size()) - 1);
  }
}

void Lane::Sweep() {
  const absl::Time now = absl::Now();
  for (GrpcCall* call : std::vector<GrpcCall*>(active.begin(), active.end())) {
    const Call& state = call->call();
    if (std::min(state.deadline, state.message_due) <= now) call->Stop();
    call->CutIfSendingSince(now - send_time);
  }
  loop.PostAfter(absl::Seconds(1), [this] { Sweep(); });
}

void Lane::BeginShutdown() {
  shutting_down = true;
  if (objects == 0) drained.Notify();
  // A call deletes itself on an event of its own only, so none goes meanwhile.
  for (GrpcCall* call : std::vector<GrpcCall*>(active.begin(), active.end())) {
    if (IsWatch(call->method())) call->StopForShutdown();
  }
}

void GrpcCall::Accept(Lane& lane, AsyncService& service, int index) {
  MakeGrpcCall(lane, service, index)->Wait();
}

GrpcCall::GrpcCall(Lane& lane, AsyncService& service, int index)
    : lane_(lane),
      service_(service),
      index_(index),
      method_(*service.methods()[index]) {
  ++lane_.objects;
}

GrpcCall::~GrpcCall() {
  lane_.active.erase(this);
  if (--lane_.objects == 0 && lane_.shutting_down) lane_.drained.Notify();
}

void GrpcCall::Wait() {
  context_.AsyncNotifyWhenDone(static_cast<Completion*>(&over_));
  Request(&accepted_);
}

void GrpcCall::OnAccepted(bool ok) {
  if (!ok) {  // The server shuts down; `over_` never comes.
    delete this;
    return;
  }
  Accept(lane_, service_, index_);
  lane_.active.insert(this);
  FillCall();
  if (lane_.shutting_down && IsWatch(method_)) StopForShutdown();
  Spawn(Run(this));
}

void GrpcCall::FillCall() {
  const auto& sent = context_.client_metadata();
  call_.metadata.reserve(sent.size());
  for (const auto& [key, value] : sent) {
    call_.metadata.emplace_back(std::string(key.data(), key.size()),
                                std::string(value.data(), value.size()));
  }
  call_.peer = context_.peer();
  const grpc::string_ref authority = context_.ExperimentalGetAuthority();
  call_.authority.assign(authority.data(), authority.size());
  call_.deadline = FromGrpc(context_.deadline());
  call_.stop = stop_.get_token();
}

Task<void> GrpcCall::Run(GrpcCall* self) {
  const google::rpc::Status answer = co_await self->Answer();
  for (const auto& [key, value] : self->call_.trailers) {
    self->context_.AddTrailingMetadata(key, value);
  }
  self->sending_since_ = absl::Now();
  self->Finish(ToGrpc(answer), &self->finished_);
}

void GrpcCall::Stop() {
  stop_.request_stop();
  AbandonRead();
}

void GrpcCall::StopForShutdown() {
  call_.server_stopping = true;
  Stop();
}

// gRPC keeps what it has not sent for as long as the connection lives, after
// the call's deadline, too.
void GrpcCall::CutIfSendingSince(absl::Time then) {
  if (sending_since_ <= then) context_.TryCancel();
}

void GrpcCall::OnOver(bool) {
  is_over_ = true;
  if (context_.IsCancelled()) Stop();
  DeleteIfOver();
}

void GrpcCall::OnFinished(bool) {
  is_finished_ = true;
  DeleteIfOver();
}

void GrpcCall::DeleteIfOver() {
  if (is_over_ && is_finished_ && operations_ == 0) delete this;
}

void GrpcCall::Operation::OnCompletion(bool ok) {
  --call_->operations_;
  if (!waiting_) {  // Abandoned.
    call_->DeleteIfOver();
    return;
  }
  ok_ = ok;
  std::exchange(waiting_, nullptr).resume();
}

void GrpcCall::Operation::Abandon() {
  if (!waiting_) return;
  ok_ = false;
  std::exchange(waiting_, nullptr).resume();
}

}  // namespace pinhole::rpc

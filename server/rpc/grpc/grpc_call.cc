// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/grpc_call.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "server/rpc/message_stream.h"

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

using google::protobuf::Message;
using MessagePtr = std::unique_ptr<Message>;

absl::Status Parse(grpc::ByteBuffer* bytes, Message* message) {
  const grpc::Status status =
      grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(bytes,
                                                                 message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError("the request is not a " +
                                    message->GetTypeName());
}

grpc::ByteBuffer Serialize(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  // Fails for messages over 2 GiB only, which nothing makes.
  grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(message, &bytes,
                                                           &own_buffer);
  return bytes;
}

class UnaryCall final : public GrpcCall {
 public:
  UnaryCall(Lane& lane, AsyncService& service, int index)
      : GrpcCall(lane, service, index) {}

 private:
  void Request(Completion* accepted) override {
    service_.RequestAsyncUnary(index_, &context_, &request_bytes_, &writer_,
                               lane_.loop.queue(), lane_.loop.queue(),
                               accepted);
  }

  Task<google::rpc::Status> Answer() override {
    const MessagePtr request(method_.request_prototype->New());
    const absl::Status parsed = Parse(&request_bytes_, request.get());
    if (!parsed.ok()) {
      co_return lane_.dispatch.Refuse(method_, call_, parsed);
    }
    response_.reset(method_.response_prototype->New());
    co_return co_await lane_.dispatch.Unary(method_, call_, *request,
                                            response_.get());
  }

  void Finish(const grpc::Status& status, Completion* finished) override {
    if (status.ok()) {
      writer_.Finish(Serialize(*response_), status, finished);
    } else {
      writer_.FinishWithError(status, finished);
    }
  }

  grpc::ByteBuffer request_bytes_;
  MessagePtr response_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{&context_};
};

class ClientStreamingCall final : public GrpcCall, public MessageReader {
 public:
  ClientStreamingCall(Lane& lane, AsyncService& service, int index)
      : GrpcCall(lane, service, index) {}

  Task<absl::StatusOr<bool>> Read(Message* message) override {
    if (ended_) co_return false;
    if (!stopped()) {
      read_.Begin();
      reader_.Read(&bytes_, static_cast<Completion*>(&read_));
      const bool got = co_await read_;
      if (got) {
        const absl::Status parsed = Parse(&bytes_, message);
        if (!parsed.ok()) co_return parsed;
        co_return true;
      }
    }
    ended_ = co_await IsProperEnd();
    if (!ended_) co_return absl::CancelledError("the client is gone");
    co_return false;
  }

 private:
  void Request(Completion* accepted) override {
    service_.RequestAsyncClientStreaming(index_, &context_, &reader_,
                                         lane_.loop.queue(), lane_.loop.queue(),
                                         accepted);
  }

  Task<google::rpc::Status> Answer() override {
    response_.reset(method_.response_prototype->New());
    co_return co_await lane_.dispatch.ClientStreaming(method_, call_, *this,
                                                      response_.get());
  }

  void Finish(const grpc::Status& status, Completion* finished) override {
    if (status.ok()) {
      reader_.Finish(Serialize(*response_), status, finished);
    } else {
      reader_.FinishWithError(status, finished);
    }
  }

  void AbandonRead() override { read_.Abandon(); }

  // A read fails at the client's half-close and when the call is cut off, and
  // the news that it is cut off may come later.  Sending the headers tells the
  // two apart now: it fails on a stream that is closed.
  Task<bool> IsProperEnd() {
    if (stopped()) co_return false;
    send_.Begin();
    reader_.SendInitialMetadata(static_cast<Completion*>(&send_));
    const bool sent = co_await send_;
    co_return sent && !stopped();
  }

  grpc::ByteBuffer bytes_;
  MessagePtr response_;
  grpc::ServerAsyncReader<grpc::ByteBuffer, grpc::ByteBuffer> reader_{
      &context_};
  Operation read_{this};
  Operation send_{this};
  bool ended_ = false;
};

class ServerStreamingCall final : public GrpcCall, public MessageWriter {
 public:
  ServerStreamingCall(Lane& lane, AsyncService& service, int index)
      : GrpcCall(lane, service, index) {}

  Task<absl::Status> Begin() override {
    if (!stopped()) {
      write_.Begin();
      writer_.SendInitialMetadata(static_cast<Completion*>(&write_));
      const bool sent = co_await write_;
      if (sent) co_return absl::OkStatus();
    }
    co_return absl::CancelledError("the client is gone");
  }

  Task<absl::Status> Write(Message& message) override {
    if (!stopped()) {
      write_.Begin();
      sending_since_ = absl::Now();
      writer_.Write(Serialize(message), static_cast<Completion*>(&write_));
      const bool written = co_await write_;
      sending_since_ = absl::InfiniteFuture();
      if (written) co_return absl::OkStatus();
    }
    co_return absl::CancelledError("the client is gone");
  }

 private:
  void Request(Completion* accepted) override {
    service_.RequestAsyncServerStreaming(index_, &context_, &request_bytes_,
                                         &writer_, lane_.loop.queue(),
                                         lane_.loop.queue(), accepted);
  }

  Task<google::rpc::Status> Answer() override {
    const MessagePtr request(method_.request_prototype->New());
    const absl::Status parsed = Parse(&request_bytes_, request.get());
    if (!parsed.ok()) {
      co_return lane_.dispatch.Refuse(method_, call_, parsed);
    }
    co_return co_await lane_.dispatch.ServerStreaming(method_, call_, *request,
                                                      *this);
  }

  void Finish(const grpc::Status& status, Completion* finished) override {
    writer_.Finish(status, finished);
  }

  grpc::ByteBuffer request_bytes_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
  Operation write_{this};
};

// The call deletes itself.
GrpcCall* MakeGrpcCall(Lane& lane, AsyncService& service, int index) {
  const Method& method = *service.methods()[index];
  if (method.client_streaming) {
    return new ClientStreamingCall(lane, service, index);
  }
  if (method.server_streaming) {
    return new ServerStreamingCall(lane, service, index);
  }
  return new UnaryCall(lane, service, index);
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

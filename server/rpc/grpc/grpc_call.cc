// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/grpc_call.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/errors.h"
#include "google/protobuf/message.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "server/rpc/message_stream.h"

namespace pinhole::rpc {
namespace {

absl::Time FromGrpc(std::chrono::system_clock::time_point time) {
  return time == std::chrono::system_clock::time_point::max()
             ? absl::InfiniteFuture()
             : absl::FromChrono(time);
}

using google::protobuf::Message;
using MessagePtr = std::unique_ptr<Message>;

absl::Status Parse(grpc::ByteBuffer* bytes, Message* message) {
  const grpc::Status status =
      grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(bytes,
                                                                 message);
  if (status.ok()) return absl::OkStatus();
  return MakeError(Reason::kMalformedMessage,
                   "the request is not a valid " + message->GetTypeName());
}

absl::Status ClientIsGone() {
  return MakeError(Reason::kCancelled, "the client is gone");
}

grpc::ByteBuffer Serialize(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  // Fails only for messages over 2 GiB, which do not occur.
  grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(message, &bytes,
                                                           &own_buffer);
  return bytes;
}

class UnaryCall final : public GrpcCall {
 public:
  UnaryCall(LoopCalls& loop_calls, AsyncService& service, int index)
      : GrpcCall(loop_calls, service, index) {}

 private:
  void Request(Completion* accepted) override {
    service_.RequestAsyncUnary(index_, &context_, &request_bytes_, &writer_,
                               loop_calls_.loop.queue(),
                               loop_calls_.loop.queue(), accepted);
  }

  Task<google::rpc::Status> Answer() override {
    const MessagePtr request(method_.request_prototype->New());
    const absl::Status parsed = Parse(&request_bytes_, request.get());
    if (!parsed.ok()) {
      co_return loop_calls_.dispatch.Refuse(method_, call_, parsed);
    }
    response_.reset(method_.response_prototype->New());
    co_return co_await loop_calls_.dispatch.Unary(method_, call_, *request,
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
  ClientStreamingCall(LoopCalls& loop_calls, AsyncService& service, int index)
      : GrpcCall(loop_calls, service, index) {}

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
    if (!ended_) co_return ClientIsGone();
    co_return false;
  }

 private:
  void Request(Completion* accepted) override {
    service_.RequestAsyncClientStreaming(index_, &context_, &reader_,
                                         loop_calls_.loop.queue(),
                                         loop_calls_.loop.queue(), accepted);
  }

  Task<google::rpc::Status> Answer() override {
    response_.reset(method_.response_prototype->New());
    co_return co_await loop_calls_.dispatch.ClientStreaming(
        method_, call_, *this, response_.get());
  }

  void Finish(const grpc::Status& status, Completion* finished) override {
    if (status.ok()) {
      reader_.Finish(Serialize(*response_), status, finished);
    } else {
      reader_.FinishWithError(status, finished);
    }
  }

  void AbandonRead() override { read_.Abandon(); }

  // A read fails both at the client's half-close and when the call is cut off,
  // and gRPC can report the latter with a delay.  Sending the headers tells the
  // two apart, because it fails on a closed stream.
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

// A call whose response is a stream of messages, sent with a `Stream` of gRPC.
template <typename Stream>
class RespondingCall : public GrpcCall, public MessageWriter {
 public:
  RespondingCall(LoopCalls& loop_calls, AsyncService& service, int index)
      : GrpcCall(loop_calls, service, index) {}

  Task<absl::Status> Begin() override {
    if (!stopped()) {
      write_.Begin();
      stream_.SendInitialMetadata(static_cast<Completion*>(&write_));
      const bool sent = co_await write_;
      if (sent) co_return absl::OkStatus();
    }
    co_return ClientIsGone();
  }

  Task<absl::Status> Write(Message& message) override {
    if (!stopped()) {
      write_.Begin();
      sending_since_ = absl::Now();
      stream_.Write(Serialize(message), static_cast<Completion*>(&write_));
      const bool written = co_await write_;
      sending_since_ = absl::InfiniteFuture();
      if (written) co_return absl::OkStatus();
    }
    co_return ClientIsGone();
  }

 protected:
  void Finish(const grpc::Status& status, Completion* finished) final {
    stream_.Finish(status, finished);
  }

  Stream stream_{&context_};

 private:
  Operation write_{this};
};

class ServerStreamingCall final
    : public RespondingCall<grpc::ServerAsyncWriter<grpc::ByteBuffer>> {
 public:
  ServerStreamingCall(LoopCalls& loop_calls, AsyncService& service, int index)
      : RespondingCall(loop_calls, service, index) {}

 private:
  void Request(Completion* accepted) override {
    service_.RequestAsyncServerStreaming(index_, &context_, &request_bytes_,
                                         &stream_, loop_calls_.loop.queue(),
                                         loop_calls_.loop.queue(), accepted);
  }

  Task<google::rpc::Status> Answer() override {
    const MessagePtr request(method_.request_prototype->New());
    const absl::Status parsed = Parse(&request_bytes_, request.get());
    if (!parsed.ok()) {
      co_return loop_calls_.dispatch.Refuse(method_, call_, parsed);
    }
    co_return co_await loop_calls_.dispatch.ServerStreaming(method_, call_,
                                                            *request, *this);
  }

  grpc::ByteBuffer request_bytes_;
};

class BidiStreamingCall final
    : public RespondingCall<
          grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>>,
      public MessageReader {
 public:
  BidiStreamingCall(LoopCalls& loop_calls, AsyncService& service, int index)
      : RespondingCall(loop_calls, service, index) {}

  Task<absl::StatusOr<bool>> Read(Message* message) override {
    if (!stopped()) {
      read_.Begin();
      stream_.Read(&bytes_, static_cast<Completion*>(&read_));
      const bool got = co_await read_;
      if (got) {
        const absl::Status parsed = Parse(&bytes_, message);
        if (!parsed.ok()) co_return parsed;
        co_return true;
      }
    }
    if (stopped()) co_return ClientIsGone();
    co_return false;
  }

 private:
  void Request(Completion* accepted) override {
    service_.RequestAsyncBidiStreaming(index_, &context_, &stream_,
                                       loop_calls_.loop.queue(),
                                       loop_calls_.loop.queue(), accepted);
  }

  Task<google::rpc::Status> Answer() override {
    co_return co_await loop_calls_.dispatch.BidiStreaming(method_, call_, *this,
                                                          *this);
  }

  void AbandonRead() override { read_.Abandon(); }

  grpc::ByteBuffer bytes_;
  Operation read_{this};
};

// The call deletes itself.
GrpcCall* MakeGrpcCall(LoopCalls& loop_calls, AsyncService& service,
                       int index) {
  const Method& method = *service.methods()[index];
  if (method.bidi_streaming) {
    return new BidiStreamingCall(loop_calls, service, index);
  }
  if (method.client_streaming) {
    return new ClientStreamingCall(loop_calls, service, index);
  }
  if (method.server_streaming) {
    return new ServerStreamingCall(loop_calls, service, index);
  }
  return new UnaryCall(loop_calls, service, index);
}

}  // namespace

grpc::Status ToGrpc(const google::rpc::Status& status) {
  if (status.code() == 0) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      status.message(), status.SerializeAsString());
}

void LoopCalls::RemoveObject() {
  if (--objects == 0 && shutting_down) drained.Notify();
}

void LoopCalls::Sweep() {
  const absl::Time now = absl::Now();
  for (GrpcCall* call : std::vector<GrpcCall*>(active.begin(), active.end())) {
    const Call& state = call->call();
    if (std::min(state.deadline, state.message_due) <= now) call->Stop();
    call->CutIfSendingSince(now - send_time);
  }
  loop.PostAfter(absl::Seconds(1), [this] { Sweep(); });
}

void LoopCalls::BeginShutdown() {
  shutting_down = true;
  if (objects == 0) drained.Notify();
  // Calls delete themselves only in their own events, so none is deleted here.
  for (GrpcCall* call : std::vector<GrpcCall*>(active.begin(), active.end())) {
    if (IsWatch(call->method())) call->StopForShutdown();
  }
}

void GrpcCall::Accept(LoopCalls& loop_calls, AsyncService& service, int index) {
  MakeGrpcCall(loop_calls, service, index)->Wait();
}

GrpcCall::GrpcCall(LoopCalls& loop_calls, AsyncService& service, int index)
    : loop_calls_(loop_calls),
      service_(service),
      index_(index),
      method_(*service.methods()[index]) {
  loop_calls_.AddObject();
}

GrpcCall::~GrpcCall() {
  loop_calls_.active.erase(this);
  loop_calls_.RemoveObject();
}

void GrpcCall::Wait() {
  context_.AsyncNotifyWhenDone(static_cast<Completion*>(&over_));
  Request(&accepted_);
}

void GrpcCall::OnAccepted(bool ok) {
  if (!ok) {  // The server shuts down; `over_` is never called.
    delete this;
    return;
  }
  Accept(loop_calls_, service_, index_);
  loop_calls_.active.insert(this);
  FillCall();
  if (loop_calls_.shutting_down && IsWatch(method_)) StopForShutdown();
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

// gRPC keeps unsent data as long as the connection exists, even after the
// call's deadline.
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

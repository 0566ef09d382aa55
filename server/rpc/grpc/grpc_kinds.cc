// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/grpc_kinds.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "google/protobuf/message.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"

namespace pinhole::rpc {
namespace {

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

}  // namespace

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

}  // namespace pinhole::rpc

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <list>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "gateway/upstream/gate.h"
#include "gateway/upstream/upstream.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"

namespace pinhole::gateway {

// The tag of an operation on the completion queue.
struct CompletionTag {
  absl::AnyInvocable<void(bool ok)> on_event;
};
void* MakeTag(absl::AnyInvocable<void(bool ok)> on_event);

// Each call holds one until gRPC has finished with the call.
using CallGuard = std::shared_ptr<void>;

// A streaming call to a gRPC server, owned by its handle and by the tags of
// pending operations: at most one read, one write and one finish.
class RemoteStream : public std::enable_shared_from_this<RemoteStream> {
 public:
  using Message = google::protobuf::Message;

  RemoteStream(CallGuard guard, const Upstream::Method& method)
      : guard_(std::move(guard)), response_type_(*method.output_type()) {}

  // For `Prepare...`, before the call begins.  `Cancel` can be called at any
  // time.
  grpc::ClientContext& context() { return context_; }
  void Cancel() { context_.TryCancel(); }

  // Both begin the call.
  void SendMany(std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call,
                ReplyCallback done);
  void SendOne(std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call,
               const Message& request);

  // As in `RequestStream`, after `SendMany`.
  void Write(std::unique_ptr<Message> message, WriteCallback done);
  void WritesDone();
  // As in `ResponseStream`, after `SendOne`.
  void Read(ReplyCallback done);
  void AwaitBegin(BeginCallback done);

 private:
  void Start(std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call);
  void Take(ReplyCallback done);
  // Takes a message, or the end of the stream.
  void Arrived(UpstreamReply reply);
  // Whether to start a read now; if so, counts it as started.
  bool MayRead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadNext();
  void ReadOnly(ReplyCallback done);
  void Finish(ReplyCallback done, std::unique_ptr<Message> message);

  const CallGuard guard_;  // Declared first, so that it is released last.
  const google::protobuf::Descriptor& response_type_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer outgoing_;  // gRPC reads it until the write is done.
  grpc::Status status_;
  bool any_read_ = false;

  // Messages that were read ahead.  A round trip through the reading thread for
  // each message costs as much as a message of 128 KiB.
  static constexpr std::size_t kAhead = 2;
  absl::Mutex mutex_;
  std::list<UpstreamReply> ahead_ ABSL_GUARDED_BY(mutex_);
  ReplyCallback reader_ ABSL_GUARDED_BY(mutex_);
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;

  Gate started_;  // gRPC accepts no operation before the call has started.
  Gate begun_;    // The initial metadata has arrived; for `SendOne` only.
};

}  // namespace pinhole::gateway

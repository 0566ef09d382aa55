// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_UPSTREAM_REMOTE_STREAM_H_
#define PINHOLE_GATEWAY_UPSTREAM_REMOTE_STREAM_H_

#include <cstddef>
#include <list>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "gateway/upstream/upstream.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"

namespace pinhole::gateway {

// What the completion queue hands back: whom to tell.
struct CompletionTag {
  absl::AnyInvocable<void(bool ok)> on_event;
};
void* MakeTag(absl::AnyInvocable<void(bool ok)> on_event);

// Held by each call until gRPC is through with it.
using Presence = std::shared_ptr<void>;

// Operations that have to wait for something.  Thread-safe.
class Gate {
 public:
  // Runs it now if the gate is open, else when it opens.
  void Pass(absl::AnyInvocable<void()> operation);
  void Open();

 private:
  absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<absl::AnyInvocable<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
};

// A streaming call to a gRPC server, owned by its handle and by the tags that
// are pending: one read, one write and the end at a time.
class RemoteStream : public std::enable_shared_from_this<RemoteStream> {
 public:
  using Message = google::protobuf::Message;

  RemoteStream(Presence presence, const Upstream::Method& method)
      : presence_(std::move(presence)), response_type_(*method.output_type()) {}

  // For `Prepare...` only, before the call begins; `Cancel` at any time.
  grpc::ClientContext& context() { return context_; }
  void Cancel() { context_.TryCancel(); }

  // Each begins the call.
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
  // A message, or the end.
  void Arrived(UpstreamReply reply);
  // Whether to read now; if so, it counts as begun.
  bool MayRead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadNext();
  void ReadOnly(ReplyCallback done);
  void Finish(ReplyCallback done, std::unique_ptr<Message> message);

  const Presence presence_;  // First, so that it goes last.
  const google::protobuf::Descriptor& response_type_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer outgoing_;  // gRPC reads it until the write is done.
  grpc::Status status_;
  bool any_read_ = false;

  // Messages that nobody has asked for yet.  They are read meanwhile because a
  // way through the asking thread and back for each costs as much as a message
  // of 128 KiB.
  static constexpr std::size_t kAhead = 2;
  absl::Mutex mutex_;
  std::list<UpstreamReply> ahead_ ABSL_GUARDED_BY(mutex_);
  ReplyCallback reader_ ABSL_GUARDED_BY(mutex_);
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;

  Gate started_;  // gRPC takes no operation before it says so.
  Gate begun_;    // The initial metadata has come; for `SendOne` only.
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_UPSTREAM_REMOTE_STREAM_H_

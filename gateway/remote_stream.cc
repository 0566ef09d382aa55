// SPDX-License-Identifier: Apache-2.0

#include "gateway/remote_stream.h"

#include <utility>

#include "gateway/remote_reply.h"

namespace pinhole::gateway {

void* MakeTag(absl::AnyInvocable<void(bool ok)> on_event) {
  return new CompletionTag{std::move(on_event)};
}

void Gate::Pass(absl::AnyInvocable<void()> operation) {
  {
    absl::MutexLock lock(&mutex_);
    if (!open_) return waiting_.push_back(std::move(operation));
  }
  operation();
}

void Gate::Open() {
  std::vector<absl::AnyInvocable<void()>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    open_ = true;
    waiting.swap(waiting_);
  }
  for (auto& operation : waiting) operation();
}

void RemoteStream::Start(
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call) {
  call_ = std::move(call);
  call_->StartCall(
      MakeTag([self = shared_from_this()](bool) { self->started_.Open(); }));
}

void RemoteStream::SendMany(
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call,
    ReplyCallback done) {
  Start(std::move(call));
  started_.Pass([self = shared_from_this(), done = std::move(done)]() mutable {
    self->ReadOnly(std::move(done));
  });
}

void RemoteStream::SendOne(
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call,
    const Message& request) {
  outgoing_ = Serialize(request);
  Start(std::move(call));
  started_.Pass([self = shared_from_this()] {
    self->call_->WriteLast(self->outgoing_, grpc::WriteOptions(),
                           MakeTag([self](bool) {}));
    // By itself, because a read brings it only with the first message.
    self->call_->ReadInitialMetadata(
        MakeTag([self](bool) { self->begun_.Open(); }));
  });
}

void RemoteStream::Write(const Message& message, WriteCallback done) {
  outgoing_ = Serialize(message);
  started_.Pass([self = shared_from_this(), done = std::move(done)]() mutable {
    self->call_->Write(
        self->outgoing_,
        MakeTag([self, done = std::move(done)](bool ok) mutable { done(ok); }));
  });
}

void RemoteStream::WritesDone() {
  started_.Pass([self = shared_from_this()] {
    self->call_->WritesDone(MakeTag([self](bool) {}));
  });
}

void RemoteStream::Read(ReplyCallback done) {
  begun_.Pass([self = shared_from_this(), done = std::move(done)]() mutable {
    self->ReadNext(std::move(done));
  });
}

void RemoteStream::AwaitBegin(BeginCallback done) {
  begun_.Pass([self = shared_from_this(), done = std::move(done)]() mutable {
    Metadata metadata;
    AddInitialMetadata(self->context_, &metadata);
    done(std::move(metadata));
  });
}

void RemoteStream::ReadNext(ReplyCallback done) {
  call_->Read(&incoming_, MakeTag([self = shared_from_this(),
                                   done = std::move(done)](bool ok) mutable {
    if (!ok) return self->Finish(std::move(done), nullptr);
    UpstreamReply reply;
    reply.message = ParseMessage(self->response_type_, self->incoming_);
    if (reply.message == nullptr) reply = Unreadable();
    if (!std::exchange(self->any_read_, true)) {
      AddInitialMetadata(self->context_, &reply.metadata);
    }
    done(std::move(reply));
  }));
}

// The one response of a client-streaming call, then its status.
void RemoteStream::ReadOnly(ReplyCallback done) {
  call_->Read(&incoming_, MakeTag([self = shared_from_this(),
                                   done = std::move(done)](bool ok) mutable {
    std::unique_ptr<Message> message;
    if (ok) message = ParseMessage(self->response_type_, self->incoming_);
    if (ok && message == nullptr) return done(Unreadable());
    self->Finish(std::move(done), std::move(message));
  }));
}

// Learns how the call ended; `message` goes along if that was well.
void RemoteStream::Finish(ReplyCallback done,
                          std::unique_ptr<Message> message) {
  call_->Finish(&status_,
                MakeTag([self = shared_from_this(), done = std::move(done),
                         message = std::move(message)](bool) mutable {
                  UpstreamReply reply;
                  reply.status = ToProto(self->status_);
                  if (self->status_.ok()) reply.message = std::move(message);
                  if (!self->any_read_) {
                    AddInitialMetadata(self->context_, &reply.metadata);
                  }
                  AddTrailingMetadata(self->context_, &reply.metadata);
                  done(std::move(reply));
                }));
}

}  // namespace pinhole::gateway

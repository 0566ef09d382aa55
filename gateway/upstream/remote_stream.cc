// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/remote_stream.h"

#include <optional>
#include <utility>

#include "gateway/upstream/remote_reply.h"

namespace pinhole::gateway {

void* MakeTag(absl::AnyInvocable<void(bool ok)> on_event) {
  return new CompletionTag{std::move(on_event)};
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
    // A separate operation, because a read delivers it only with the first
    // message.
    self->call_->ReadInitialMetadata(
        MakeTag([self](bool) { self->begun_.Open(); }));
  });
}

void RemoteStream::Write(std::unique_ptr<Message> message, WriteCallback done) {
  outgoing_ = SerializePiece(std::move(message));
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
    self->Take(std::move(done));
  });
}

void RemoteStream::Take(ReplyCallback done) {
  std::optional<UpstreamReply> reply;
  bool go_on = false;
  {
    const absl::MutexLock lock(&mutex_);
    if (ahead_.empty()) {
      reader_ = std::exchange(done, nullptr);
    } else {
      reply = std::move(ahead_.front());
      ahead_.pop_front();
    }
    go_on = MayRead();
  }
  if (go_on) ReadNext();
  if (done) done(*std::move(reply));
}

void RemoteStream::Arrived(UpstreamReply reply) {
  ReplyCallback done;
  std::optional<UpstreamReply> next;
  bool go_on = false;
  {
    const absl::MutexLock lock(&mutex_);
    reading_ = false;
    ended_ = reply.message == nullptr;
    ahead_.push_back(std::move(reply));
    if (reader_) {
      done = std::exchange(reader_, nullptr);
      next = std::move(ahead_.front());
      ahead_.pop_front();
    }
    go_on = MayRead();
  }
  if (go_on) ReadNext();
  if (done) done(*std::move(next));
}

bool RemoteStream::MayRead() {
  if (reading_ || ended_ || ahead_.size() >= kAhead) return false;
  reading_ = true;
  return true;
}

void RemoteStream::AwaitBegin(BeginCallback done) {
  begun_.Pass([self = shared_from_this(), done = std::move(done)]() mutable {
    Metadata metadata;
    AddInitialMetadata(self->context_, &metadata);
    done(std::move(metadata));
  });
}

void RemoteStream::ReadNext() {
  call_->Read(&incoming_, MakeTag([self = shared_from_this()](bool ok) {
    if (!ok) {
      return self->Finish(
          [self](UpstreamReply reply) { self->Arrived(std::move(reply)); },
          nullptr);
    }
    UpstreamReply reply;
    reply.message = ParseMessage(self->response_type_, self->incoming_);
    if (reply.message == nullptr) reply = UnparsableReply();
    if (!std::exchange(self->any_read_, true)) {
      AddInitialMetadata(self->context_, &reply.metadata);
    }
    self->Arrived(std::move(reply));
  }));
}

// Reads the one response of a client-streaming call, then its status.
void RemoteStream::ReadOnly(ReplyCallback done) {
  call_->Read(&incoming_, MakeTag([self = shared_from_this(),
                                   done = std::move(done)](bool ok) mutable {
    std::unique_ptr<Message> message;
    if (ok) message = ParseMessage(self->response_type_, self->incoming_);
    if (ok && message == nullptr) return done(UnparsableReply());
    self->Finish(std::move(done), std::move(message));
  }));
}

// Gets the status of the call; if it is OK, passes `message` on.
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

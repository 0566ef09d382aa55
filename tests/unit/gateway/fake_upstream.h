// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gateway/http/http_error.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// An upstream that answers what the test says, from a script, and remembers
// what it was asked.  Once the script is empty, calls wait for more of it.
class FakeUpstream final : public Upstream {
 public:
  // The next message or end that a call gets.
  void Answer(const google::protobuf::Message& message,
              Metadata metadata = {}) {
    UpstreamReply reply;
    reply.metadata = std::move(metadata);
    reply.message.reset(message.New());
    reply.message->CopyFrom(message);
    Push(std::move(reply));
  }
  void AnswerStatus(const absl::Status& status) {
    UpstreamReply reply;
    reply.status = ToProto(status);
    Push(std::move(reply));
  }
  // Calls with a body are refused before it.
  void RefuseBodies(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    refusal_ = status;
  }
  // Streams say that they begin.
  void Begin(Metadata metadata) {
    absl::MutexLock lock(&mutex_);
    begun_ = std::move(metadata);
    Settle();
  }
  // Client streams take this many messages and then no more until told.
  void TakeMessages(std::size_t count) {
    absl::MutexLock lock(&mutex_);
    takes_ += count;
    Settle();
  }

  // What came in, once `count` messages have.
  std::vector<std::string> AwaitMessages(std::size_t count) {
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return messages_.size() >= count;
    };
    absl::MutexLock lock(&mutex_, absl::Condition(&enough));
    return messages_;
  }
  // Until a client stream has been told that there is no more.
  void AwaitEnd() { absl::MutexLock lock(&mutex_, absl::Condition(&ended_)); }
  void AwaitCancellations(int count) {
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return cancelled_ >= count;
    };
    absl::MutexLock lock(&mutex_, absl::Condition(&enough));
  }
  CallHeaders headers() {
    absl::MutexLock lock(&mutex_);
    return headers_;
  }
  bool ended() {
    absl::MutexLock lock(&mutex_);
    return ended_;
  }

  std::unique_ptr<UpstreamCall> Admit(const Method&, const CallHeaders&, bool,
                                      ReplyCallback done) override {
    absl::MutexLock lock(&mutex_);
    if (!refusal_) return nullptr;
    UpstreamReply reply;
    reply.status = ToProto(*refusal_);
    done(std::move(reply));
    return std::make_unique<UpstreamCall>();
  }
  std::unique_ptr<UpstreamCall> Unary(const Method&, CallHeaders headers,
                                      MessagePtr request,
                                      ReplyCallback done) override {
    Begin(std::move(headers), request.get(), std::move(done));
    return std::make_unique<Handle<UpstreamCall>>(*this);
  }
  std::unique_ptr<RequestStream> ClientStreaming(const Method&,
                                                 CallHeaders headers,
                                                 ReplyCallback done) override {
    Begin(std::move(headers), nullptr, std::move(done));
    return std::make_unique<Requests>(*this);
  }
  std::unique_ptr<ResponseStream> ServerStreaming(const Method&,
                                                  CallHeaders headers,
                                                  MessagePtr request) override {
    Begin(std::move(headers), request.get(), nullptr);
    return std::make_unique<Responses>(*this);
  }

 private:
  template <typename Interface>
  class Handle : public Interface {
   public:
    explicit Handle(FakeUpstream& fake) : fake_(fake) {}
    ~Handle() override {
      absl::MutexLock lock(&fake_.mutex_);
      ++fake_.cancelled_;
      fake_.waiting_ = nullptr;
      fake_.writing_ = nullptr;
      fake_.beginning_ = nullptr;
    }

   protected:
    FakeUpstream& fake_;
  };
  class Requests final : public Handle<RequestStream> {
   public:
    using Handle::Handle;
    void Write(MessagePtr message, WriteCallback done) override {
      absl::MutexLock lock(&fake_.mutex_);
      fake_.messages_.push_back(message->SerializeAsString());
      fake_.writing_ = std::move(done);
      fake_.Settle();
    }
    void WritesDone() override {
      absl::MutexLock lock(&fake_.mutex_);
      fake_.ended_ = true;
    }
  };
  class Responses final : public Handle<ResponseStream> {
   public:
    using Handle::Handle;
    void Read(ReplyCallback done) override {
      absl::MutexLock lock(&fake_.mutex_);
      fake_.waiting_ = std::move(done);
      fake_.Settle();
    }
    void AwaitBegin(BeginCallback done) override {
      absl::MutexLock lock(&fake_.mutex_);
      fake_.beginning_ = std::move(done);
      fake_.Settle();
    }
  };

  void Begin(CallHeaders headers, const google::protobuf::Message* request,
             ReplyCallback done) {
    absl::MutexLock lock(&mutex_);
    headers_ = std::move(headers);
    if (request != nullptr) messages_.push_back(request->ShortDebugString());
    waiting_ = std::move(done);
    Settle();
  }
  void Push(UpstreamReply reply) {
    absl::MutexLock lock(&mutex_);
    script_.push_back(std::move(reply));
    Settle();
  }
  // The receivers only post, so calling them under the lock is safe.
  void Settle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ && takes_ > 0) {
      --takes_;
      std::exchange(writing_, nullptr)(true);
    }
    if (beginning_ && begun_) std::exchange(beginning_, nullptr)(*begun_);
    if (!waiting_ || script_.empty()) return;
    UpstreamReply reply = std::move(script_.front());
    script_.pop_front();
    std::exchange(waiting_, nullptr)(std::move(reply));
  }

  absl::Mutex mutex_;
  std::deque<UpstreamReply> script_ ABSL_GUARDED_BY(mutex_);
  ReplyCallback waiting_ ABSL_GUARDED_BY(mutex_);
  BeginCallback beginning_ ABSL_GUARDED_BY(mutex_);
  std::optional<Metadata> begun_ ABSL_GUARDED_BY(mutex_);
  WriteCallback writing_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> refusal_ ABSL_GUARDED_BY(mutex_);
  std::size_t takes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mutex_);
  CallHeaders headers_ ABSL_GUARDED_BY(mutex_);
  int cancelled_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "gateway/http/http_error.h"
#include "gateway/upstream/upstream.h"
#include "tests/conformance/everything.pb.h"

namespace pinhole::gateway {

// Answers every call with its request, and `Fail` with the code it is asked
// for. Thread-safe.
class EchoUpstream final : public Upstream {
 public:
  // The request of the last call, and its method; empty if there was none since
  // the last time.
  std::pair<std::string, MessagePtr> TakeCall() {
    absl::MutexLock lock(&mutex_);
    return {std::exchange(method_, {}), std::move(request_)};
  }

  std::unique_ptr<UpstreamCall> Unary(const Method& method, CallHeaders,
                                      MessagePtr request,
                                      ReplyCallback done) override {
    Note(method, *request);
    UpstreamReply reply;
    if (const auto* fail =
            dynamic_cast<const conformance::FailRequest*>(request.get())) {
      reply.status.set_code(fail->code());
      reply.status.set_message("as asked for");
    } else {
      reply.message = std::move(request);
    }
    done(std::move(reply));
    return std::make_unique<UpstreamCall>();
  }

  std::unique_ptr<RequestStream> ClientStreaming(const Method&, CallHeaders,
                                                 ReplyCallback done) override {
    UpstreamReply reply;
    reply.status = ToProto(absl::UnimplementedError("no client streams"));
    done(std::move(reply));
    return nullptr;
  }

  // `Inner.count` times the request.
  std::unique_ptr<ResponseStream> ServerStreaming(const Method& method,
                                                  CallHeaders,
                                                  MessagePtr request) override {
    Note(method, *request);
    const auto& inner = dynamic_cast<const conformance::Inner&>(*request);
    return std::make_unique<Responses>(inner);
  }

 private:
  class Responses final : public ResponseStream {
   public:
    explicit Responses(conformance::Inner inner)
        : inner_(std::move(inner)), left_(inner_.count()) {}
    void Read(ReplyCallback done) override {
      UpstreamReply reply;
      if (left_-- > 0) {
        reply.message = std::make_unique<conformance::Inner>(inner_);
      }
      done(std::move(reply));
    }

   private:
    const conformance::Inner inner_;
    int left_;
  };

  void Note(const Method& method, const google::protobuf::Message& request) {
    absl::MutexLock lock(&mutex_);
    method_ = method.name();
    request_.reset(request.New());
    request_->CopyFrom(request);
  }

  absl::Mutex mutex_;
  std::string method_ ABSL_GUARDED_BY(mutex_);
  MessagePtr request_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::gateway

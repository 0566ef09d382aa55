// SPDX-License-Identifier: Apache-2.0

// The bound of every call: the fastest gRPC server that Debian's library makes,
// which does nothing.  One completion queue and one thread polling it; each
// call has its `authorization` found and its deadline read, a message of 286
// bytes is its answer.  It speaks GetPhoto so that no protos of its own are
// needed.

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "pinhole/v1/photo_service.grpc.pb.h"

namespace pinhole::bench {
namespace {

using Service =
    v1::PhotoService::WithAsyncMethod_GetPhoto<v1::PhotoService::Service>;

v1::Photo MakeAnswer() {
  constexpr std::size_t kBytes = 286;
  v1::Photo photo;
  photo.set_name("photos/7301444403200000001");
  photo.set_owner("users/ansel");
  photo.set_visibility(v1::VISIBILITY_PUBLIC);
  photo.mutable_create_time()->set_seconds(1'700'000'000);
  photo.set_width(4000);
  photo.set_height(3000);
  photo.set_content_type("image/jpeg");
  photo.set_like_count(12);
  photo.set_caption("-");
  while (photo.ByteSizeLong() < kBytes) photo.mutable_caption()->push_back('-');
  return photo;
}

// One call: waits for it, answers it, makes room for the next.
class Call {
 public:
  Call(Service& service, grpc::ServerCompletionQueue& queue,
       const v1::Photo& answer)
      : service_(service), queue_(queue), answer_(answer) {
    service_.RequestGetPhoto(&context_, &request_, &responder_, &queue_,
                             &queue_, this);
  }

  void OnCompletion(bool ok) {
    if (finished_ || !ok) {
      delete this;
      return;
    }
    new Call(service_, queue_, answer_);
    finished_ = true;
    const auto& metadata = context_.client_metadata();
    if (metadata.find("authorization") == metadata.end() ||
        context_.deadline() < std::chrono::system_clock::now()) {
      responder_.FinishWithError(
          grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "no authorization"),
          this);
      return;
    }
    responder_.Finish(answer_, grpc::Status::OK, this);
  }

 private:
  Service& service_;
  grpc::ServerCompletionQueue& queue_;
  const v1::Photo& answer_;
  grpc::ServerContext context_;
  v1::GetPhotoRequest request_;
  grpc::ServerAsyncResponseWriter<v1::Photo> responder_{&context_};
  bool finished_ = false;
};

// Until it is killed.
void Serve() {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const v1::Photo answer = MakeAnswer();
  constexpr int kReady = 128;
  for (int i = 0; i < kReady; ++i) new Call(service, *queue, answer);
  std::cout << "gRPC listening on 127.0.0.1:" << port << "\nready" << std::endl;
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Call*>(tag)->OnCompletion(ok);
}

}  // namespace
}  // namespace pinhole::bench

int main() { pinhole::bench::Serve(); }

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
#include "tests/bench/bare_answer.h"

namespace pinhole::bench {
namespace {

// Of a download, as pinhole-server has it.
constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kFileBytes = 10 * 1024 * 1024;

// Bytes are taken and given on gRPC's own threads: a call is a whole file.
class Service final : public v1::PhotoService::WithAsyncMethod_GetPhoto<
                          v1::PhotoService::Service> {
 public:
  grpc::Status UploadPhoto(grpc::ServerContext* /*context*/,
                           grpc::ServerReader<v1::UploadPhotoRequest>* parts,
                           v1::Photo* answer) override {
    v1::UploadPhotoRequest part;
    std::size_t bytes = 0;
    while (parts->Read(&part)) bytes += part.chunk().size();
    *answer = MakeBareAnswer();
    answer->set_size_bytes(static_cast<std::int64_t>(bytes));
    return grpc::Status::OK;
  }

  grpc::Status DownloadPhoto(
      grpc::ServerContext* /*context*/,
      const v1::DownloadPhotoRequest* /*request*/,
      grpc::ServerWriter<v1::DownloadPhotoResponse>* parts) override {
    v1::DownloadPhotoResponse part;
    part.mutable_head()->set_content_type("image/jpeg");
    part.mutable_head()->set_size_bytes(kFileBytes);
    parts->Write(part);
    part.set_chunk(std::string(kChunkBytes, 'x'));
    for (std::size_t sent = 0; sent < kFileBytes; sent += kChunkBytes) {
      if (!parts->Write(part)) break;
    }
    return grpc::Status::OK;
  }
};

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
void Serve(const char* also) {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  if (also != nullptr) {
    builder.AddListeningPort(also, grpc::InsecureServerCredentials());
  }
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const v1::Photo answer = MakeBareAnswer();
  constexpr int kReady = 128;
  for (int i = 0; i < kReady; ++i) new Call(service, *queue, answer);
  std::cout << "gRPC listening on 127.0.0.1:" << port << "\nready" << std::endl;
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Call*>(tag)->OnCompletion(ok);
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  pinhole::bench::Serve(argc > 1 ? argv[1] : nullptr);
}

// SPDX-License-Identifier: Apache-2.0

// A real gRPC server in the test, and the gateway's way to it.

#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "gateway/upstream/remote_upstream.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.grpc.pb.h"

namespace pinhole::gateway {

// GetPhoto echoes, UploadPhoto counts bytes, DownloadPhoto sends three chunks.
class Photos final : public v1::PhotoService::Service {
 public:
  grpc::Status GetPhoto(grpc::ServerContext* context,
                        const v1::GetPhotoRequest* request,
                        v1::Photo* photo) override {
    ++calls;
    AddPeer(context->peer());
    if (request->name() == "photos/none") {
      google::rpc::Status status =
          ToProto(InvalidField("name", "names nothing"));
      return {grpc::StatusCode::INVALID_ARGUMENT, status.message(),
              status.SerializeAsString()};
    }
    if (refusal) return *refusal;
    context->AddInitialMetadata("x-before", "1");
    context->AddTrailingMetadata("x-after-bin", std::string("\0\xff", 2));
    if (request->name() == "photos/slow") {
      while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
      cancelled.Notify();
      return grpc::Status::CANCELLED;
    }
    photo->set_name(request->name());
    const auto id = context->client_metadata().find("x-request-id");
    if (id != context->client_metadata().end()) {
      photo->set_caption(std::string(id->second.data(), id->second.size()));
    }
    return grpc::Status::OK;
  }

  grpc::Status UploadPhoto(grpc::ServerContext*,
                           grpc::ServerReader<v1::UploadPhotoRequest>* reader,
                           v1::Photo* photo) override {
    v1::UploadPhotoRequest request;
    std::int64_t size = 0;
    while (reader->Read(&request)) {
      if (request.metadata().caption() == "bad") {
        return {grpc::StatusCode::PERMISSION_DENIED, "no"};
      }
      size += static_cast<std::int64_t>(request.chunk().size());
    }
    photo->set_size_bytes(size);
    return grpc::Status::OK;
  }

  grpc::Status DownloadPhoto(
      grpc::ServerContext* context, const v1::DownloadPhotoRequest* request,
      grpc::ServerWriter<v1::DownloadPhotoResponse>* writer) override {
    if (request->name() == "photos/later") {
      return WatchLikeDownload(context, writer);
    }
    v1::DownloadPhotoResponse response;
    for (int i = 0; i < 3; ++i) {
      response.set_chunk(std::string(256 * 1024, 'a'));
      writer->Write(response);
    }
    return {grpc::StatusCode::DATA_LOSS, "torn"};
  }

  grpc::Status WatchLikeDownload(
      grpc::ServerContext* context,
      grpc::ServerWriter<v1::DownloadPhotoResponse>* writer) {
    context->AddInitialMetadata("x-before", "1");
    context->AddTrailingMetadata("x-after", "2");
    writer->SendInitialMetadata();
    go_on.WaitForNotification();
    writer->Write(v1::DownloadPhotoResponse());
    return grpc::Status::OK;
  }

  // How many connections GetPhoto has been called on.
  std::size_t Peers() {
    absl::MutexLock lock(&mutex);
    return peers.size();
  }
  void AddPeer(const std::string& peer) {
    absl::MutexLock lock(&mutex);
    peers.insert(peer);
  }

  absl::Mutex mutex;
  std::set<std::string> peers ABSL_GUARDED_BY(mutex);
  std::optional<grpc::Status> refusal;  // Of every GetPhoto.
  absl::Notification go_on;
  std::atomic<int> calls = 0;
  absl::Notification cancelled;
};

// A server on an address of its own.
struct Backend {
  explicit Backend(const std::string& listen = "127.0.0.1:0") {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&photos);
    // As servers have it.
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 100);
    server = builder.BuildAndStart();
    address = listen.substr(0, 5) == "unix:"
                  ? listen
                  : fmt::format("127.0.0.1:{}", port);
  }

  Photos photos;
  std::unique_ptr<grpc::Server> server;
  std::string address;
};

class RemoteUpstreamTest : public ::testing::Test {
 protected:
  static const Upstream::Method& MethodOf(const std::string& name) {
    return *v1::Photo::descriptor()->file()->service(0)->FindMethodByName(name);
  }
  static UpstreamReply Wait(absl::AnyInvocable<void(ReplyCallback)> start) {
    UpstreamReply result;
    absl::Notification done;
    start([&](UpstreamReply reply) {
      result = std::move(reply);
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }
  static UpstreamReply Get(Upstream& upstream, const std::string& name,
                           CallHeaders headers = {}) {
    auto request = std::make_unique<v1::GetPhotoRequest>();
    request->set_name(name);
    std::unique_ptr<UpstreamCall> call;
    return Wait([&](ReplyCallback done) {
      call = upstream.Unary(MethodOf("GetPhoto"), std::move(headers),
                            std::move(request), std::move(done));
    });
  }
  static bool Write(RequestStream& stream,
                    std::unique_ptr<v1::UploadPhotoRequest> message) {
    bool result = false;
    absl::Notification done;
    stream.Write(std::move(message), [&](bool ok) {
      result = ok;
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }
};

}  // namespace pinhole::gateway

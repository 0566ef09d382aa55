// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/rpc_method.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.grpc.pb.h"
#include "pinhole/v1/social_service.grpc.pb.h"
#include "server/rpc/grpc/grpc_server.h"
#include "tests/unit/server/rpc/front_world.h"

namespace pinhole::rpc {

// A server on a real socket and a client that is signed in.
class GrpcServerTest : public ::testing::Test {
 protected:
  explicit GrpcServerTest(
      GrpcServer::Options options = {.listen = {"127.0.0.1:0"}, .loops = 2},
      Dispatch::Options dispatch = {})
      : world_(std::move(dispatch)),
        server_(GrpcServer::Start(std::move(options), world_.dispatch).value()),
        channel_(grpc::CreateChannel(server_->addresses()[0],
                                     grpc::InsecureChannelCredentials())),
        photos_(v1::PhotoService::NewStub(channel_)),
        social_(v1::SocialService::NewStub(channel_)),
        health_(grpc::health::v1::Health::NewStub(channel_)) {
    context_.AddMetadata("authorization", "Bearer good");
  }

  grpc::Status Get(const std::string& name) {
    v1::GetPhotoRequest request;
    request.set_name(name);
    return photos_->GetPhoto(&context_, request, &photo_);
  }

  // Sends `bytes` as a GetPhotoRequest.
  grpc::Status GetWith(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    const grpc::internal::RpcMethod method(
        "/pinhole.v1.PhotoService/GetPhoto",
        grpc::internal::RpcMethod::NORMAL_RPC, channel_);
    return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer,
                                             grpc::ByteBuffer>(
        channel_.get(), method, &context_, request, &response);
  }

  FrontWorld world_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::PhotoService::Stub> photos_;
  std::unique_ptr<v1::SocialService::Stub> social_;
  std::unique_ptr<grpc::health::v1::Health::Stub> health_;
  grpc::ClientContext context_;
  v1::Photo photo_;
};

}  // namespace pinhole::rpc

// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/unit/server/rpc/grpc_server_fixture.h"

namespace pinhole::rpc {
namespace {

using ::testing::HasSubstr;

TEST_F(GrpcServerTest, ReflectionIsOffUnlessAskedFor) {
  const grpc::internal::RpcMethod method(
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      grpc::internal::RpcMethod::NORMAL_RPC, channel_);
  grpc::ByteBuffer response;
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
          channel_.get(), method, &context_, grpc::ByteBuffer(nullptr, 0),
          &response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

class ReflectionTest : public GrpcServerTest {
 protected:
  ReflectionTest()
      : GrpcServerTest(
            {.listen = {"127.0.0.1:0"}, .loops = 1, .reflection = true}) {}

  // Sends one reflection request (v1alpha) and returns the bytes of the answer.
  std::string Ask(const std::string& question) {
    grpc::GenericStub stub(channel_);
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareCall(
        &context_,
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        &queue);
    const grpc::Slice slice(question);
    grpc::ByteBuffer answer;
    void* tag = nullptr;
    bool ok = false;
    call->StartCall(nullptr);
    queue.Next(&tag, &ok);
    call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    queue.Next(&tag, &ok);
    call->Read(&answer, nullptr);
    queue.Next(&tag, &ok);
    EXPECT_TRUE(ok);
    context_.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    queue.Next(&tag, &ok);
    grpc::Slice bytes;
    EXPECT_TRUE(answer.DumpToSingleSlice(&bytes).ok());
    return std::string(bytes.begin(), bytes.end());
  }
};

TEST_F(ReflectionTest, ServicesAreListed) {
  const std::string answer = Ask(std::string("\x3a\x00", 2));

  EXPECT_THAT(answer, HasSubstr("pinhole.v1.PhotoService"));
  EXPECT_THAT(answer, HasSubstr("grpc.health.v1.Health"));
}

TEST_F(ReflectionTest, AServicesFileIsGiven) {
  const std::string name = "pinhole.v1.PhotoService";
  std::string question = "\x22";
  question.push_back(static_cast<char>(name.size()));
  question.append(name);
  const std::string answer = Ask(question);

  EXPECT_THAT(answer, HasSubstr("pinhole/v1/photo_service.proto"));
}

}  // namespace
}  // namespace pinhole::rpc

// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc_server.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/rpc_method.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.grpc.pb.h"
#include "pinhole/v1/social_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server/rpc/front_world.h"

namespace pinhole::rpc {
namespace {

using ::grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

class GrpcServerTest : public ::testing::Test {
 protected:
  explicit GrpcServerTest(
      GrpcServer::Options options = {.listen = {"127.0.0.1:0"}, .loops = 2})
      : server_(GrpcServer::Start(std::move(options), world_.dispatch).value()),
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

TEST_F(GrpcServerTest, AUnaryCallIsAnswered) {
  context_.AddMetadata("x-request-id", "my-id");

  const grpc::Status status = Get("photos/1");

  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(photo_.name(), "photos/1");
  EXPECT_EQ(context_.GetServerTrailingMetadata().count("x-request-id"), 1u);
}

TEST_F(GrpcServerTest, ManyCallsAtOnceAreAllAnswered) {
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) {
        grpc::ClientContext context;
        v1::GetPhotoRequest request;
        v1::Photo photo;
        if (photos_->GetPhoto(&context, request, &photo).ok()) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(good, 800);
}

TEST_F(GrpcServerTest, AnErrorArrivesWithItsDetails) {
  world_.get_photo =
      [](Call&, const v1::GetPhotoRequest&) -> Task<absl::StatusOr<v1::Photo>> {
    co_return absl::NotFoundError("no photo");
  };

  const grpc::Status status = Get("photos/1");

  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.message(), "no photo");
  EXPECT_EQ(details.details_size(), 1);
}

TEST_F(GrpcServerTest, TheHandlerKnowsWhoCallsAndUntilWhen) {
  Call seen;
  world_.get_photo = [&seen](Call& call, const v1::GetPhotoRequest& request) {
    seen.caller = call.caller;
    seen.peer = call.peer;
    seen.deadline = call.deadline;
    return FrontWorld::EchoName(call, request);
  };
  context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));

  ASSERT_TRUE(Get("photos/1").ok());

  EXPECT_EQ(seen.caller.handle, "ansel");
  EXPECT_THAT(seen.peer, HasSubstr("127.0.0.1"));
  // The client's, not the cap of 30 s; timeouts travel rounded.
  EXPECT_LT(seen.deadline, absl::Now() + absl::Seconds(10));
}

TEST_F(GrpcServerTest, BytesThatAreNoMessageAreAnInvalidArgument) {
  const grpc::Status status = GetWith("\x0a\xff\xff\xff");

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(world_.observer.handled, 1);
}

TEST_F(GrpcServerTest, AMessageOverOneMebibyteIsRefused) {
  const grpc::Status status = Get(std::string(2 << 20, 'x'));

  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(GrpcServerTest, AMethodThatIsNotThereIsUnimplemented) {
  v1::ListPhotosResponse response;
  const grpc::Status status =
      photos_->ListPhotos(&context_, v1::ListPhotosRequest(), &response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(GrpcServerTest, AnUploadIsReadToItsEnd) {
  const auto writer = photos_->UploadPhoto(&context_, &photo_);
  v1::UploadPhotoRequest request;
  request.set_chunk(std::string(100'000, 'x'));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(writer->Write(request));
  writer->WritesDone();
  const grpc::Status status = writer->Finish();

  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(photo_.size_bytes(), 1'000'000);
  EXPECT_EQ(world_.observer.received, 10);
}

TEST_F(GrpcServerTest, AnEmptyUploadEndsProperly) {
  const auto writer = photos_->UploadPhoto(&context_, &photo_);
  writer->WritesDone();

  EXPECT_TRUE(writer->Finish().ok());
}

TEST_F(GrpcServerTest, ACutOffUploadIsCancelledAndNeverLooksComplete) {
  for (int i = 0; i < 20; ++i) {
    FrontWorld world;
    const auto server =
        GrpcServer::Start({.listen = {"127.0.0.1:0"}}, world.dispatch).value();
    const auto stub = v1::PhotoService::NewStub(grpc::CreateChannel(
        server->addresses()[0], grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer good");
    const auto writer = stub->UploadPhoto(&context, &photo_);
    v1::UploadPhotoRequest request;
    request.set_chunk("x");
    ASSERT_TRUE(writer->Write(request));
    world.upload_began.WaitForNotification();

    context.TryCancel();

    world.upload_failed.WaitForNotification();
    EXPECT_THAT(world.upload_ended_with,
                testing::StatusIs(absl::StatusCode::kCancelled));
    writer->Finish();
  }
}

TEST_F(GrpcServerTest, ADownloadArrivesWhole) {
  const auto reader =
      photos_->DownloadPhoto(&context_, v1::DownloadPhotoRequest());
  v1::DownloadPhotoResponse response;
  int chunks = 0;
  while (reader->Read(&response)) ++chunks;

  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(chunks, 3);
}

TEST_F(GrpcServerTest, CancellingReachesTheHandler) {
  const auto reader = social_->WatchFeed(&context_, v1::WatchFeedRequest());
  v1::WatchFeedResponse response;
  ASSERT_TRUE(reader->Read(&response));

  context_.TryCancel();

  world_.watch_stopped.WaitForNotification();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(GrpcServerTest, TheDeadlineReachesTheHandler) {
  context_.set_deadline(
      absl::ToChronoTime(absl::Now() + absl::Milliseconds(100)));
  const auto reader = social_->WatchFeed(&context_, v1::WatchFeedRequest());

  world_.watch_stopped.WaitForNotification();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(GrpcServerTest, ShutdownEndsWatches) {
  const auto reader = social_->WatchFeed(&context_, v1::WatchFeedRequest());
  v1::WatchFeedResponse response;
  ASSERT_TRUE(reader->Read(&response));

  server_->Shutdown(absl::Now() + absl::Seconds(60));

  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcServerTest, ShutdownLetsAnUploadFinish) {
  const auto writer = photos_->UploadPhoto(&context_, &photo_);
  v1::UploadPhotoRequest request;
  request.set_chunk("x");
  ASSERT_TRUE(writer->Write(request));
  world_.upload_began.WaitForNotification();

  std::thread shutdown(
      [this] { server_->Shutdown(absl::Now() + absl::Seconds(60)); });
  ASSERT_TRUE(writer->Write(request));
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  shutdown.join();

  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(photo_.size_bytes(), 2);
}

TEST_F(GrpcServerTest, ShutdownCutsAnUploadAtItsDeadline) {
  const auto writer = photos_->UploadPhoto(&context_, &photo_);
  v1::UploadPhotoRequest request;
  request.set_chunk("x");
  ASSERT_TRUE(writer->Write(request));
  world_.upload_began.WaitForNotification();

  server_->Shutdown(absl::Now() + absl::Milliseconds(50));

  EXPECT_TRUE(world_.upload_failed.HasBeenNotified());
  EXPECT_FALSE(writer->Finish().ok());
}

TEST_F(GrpcServerTest, ASecondServerOnThePortIsRefused) {
  const auto second =
      GrpcServer::Start({.listen = server_->addresses()}, world_.dispatch);

  EXPECT_THAT(second, testing::StatusIs(absl::StatusCode::kUnavailable,
                                        HasSubstr(server_->addresses()[0])));
}

TEST_F(GrpcServerTest, AUnixSocketInUseIsNotTakenAway) {
  const testing::TempDir folder;
  const GrpcServer::Options options = {
      .listen = {"unix:" + (folder.path() / "socket").string()}, .loops = 1};
  const auto first = GrpcServer::Start(options, world_.dispatch);
  ASSERT_THAT(first, testing::IsOk());

  EXPECT_THAT(GrpcServer::Start(options, world_.dispatch),
              testing::StatusIs(absl::StatusCode::kUnavailable));

  channel_ = grpc::CreateChannel(options.listen[0],
                                 grpc::InsecureChannelCredentials());
  photos_ = v1::PhotoService::NewStub(channel_);
  EXPECT_TRUE(Get("photos/1").ok());
}

TEST_F(GrpcServerTest, AUnixSocketThatACrashLeftIsUsedAgain) {
  const testing::TempDir folder;
  const std::string path = folder.path() / "socket";
  const int left = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(bind(left, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
            0);
  close(left);

  EXPECT_THAT(GrpcServer::Start({.listen = {"unix:" + path}, .loops = 1},
                                world_.dispatch),
              testing::IsOk());
}

TEST_F(GrpcServerTest, HealthFollowsTheServer) {
  const auto check = [this](const std::string& service) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status status = health_->Check(&context, request, &response);
    return status.ok() ? static_cast<int>(response.status())
                       : -static_cast<int>(status.error_code());
  };

  EXPECT_EQ(check(""), HealthCheckResponse::NOT_SERVING);
  world_.health.SetServing(true);
  EXPECT_EQ(check(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(check("pinhole.v1.PhotoService"), HealthCheckResponse::SERVING);
  EXPECT_EQ(check("no.Such"), -grpc::StatusCode::NOT_FOUND);
}

TEST_F(GrpcServerTest, HealthThatFailedDoesNotServeAgain) {
  world_.health.Fail();
  world_.health.SetServing(true);

  EXPECT_FALSE(world_.health.serving());
}

TEST_F(GrpcServerTest, HealthComesBackWithTheDisk) {
  world_.health.SetServing(true);

  world_.health.SetStalled(true);
  EXPECT_FALSE(world_.health.serving());
  world_.health.SetStalled(false);
  EXPECT_TRUE(world_.health.serving());
}

TEST_F(GrpcServerTest, DiskThatAnswersAgainDoesNotEndADrain) {
  world_.health.SetServing(true);
  world_.health.SetStalled(true);
  world_.health.SetServing(false);

  world_.health.SetStalled(false);

  EXPECT_FALSE(world_.health.serving());
}

TEST_F(GrpcServerTest, AHealthWatchSeesEveryChangeAndEndsAtShutdown) {
  const auto reader =
      health_->Watch(&context_, grpc::health::v1::HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);

  world_.health.SetServing(true);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);

  server_->Shutdown(absl::Now() + absl::Seconds(60));
  EXPECT_FALSE(reader->Read(&response));
}

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

class SlowClientTest : public GrpcServerTest {
 protected:
  SlowClientTest()
      : GrpcServerTest(
            {.listen = {"127.0.0.1:0"}, .send_time = absl::Milliseconds(50)}) {}
};

TEST_F(SlowClientTest, WhoTakesNothingIsCutOff) {
  world_.download_chunks = 1'000'000;  // More than any buffer between us.
  const auto download =
      photos_->DownloadPhoto(&context_, v1::DownloadPhotoRequest());

  world_.download_failed.WaitForNotification();

  v1::DownloadPhotoResponse response;
  while (download->Read(&response)) {
  }
  EXPECT_EQ(download->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

class ReflectionTest : public GrpcServerTest {
 protected:
  ReflectionTest()
      : GrpcServerTest(
            {.listen = {"127.0.0.1:0"}, .loops = 1, .reflection = true}) {}

  // Asks reflection (v1alpha) one question and returns the answer's bytes.
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

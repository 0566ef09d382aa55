// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/grpc_server.h"

#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/rpc/grpc_server_fixture.h"

namespace pinhole::rpc {
namespace {

using ::testing::HasSubstr;

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
    co_return MakeError(Reason::kPhotoNotFound, "no photo");
  };

  const grpc::Status status = Get("photos/1");

  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.message(), "no photo");
  google::rpc::ErrorInfo info;
  ASSERT_EQ(details.details_size(), 2);
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "PHOTO_NOT_FOUND");
}

TEST_F(GrpcServerTest, AnUnknownMethodIsAnsweredWithItsReason) {
  for (const char* path :
       {"/pinhole.v1.PhotoService/GetPhotograph", "/no.such.Service/Get"}) {
    const grpc::internal::RpcMethod method(
        path, grpc::internal::RpcMethod::NORMAL_RPC, channel_);
    grpc::ClientContext context;
    v1::Photo response;

    const grpc::Status status =
        grpc::internal::BlockingUnaryCall<v1::GetPhotoRequest, v1::Photo>(
            channel_.get(), method, &context, v1::GetPhotoRequest(), &response);

    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << path;
    EXPECT_THAT(status.error_message(), HasSubstr(path));
    google::rpc::Status details;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    google::rpc::ErrorInfo info;
    ASSERT_TRUE(details.details(0).UnpackTo(&info)) << path;
    EXPECT_EQ(info.reason(), "METHOD_NOT_FOUND");
    EXPECT_EQ(info.domain(), "pinhole");
  }
}

TEST_F(GrpcServerTest, TheHandlerGetsTheCallerAndTheDeadline) {
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
  // The client's deadline, not the maximum of 30 s; timeouts are rounded.
  EXPECT_LT(seen.deadline, absl::Now() + absl::Seconds(10));
}

TEST_F(GrpcServerTest, BytesThatAreNotAMessageAreAnInvalidArgument) {
  const grpc::Status status = GetWith("\x0a\xff\xff\xff");

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(world_.observer.handled, 1);
}

TEST_F(GrpcServerTest, AMessageOverOneMebibyteIsRefused) {
  const grpc::Status status = Get(std::string(2 << 20, 'x'));

  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(GrpcServerTest, AnUnknownMethodIsUnimplemented) {
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

}  // namespace
}  // namespace pinhole::rpc

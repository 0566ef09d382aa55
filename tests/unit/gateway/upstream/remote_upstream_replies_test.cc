// SPDX-License-Identifier: Apache-2.0

// What a reply brings beside its message: errors and metadata.

#include <string>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/gateway/upstream/backend.h"
#include "tests/unit/gateway/upstream/mute_server.h"

namespace pinhole::gateway {
namespace {

using ::testing::Contains;
using ::testing::Pair;

// Only UNAVAILABLE was reworded; the others named addresses and files.
TEST_F(RemoteUpstreamTest, TextsThatMayBeGrpcsOwnAreReworded) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  for (const grpc::StatusCode code :
       {grpc::StatusCode::UNKNOWN, grpc::StatusCode::DEADLINE_EXCEEDED,
        grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::UNIMPLEMENTED,
        grpc::StatusCode::INTERNAL, grpc::StatusCode::UNAVAILABLE,
        grpc::StatusCode::DATA_LOSS}) {
    backend.photos.refusal = grpc::Status(code, "ipv4:10.0.0.1: frame.cc:7");

    const auto reply = Get(*upstream, "photos/7");

    EXPECT_EQ(reply.status.code(), code);
    EXPECT_THAT(reply.status.message(),
                ::testing::Not(::testing::HasSubstr("10.0.0.1")));
    EXPECT_NE(reply.status.message(), "");
  }
}

// As a server does that shuts down.
TEST_F(RemoteUpstreamTest, CallThatTheServerCancelsCanBeRepeated) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  backend.photos.refusal = grpc::Status::CANCELLED;

  EXPECT_EQ(Get(*upstream, "photos/7").status.code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(RemoteUpstreamTest, TextsThatOnlyAServiceGivesStay) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  for (const grpc::StatusCode code :
       {grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::NOT_FOUND,
        grpc::StatusCode::ALREADY_EXISTS, grpc::StatusCode::PERMISSION_DENIED,
        grpc::StatusCode::FAILED_PRECONDITION, grpc::StatusCode::ABORTED,
        grpc::StatusCode::OUT_OF_RANGE, grpc::StatusCode::UNAUTHENTICATED}) {
    backend.photos.refusal = grpc::Status(code, "no such photo");

    EXPECT_EQ(Get(*upstream, "photos/7").status.message(), "no such photo");
  }
}

TEST_F(RemoteUpstreamTest, UnaryReplyHasTheMetadataOfBothEnds) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();

  const Metadata metadata = Get(*upstream, "photos/7").metadata;

  EXPECT_THAT(metadata, Contains(Pair("x-before", "1")));
  EXPECT_THAT(metadata,
              Contains(Pair("x-after-bin", std::string("\0\xff", 2))));
}

TEST_F(RemoteUpstreamTest, CallWithoutAServerHasNoMetadata) {
  const DeadServer dead;
  const auto upstream = RemoteUpstream::Create({dead.address()}).value();

  EXPECT_TRUE(Get(*upstream, "photos/7").metadata.empty());
}

TEST_F(RemoteUpstreamTest, StreamSaysThatItBeginsBeforeItsFirstMessage) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  auto request = std::make_unique<v1::DownloadPhotoRequest>();
  request->set_name("photos/later");
  const auto stream = upstream->ServerStreaming(MethodOf("DownloadPhoto"), {},
                                                std::move(request));
  Metadata before;
  absl::Notification begun;
  stream->AwaitBegin([&](Metadata metadata) {
    before = std::move(metadata);
    begun.Notify();
  });
  const auto read = [&] {
    return Wait([&](ReplyCallback done) { stream->Read(std::move(done)); });
  };

  begun.WaitForNotification();
  backend.photos.go_on.Notify();

  EXPECT_THAT(before, Contains(Pair("x-before", "1")));
  EXPECT_TRUE(read().message != nullptr);
  const auto end = read();
  EXPECT_EQ(end.status.code(), 0);
  EXPECT_THAT(end.metadata, Contains(Pair("x-after", "2")));
}

TEST_F(RemoteUpstreamTest, RefusedStreamEndsWithItsStatus) {
  const DeadServer dead;
  const auto upstream = RemoteUpstream::Create({dead.address()}).value();
  const auto stream =
      upstream->ServerStreaming(MethodOf("DownloadPhoto"), {},
                                std::make_unique<v1::DownloadPhotoRequest>());
  stream->AwaitBegin([](Metadata) {});

  const auto reply =
      Wait([&](ReplyCallback done) { stream->Read(std::move(done)); });

  EXPECT_EQ(reply.status.code(), 14);
}

}  // namespace
}  // namespace pinhole::gateway

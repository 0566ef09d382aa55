// SPDX-License-Identifier: Apache-2.0

#include "server/app/local_upstream.h"

#include <memory>
#include <string>
#include <utility>

#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "tests/support/test_loop.h"
#include "tests/unit/server/rpc/front_world.h"

namespace pinhole::app {
namespace {

using gateway::CallHeaders;
using gateway::ReplyCallback;
using gateway::RequestStream;
using gateway::ResponseStream;
using gateway::UpstreamReply;
using gateway::WriteCallback;

// The test thread runs the loop while it waits for a callback.
class LocalUpstreamTest : public ::testing::Test {
 protected:
  template <typename T>
  using Start = absl::AnyInvocable<void(absl::AnyInvocable<void(T)>)>;

  template <typename T>
  T Wait(Start<T> start) {
    auto wait = [](Start<T> start) -> Task<T> {
      co_return co_await FromCallback<T>(std::move(start));
    };
    return loop_.Run(wait(std::move(start)));
  }

  static const gateway::Upstream::Method& MethodOf(const std::string& name) {
    const auto* pool = google::protobuf::DescriptorPool::generated_pool();
    return *pool->FindMethodByName("pinhole.v1." + name);
  }

  UpstreamReply Get(const std::string& name, CallHeaders headers = {}) {
    auto request = std::make_unique<v1::GetPhotoRequest>();
    request->set_name(name);
    std::unique_ptr<gateway::UpstreamCall> call;
    return Wait<UpstreamReply>([&](ReplyCallback done) {
      call =
          upstream_.Unary(MethodOf("PhotoService.GetPhoto"), std::move(headers),
                          std::move(request), std::move(done));
    });
  }

  google::rpc::Status Admit(const std::string& method, CallHeaders headers) {
    std::unique_ptr<gateway::UpstreamCall> call;
    return Wait<UpstreamReply>([&](ReplyCallback done) {
             call = upstream_.Admit(MethodOf(method), headers, false,
                                    std::move(done));
           })
        .status;
  }

  bool Write(RequestStream& stream, const std::string& bytes) {
    auto message = std::make_unique<v1::UploadPhotoRequest>();
    message->set_chunk(bytes);
    return Wait<bool>([&](WriteCallback done) {
      stream.Write(std::move(message), std::move(done));
    });
  }

  UpstreamReply Read(ResponseStream& stream) {
    return Wait<UpstreamReply>(
        [&](ReplyCallback done) { stream.Read(std::move(done)); });
  }

  static CallHeaders SignedIn() {
    CallHeaders headers;
    headers.metadata.emplace_back("authorization", "Bearer good");
    return headers;
  }

  rpc::FrontWorld world_;
  testing::TestLoop loop_;
  LocalUpstream upstream_{world_.dispatch, {&loop_}};
};

TEST_F(LocalUpstreamTest, UnaryCallBringsTheResponse) {
  const UpstreamReply reply = Get("photos/7");

  ASSERT_TRUE(reply.message != nullptr);
  EXPECT_EQ(static_cast<const v1::Photo&>(*reply.message).name(), "photos/7");
}

TEST_F(LocalUpstreamTest, HeadersReachTheHandler) {
  std::string seen;
  world_.get_photo = [&seen](rpc::Call& call, const v1::GetPhotoRequest& r) {
    seen = call.peer + " " + call.request_id + " " + call.caller.handle;
    return rpc::FrontWorld::EchoName(call, r);
  };
  CallHeaders headers = SignedIn();
  headers.metadata.emplace_back("x-request-id", "id-1");
  headers.peer = "ipv4:1.2.3.4:5";

  Get("photos/7", std::move(headers));

  EXPECT_EQ(seen, "ipv4:1.2.3.4:5 id-1 ansel");
}

TEST_F(LocalUpstreamTest, ErrorComesWithoutMessage) {
  CallHeaders headers;
  headers.metadata.emplace_back("authorization", "Bearer bad");

  const UpstreamReply reply = Get("photos/7", std::move(headers));

  EXPECT_TRUE(reply.message == nullptr);
  EXPECT_EQ(reply.status.code(), 16);
}

TEST_F(LocalUpstreamTest, UnknownMethodIsUnimplemented) {
  std::unique_ptr<gateway::UpstreamCall> call;
  const auto reply = Wait<UpstreamReply>([&](ReplyCallback done) {
    call = upstream_.Unary(MethodOf("PhotoService.ListPhotos"), {},
                           std::make_unique<v1::ListPhotosRequest>(),
                           std::move(done));
  });

  EXPECT_EQ(reply.status.code(), 12);
}

TEST_F(LocalUpstreamTest, AdmitsTheSameCallersAsTheCall) {
  EXPECT_EQ(Admit("PhotoService.DeletePhoto", SignedIn()).code(), 0);
  EXPECT_EQ(Admit("PhotoService.DeletePhoto", {}).code(), 16);
  EXPECT_EQ(Admit("AdminService.CreateBackup", SignedIn()).code(), 7);
  EXPECT_EQ(Admit("PhotoService.GetPhoto", {}).code(), 0);
  EXPECT_EQ(Admit("PhotoService.ListPhotos", {}).code(), 12);
}

TEST_F(LocalUpstreamTest, AdmittedCallIsStillAuthenticated) {
  CallHeaders headers;
  headers.metadata.emplace_back("authorization", "Bearer bad");
  headers.admitted = true;

  EXPECT_EQ(Get("photos/7", std::move(headers)).status.code(), 16);
}

TEST_F(LocalUpstreamTest, UploadHandsOverEveryMessage) {
  std::unique_ptr<RequestStream> stream;

  const auto reply = Wait<UpstreamReply>([&](ReplyCallback done) {
    stream = upstream_.ClientStreaming(MethodOf("PhotoService.UploadPhoto"),
                                       SignedIn(), std::move(done));
    EXPECT_TRUE(Write(*stream, "abc"));
    EXPECT_TRUE(Write(*stream, "de"));
    stream->WritesDone();
  });

  ASSERT_TRUE(reply.message != nullptr) << reply.status.message();
  EXPECT_EQ(static_cast<const v1::Photo&>(*reply.message).size_bytes(), 5);
}

TEST_F(LocalUpstreamTest, RefusedUploadTakesNoMessages) {
  std::unique_ptr<RequestStream> stream;

  const auto reply = Wait<UpstreamReply>([&](ReplyCallback done) {
    stream = upstream_.ClientStreaming(MethodOf("PhotoService.UploadPhoto"), {},
                                       std::move(done));
    EXPECT_FALSE(Write(*stream, "abc"));
  });

  EXPECT_EQ(reply.status.code(), 16);
}

TEST_F(LocalUpstreamTest, DroppingAnUploadDoesNotCompleteIt) {
  std::unique_ptr<RequestStream> stream;

  const auto reply = Wait<UpstreamReply>([&](ReplyCallback done) {
    stream = upstream_.ClientStreaming(MethodOf("PhotoService.UploadPhoto"),
                                       SignedIn(), std::move(done));
    EXPECT_TRUE(Write(*stream, "abc"));
    stream = nullptr;
  });

  EXPECT_EQ(reply.status.code(), 1);
  EXPECT_TRUE(absl::IsCancelled(world_.upload_ended_with));
}

TEST_F(LocalUpstreamTest, DownloadBringsMessagesThenTheEnd) {
  const auto stream =
      upstream_.ServerStreaming(MethodOf("PhotoService.DownloadPhoto"), {},
                                std::make_unique<v1::DownloadPhotoRequest>());

  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Read(*stream).message != nullptr);
  }
  const UpstreamReply end = Read(*stream);
  EXPECT_TRUE(end.message == nullptr);
  EXPECT_EQ(end.status.code(), 0);
}

TEST_F(LocalUpstreamTest, StreamReportsItsBegin) {
  const auto stream =
      upstream_.ServerStreaming(MethodOf("SocialService.WatchFeed"), SignedIn(),
                                std::make_unique<v1::WatchFeedRequest>());

  Wait<gateway::Metadata>([&](gateway::BeginCallback done) {
    stream->AwaitBegin(std::move(done));
  });
  EXPECT_TRUE(Read(*stream).message != nullptr);
}

TEST_F(LocalUpstreamTest, RefusedStreamNeverReportsABegin) {
  bool begun = false;
  const auto stream =
      upstream_.ServerStreaming(MethodOf("SocialService.WatchFeed"), {},
                                std::make_unique<v1::WatchFeedRequest>());
  stream->AwaitBegin([&begun](gateway::Metadata) { begun = true; });

  EXPECT_EQ(Read(*stream).status.code(), 16);
  EXPECT_FALSE(begun);
}

TEST_F(LocalUpstreamTest, TrailersComeWithTheReply) {
  CallHeaders headers;
  headers.metadata.emplace_back("x-request-id", "id-1");

  const gateway::Metadata metadata = Get("photos/7", headers).metadata;

  EXPECT_EQ(metadata, (gateway::Metadata{{"x-request-id", "id-1"}}));
}

TEST_F(LocalUpstreamTest, WriterWaitsForTheReader) {
  const auto stream =
      upstream_.ServerStreaming(MethodOf("PhotoService.DownloadPhoto"), {},
                                std::make_unique<v1::DownloadPhotoRequest>());

  Get("photos/7");  // Runs the loop.
  Read(*stream);
  Get("photos/7");

  // One was read, one waits, and the third is blocked.
  EXPECT_EQ(world_.observer.sent, 2 + 2);
  while (Read(*stream).message != nullptr) {  // Lets the call end.
  }
}

TEST_F(LocalUpstreamTest, DroppingAStreamStopsIt) {
  auto stream =
      upstream_.ServerStreaming(MethodOf("SocialService.WatchFeed"), SignedIn(),
                                std::make_unique<v1::WatchFeedRequest>());
  EXPECT_TRUE(Read(*stream).message != nullptr);

  stream = nullptr;

  const auto handled = [this] { return world_.observer.handled > 0; };
  while (!handled())
    loop_.Run([]() -> Task<bool> {
      co_await pinhole::SleepFor(absl::Milliseconds(1));
      co_return true;
    }());
  EXPECT_EQ(world_.observer.last_code, absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace pinhole::app

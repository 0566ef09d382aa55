// SPDX-License-Identifier: Apache-2.0

// Against a real gRPC server in the test.

#include "gateway/upstream/remote_upstream.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/gateway/upstream/backend.h"

namespace pinhole::gateway {
namespace {

using ::pinhole::testing::StatusIs;

TEST_F(RemoteUpstreamTest, NoBackendIsRefused) {
  EXPECT_THAT(RemoteUpstream::Create({}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RemoteUpstreamTest, UnaryCallCarriesMetadataAndBringsTheResponse) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  CallHeaders headers;
  headers.metadata.emplace_back("x-request-id", "id-1");

  const auto reply = Get(*upstream, "photos/7", headers);

  ASSERT_TRUE(reply.message != nullptr) << reply.status.message();
  const auto& photo = static_cast<const v1::Photo&>(*reply.message);
  EXPECT_EQ(photo.name(), "photos/7");
  EXPECT_EQ(photo.caption(), "id-1");
}

TEST_F(RemoteUpstreamTest, ErrorsKeepTheirDetails) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();

  const auto reply = Get(*upstream, "photos/none");

  EXPECT_TRUE(reply.message == nullptr);
  EXPECT_EQ(reply.status.code(), 3);
  EXPECT_EQ(reply.status.details_size(), 2);
}

TEST_F(RemoteUpstreamTest, CallerWithoutTokenIsRefusedWithoutACall) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  std::unique_ptr<UpstreamCall> call;

  const auto reply = Wait([&](ReplyCallback done) {
    call = upstream->Admit(MethodOf("DeletePhoto"), {}, false, std::move(done));
  });

  EXPECT_EQ(reply.status.code(), 16);
  EXPECT_EQ(upstream->Admit(MethodOf("GetPhoto"), {}, true, nullptr), nullptr);
}

TEST_F(RemoteUpstreamTest, TokenIsAskedAboutIfTheBodyIsCostly) {
  Backend backend;
  RemoteUpstreamOptions options;
  options.token_check = {.method = &MethodOf("GetPhoto"),
                         .request = std::make_shared<v1::GetPhotoRequest>()};
  const auto upstream =
      RemoteUpstream::Create({backend.address}, options).value();
  CallHeaders headers;
  headers.metadata.emplace_back("authorization", "Bearer made-up");
  std::unique_ptr<UpstreamCall> call;
  const auto ask = [&](ReplyCallback done) {
    call = upstream->Admit(MethodOf("DeletePhoto"), headers, true,
                           std::move(done));
  };

  EXPECT_EQ(Wait(ask).status.code(), 0);
  backend.photos.refusal = {grpc::StatusCode::UNAUTHENTICATED, "no session"};
  EXPECT_EQ(Wait(ask).status.code(), 16);
  EXPECT_EQ(upstream->Admit(MethodOf("DeletePhoto"), headers, false, nullptr),
            nullptr);
}

TEST_F(RemoteUpstreamTest, UnixSocketWorks) {
  const pinhole::testing::TempDir dir;
  Backend backend(fmt::format("unix:{}/s", dir.path().string()));
  const auto upstream = RemoteUpstream::Create({backend.address}).value();

  EXPECT_TRUE(Get(*upstream, "photos/7").message != nullptr);
}

TEST_F(RemoteUpstreamTest, BackendsTakeTurns) {
  Backend first;
  Backend second;
  const auto upstream =
      RemoteUpstream::Create({first.address, second.address}).value();

  // Whoever is not connected yet is left out.
  while (first.photos.calls == 0 || second.photos.calls == 0) {
    Get(*upstream, "photos/7");
  }
  first.photos.calls = second.photos.calls = 0;

  for (int i = 0; i < 4; ++i) Get(*upstream, "photos/7");

  EXPECT_EQ(first.photos.calls, 2);
  EXPECT_EQ(second.photos.calls, 2);
}

TEST_F(RemoteUpstreamTest, RestartedBackendIsFoundAgain) {
  auto backend = std::make_unique<Backend>();
  const std::string address = backend->address;
  const auto upstream = RemoteUpstream::Create({address}).value();
  ASSERT_TRUE(Get(*upstream, "photos/7").message != nullptr);
  backend->server->Shutdown();
  backend = nullptr;
  EXPECT_EQ(Get(*upstream, "photos/7").status.code(), 14);

  backend = std::make_unique<Backend>(address);

  const absl::Time limit = absl::Now() + absl::Seconds(10);
  UpstreamReply reply;
  do {
    reply = Get(*upstream, "photos/7");
  } while (reply.message == nullptr && absl::Now() < limit);
  EXPECT_TRUE(reply.message != nullptr);
}

TEST_F(RemoteUpstreamTest, LettingGoCancelsTheCall) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  auto request = std::make_unique<v1::GetPhotoRequest>();
  request->set_name("photos/slow");

  auto call = upstream->Unary(MethodOf("GetPhoto"), {}, std::move(request),
                              [](UpstreamReply) {});
  call = nullptr;

  // Cancelled before it arrived, it may not have begun at all.
  if (backend.photos.calls > 0) backend.photos.cancelled.WaitForNotification();
}

// It asked gRPC how the stream had ended on a queue that was shut down.
TEST_F(RemoteUpstreamTest, EndsRightAfterAStreamWasLetGo) {
  Backend backend;
  for (int i = 0; i < 50; ++i) {
    auto upstream = RemoteUpstream::Create({backend.address}).value();
    auto stream =
        upstream->ServerStreaming(MethodOf("DownloadPhoto"), {},
                                  std::make_unique<v1::DownloadPhotoRequest>());
    absl::Notification got_first;
    stream->Read([&](UpstreamReply) { got_first.Notify(); });
    got_first.WaitForNotification();
    absl::Notification ended;
    stream->Read([&](UpstreamReply) { ended.Notify(); });

    stream = nullptr;
    upstream = nullptr;

    ended.WaitForNotification();
  }
}

TEST_F(RemoteUpstreamTest, DeadlineIsTheBackendsToo) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  CallHeaders headers;
  headers.deadline = absl::Now() + absl::Milliseconds(500);

  EXPECT_EQ(Get(*upstream, "photos/slow", headers).status.code(), 4);
  backend.photos.cancelled.WaitForNotification();
}

TEST_F(RemoteUpstreamTest, UploadSendsEveryChunk) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  std::unique_ptr<RequestStream> stream;

  const auto reply = Wait([&](ReplyCallback done) {
    stream =
        upstream->ClientStreaming(MethodOf("UploadPhoto"), {}, std::move(done));
    for (int i = 0; i < 10; ++i) {
      auto message = std::make_unique<v1::UploadPhotoRequest>();
      message->set_chunk(std::string(256 * 1024, 'x'));
      EXPECT_TRUE(Write(*stream, std::move(message)));
    }
    stream->WritesDone();
  });

  ASSERT_TRUE(reply.message != nullptr) << reply.status.message();
  EXPECT_EQ(static_cast<const v1::Photo&>(*reply.message).size_bytes(),
            10 * 256 * 1024);
}

TEST_F(RemoteUpstreamTest, UploadLearnsOfAnEarlyError) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  std::unique_ptr<RequestStream> stream;

  const auto reply = Wait([&](ReplyCallback done) {
    stream =
        upstream->ClientStreaming(MethodOf("UploadPhoto"), {}, std::move(done));
    auto message = std::make_unique<v1::UploadPhotoRequest>();
    message->mutable_metadata()->set_caption("bad");
    Write(*stream, std::move(message));
  });

  EXPECT_EQ(reply.status.code(), 7);
}

TEST_F(RemoteUpstreamTest, DownloadBringsMessagesThenTheStatus) {
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  const auto stream =
      upstream->ServerStreaming(MethodOf("DownloadPhoto"), {},
                                std::make_unique<v1::DownloadPhotoRequest>());
  const auto read = [&] {
    return Wait([&](ReplyCallback done) { stream->Read(std::move(done)); });
  };

  for (int i = 0; i < 3; ++i) {
    const auto reply = read();
    ASSERT_TRUE(reply.message != nullptr);
    EXPECT_EQ(static_cast<const v1::DownloadPhotoResponse&>(*reply.message)
                  .chunk()
                  .size(),
              256u * 1024);
  }
  EXPECT_EQ(read().status.code(), 15);
}

// 5,000 watchers took the 128 calls that the server allows over a connection,
// and nobody else was served.
TEST_F(RemoteUpstreamTest, StreamsThatStayKeepNobodyWaiting) {
  constexpr int kWatchers = 150;
  Backend backend;
  const auto upstream = RemoteUpstream::Create({backend.address}).value();
  absl::BlockingCounter begun(kWatchers);
  std::vector<std::unique_ptr<ResponseStream>> watchers;
  for (int i = 0; i < kWatchers; ++i) {
    auto request = std::make_unique<v1::DownloadPhotoRequest>();
    request->set_name("photos/later");
    watchers.push_back(upstream->ServerStreaming(MethodOf("DownloadPhoto"), {},
                                                 std::move(request)));
    watchers.back()->AwaitBegin(
        [&begun](auto&&...) { begun.DecrementCount(); });
  }
  begun.Wait();

  EXPECT_TRUE(Get(*upstream, "photos/7").message != nullptr);

  backend.photos.go_on.Notify();
}

}  // namespace
}  // namespace pinhole::gateway

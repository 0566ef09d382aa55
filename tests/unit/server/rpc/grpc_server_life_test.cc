// SPDX-License-Identifier: Apache-2.0

// Start and shutdown of a server, its health, and calls that it cancels.

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server/rpc/grpc_server_fixture.h"

namespace pinhole::rpc {
namespace {

using ::grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

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

class SlowClientTest : public GrpcServerTest {
 protected:
  SlowClientTest()
      : GrpcServerTest(
            {.listen = {"127.0.0.1:0"}, .send_time = absl::Milliseconds(50)}) {}
};

TEST_F(SlowClientTest, AClientThatDoesNotReadIsCutOff) {
  world_.download_chunks = 1'000'000;  // More than all buffers.
  const auto download =
      photos_->DownloadPhoto(&context_, v1::DownloadPhotoRequest());

  world_.download_failed.WaitForNotification();

  v1::DownloadPhotoResponse response;
  while (download->Read(&response)) {
  }
  EXPECT_EQ(download->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

// An HTTP/2 client that only sends pings, like gRPC clients with an idle watch.
class PingingClient {
 public:
  explicit PingingClient(const std::string& unix_path)
      : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    unix_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(
        connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
        0);
    EXPECT_TRUE(Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    // SETTINGS, all default.
    EXPECT_TRUE(Send(std::string("\0\0\0\4\0\0\0\0\0", 9)));
  }
  ~PingingClient() { close(fd_); }

  // Whether a ping is acknowledged, rather than answered by GOAWAY.
  bool Ping() {
    const bool sent = Send(std::string("\0\0\x08\6\0\0\0\0\0", 9) + "pingping");
    while (sent) {
      std::string head(9, '\0');
      if (!Receive(head)) return false;
      const auto byte = [&head](int i) {
        return static_cast<unsigned char>(head[i]);
      };
      std::string body(byte(0) << 16 | byte(1) << 8 | byte(2), '\0');
      if (!Receive(body)) return false;
      constexpr int kPing = 6;
      constexpr int kGoAway = 7;
      if (byte(3) == kGoAway) return false;
      if (byte(3) == kPing && byte(4) == 1) return true;
    }
    return false;  // The connection has ended.
  }

  // Waits between two pings; ends early if the server sends data.
  void Wait(absl::Duration time) {
    pollfd readable{fd_, POLLIN, 0};
    poll(&readable, 1, static_cast<int>(absl::ToInt64Milliseconds(time)));
  }

 private:
  bool Send(const std::string& bytes) {
    return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  bool Receive(std::string& bytes) {
    return bytes.empty() ||
           recv(fd_, bytes.data(), bytes.size(), MSG_WAITALL) ==
               static_cast<ssize_t>(bytes.size());
  }

  const int fd_;
};

// All times are divided by 100, so that the test does not take a minute.
class PingTest : public ::testing::Test {
 protected:
  // The number of answers to eight pings in a row.
  int CountAnswered(absl::Duration between) {
    const testing::TempDir dir;
    const std::string path = (dir.path() / "grpc").string();
    GrpcServer::Options options{.listen = {"unix:" + path}};
    options.ping_interval /= 100;
    const auto server =
        GrpcServer::Start(std::move(options), world_.dispatch).value();
    PingingClient client(path);
    int answered = 0;
    while (answered < 8 && client.Ping()) {
      ++answered;
      client.Wait(between / 100);
    }
    return answered;
  }

  FrontWorld world_;
};

TEST_F(PingTest, KeepalivesEveryTenSecondsArePermitted) {
  EXPECT_EQ(CountAnswered(absl::Seconds(10)), 8);
}

TEST_F(PingTest, PingsWithoutPauseEndTheConnection) {
  EXPECT_LT(CountAnswered(absl::ZeroDuration()), 8);
}

}  // namespace
}  // namespace pinhole::rpc

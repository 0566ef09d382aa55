// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/grpc_connections.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace pinhole::rpc {
namespace {

// A listener and clients with different addresses, in this process.
class GrpcConnectionsTest : public ::testing::Test {
 protected:
  GrpcConnectionsTest() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = Loopback();
    EXPECT_EQ(
        bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
        0);
    EXPECT_EQ(listen(listener_, 16), 0);
    socklen_t size = sizeof(address_);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  ~GrpcConnectionsTest() override {
    for (const int file : clients_) close(file);
    for (const int file : accepted_) close(file);
    close(listener_);
  }

  static sockaddr_in Loopback() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void Connect() {
    clients_.push_back(socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(connect(clients_.back(), reinterpret_cast<sockaddr*>(&address_),
                      sizeof(address_)),
              0);
    accepted_.push_back(accept(listener_, nullptr, nullptr));
    ASSERT_GE(accepted_.back(), 0);
  }
  void Say(std::size_t client) {
    char byte = 'x';
    ASSERT_EQ(send(clients_[client], &byte, 1, MSG_NOSIGNAL), 1);
    ASSERT_EQ(recv(accepted_[client], &byte, 1, 0), 1);
  }
  bool IsOpen(std::size_t client) const {
    char byte = 0;
    return recv(clients_[client], &byte, 1, MSG_DONTWAIT | MSG_PEEK) != 0;
  }

  GrpcConnections Bounded(int most) const {
    return {{.most = most, .interval = absl::InfiniteDuration()},
            {"unix:/run/pinhole.sock",
             "127.0.0.1:" + std::to_string(ntohs(address_.sin_port))}};
  }

  const int listener_;
  sockaddr_in address_ = {};
  std::vector<int> clients_;
  std::vector<int> accepted_;
};

TEST_F(GrpcConnectionsTest, ConnectionsSilentForLongestAreEnded) {
  for (int i = 0; i < 4; ++i) Connect();
  absl::SleepFor(absl::Milliseconds(50));
  Say(0);
  Say(2);

  EXPECT_EQ(Bounded(2).Trim(), 2);

  EXPECT_TRUE(IsOpen(0));
  EXPECT_FALSE(IsOpen(1));
  EXPECT_TRUE(IsOpen(2));
  EXPECT_FALSE(IsOpen(3));
}

TEST_F(GrpcConnectionsTest, ConnectionsWithinTheLimitStay) {
  for (int i = 0; i < 3; ++i) Connect();

  EXPECT_EQ(Bounded(3).Trim(), 0);

  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(IsOpen(i));
}

TEST_F(GrpcConnectionsTest, OtherPortsAreLeftAlone) {
  for (int i = 0; i < 3; ++i) Connect();
  GrpcConnections others({.most = 1}, {"127.0.0.1:1"});

  EXPECT_EQ(others.Trim(), 0);

  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(IsOpen(i));
}

TEST_F(GrpcConnectionsTest, WorksWithoutAFileDescriptorToSpare) {
  for (int i = 0; i < 3; ++i) Connect();
  GrpcConnections bounded = Bounded(1);
  // All descriptors below the limit are in use.
  const int lowest = dup(listener_);
  close(lowest);
  rlimit before = {};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit full = {.rlim_cur = static_cast<rlim_t>(lowest),
                       .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &full), 0);
  EXPECT_EQ(dup(listener_), -1);

  const int ended = bounded.Trim();

  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(ended, 2);
}

TEST_F(GrpcConnectionsTest, TrimsPeriodically) {
  for (int i = 0; i < 3; ++i) Connect();
  const GrpcConnections bounded(
      {.most = 1, .interval = absl::Milliseconds(1)},
      {"127.0.0.1:" + std::to_string(ntohs(address_.sin_port))});

  char byte = 0;
  EXPECT_EQ(recv(clients_[0], &byte, 1, 0), 0);  // Waits for the end.
}

TEST_F(GrpcConnectionsTest, WithoutTcpListenersNothingIsTrimmed) {
  EXPECT_EQ(GrpcConnections({.most = 1}, {"unix:/run/pinhole.sock"}).Trim(), 0);
}

}  // namespace
}  // namespace pinhole::rpc

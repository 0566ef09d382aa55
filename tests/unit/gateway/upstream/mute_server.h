// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <thread>

#include "fmt/format.h"
#include "gtest/gtest.h"

namespace pinhole::gateway {

// A socket on an address that nobody else gets.
inline int BindLoopback(std::string* address) {
  const int socket_number = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(at);
  EXPECT_EQ(bind(socket_number, reinterpret_cast<sockaddr*>(&at), size), 0);
  getsockname(socket_number, reinterpret_cast<sockaddr*>(&at), &size);
  *address = fmt::format("127.0.0.1:{}", ntohs(at.sin_port));
  return socket_number;
}

// Refuses every connection.
class DeadServer {
 public:
  DeadServer() : socket_(BindLoopback(&address_)) {}
  ~DeadServer() { close(socket_); }
  DeadServer(const DeadServer&) = delete;
  DeadServer& operator=(const DeadServer&) = delete;

  const std::string& address() const { return address_; }

 private:
  std::string address_;
  const int socket_;
};

// Greets every HTTP/2 client and never says another word, like a server whose
// machine is gone.
class MuteServer {
 public:
  MuteServer() : listener_(BindLoopback(&address_)) {
    listen(listener_, 16);
    thread_ = std::thread([this] { Serve(); });
  }
  ~MuteServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  MuteServer(const MuteServer&) = delete;
  MuteServer& operator=(const MuteServer&) = delete;

  const std::string& address() const { return address_; }

 private:
  // One client after the other, each until it leaves.
  void Serve() {
    constexpr std::string_view kSettings("\0\0\0\x04\0\0\0\0\0", 9);
    constexpr std::string_view kSettingsTaken("\0\0\0\x04\x01\0\0\0\0", 9);
    int client = -1;
    while ((client = accept(listener_, nullptr, nullptr)) >= 0) {
      send(client, kSettings.data(), kSettings.size(), MSG_NOSIGNAL);
      send(client, kSettingsTaken.data(), kSettingsTaken.size(), MSG_NOSIGNAL);
      char dropped[4096];
      while (recv(client, dropped, sizeof(dropped), 0) > 0) {
      }
      close(client);
    }
  }

  std::string address_;
  const int listener_;
  std::thread thread_;
};

}  // namespace pinhole::gateway

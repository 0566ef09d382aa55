// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace pinhole::client {

// Forwards TCP connections on loopback, and breaks them when told.
// Thread-safe.
class BreakingProxy {
 public:
  // `server` is 127.0.0.1:PORT.
  explicit BreakingProxy(const std::string& server);
  ~BreakingProxy();
  BreakingProxy(const BreakingProxy&) = delete;
  BreakingProxy& operator=(const BreakingProxy&) = delete;

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  // Breaks the connection, once, when this many further bytes were forwarded to
  // the server.
  void BreakAfter(std::int64_t bytes) { bytes_left_ = bytes; }

  // Discards what the server sends on the existing connections from now on.
  void DiscardAnswers();

  // Closes the existing connections.
  void Break();

  // How often BreakAfter and Break have closed connections.
  int broken() const { return broken_; }

 private:
  struct Connection {
    Connection(int client, int server) : client(client), server(server) {}
    int client;
    int server;
    std::atomic<bool> discards = false;
  };

  void Accept();
  void Forward(Connection& connection, bool to_server);

  static constexpr std::int64_t kUnlimited = INT64_MAX;

  int server_port_ = 0;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<std::int64_t> bytes_left_ = kUnlimited;
  std::atomic<int> broken_ = 0;
  std::mutex mutex_;  // Guards the lists.
  std::list<Connection>
      connections_;  // Sockets stay open until the destructor.
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace pinhole::client

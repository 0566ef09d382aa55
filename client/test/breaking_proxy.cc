// SPDX-License-Identifier: Apache-2.0

#include "client/test/breaking_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace pinhole::client {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool SendAll(int socket, const char* bytes, ssize_t count) {
  while (count > 0) {
    const ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    count -= sent;
  }
  return true;
}

}  // namespace

BreakingProxy::BreakingProxy(const std::string& server)
    : server_port_(std::stoi(server.substr(server.rfind(':') + 1))),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

BreakingProxy::~BreakingProxy() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  Break();
  for (std::thread& thread : threads_) thread.join();
  for (const Connection& connection : connections_) {
    close(connection.client);
    close(connection.server);
  }
  close(listener_);
}

void BreakingProxy::DiscardAnswers() {
  const std::lock_guard lock(mutex_);
  for (Connection& connection : connections_) connection.discards = true;
}

void BreakingProxy::Break() {
  const std::lock_guard lock(mutex_);
  for (const Connection& connection : connections_) {
    shutdown(connection.client, SHUT_RDWR);
    shutdown(connection.server, SHUT_RDWR);
  }
  ++broken_;
}

void BreakingProxy::Accept() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(server_port_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) != 0) {
      close(client);
      close(server);
      continue;
    }
    const std::lock_guard lock(mutex_);
    Connection& added = connections_.emplace_back(client, server);
    threads_.emplace_back([this, &added] { Forward(added, true); });
    threads_.emplace_back([this, &added] { Forward(added, false); });
  }
}

void BreakingProxy::Forward(Connection& connection, bool to_server) {
  const int from = to_server ? connection.client : connection.server;
  const int to = to_server ? connection.server : connection.client;
  char bytes[16 * 1024];
  while (true) {
    const ssize_t count = recv(from, bytes, sizeof(bytes), 0);
    if (count <= 0) break;
    if (!to_server && connection.discards) continue;
    if (!SendAll(to, bytes, count)) break;
    if (to_server && bytes_left_ != kUnlimited && (bytes_left_ -= count) <= 0) {
      bytes_left_ = kUnlimited;
      ++broken_;
      break;
    }
  }
  shutdown(from, SHUT_RDWR);
  shutdown(to, SHUT_RDWR);
}

}  // namespace pinhole::client

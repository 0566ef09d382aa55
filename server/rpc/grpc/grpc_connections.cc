// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/grpc_connections.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "base/net/host_port.h"
#include "base/net/ip_address.h"

namespace pinhole::rpc {
namespace {

struct Endpoint {
  IpAddress address;
  std::uint16_t port;

  bool operator==(const Endpoint&) const = default;
};

// `ask` is getsockname or getpeername, which fail for files that are not
// sockets.
std::optional<Endpoint> EndpointOf(int file,
                                   int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(storage);
  if (ask(file, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return std::nullopt;
  }
  Endpoint endpoint = {};
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &storage, sizeof(v4));
    endpoint.address[10] = endpoint.address[11] = 0xff;
    std::memcpy(&endpoint.address[12], &v4.sin_addr, 4);
    endpoint.port = ntohs(v4.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &storage, sizeof(v6));
    std::memcpy(endpoint.address.data(), &v6.sin6_addr, 16);
    endpoint.port = ntohs(v6.sin6_port);
  } else {
    return std::nullopt;
  }
  return endpoint;
}

}  // namespace

struct GrpcConnections::Connection {
  int file;
  Endpoint peer;
  std::uint32_t silent_ms;  // Since the peer last sent data.
};

GrpcConnections::GrpcConnections(const Options& options,
                                 const std::vector<std::string>& addresses)
    : options_(options),
      directory_(opendir("/proc/self/fd")),
      spare_(directory_ == nullptr ? -1 : dup(dirfd(directory_))) {
  for (const std::string& address : addresses) {
    if (const auto parsed = ParseHostPort(address)) ports_.insert(parsed->port);
  }
  if (!ports_.empty() && spare_ >= 0) {
    thread_ = std::thread([this] { Run(); });
  }
}

GrpcConnections::~GrpcConnections() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
  const absl::MutexLock lock(&mutex_);
  if (spare_ >= 0) close(spare_);
  if (directory_ != nullptr) closedir(directory_);
}

void GrpcConnections::Run() {
  pthread_setname_np(pthread_self(), "grpc-trim");
  while (true) {
    {
      const absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_),
                                  options_.interval)) {
        return;
      }
    }
    Trim();
  }
}

int GrpcConnections::Trim() {
  const absl::MutexLock lock(&mutex_);
  if (ports_.empty() || spare_ < 0) return 0;
  const int per_address = options_.per_address > 0
                              ? options_.per_address
                              : std::max(options_.most / 4, 1);
  std::vector<Connection> connections = Find();
  std::sort(connections.begin(), connections.end(),
            [](const Connection& a, const Connection& b) {
              return a.silent_ms > b.silent_ms;
            });
  absl::flat_hash_map<std::uint64_t, int> of_address;
  for (const Connection& connection : connections) {
    if (IsLoopback(connection.peer.address)) continue;
    ++of_address[NetworkOf(connection.peer.address)];
  }
  // First the addresses with more connections than their share.
  std::vector<Connection> rest;
  for (const Connection& connection : connections) {
    const auto address = of_address.find(NetworkOf(connection.peer.address));
    if (address != of_address.end() && address->second > per_address &&
        End(connection)) {
      --address->second;
    } else {
      rest.push_back(connection);
    }
  }
  int left = static_cast<int>(rest.size());
  for (const Connection& connection : rest) {
    if (left <= options_.most) break;
    if (End(connection)) --left;
  }
  return static_cast<int>(connections.size()) - left;
}

std::vector<GrpcConnections::Connection> GrpcConnections::Find() {
  std::vector<Connection> found;
  rewinddir(directory_);
  while (const dirent* entry = readdir(directory_)) {
    int file = -1;
    if (!absl::SimpleAtoi(entry->d_name, &file)) continue;
    const auto local = EndpointOf(file, getsockname);
    if (!local || !ports_.contains(local->port)) continue;
    const auto peer = EndpointOf(file, getpeername);
    tcp_info info = {};
    socklen_t size = sizeof(info);
    if (!peer || getsockopt(file, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
      continue;  // The listener, or closed in the meantime.
    }
    found.push_back({file, *peer, info.tcpi_last_data_recv});
  }
  return found;
}

// gRPC can have closed the file, and its number can belong to another one.  A
// duplicate does not change, so it is checked again before it is shut down.
bool GrpcConnections::End(const Connection& connection) {
  if (dup3(connection.file, spare_, O_CLOEXEC) < 0) return false;
  const bool is_same = EndpointOf(spare_, getpeername) == connection.peer;
  if (is_same) shutdown(spare_, SHUT_RDWR);
  dup3(dirfd(directory_), spare_, O_CLOEXEC);  // Closes the duplicate.
  return is_same;
}

}  // namespace pinhole::rpc

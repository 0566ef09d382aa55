// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_GRPC_GRPC_CONNECTIONS_H_
#define PINHOLE_SERVER_RPC_GRPC_GRPC_CONNECTIONS_H_

#include <dirent.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pinhole::rpc {

// Bounds the connections of the gRPC listeners.  gRPC 1.51 accepts any number
// and tells nobody of them, so they are found among the open files of the
// process, by their local ports.  Those from which nothing has come for the
// longest time give way: they are shut down as if their clients had left, which
// gRPC notices at once.  Unix sockets are guarded by their paths instead.
//
// A thread of its own looks for them, since that takes about 3 us for each open
// file of the process.  Thread-safe.
class GrpcConnections {
 public:
  struct Options {
    int most = 10'000;
    // Of one address (IPv6: one /64) that is not loopback; 0: a quarter of all.
    int per_address = 0;
    absl::Duration interval = absl::Seconds(1);
  };

  // `addresses` are those that are listened on, with their real ports.
  GrpcConnections(const Options& options,
                  const std::vector<std::string>& addresses);
  ~GrpcConnections();
  GrpcConnections(const GrpcConnections&) = delete;
  GrpcConnections& operator=(const GrpcConnections&) = delete;

  // Ends what is too many now.  Returns how many connections were ended.
  int Trim();

 private:
  struct Connection;

  void Run();
  std::vector<Connection> Find() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool End(const Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  absl::flat_hash_set<std::uint16_t> ports_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Both are kept open: when there are too many connections, there may be no
  // file descriptor left to open them with.
  DIR* directory_ ABSL_GUARDED_BY(mutex_);  // /proc/self/fd; null without it.
  int spare_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // Last: uses the others.
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_GRPC_GRPC_CONNECTIONS_H_

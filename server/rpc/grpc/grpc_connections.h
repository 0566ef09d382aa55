// SPDX-License-Identifier: Apache-2.0

#pragma once

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

// Limits the connections of the gRPC listeners.  gRPC 1.51 accepts any number
// and does not report them, so they are found among the open files of the
// process, by their local ports.  Excess connections that have been silent for
// the longest time are shut down, which gRPC treats as a disconnect of the
// client.  Unix sockets are not limited.
//
// Runs on a thread of its own, since the search takes about 3 us per open file.
// Thread-safe.
class GrpcConnections {
 public:
  struct Options {
    int most = 10'000;
    // Per address (IPv6: per /64) except loopback; 0: a quarter of `most`.
    int per_address = 0;
    absl::Duration interval = absl::Seconds(1);
  };

  // `addresses` are those of the listeners, with their actual ports.
  GrpcConnections(const Options& options,
                  const std::vector<std::string>& addresses);
  ~GrpcConnections();
  GrpcConnections(const GrpcConnections&) = delete;
  GrpcConnections& operator=(const GrpcConnections&) = delete;

  // Ends the excess connections.  Returns their number.
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
  // Both are kept open, since the process can run out of file descriptors.
  DIR* directory_ ABSL_GUARDED_BY(mutex_);  // /proc/self/fd, or null.
  int spare_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // Last: uses the other members.
};

}  // namespace pinhole::rpc

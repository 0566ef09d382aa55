// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_GRPC_CONNECTIONS_H_
#define PINHOLE_SERVER_RPC_GRPC_CONNECTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace pinhole::rpc {

// Bounds the connections of the gRPC listeners.  gRPC 1.51 accepts any number
// and tells nobody of them, so they are found among the open files of the
// process, by their local ports.  Those from which nothing has come for the
// longest time give way: they are shut down as if their clients had left, which
// gRPC notices at once.  Unix sockets are guarded by their paths instead.
class GrpcConnections {
 public:
  struct Options {
    int most = 10'000;
    // Of one address (IPv6: one /64) that is not loopback; 0: a quarter of all.
    int per_address = 0;
  };

  // `addresses` are those that are listened on, with their real ports.
  GrpcConnections(const Options& options,
                  const std::vector<std::string>& addresses);

  // Ends what is too many now.  Takes a microsecond or two for each open file
  // of the process.  Returns how many connections were ended.
  int Trim() const;

 private:
  const int most_;
  const int per_address_;
  absl::flat_hash_set<std::uint16_t> ports_;
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_GRPC_CONNECTIONS_H_

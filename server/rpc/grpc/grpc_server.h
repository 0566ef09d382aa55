// SPDX-License-Identifier: Apache-2.0

// GrpcServer: the gRPC front.  With grpc_call.h and loop.h the only code that
// touches gRPC's asynchronous API.

#ifndef PINHOLE_SERVER_RPC_GRPC_GRPC_SERVER_H_
#define PINHOLE_SERVER_RPC_GRPC_GRPC_SERVER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/async/executor.h"
#include "grpcpp/server.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/grpc/grpc_call.h"
#include "server/rpc/grpc/grpc_connections.h"
#include "server/rpc/grpc/loop.h"

namespace pinhole::rpc {

// PEM files, which are read again when they have changed.
struct GrpcTlsFiles {
  std::string certificate;  // The server's own first, then the chain's.
  std::string key;          // Without a passphrase.
  // Of those whose certificates clients have to show; empty: they show none.
  std::string client_authorities = {};
};

// Answers every method of a registry over gRPC.  Its loops also serve others
// (the gateway in the same process) until it is destroyed.  Thread-safe.
class GrpcServer {
 public:
  struct Options {
    // At least one HOST:PORT (port 0 picks a free one) or unix:PATH.
    std::vector<std::string> listen;
    int loops = 1;  // At least 1.
    bool reflection = false;
    GrpcConnections::Options connections = {};
    // For HOST:PORT; a Unix socket is guarded by its path.  The files must be
    // good: gRPC ends the process if it cannot read them.
    std::optional<GrpcTlsFiles> tls = {};
    // For a client to take a message or an answer; then its call is cut.
    absl::Duration send_time = absl::Minutes(1);
    // A client that pings more often is disconnected (`too_many_pings`) with
    // the third ping too many.  Half of the 10 s that gRPC's libraries allow
    // their users at the least, since pings do not arrive on the dot.
    absl::Duration ping_interval = absl::Seconds(5);
  };

  // `dispatch` must outlive the server.
  // Errors: UNAVAILABLE (the address is taken or cannot be listened on).
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      Options options, const Dispatch& dispatch);

  // Shuts down without grace if nobody did, and stops the loops.
  ~GrpcServer();

  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // As they were given, with the real ports.
  const std::vector<std::string>& addresses() const { return addresses_; }

  // The loops, at least one.
  std::vector<Executor*> loops() const;

  // Refuses new calls, ends watches, lets other calls finish until `deadline`,
  // then cancels what is left and waits for the handlers to notice.  Call it
  // once, not on a loop; the loops go on.
  void Shutdown(absl::Time deadline);

 private:
  struct Parts;
  GrpcServer(Parts parts, const Options& options);

  std::vector<std::string> addresses_;
  GrpcConnections connections_;
  std::vector<std::unique_ptr<AsyncService>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  bool shut_down_ = false;
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_GRPC_GRPC_SERVER_H_

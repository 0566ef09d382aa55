// SPDX-License-Identifier: Apache-2.0

// GrpcServer: the gRPC front.  Only this folder uses gRPC's asynchronous API.

#pragma once

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

// PEM files, which are reloaded when they change.
struct GrpcTlsFiles {
  std::string certificate;  // The server's certificate, then its chain.
  std::string key;          // Without a passphrase.
  // Certificate authorities for client certificates, which are then required;
  // empty: no client certificates.
  std::string client_authorities = {};
};

// Answers all methods of a registry over gRPC.  Its loops also serve the
// gateway in the same process, until this object is destroyed.  Thread-safe.
class GrpcServer {
 public:
  struct Options {
    // At least one HOST:PORT (port 0 picks a free one) or unix:PATH.
    std::vector<std::string> listen;
    int loops = 1;  // At least 1.
    GrpcConnections::Options connections = {};
    // For HOST:PORT, not for Unix sockets.  The files must be valid: gRPC ends
    // the process if it cannot read them.
    std::optional<GrpcTlsFiles> tls = {};
    // The time for a client to receive a message or status before its call is
    // cancelled.
    absl::Duration send_time = absl::Minutes(1);
    // Minimum interval of a client's pings; at the third violation the client
    // is disconnected (`too_many_pings`).  Half of the 10 s that client
    // libraries allow as a minimum, since pings arrive with jitter.
    absl::Duration ping_interval = absl::Seconds(5);
  };

  // `dispatch` must outlive the server.
  // Errors: UNAVAILABLE (an address is in use or not available).
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      Options options, const Dispatch& dispatch);

  // Shuts down at once, unless `Shutdown` was called, and stops the loops.
  ~GrpcServer();

  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // The addresses of `Options::listen`, with actual ports.
  const std::vector<std::string>& addresses() const { return addresses_; }

  // The loops, at least one.
  std::vector<Executor*> loops() const;

  // Refuses new calls, ends watches, and drains other calls until `deadline`;
  // then cancels the remaining ones and waits for their handlers.  Call it
  // once, not on a loop.  The loops continue to run.
  void Shutdown(absl::Time deadline);

 private:
  struct Parts;
  GrpcServer(Parts parts, const Options& options);

  std::vector<std::string> addresses_;
  GrpcConnections connections_;
  std::vector<std::unique_ptr<AsyncService>> services_;
  std::unique_ptr<grpc::AsyncGenericService> unknown_methods_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<LoopCalls>> calls_by_loop_;
  bool shut_down_ = false;
};

}  // namespace pinhole::rpc

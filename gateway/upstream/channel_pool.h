// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"

namespace pinhole::gateway {

// PEM files for backends that are called over TLS.  Changed files are read
// again.
struct BackendTlsFiles {
  // Certificate authorities; empty: the trust store of the system.
  std::string authorities;
  // Client certificate and key, for servers that require them.
  std::string certificate;
  std::string key;
};

// A unary call that succeeds for every valid session and for nobody else.
struct TokenCheck {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::shared_ptr<const google::protobuf::Message> request;
};

struct RemoteUpstreamOptions {
  // Connections to each backend for unary calls, 1 to 64.  A server serves each
  // connection on one thread.
  int channels = 1;
  // A connection without traffic is pinged at this interval and closed if the
  // server does not answer in time.  Servers reject pings that are more
  // frequent than their limit (gRPC's default: one every 5 minutes).
  absl::Duration keepalive_time = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  BackendTlsFiles tls;
  // Without it, tokens are not checked before the body is read.
  TokenCheck token_check = {};
};

// A fixed set of connections to backends, used in turn.  Thread-safe.
class ChannelPool {
 public:
  // Makes `channels` connections to each backend.  Does not connect yet.
  ChannelPool(const std::vector<std::string>& backends, int channels,
              const RemoteUpstreamOptions& options);

  // Returns the next connection.  Prefers connected ones; uses one that has
  // just failed only if there is no other.
  grpc::GenericStub& Next();

  // Returns one connection to each backend.
  std::vector<grpc::GenericStub*> OneOfEach() const;

 private:
  struct Entry {
    std::shared_ptr<grpc::Channel> channel;  // The stub shares the ownership.
    std::unique_ptr<grpc::GenericStub> stub;
  };
  const std::size_t backends_;
  // The first `backends_` are to one backend each.
  std::vector<Entry> channels_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace pinhole::gateway

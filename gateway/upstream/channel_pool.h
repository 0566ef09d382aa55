// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_UPSTREAM_CHANNEL_POOL_H_
#define PINHOLE_GATEWAY_UPSTREAM_CHANNEL_POOL_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"

namespace pinhole::gateway {

// PEM files for backends that are spoken to in TLS.  They are read again when
// they have changed.
struct BackendTlsFiles {
  std::string authorities;  // Whose certificates are believed; empty: the
                            // system's.
  std::string certificate;  // Of the gateway, with its key, if a server asks.
  std::string key;
};

// A unary call that anybody with a valid session may make and nobody else.
struct TokenCheck {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::shared_ptr<const google::protobuf::Message> request;
};

struct RemoteUpstreamOptions {
  // Connections to each backend for unary calls, 1 to 64: one is served by one
  // thread of the server at a time.
  int channels = 1;
  // A silent connection is pinged this often and is dead without an answer.  A
  // server may mind (gRPC's own default: more often than every 5 minutes).
  absl::Duration keepalive_time = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  BackendTlsFiles tls;
  // Without one every token is taken for valid until a call says otherwise.
  TokenCheck token_check = {};
};

// Connections to backends, taken in turn.  Thread-safe.
class ChannelPool {
 public:
  // `channels` to each.  Does not connect yet.
  ChannelPool(const std::vector<std::string>& backends, int channels,
              const RemoteUpstreamOptions& options);

  // One that is connected comes first, one that just failed comes last.
  grpc::GenericStub& Next();

  // A connection to each backend.
  std::vector<grpc::GenericStub*> OneOfEach() const;

 private:
  struct Line {
    std::shared_ptr<grpc::Channel> channel;  // Also the stub's.
    std::unique_ptr<grpc::GenericStub> stub;
  };
  const std::size_t backends_;
  std::vector<Line> lines_;  // The first are to one backend each.
  std::atomic<std::size_t> next_ = 0;
};

// Connections for streams, as many as it takes.  A server allows only so many
// calls at a time over one connection: watchers that stay for hours would keep
// everybody else waiting.  Thread-safe.
class StreamChannelPool {
 public:
  // The least that HTTP/2 recommends for that limit (RFC 9113, 6.5.2), and what
  // most servers have.
  static constexpr long kStreams = 100;

  StreamChannelPool(std::vector<std::string> backends,
                    RemoteUpstreamOptions options)
      : backends_(std::move(backends)), options_(options) {}

  struct Place {
    grpc::GenericStub* stub = nullptr;
    std::shared_ptr<void> held;  // By the stream, to its end.
  };
  Place Take();

 private:
  struct Group {
    Group(const std::vector<std::string>& backends,
          const RemoteUpstreamOptions& options)
        : lines(backends, 1, options) {}
    ChannelPool lines;
    // Each stream holds it.
    std::shared_ptr<void> places = std::make_shared<char>();
  };

  const std::vector<std::string> backends_;
  const RemoteUpstreamOptions options_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Group>> groups_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_UPSTREAM_CHANNEL_POOL_H_

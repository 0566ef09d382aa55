// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gateway/upstream/remote_upstream_options.h"
#include "gateway/upstream/serving_backends.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"

namespace pinhole::gateway {

// A fixed set of connections to backends, used in turn.  Thread-safe.
class ChannelPool {
 public:
  // Makes `channels` connections to each backend.  Does not connect yet.
  // `serving`, which is about the same backends, must outlive the pool.
  ChannelPool(const std::vector<std::string>& backends, int channels,
              const RemoteUpstreamOptions& options,
              const ServingBackends& serving);

  // Returns the next connection.  Prefers connected ones, and among them those
  // to backends that serve; uses one that has just failed only if there is no
  // other.
  grpc::GenericStub& Next();

  // Returns one connection to each backend.
  std::vector<grpc::GenericStub*> OneOfEach() const;

 private:
  struct Entry {
    std::shared_ptr<grpc::Channel> channel;  // The stub shares the ownership.
    std::unique_ptr<grpc::GenericStub> stub;
  };
  const std::size_t backends_;
  const ServingBackends& serving_;
  // The first `backends_` are to one backend each.
  std::vector<Entry> channels_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace pinhole::gateway

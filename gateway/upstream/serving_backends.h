// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gateway/upstream/remote_upstream_options.h"
#include "grpcpp/channel.h"

namespace pinhole::gateway {

// Watches the health (grpc.health.v1) of several backends, so that one that is
// about to stop gets no more calls.  Thread-safe.
class ServingBackends {
 public:
  // Has one more connection to each backend if there are several.
  ServingBackends(const std::vector<std::string>& backends,
                  const RemoteUpstreamOptions& options);

  // Whether this backend, which is connected, serves as far as is known.
  bool IsServing(std::size_t backend) const;

 private:
  std::vector<std::shared_ptr<grpc::Channel>> watched_;
};

}  // namespace pinhole::gateway

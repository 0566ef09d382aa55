// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/serving_backends.h"

#include "gateway/upstream/backend_channels.h"

namespace pinhole::gateway {
namespace {

// With it, gRPC itself watches the health of the server, and the channel is in
// a failure while the server does not serve.  A server without health checks
// counts as serving.
constexpr char kWatchHealth[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "healthCheckConfig": {"serviceName": ""}
})";

}  // namespace

ServingBackends::ServingBackends(const std::vector<std::string>& backends,
                                 const RemoteUpstreamOptions& options) {
  if (backends.size() == 1) return;
  watched_ = MakeChannels(backends, 1, options, kWatchHealth);
}

bool ServingBackends::IsServing(std::size_t backend) const {
  return watched_.empty() ||
         watched_[backend]->GetState(/*try_to_connect=*/true) !=
             GRPC_CHANNEL_TRANSIENT_FAILURE;
}

}  // namespace pinhole::gateway

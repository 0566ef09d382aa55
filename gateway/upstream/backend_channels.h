// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/upstream/remote_upstream_options.h"
#include "grpcpp/channel.h"

namespace pinhole::gateway {

// Makes `channels` connections to each backend.  Neighbours belong to different
// backends.  `service_config` is one of gRPC, in JSON, or empty.  Does not
// connect yet.
std::vector<std::shared_ptr<grpc::Channel>> MakeChannels(
    const std::vector<std::string>& backends, int channels,
    const RemoteUpstreamOptions& options,
    const std::string& service_config = "");

}  // namespace pinhole::gateway

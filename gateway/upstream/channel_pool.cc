// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/channel_pool.h"

#include "gateway/upstream/backend_channels.h"

namespace pinhole::gateway {

ChannelPool::ChannelPool(const std::vector<std::string>& backends, int channels,
                         const RemoteUpstreamOptions& options,
                         const ServingBackends& serving)
    : backends_(backends.size()), serving_(serving) {
  // Taking turns spreads the calls over the backends.
  for (auto& channel : MakeChannels(backends, channels, options)) {
    auto stub = std::make_unique<grpc::GenericStub>(channel);
    channels_.push_back({std::move(channel), std::move(stub)});
  }
}

grpc::GenericStub& ChannelPool::Next() {
  const std::size_t first = next_.fetch_add(1, std::memory_order_relaxed);
  if (channels_.size() == 1) return *channels_[0].stub;
  grpc::GenericStub* connected = nullptr;
  grpc::GenericStub* best = nullptr;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const std::size_t turn = (first + i) % channels_.size();
    const Entry& entry = channels_[turn];
    // With this argument an idle channel begins to connect, so that it is ready
    // next time.
    const grpc_connectivity_state state =
        entry.channel->GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) {
      if (serving_.IsServing(turn % backends_)) return *entry.stub;
      if (connected == nullptr) connected = entry.stub.get();
    }
    if (best == nullptr && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
      best = entry.stub.get();
    }
  }
  if (connected != nullptr) return *connected;
  return best != nullptr ? *best : *channels_[first % channels_.size()].stub;
}

std::vector<grpc::GenericStub*> ChannelPool::OneOfEach() const {
  std::vector<grpc::GenericStub*> stubs;
  for (std::size_t i = 0; i < backends_; ++i) {
    stubs.push_back(channels_[i].stub.get());
  }
  return stubs;
}

}  // namespace pinhole::gateway

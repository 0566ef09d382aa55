// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/stream_channel_pool.h"

#include <algorithm>

namespace pinhole::gateway {

StreamChannelPool::Lease StreamChannelPool::Acquire() {
  const absl::MutexLock lock(&mutex_);
  // The group itself is one of the owners.
  const auto found = std::find_if(
      groups_.begin(), groups_.end(),
      [](const auto& group) { return group->leases.use_count() <= kStreams; });
  Group* group = found == groups_.end() ? nullptr : found->get();
  if (group == nullptr) {
    groups_.push_back(std::make_unique<Group>(backends_, options_, serving_));
    group = groups_.back().get();
  }
  return {&group->channels.Next(), group->leases};
}

}  // namespace pinhole::gateway

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/upstream/channel_pool.h"

namespace pinhole::gateway {

// A growing set of connections for streams.  A server limits the concurrent
// calls on a connection; streams that last for hours would otherwise block all
// other calls.  Thread-safe.
class StreamChannelPool {
 public:
  // Streams per connection: the minimum that RFC 9113, section 6.5.2,
  // recommends for that limit.
  static constexpr long kStreams = 100;

  // `serving`, which is about the same backends, must outlive the pool.
  StreamChannelPool(std::vector<std::string> backends,
                    RemoteUpstreamOptions options,
                    const ServingBackends& serving)
      : backends_(std::move(backends)), options_(options), serving_(serving) {}

  struct Lease {
    grpc::GenericStub* stub = nullptr;
    std::shared_ptr<void> held;  // The stream must keep it until its end.
  };
  Lease Acquire();

 private:
  struct Group {
    Group(const std::vector<std::string>& backends,
          const RemoteUpstreamOptions& options, const ServingBackends& serving)
        : channels(backends, 1, options, serving) {}
    ChannelPool channels;
    // Its use count minus one is the number of streams.
    std::shared_ptr<void> leases = std::make_shared<char>();
  };

  const std::vector<std::string> backends_;
  const RemoteUpstreamOptions options_;
  const ServingBackends& serving_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Group>> groups_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::gateway

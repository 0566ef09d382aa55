// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log/log_sink.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "server/app/data/free_space.h"
#include "server/rpc/grpc/health.h"

namespace pinhole::app {

// Build information, readiness, log lines and free disk space.  Thread-safe.
class ServerCollector final : public prometheus::Collectable {
 public:
  // Values that do not change while the process runs.
  struct Facts {
    std::string instance_id;  // As in ServerInfo.instance_id.
    int hash_threads = 0;     // Threads that can hash passwords at once.
  };

  // `health` and `free_space` must outlive this object; `log`, shared with the
  // logger, may be null.
  ServerCollector(const rpc::Health& health, const FreeSpace& free_space,
                  std::shared_ptr<const LogSink> log, Facts facts);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const rpc::Health& health_;
  const FreeSpace& free_space_;
  const std::shared_ptr<const LogSink> log_;
  const Facts facts_;
};

}  // namespace pinhole::app

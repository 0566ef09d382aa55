// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/process/sd_notify.h"
#include "server/rpc/grpc/health.h"
#include "server/store/postgres/monitor/health.h"

namespace pinhole::app {

// Reports faults of the disk and of the decoders to health checks, systemd and
// the log.  Thread-safe.
class FaultReports {
 public:
  // `health` must outlive this object.  A write counts as stalled after
  // `disk_stall`.
  FaultReports(rpc::Health& health, const SdNotify& systemd,
               std::filesystem::path data_dir, absl::Duration disk_stall);

  // The store accepts no more writes.
  void DiskFailed(const absl::Status& cause);
  // A write has not returned for `disk_stall`, or has returned after all.
  void DiskStalled(bool stalled);
  // PostgreSQL has become usable, is not any longer, or for another reason.
  void DatabaseChanged(const postgres::Health& health);
  // Decoder processes cannot be started, or can be again if `status` is OK.
  void DecodersChanged(const absl::Status& status);

 private:
  rpc::Health& health_;
  const SdNotify systemd_;
  const std::filesystem::path data_dir_;
  const absl::Duration disk_stall_;
};

}  // namespace pinhole::app

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/time/time.h"
#include "base/options/cli_command.h"

namespace pinhole {

// The phases of a shutdown.
struct DrainTimes {
  // Time during which calls are still accepted while the health check reports
  // that the process is not ready, so that load balancers notice.
  absl::Duration delay;
  // Time that calls in progress then have to finish.
  absl::Duration calls = absl::Seconds(10);
};

// --drain-delay-seconds and --drain-seconds, shared by the gateway and the
// server.  Must outlive the parsing.
class DrainFlags {
 public:
  explicit DrainFlags(CliCommand app);

  DrainTimes Resolve() const;

 private:
  double delay_seconds_ = absl::ToDoubleSeconds(DrainTimes().delay);
  double calls_seconds_ = absl::ToDoubleSeconds(DrainTimes().calls);
};

}  // namespace pinhole

// SPDX-License-Identifier: Apache-2.0

#include "base/options/drain_flags.h"

namespace pinhole {

DrainFlags::DrainFlags(CliCommand app) {
  app.Add("--drain-delay-seconds", delay_seconds_,
          "How long a shutdown goes on as before while it says that it "
          "is not ready, so that a load balancer notices")
      .Range(0.0, 3600.0)
      .ShowDefault();
  app.Add("--drain-seconds", calls_seconds_,
          "How long a shutdown then waits for calls under way")
      .Range(0.0, 3600.0)
      .ShowDefault();
}

DrainTimes DrainFlags::Resolve() const {
  return {absl::Seconds(delay_seconds_), absl::Seconds(calls_seconds_)};
}

}  // namespace pinhole

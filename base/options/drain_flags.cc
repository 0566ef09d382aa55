// SPDX-License-Identifier: Apache-2.0

#include "base/options/drain_flags.h"

namespace pinhole {

DrainFlags::DrainFlags(CliCommand app) {
  app.Add("--drain-delay-seconds", delay_seconds_,
          "Seconds to keep accepting calls at shutdown while the health "
          "check already fails, so that load balancers stop sending calls")
      .Range(0.0, 3600.0)
      .ShowDefault();
  app.Add("--drain-seconds", calls_seconds_,
          "Seconds to wait at shutdown for calls in progress to finish")
      .Range(0.0, 3600.0)
      .ShowDefault();
}

DrainTimes DrainFlags::Resolve() const {
  return {absl::Seconds(delay_seconds_), absl::Seconds(calls_seconds_)};
}

}  // namespace pinhole

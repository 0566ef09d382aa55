// SPDX-License-Identifier: Apache-2.0

#include "base/options/drain_flags.h"

namespace pinhole {

DrainFlags::DrainFlags(CLI::App& app) {
  app.add_option("--drain-delay-seconds", delay_seconds_,
                 "How long a shutdown goes on as before while it says that it "
                 "is not ready, so that a load balancer notices")
      ->envname("PINHOLE_DRAIN_DELAY_SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--drain-seconds", calls_seconds_,
                 "How long a shutdown then waits for calls under way")
      ->envname("PINHOLE_DRAIN_SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
}

DrainTimes DrainFlags::Resolve() const {
  return {absl::Seconds(delay_seconds_), absl::Seconds(calls_seconds_)};
}

}  // namespace pinhole

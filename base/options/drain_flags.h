// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_DRAIN_FLAGS_H_
#define PINHOLE_BASE_OPTIONS_DRAIN_FLAGS_H_

#include "absl/time/time.h"
#include "base/options/cli_command.h"

namespace pinhole {

// What a shutdown gives time to.
struct DrainTimes {
  absl::Duration delay;  // Who sends calls here, to notice that it will end.
  absl::Duration calls = absl::Seconds(10);  // Those under way after that.
};

// The same by flags that the gateway and the server share.  Outlives the
// parsing.
class DrainFlags {
 public:
  explicit DrainFlags(CliCommand app);

  DrainTimes Resolve() const;

 private:
  double delay_seconds_ = absl::ToDoubleSeconds(DrainTimes().delay);
  double calls_seconds_ = absl::ToDoubleSeconds(DrainTimes().calls);
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_DRAIN_FLAGS_H_

// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <random>

#include "absl/time/time.h"

namespace pinhole::postgres {

// Delays between attempts to connect: 10 ms, doubled up to 1 s, each shortened
// at random by up to half, so that the connections of many servers do not come
// at the same time.
class Backoff {
 public:
  absl::Duration Next() {
    const absl::Duration delay =
        delay_ * std::uniform_real_distribution<>(0.5, 1)(random_);
    delay_ = std::min(2 * delay_, absl::Seconds(1));
    return delay;
  }

 private:
  absl::Duration delay_ = absl::Milliseconds(10);
  std::minstd_rand random_{std::random_device()()};
};

}  // namespace pinhole::postgres

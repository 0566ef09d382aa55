// SPDX-License-Identifier: Apache-2.0

#include "server/store/guess_counter.h"

namespace pinhole {

RateLimiter::Options OptionsOf(GuessLimit limit) {
  switch (limit) {
    case GuessLimit::kPlace:
    case GuessLimit::kOwner:
      return {.interval = absl::Seconds(30), .burst = 10};
    case GuessLimit::kNetwork:
      return {.interval = absl::Seconds(5), .burst = 30};
    case GuessLimit::kAccount:
      return {.interval = absl::Seconds(10), .burst = 100};
  }
  return {};
}

}  // namespace pinhole

// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/timetable.h"

namespace pinhole::lab {

Timetable::Timetable(Arrivals arrivals, double rate, std::uint64_t seed)
    : arrivals_(arrivals), rate_(rate), random_(seed, "timetable", 0) {}

absl::Duration Timetable::Next() {
  if (arrivals_ == Arrivals::kConstant) {
    // From the count, since a sum of gaps drifts.
    return absl::Seconds(static_cast<double>(++count_) / rate_);
  }
  gaps_ += random_.Exponential();
  return absl::Seconds(gaps_ / rate_);
}

}  // namespace pinhole::lab

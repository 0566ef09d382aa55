// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "client/lab/core/random.h"

namespace pinhole::lab {

enum class Arrivals {
  kPoisson,   // Independent users: the gaps are exponential.
  kConstant,  // Equal gaps.
};

// The times at which the calls of an open loop start, whatever becomes of
// earlier calls.  The same seed gives the same times.  Poisson timetables with
// different seeds that divide a rate are together one Poisson timetable of the
// whole rate. Not thread-safe.
class Timetable {
 public:
  // `rate` is in starts a second, more than 0.
  Timetable(Arrivals arrivals, double rate, std::uint64_t seed);

  // The next start, since the beginning; the first is one gap after it.
  absl::Duration Next();

 private:
  const Arrivals arrivals_;
  const double rate_;
  Random random_;
  std::int64_t count_ = 0;
  double gaps_ = 0;  // Sum, in mean gaps.
};

}  // namespace pinhole::lab

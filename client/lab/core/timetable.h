// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_CORE_TIMETABLE_H_
#define PINHOLE_CLIENT_LAB_CORE_TIMETABLE_H_

#include <cstdint>

#include "absl/time/time.h"
#include "client/lab/core/random.h"

namespace pinhole::lab {

enum class Arrivals {
  kPoisson,   // People who know nothing of each other: gaps are exponential.
  kConstant,  // A metronome.
};

// When the calls of an open loop are to start, whatever becomes of those
// before.  The same seed makes the same table.  Poisson tables of different
// seeds that share a rate are together one Poisson table of the whole rate.
// Not thread-safe.
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

#endif  // PINHOLE_CLIENT_LAB_CORE_TIMETABLE_H_

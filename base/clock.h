// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace pinhole {

// The wall clock.  Abstract, so that tests can set the time.  Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace pinhole

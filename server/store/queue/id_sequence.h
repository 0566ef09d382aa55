// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace pinhole::store {

// Generates ids: the Unix time in milliseconds, followed by a 22-bit counter.
// Each id is larger than the one before even if the clock goes back.
class IdSequence {
 public:
  explicit IdSequence(std::int64_t last) : last_(last) {}

  std::int64_t Next(absl::Time now) {
    last_ = std::max(last_ + 1, absl::ToUnixMillis(now) << 22);
    return last_;
  }
  std::int64_t last() const { return last_; }

 private:
  std::int64_t last_;
};

}  // namespace pinhole::store
